"""The law `order`: an engine that lets one message overtake another one is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airssys_rt import Actor, ActorRef, Down, Message, Request, on
from airssys_rt.errors import Counterexample
from airssys_rt.kernel.cell import Cell
from airssys_rt.testing import World, boxes, explore
from airssys_rt.testing.boxes import WorldBox
from tests.testing.test_engine_laws import Free, found_without, holding

Patch = Callable[[pytest.MonkeyPatch], None]


class Said(Message):
    number: int


class Read(Request[tuple[int, ...]]):
    """What has come."""


class Listener(Actor[Said | Read | Down]):
    """Notes what comes, and watches who says it."""

    def __init__(self, speaker: ActorRef[Free] | None = None) -> None:
        self.heard: list[int] = []
        if speaker is not None:
            self.monitor(speaker)

    @on(Said)
    def said(self, msg: Said) -> None:
        self.heard.append(msg.number)

    @on(Read)
    def read(self, msg: Read) -> tuple[int, ...]:
        return tuple(self.heard)

    @on(Down)
    def down(self, msg: Down) -> None:
        self.heard.append(0)

    initial = said | read | down


async def talking(world: World) -> None:
    """Some messages from one to another."""
    listener = world.spawn(Listener)
    await world.settle()
    for number in range(3):
        listener.tell(Said(number))
    await world.settle()


def push_in(patch: pytest.MonkeyPatch) -> None:
    append = WorldBox.append

    def before(box: WorldBox, item: Any) -> None:
        append(box, item)
        channel = box.post.channels[box.post.net.active]
        channel.items.rotate(1)

    patch.setattr(WorldBox, "append", before)


def unstash_backwards(patch: pytest.MonkeyPatch) -> None:
    front = Cell.put_front
    patch.setattr(Cell, "put_front", lambda cell, items: front(cell, list(items)[::-1]))


@pytest.mark.parametrize(
    ("patch", "scenario"),
    [
        pytest.param(push_in, talking, id="a message overtakes another one"),
        pytest.param(unstash_backwards, holding, id="the stash comes back in another order"),
    ],
)
def test_an_order_that_an_engine_breaks_is_named(
    patch: Patch, scenario: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch(monkeypatch)
    with pytest.raises(Counterexample, match="law 'order'"):
        explore(scenario, schedules=5)
    assert "law 'order'" not in found_without(scenario, "order")


class Speaker(Actor[Free]):
    """Says something and ends."""

    def __init__(self, to: list[ActorRef[Said | Read | Down]]) -> None:
        self.to = to

    @on(Free)
    def take(self, msg: Free) -> None:
        for listener in self.to:
            listener.tell(Said(1))
            listener.tell(Said(2))
        self.stop()

    initial = take


async def ending(world: World) -> None:
    """The end of an actor is known behind what it has said."""
    to: list[ActorRef[Said | Read | Down]] = []
    speaker = world.spawn(Speaker, to)
    to.append(world.spawn(Listener, speaker))
    await world.settle()
    speaker.tell(Free())
    await world.settle()
    assert await to[0].ask(Read()) == (1, 2, 0)


def test_a_down_comes_behind_what_was_sent_before_and_if_not_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    explore(ending)
    monkeypatch.setattr(boxes, "sender_of", lambda net, item: item)
    with pytest.raises(Counterexample, match=r"Down\(.*has overtaken"):
        explore(ending)
