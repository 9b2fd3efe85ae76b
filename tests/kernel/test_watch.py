"""Monitors: one `Down`, the last thing that comes of an actor."""

from __future__ import annotations

import gc
from typing import Any, TypeAlias

import pytest

from airssys_rt import (
    Actor,
    ActorSystem,
    AnyRef,
    Down,
    Failed,
    Killed,
    Message,
    Monitor,
    Name,
    Normal,
    Request,
    on,
    props,
)
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.ref import cell_of
from airssys_rt.kernel.timers import COMPACT

pytestmark = pytest.mark.anyio


class Stop(Message):
    how: str
    last_words: Any = None


class Mortal(Actor[Stop]):
    @on(Stop)
    def stop_now(self, msg: Stop) -> None:
        if msg.last_words is not None:
            for number in range(3):
                msg.last_words.tell(Said(number))
        if msg.how == "fail":
            raise RuntimeError("dead")
        self.stop()

    initial = stop_now


class Said(Message):
    number: int


class Knock(Message): ...


class Watch(Request[Monitor]):
    ref: AnyRef
    via: bool = False


class Unwatch(Request[None]):
    monitor: Monitor
    flush: bool = False


class Gone(Message):
    path: str


class Seen(Request[list[object]]): ...


WatcherMsg: TypeAlias = Said | Watch | Unwatch | Gone | Seen | Down


class Watcher(Actor[WatcherMsg]):
    def __init__(self) -> None:
        self.seen: list[object] = []

    @on(Said)
    def said(self, msg: Said) -> None:
        self.seen.append(msg.number)

    @on(Watch)
    def watch(self, msg: Watch) -> Monitor:
        if msg.via:
            return self.monitor(msg.ref, via=lambda down: Gone(down.path))
        return self.monitor(msg.ref)

    @on(Unwatch)
    def unwatch(self, msg: Unwatch) -> None:
        self.demonitor(msg.monitor, flush=msg.flush)

    @on(Gone)
    def gone(self, msg: Gone) -> None:
        self.seen.append(msg)

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[object]:
        return self.seen

    @on(Down)
    def down(self, msg: Down) -> None:
        self.seen.append(msg)

    initial = said | watch | unwatch | gone | seen_so_far | down


@pytest.mark.parametrize("how", ["stop", "fail"])
async def test_a_down_comes_once_behind_what_the_target_sent(how: str) -> None:
    async with ActorSystem() as system:
        watcher, mortal = system.spawn(Watcher), system.spawn(props(Mortal).named("mortal"))
        await watcher.ask(Watch(mortal))
        mortal.tell(Stop(how, last_words=watcher))
        reason = await mortal.stopped()
        await system.drain()
        *words, down = await watcher.ask(Seen())
        assert words == [0, 1, 2]
        assert down == Down(mortal, "/mortal", reason, 1, restarting=False)
        assert isinstance(down, Down)
        assert isinstance(down.reason, Failed if how == "fail" else Normal)


async def test_via_makes_a_message_of_the_watchers_own() -> None:
    async with ActorSystem() as system:
        watcher, mortal = system.spawn(Watcher), system.spawn(props(Mortal).named("mortal"))
        await watcher.ask(Watch(mortal, via=True))
        mortal.stop()
        await mortal.stopped()
        await system.drain()
        assert await watcher.ask(Seen()) == [Gone("/mortal")]


async def test_a_via_that_raises_fails_the_watcher() -> None:
    class Careless(Actor[Said]):
        def __init__(self, target: AnyRef) -> None:
            self.monitor(target, via=lambda down: Said(int(down.path)))

        @on(Said)
        def said(self, msg: Said) -> None: ...

        initial = said

    async with ActorSystem() as system:
        mortal = system.spawn(Mortal)
        careless = system.spawn(Careless, mortal)
        await careless.started()
        mortal.stop()
        reason = await careless.stopped()
        assert isinstance(reason, Failed)
        assert reason.error_type == "ValueError"


async def test_a_target_that_is_over_already_gives_its_down_at_once() -> None:
    async with ActorSystem() as system:
        watcher, mortal = system.spawn(Watcher), system.spawn(Mortal)
        mortal.tell(Stop("fail"))
        await mortal.stopped()
        await watcher.ask(Watch(mortal))
        await system.drain()
        (down,) = await watcher.ask(Seen())
        assert isinstance(down, Down)
        assert isinstance(down.reason, Failed)
        assert (down.ref, down.incarnation, down.restarting) == (mortal, 1, False)


async def test_a_target_that_never_started_gives_its_down() -> None:
    class Never(Mortal):
        def __init__(self) -> None:
            raise RuntimeError("no")

    async with ActorSystem() as system:
        watcher, never = system.spawn(Watcher), system.spawn(Never)
        await watcher.ask(Watch(never))
        await never.stopped()
        await system.drain()
        (down,) = await watcher.ask(Seen())
        assert isinstance(down, Down)
        assert (down.incarnation, down.restarting) == (1, False)


async def test_a_name_that_nobody_holds_gives_its_down_at_once() -> None:
    async with ActorSystem() as system:
        watcher = system.spawn(Watcher)
        await watcher.ask(Watch(system.ref(Name[Stop]("nobody"))))
        await system.drain()
        (down,) = await watcher.ask(Seen())
        assert isinstance(down, Down)
        assert down.restarting is False
        assert down.path == "/nobody"


async def test_each_monitor_has_a_down_of_its_own() -> None:
    async with ActorSystem() as system:
        watcher, mortal = system.spawn(Watcher), system.spawn(Mortal)
        await watcher.ask(Watch(mortal))
        await watcher.ask(Watch(mortal))
        await watcher.ask(Watch(mortal, via=True))
        mortal.stop()
        await mortal.stopped()
        await system.drain()
        assert len(await watcher.ask(Seen())) == 3


async def test_demonitor_ends_a_monitor() -> None:
    async with ActorSystem() as system:
        watcher, mortal = system.spawn(Watcher), system.spawn(Mortal)
        monitor = await watcher.ask(Watch(mortal))
        await watcher.ask(Unwatch(monitor))
        mortal.stop()
        await mortal.stopped()
        await system.drain()
        assert await watcher.ask(Seen()) == []


@pytest.mark.parametrize("flush", [False, True])
async def test_flush_takes_back_a_down_that_is_queued(flush: bool) -> None:
    async with ActorSystem() as system:
        watcher, mortal = system.spawn(Watcher), system.spawn(Mortal)
        mortal.stop()
        await mortal.stopped()

        class Both(Watcher):
            @on(Watch)
            def watch(self, msg: Watch) -> Monitor:
                monitor = self.monitor(msg.ref)  # the `Down` is queued by now
                self.demonitor(monitor, flush=flush)
                return monitor

        watcher = system.spawn(Both)
        await watcher.ask(Watch(mortal))
        await system.drain()
        assert len(await watcher.ask(Seen())) == (0 if flush else 1)


async def test_a_watcher_that_ends_leaves_nothing_at_its_target() -> None:
    async with ActorSystem() as system:
        watcher, mortal = system.spawn(Watcher), system.spawn(Mortal)
        await watcher.ask(Watch(mortal))
        watcher.stop()
        await watcher.stopped()
        mortal.stop()
        await mortal.stopped()
        await system.drain()
        assert system.snapshot().dead_letters == 0


def ended_cells() -> int:
    return sum(1 for o in gc.get_objects() if isinstance(o, Cell) and o.outcome is not None)


async def test_monitors_that_come_and_go_leave_nothing_behind() -> None:
    async with ActorSystem() as system:
        watcher, target = system.spawn(Watcher), system.spawn(Mortal)
        for _ in range(100):
            await watcher.ask(Unwatch(await watcher.ask(Watch(target))))
        gc.collect()
        before = ended_cells()
        for _ in range(1000):
            mortal = system.spawn(Mortal)
            await watcher.ask(Watch(mortal, via=True), timeout=None)
            mortal.stop()
            await mortal.stopped()
        del mortal
        await system.drain()
        assert len(await watcher.ask(Seen())) == 1000
        holder, watched = cell_of(watcher), cell_of(target)
        assert holder.rich is not None
        assert watched.rich is not None
        assert not holder.rich.monitors
        assert not watched.rich.watchers
        gc.collect()
        # alarms of those that have ended are swept in bulk
        assert ended_cells() - before <= COMPACT + 2


async def test_a_killed_target_gives_one_down() -> None:
    class Parent(Actor[Said]):
        def __init__(self) -> None:
            self.child = self.spawn(props(Mortal).named("child").shutdown("brutal_kill"))

        @on(Said)
        def said(self, msg: Said) -> None: ...

        initial = said

    async with ActorSystem() as system:
        watcher = system.spawn(Watcher)
        parent = system.spawn(props(Parent).named("parent"))
        await parent.started()
        (root,) = [child for child in system.snapshot().tree if child.path == "/parent"]
        assert [child.path for child in root.children] == ["/parent/child"]
        child = cell_of(parent).actor.child  # type: ignore[union-attr]
        await watcher.ask(Watch(child))
        parent.stop()
        await parent.stopped()
        await system.drain()
        (down,) = await watcher.ask(Seen())
        assert isinstance(down, Down)
        assert down.reason == Killed()


async def test_a_monitor_that_could_not_be_heard_is_an_error_at_once() -> None:
    class Deaf(Actor[Knock]):
        @on(Knock)
        def end(self, msg: Knock) -> None:
            self.monitor(self.ref)  # type: ignore[call-arg]

        initial = end

    async with ActorSystem("deaf") as system:
        ref = system.spawn(Deaf)
        ref.tell(Knock())
        reason = await ref.stopped()
        assert isinstance(reason, Failed)
        assert "does not accept Down" in reason.text
