"""Monitors and links by the thousand: what is over leaves nothing behind, and nothing piles up."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    ActorSystem,
    AnyRef,
    Down,
    Message,
    Monitor,
    on,
    props,
)
from airssys_rt.kernel.links import Link
from airssys_rt.kernel.ref import cell_of
from tests.kernel.linked import Act, Plain, Tell, Trapper, fail

pytestmark = pytest.mark.anyio

MANY = 10_000


class Counted(Message):
    down: Down


class Watcher(Actor[Act | Tell | Counted]):
    def __init__(self) -> None:
        self.downs: list[Down] = []

    @on(Act)
    def act(self, msg: Act) -> object:
        return msg.do(self)

    @on(Tell)
    def tell(self, msg: Tell) -> None:
        msg.do(self)

    @on(Counted)
    def counted(self, msg: Counted) -> None:
        self.downs.append(msg.down)

    initial = act | tell | counted

    def watch(self, ref: AnyRef) -> Monitor:
        return self.monitor(ref, via=Counted)


def count(cls: type[object]) -> int:
    gc.collect()
    return sum(type(found) is cls for found in gc.get_objects())


async def seen(watcher: ActorRef[Act]) -> int:
    found: Any = await watcher.ask(Act(lambda w: len(w.downs)))
    return int(found)


def watches(ref: AnyRef) -> tuple[int, int]:
    """How many monitors the actor holds, and how many are on it."""
    rich = cell_of(ref).rich
    return (len(rich.monitors or ()), len(rich.watchers or ())) if rich is not None else (0, 0)


@pytest.mark.parametrize("flush", [False, True])
async def test_ten_thousand_monitors_that_are_ended_leave_nothing(flush: bool) -> None:
    def many(target: AnyRef) -> Tell:
        def do(watcher: Watcher) -> None:
            made = [watcher.watch(target) for _ in range(MANY)]
            for one in made:
                watcher.demonitor(one, flush=flush)

        return Tell(do)

    async with ActorSystem() as system:
        watcher, target = system.spawn(Watcher), system.spawn(Plain)
        before = count(Monitor)
        watcher.tell(many(target))
        await system.drain()
        assert count(Monitor) == before
        assert (watches(watcher), watches(target)) == ((0, 0), (0, 0))


async def test_ten_thousand_monitors_of_one_actor_give_a_down_each_and_leave_nothing() -> None:
    async with ActorSystem() as system:
        watcher, target = system.spawn(Watcher), system.spawn(Plain)
        before = count(Monitor)
        watcher.tell(Tell(lambda w: [w.watch(target) for _ in range(MANY)]))
        await system.drain()
        assert count(Monitor) == before + MANY
        target.stop()
        await target.stopped()
        await system.drain(None)
        assert await seen(watcher) == MANY
        assert count(Monitor) == before
        assert watches(watcher) == (0, 0)


async def test_ten_thousand_watchers_that_end_leave_nothing_at_their_target() -> None:
    class Brief(Watcher):
        def __init__(self, target: AnyRef) -> None:
            super().__init__()
            self.watch(target)
            self.stop()

    async with ActorSystem() as system:
        target = system.spawn(Plain)
        await target.started()
        before = count(Monitor)
        for _ in range(MANY // 1000):
            for _ in range(1000):
                system.spawn(Brief, target)
            await system.drain()
        assert watches(target) == (0, 0)
        assert count(Monitor) == before


async def test_restarts_of_the_watcher_and_of_the_target_pile_up_nothing() -> None:
    class Parent(Plain):
        intensity = 1_000_000

    class Again(Watcher):
        def __init__(self, target: AnyRef) -> None:
            super().__init__()
            self.watch(target)

    async with ActorSystem() as system:
        parent = system.spawn(Parent)
        target: Any = await parent.ask(Act(lambda a: a.spawn(props(Plain).restart("permanent"))))
        watcher: Any = await parent.ask(
            Act(lambda a: a.spawn(props(Again, target).restart("permanent")))
        )
        lasting = system.spawn(Again, target)
        await lasting.started()
        await watcher.started()
        before = count(Monitor)
        for _ in range(50):
            watcher.tell(Tell(fail))
            target.tell(Tell(fail))
            await system.drain()
        assert count(Monitor) == before
        assert watches(target) == (0, 2)
        downs: Any = await lasting.ask(Act(lambda w: w.downs))
        assert [(d.incarnation, d.restarting) for d in downs] == [(n, True) for n in range(1, 51)]


async def test_a_down_that_is_queued_is_not_for_the_next_incarnation() -> None:
    class Parent(Plain):
        intensity = 10

    def watch_and_fail(target: AnyRef) -> Tell:
        def do(watcher: Watcher) -> None:
            watcher.watch(target)  # which is over: the `Down` is queued
            raise RuntimeError("broken")

        return Tell(do)

    async with ActorSystem() as system:
        parent, target = system.spawn(Parent), system.spawn(Plain)
        target.stop()
        await target.stopped()
        watcher: Any = await parent.ask(Act(lambda a: a.spawn(props(Watcher).restart("permanent"))))
        watcher.tell(watch_and_fail(target))
        await system.drain()
        assert cell_of(watcher).incarnation == 2
        assert await seen(watcher) == 0
        assert system.snapshot().dead_letters == 1  # the message that failed


async def test_a_stopping_actor_monitors_nobody_any_more() -> None:
    caught: list[object] = []

    class Late(Watcher):
        def __init__(self, other: AnyRef) -> None:
            super().__init__()
            self.other = other

        def post_stop(self, reason: object) -> None:
            with pytest.raises(ActorStopped) as error:
                self.watch(self.other)
            caught.append(error.value)

    async with ActorSystem() as system:
        other = system.spawn(Plain)
        late = system.spawn(Late, other)
        await late.started()
        late.stop()
        await late.stopped()
        assert len(caught) == 1
        assert watches(other) == (0, 0)


async def test_ten_thousand_links_that_come_and_go_leave_nothing() -> None:
    def many(target: AnyRef) -> Tell:
        def do(trapper: Trapper) -> None:
            for _ in range(MANY):
                trapper.link(target)
                trapper.unlink(target)

        return Tell(do)

    async with ActorSystem() as system:
        trapper, target = system.spawn(Trapper), system.spawn(Plain)
        before = count(Link)
        trapper.tell(many(target))
        await system.drain()
        target.stop()
        await target.stopped()
        trapper.tell(many(target))  # each is over at once, its `Exit` queued and void
        await system.drain(None)
        assert count(Link) == before
        assert await trapper.ask(Act(lambda a: a.seen)) == []
