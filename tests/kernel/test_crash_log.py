"""The log without any configuration: each failure once, dead letters at a limited rate."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from airssys_rt import (
    Actor,
    ActorSystem,
    HandlerFailed,
    Message,
    Request,
    StartFailed,
    on,
    on_enter,
    props,
)
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio


class Item(Message):
    number: int = 0


class Boom(Request[None]): ...


class Turn(Message): ...


class Fragile(Actor[Item | Boom | Turn]):
    @on(Item)
    def item(self, msg: Item) -> None: ...

    @on(Boom)
    def boom(self, msg: Boom) -> None:
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise RuntimeError("outer") from error

    @on(Turn)
    def turn(self, msg: Turn) -> None:
        self.become(self.turned)

    initial = item | boom | turn
    turned = initial.replace(item)

    @on_enter(turned)
    async def enter(self) -> None:
        raise RuntimeError("entering")


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]


async def test_a_failing_handler_is_logged_once_with_all_that_one_wants_to_know(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with ActorSystem("bank") as system:
        ref = system.spawn(props(Fragile).named("fragile"))
        with pytest.raises(HandlerFailed):
            await ref.ask(Boom())
        await ref.stopped()
    (text,) = errors(caplog)
    assert {r.name for r in caplog.records} == {"airssys_rt"}
    first = text.splitlines()[0]
    for part in ("/fragile", "handling Boom", "incarnation 1", "behaviour initial", "bank"):
        assert part in first
    assert text.endswith("RuntimeError: outer")
    assert "KeyError: 'inner'" in text
    assert "The above exception was the direct cause" in text
    assert Path(__file__).name in text
    assert "raise RuntimeError" in text
    assert str(Path("airssys_rt") / "kernel") not in text
    assert str(Path("airssys_rt") / "runtime") not in text


async def test_a_told_message_that_fails_is_logged_once_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Fragile)
        ref.tell(Boom())
        ref.tell(Boom())
        await ref.stopped()
    assert len(errors(caplog)) == 1


async def test_a_failing_start_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    class Never(Fragile):
        def __init__(self) -> None:
            raise RuntimeError("not today")

    async with ActorSystem() as system:
        ref = system.spawn(Never)
        with pytest.raises(StartFailed, match="not today"):
            await ref.started()
    (text,) = errors(caplog)
    assert "starting" in text.splitlines()[0]
    assert text.endswith("RuntimeError: not today")


async def test_a_failing_enter_names_the_behaviour(caplog: pytest.LogCaptureFixture) -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Fragile)
        ref.tell(Turn())
        await ref.stopped()
    (text,) = errors(caplog)
    assert "on_enter" in text.splitlines()[0]
    assert "behaviour turned" in text.splitlines()[0]


async def test_an_exception_whose_text_cannot_be_made_is_a_failure_like_any_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    class Silent(Fragile):
        @on(Boom)
        def boom(self, msg: Boom) -> None:
            raise Mute

    async with ActorSystem() as system:
        ref = system.spawn(Silent)
        with pytest.raises(HandlerFailed):
            await ref.ask(Boom())
        await ref.stopped()
    assert len(errors(caplog)) == 1
    assert "Mute" in errors(caplog)[0]


async def test_dead_letters_are_logged_at_a_limited_rate(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(props(Fragile).named("gone"))
        ref.stop()
        await ref.stopped()
        for number in range(100):
            ref.tell(Item(number))
        (text,) = warnings(caplog)
        assert "Item" in text
        assert "/gone" in text
        assert "stopped" in text
        ref.tell(Turn())  # another kind has its own rate
        assert len(warnings(caplog)) == 2
        await advance(system, clock, 1)
        assert len(warnings(caplog)) == 3
        assert "99 more of Item" in warnings(caplog)[2]
        for number in range(3):
            ref.tell(Item(number))
        assert len(warnings(caplog)) == 4
    assert len(warnings(caplog)) == 5
    assert "2 more of Item" in warnings(caplog)[4]


async def test_a_count_that_is_held_back_is_logged_though_no_other_letter_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        ref = system.spawn(Fragile)
        ref.stop()
        await ref.stopped()
        ref.tell(Item(1))
        ref.tell(Item(2))
        await advance(system, clock, 1)
        assert len(warnings(caplog)) == 2
        assert "1 more of Item" in warnings(caplog)[1]


async def test_an_actor_logs_with_its_path(caplog: pytest.LogCaptureFixture) -> None:
    class Talker(Actor[Item]):
        @on(Item)
        def item(self, msg: Item) -> None:
            self.log.warning("number %d", msg.number)

        initial = item

    async with ActorSystem() as system:
        system.spawn(props(Talker).named("talker")).tell(Item(7))
    assert [(r.name, r.getMessage()) for r in caplog.records] == [
        ("airssys_rt.actor", "/talker: number 7")
    ]


PROGRAM = """
import anyio
from airssys_rt import Actor, ActorSystem, Message, on

class Boom(Message): ...

class Fragile(Actor[Boom]):
    @on(Boom)
    def boom(self, msg: Boom) -> None:
        raise RuntimeError("seen by everybody")
    initial = boom

async def main() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Fragile)
        ref.tell(Boom())
        ref.tell(Boom())
        await ref.stopped()

anyio.run(main)
"""


def test_a_program_that_configures_nothing_sees_failures_and_dead_letters_on_stderr(
    tmp_path: Path,
) -> None:
    # through a link to the sources: the engine's frames must be known there, too
    import airssys_rt

    (tmp_path / "airssys_rt").symlink_to(Path(airssys_rt.__file__).parent)
    (tmp_path / "program.py").write_text(PROGRAM)
    run = [sys.executable, "-W", "error", "program.py"]
    done = subprocess.run(
        run,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
    )
    assert "seen by everybody" in done.stderr
    assert "program.py" in done.stderr
    assert "dead letter: Boom" in done.stderr
    assert "scheduler.py" not in done.stderr
