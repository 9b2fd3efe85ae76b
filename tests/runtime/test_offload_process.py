"""Offloaded work in processes and interpreters: what goes there, what comes back, what dies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from airssys_rt import (
    ActorSystem,
    AskTimeout,
    BadArgument,
    HandlerFailed,
    Refused,
    Unsendable,
    WorkerDied,
    Workers,
    props,
)
from airssys_rt.runtime.inworker import Place, call_pickled, dump, unpickled
from airssys_rt.runtime.offload import has_interpreters
from tests.runtime.kit import Get, Script, until
from tests.runtime.offloaded import Crunch, Mixed, fail, pid, twice

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.anyio


async def cause(system: ActorSystem, what: str) -> BaseException:
    """What an actor fails with that handles such a message."""
    with pytest.raises(HandlerFailed) as caught:
        await system.spawn(Mixed).ask(Crunch(what), timeout=60)
    assert caught.value.__cause__ is not None
    return caught.value.__cause__


async def test_a_handler_in_a_process_has_its_class_and_no_state() -> None:
    async with ActorSystem(drain=60) as system:
        mixed = system.spawn(Mixed)
        first = await mixed.ask(Crunch("pid"), timeout=60)
        assert first != os.getpid()
        assert await mixed.ask(Crunch("pid"), timeout=60) == first  # the process is kept
        assert await mixed.ask(Crunch("class"), timeout=60) == 14
        with pytest.raises(Refused, match="not today"):
            await mixed.ask(Crunch("refuses"), timeout=60)
        assert await twice(4, plus=1) == 9

        error = await cause(system, "reads")
        assert isinstance(error, AttributeError)
        assert any("sees no attributes" in note for note in error.__notes__)
        error = await cause(system, "writes")
        assert isinstance(error, Unsendable)
        assert "a handler set state" in str(error)
        assert "RT003" in str(await cause(system, "verb"))
        assert "Odd: a" in str(await cause(system, "raises"))
        error = await cause(system, "lambda")
        assert isinstance(error, Unsendable)
        assert "cannot be sent back: function" in str(error)


async def test_a_process_that_dies_fails_its_actor_and_no_other_work() -> None:
    workers = Workers("process", limit=2)
    async with ActorSystem(drain=60) as system:
        mixed = system.spawn(props(Mixed).restart("permanent"))
        with pytest.raises(HandlerFailed) as caught:
            await mixed.ask(Crunch("dies"), timeout=60)
        assert isinstance(caught.value.__cause__, WorkerDied)
        assert await mixed.ask(Crunch("class"), timeout=60) == 14
        assert await workers.run(pid) != os.getpid()


async def test_a_kill_ends_the_process() -> None:
    async with ActorSystem(drain=60) as system:
        mixed = system.spawn(props(Mixed).shutdown(0.001))
        worker: Any = await mixed.ask(Crunch("pid"), timeout=60)
        with pytest.raises(AskTimeout):
            await mixed.ask(Crunch("sleeps"), timeout=0.02)
        mixed.stop()
        await mixed.stopped()
        await until(lambda: not alive(worker))


def alive(number: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


async def test_an_error_of_a_process_says_where_it_was_raised() -> None:
    with pytest.raises(ValueError, match="broken") as caught:
        await fail("broken")
    (note,) = caught.value.__notes__
    assert "In the worker:" in note
    assert ", in fail" in note


async def test_what_cannot_be_sent_is_named_before_a_process_is_needed() -> None:
    unsendable: Any = lambda: 1  # noqa: E731
    with pytest.raises(Unsendable, match=r"argument 0 \(function\) of twice") as caught:
        await twice(unsendable)
    assert caught.value.code == "RT041"
    with pytest.raises(Unsendable, match="argument 'plus'"):
        await twice(1, plus=unsendable)
    with pytest.raises(Unsendable, match="the function"):
        await Workers("process").run(unsendable)
    async with ActorSystem() as system:
        ref: Any = system.spawn(Script)
        with pytest.raises(Unsendable, match=r"\(ActorRef\)"):
            await twice(ref)
        await ref.ask(Get(lambda _: 1))


def test_a_worker_says_what_it_does_not_find() -> None:
    for place in (Place("no.such.module", "f"), Place("os", "no_such_function")):
        with pytest.raises(Unsendable, match="does not find"):
            unpickled(call_pickled(dump((place, (), {}))))


def test_a_worker_looks_for_modules_where_its_parent_does(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "only_there.py").write_text("def f(): return 3\n", encoding="utf-8")
    monkeypatch.setattr(sys, "path", list(sys.path))
    place = Place("only_there", "f", (str(tmp_path),))
    assert unpickled(call_pickled(dump((place, (), {})))) == 3
    del sys.modules["only_there"]


@pytest.mark.skipif(has_interpreters(), reason="this Python has interpreters")
def test_interpreters_are_refused_where_there_are_none() -> None:
    with pytest.raises(BadArgument, match='"interpreter"') as caught:
        Workers("interpreter")
    assert "3.13" in str(caught.value)


@pytest.mark.skipif(not has_interpreters(), reason="needs CPython 3.13")
def test_functions_run_in_interpreters(anyio_backend: Any) -> None:
    library, options = anyio_backend
    arguments = [library, *(["uvloop"] if options.get("use_uvloop") else [])]
    done = subprocess.run(
        [sys.executable, "-m", "tests.runtime.interpreters_program", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split("\n") == [
        *("120", "ZeroDivisionError", "RT041", "system", "[1, 1, 2, 6]", "end", ""),
    ], done.stderr
