"""`gc="freeze"`: full collections happen at rest only, and the process gets its collector back."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from airssys_rt import ActorSystem, BadArgument
from tests.runtime.kit import Do, Script
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop is enough: the collector does not know of them, and takes its time."""
    return "asyncio"


@pytest.fixture(autouse=True)
def collector() -> Iterator[list[int]]:
    """The generations that are collected during the test."""
    before = gc.get_threshold()  # a run of mypy in this process has changed it
    gc.set_threshold(*(settings := (700, 10, 10)))
    gc.unfreeze()  # see tests/conftest.py
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    assert gc.get_threshold() == settings
    assert gc.get_freeze_count() == 0
    gc.freeze()
    gc.set_threshold(*before)


class Node:
    """An object that the collector tracks."""

    def __init__(self, other: object = None) -> None:
        self.other = other


def grow(kept: list[Node]) -> None:
    """Many objects that grow old; a program without the setting collects them all, some time."""
    kept.extend(Node(kept) for _ in range(60_000))


async def test_a_system_leaves_the_collector_alone_unless_it_is_asked(collector: list[int]) -> None:
    settings = gc.get_threshold()
    async with ActorSystem():
        assert gc.get_threshold() == settings
        assert gc.get_freeze_count() == 0


async def test_old_objects_are_collected_at_rest_only(collector: list[int]) -> None:
    clock = VirtualClock()
    kept: list[Node] = []
    async with ActorSystem(gc="freeze", clock=clock) as system:
        frozen = gc.get_freeze_count()
        assert frozen > 10_000
        collector.clear()
        ref = system.spawn(Script)
        ref.tell(Do(lambda _: grow(kept)))
        await system.drain()
        assert 2 not in collector
        await advance(system, clock, 1.1)
        assert collector.count(2) == 1
        assert gc.get_freeze_count() > frozen + 50_000
        gc.collect(1)
        collector.clear()
        while gc.get_count()[2]:  # nothing new is old
            gc.collect()
        collector.clear()
        await advance(system, clock, 1.1)
        assert 2 not in collector


async def test_while_messages_are_queued_nothing_old_is_collected(collector: list[int]) -> None:
    clock = VirtualClock()
    kept: list[Node] = []
    async with ActorSystem(gc="freeze", clock=clock) as system:
        full: list[int] = []
        collector.clear()
        ref: Any = system.spawn(Script)

        def again(_actor: object) -> None:
            full.append(collector.count(2))
            grow(kept)
            clock.jump(1.0)
            if len(kept) < 400_000:
                ref.tell(Do(again))

        ref.tell(Do(again))
        await system.drain()
        assert full == [0] * 7


async def test_the_last_of_several_systems_gives_the_collector_back() -> None:
    async with ActorSystem(gc="freeze"):
        async with ActorSystem(gc="freeze"):
            assert gc.get_freeze_count()
        assert gc.get_freeze_count()
    assert not gc.get_freeze_count()


def test_other_settings_are_refused() -> None:
    wrong: Any = "off"
    with pytest.raises(BadArgument, match="gc='off'"):
        ActorSystem(gc=wrong)
