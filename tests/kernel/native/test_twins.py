"""How the twins get into their places, and how one sees it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

import airssys_rt
from airssys_rt import Actor, ActorRef, ActorSystem, Message, Request, on
from airssys_rt.kernel.native import twins
from airssys_rt.kernel.scheduler import Scheduler
from tests.kernel.native.compiled import Engines


class Ask(Request[int]):
    n: int


class Note(Message):
    n: int


class Answerer(Actor[Ask | Note]):
    @on(Ask)
    def ask(self, msg: Ask) -> int:
        return msg.n

    @on(Note)
    def note(self, msg: Note) -> None:
        """Nothing to do."""

    initial = ask | note


def test_the_package_says_whether_it_is_accelerated() -> None:
    assert airssys_rt.__accelerated__ is twins.ACCELERATED
    assert twins.ACCELERATED is bool(twins.PURE)
    assert "__accelerated__" in dir(airssys_rt)


def test_the_variable_leaves_the_twins_aside() -> None:
    program = """if True:
        import airssys_rt, types
        from airssys_rt.kernel.ref import ActorRef
        print(airssys_rt.__accelerated__, type(ActorRef.tell) is types.FunctionType)
    """
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "AIRSSYS_RT_ACCELERATE": "0"},
    )
    assert done.stdout.split() == ["False", "True"]


def test_without_the_compiled_module_a_marked_function_is_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(twins, "speed", None)

    def function() -> None: ...

    assert twins.accelerated(function) is function
    assert twins.accelerated(Answerer) is Answerer
    assert twins.pure_of(function) is function


class Spy:
    """In the place of the compiled module."""

    NOT_NOW = object()

    def method(self, owner: type[Any], name: str, pure: Any) -> Any:
        return lambda *args: (name, owner, pure, args)

    def function(self, name: str, pure: Any) -> Any:
        return lambda *args: (name, pure, args)

    def ask_now(self, *_args: object) -> object:
        return self.NOT_NOW


def test_with_it_each_has_its_twin_and_knows_the_pure_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twins, "speed", Spy())
    monkeypatch.setattr(twins, "PURE", {})

    def tell(*_args: object) -> None: ...
    async def ask(*_args: object) -> None: ...
    def spawn() -> None: ...

    # Any: made up
    marked: Any = twins.accelerated(type("ActorRef", (), {"tell": tell, "ask": ask}))
    assert marked.__dict__["tell"](1) == ("ActorRef.tell", marked, tell, (1,))
    assert twins.pure_of(marked.__dict__["tell"]) is tell
    assert twins.pure_of(marked.__dict__["ask"]) is ask
    assert marked.ask is not ask
    assert marked.ask.__qualname__ == ask.__qualname__
    twin: Any = twins.accelerated(spawn)
    assert twin() == ("spawn", spawn, ())
    assert twins.pure_of(twin) is spawn


@pytest.mark.anyio
async def test_an_ask_that_is_never_awaited_is_noticed(engines: Engines) -> None:
    with engines.compiled():
        async with ActorSystem() as system:
            ref = system.spawn(Answerer)
            with pytest.warns(RuntimeWarning, match=r"ActorRef\.ask' was never awaited"):
                ref.ask(Ask(1))  # type: ignore[unused-coroutine]
            assert await ref.ask(Ask(1)) == 1


@pytest.mark.anyio
async def test_arguments_are_checked_as_ever(engines: Engines) -> None:
    for engine in (engines.pure, engines.compiled):
        with engine():
            async with ActorSystem() as system:
                # Any: wrong on purpose
                ref: Any = system.spawn(Answerer)
                wrong: list[tuple[tuple[int, ...], dict[str, int]]] = [
                    ((), {}),
                    ((1, 2), {}),
                    ((), {"msg": 1}),
                ]
                for args, keywords in wrong:
                    with pytest.raises(TypeError):
                        ref.tell(*args, **keywords)
                with pytest.raises((TypeError, AttributeError)):
                    type(ref).tell(object(), 1)
                with pytest.raises(airssys_rt.BadArgument):
                    await ref.ask(Ask(1), timeout=0)
                assert await ref.ask(Ask(1), timeout=5) == 1


def test_the_twins_refuse_what_is_no_part_of_an_engine(engines: Engines) -> None:
    # Any: wrong on purpose
    nothing: Any = object()
    with engines.compiled():
        bare: Any = ActorRef.__new__(ActorRef)
        with pytest.raises(AttributeError):
            bare.tell(1)
        bare = ActorRef(nothing)
        with pytest.raises(AttributeError):
            bare.tell(1)
        scheduler: Any = Scheduler.__new__(Scheduler)
        with pytest.raises(AttributeError):
            scheduler.run_slice()
        with pytest.raises(AttributeError):
            scheduler.turn(nothing, 1)
        from airssys_rt.kernel.spawn import spawn
        from airssys_rt.kernel.starting import start

        with pytest.raises(AttributeError):
            spawn(nothing, Answerer, (), {})
        with pytest.raises(AttributeError):
            start(nothing)
