"""Charts: what they show of messages, replies, time, faults, crashes and dead letters."""

from __future__ import annotations

import pytest

from airssys_rt import Actor, Message, on
from airssys_rt.errors import Counterexample
from airssys_rt.testing import World, explore
from airssys_rt.testing.chart import mermaid, safe, text_chart
from airssys_rt.testing.trace import Event
from tests.testing.players import Add, Counter, Get

CHART = """\
   3  scenario --> counter   Add(amount=1)
   4  scenario --> counter   Get()
   5   counter ==> scenario  1
      ~~~ 2.5 s pass
   8 *scenario --> counter   Add(amount=2)
      * lost (injected)\
"""


async def to_be_drawn(world: World) -> None:
    counter = world.spawn(Counter)
    counter.tell(Add(1))
    first = await counter.ask(Get())
    await world.sleep(2.5)
    await world.settle()
    world.lossy(drop=1.0)
    counter.tell(Add(2))
    await world.settle()
    assert world.state(counter).sum == first + 2


def found() -> Counterexample:
    with pytest.raises(Counterexample) as caught:
        explore(to_be_drawn)
    return caught.value


def test_a_chart_as_text() -> None:
    assert found().chart == CHART


def test_a_chart_as_mermaid() -> None:
    lines = found().mermaid.splitlines()
    assert lines[0] == "sequenceDiagram"
    assert "    p0->>p1: Add(amount=1)" in lines
    assert "    p1-->>p0: 1" in lines
    assert "    Note right of p1: lost (injected)" in lines


def test_what_mermaid_takes_for_its_own_is_escaped() -> None:
    assert safe("a;b#c\nd") == "a#59;b#35;c d"


def test_a_long_chart_shows_its_end() -> None:
    events = [Event(step, 0.0, "message", "a", "b", f"m{step}") for step in range(200)]
    lines = text_chart(events).splitlines()
    assert lines[0].strip() == "... 80 steps before"
    assert lines[-1].endswith("m199")
    assert mermaid(events).splitlines()[-1].endswith("m199")


def test_a_crash_and_a_dead_letter_are_noted() -> None:
    class Fuse(Message):
        """Fail."""

    class Bomb(Actor[Fuse]):
        """Fails."""

        @on(Fuse)
        def blow(self, msg: Fuse) -> None:
            raise ValueError("bang")

        initial = blow

    async def scenario(world: World) -> None:
        world.spawn(Bomb).tell(Fuse())
        await world.settle()
        assert not world.port.failures

    with pytest.raises(Counterexample) as caught:
        explore(scenario)
    assert "! bomb fails: ValueError: bang" in caught.value.chart
    assert "! dead letter (failed): " in caught.value.chart
