"""An actor that does not end within its shutdown time is killed; the block waits for the rest."""

from __future__ import annotations

import threading
from typing import Any

import anyio
import anyio.to_thread
import pytest

from airssys_rt import (
    Actor,
    ActorStopped,
    ActorSystem,
    Down,
    Killed,
    Normal,
    Stuck,
    on,
    props,
)
from airssys_rt.kernel import ending
from tests.runtime.kit import (
    DoAsync,
    Get,
    GetAsync,
    Note,
    Ref,
    Script,
    assert_at_rest,
    child_of,
    collect,
    turns,
    until,
)

pytestmark = pytest.mark.anyio


class Watcher(Actor[Down]):
    def __init__(self, target: Ref) -> None:
        self.downs: list[Down] = []
        self.monitor(target)

    @on(Down)
    def down(self, msg: Down) -> None:
        self.downs.append(msg)

    initial = down


@pytest.mark.parametrize("how", ["parent", "stop", "own stop"])
async def test_a_handler_that_outlasts_the_shutdown_time_is_killed(how: str) -> None:
    async with ActorSystem(drain=0.01) as system:
        parent, letters, log = system.spawn(Script), collect(system), list[object]()
        child = await child_of(parent, 0.02, stopping=lambda *_: log.append("post_stop"))

        async def work(actor: Any) -> None:
            if how == "own stop":
                actor.stop()
            try:
                await anyio.sleep_forever()
            finally:
                log.append("cleaned up")

        handled, queued = DoAsync(work), Note("queued")
        child.tell(handled)
        await turns()
        child.tell(queued)
        if how == "parent":
            parent.stop()
        elif how == "stop":
            child.stop()
        with anyio.fail_after(3):
            assert await child.stopped() == Killed()
        assert log == ["cleaned up"]
        found = {(type(one.message), one.reason) for one in letters}
        assert found == {(DoAsync, "killed"), (Note, "killed")}
        await assert_at_rest(system)


async def test_a_brutal_kill_gives_no_time_at_all() -> None:
    async with ActorSystem(drain=0.01) as system:
        parent, log = system.spawn(Script), list[object]()
        child = await child_of(parent, "brutal_kill", stopping=lambda *_: log.append("post_stop"))
        child.tell(Note("never handled"))
        parent.stop()
        assert await parent.stopped() == Normal()
        assert (await child.stopped(), log) == (Killed(), [])


async def test_infinity_gives_all_the_time_it_takes() -> None:
    async with ActorSystem(shutdown=0.02) as system:
        log: list[object] = []
        parent = system.spawn(props(Script).shutdown("infinity"))
        child = await child_of(parent, "infinity", stopping=lambda *_: log.append("post_stop"))
        child.tell(DoAsync(lambda _: anyio.sleep(0.1)))
        await turns()
        parent.stop()
        assert await parent.stopped() == Normal()
        assert log == ["post_stop"]


async def test_a_kill_waits_for_a_shielded_handler_but_all_others_know_at_once() -> None:
    async with ActorSystem(drain=0.01) as system:
        parent, release, done = system.spawn(Script), anyio.Event(), list[str]()
        child = await child_of(parent, 0.01)
        watcher = system.spawn(Watcher, child)
        await watcher.started()

        async def work(_actor: object) -> None:
            with anyio.CancelScope(shield=True):
                await release.wait()
                done.append("ran on to its end")
            await anyio.sleep(0)
            done.append("and no further")

        child.tell(DoAsync(work))
        await turns()
        parent.stop()
        actor: Any = watcher._cell.actor
        await until(lambda: actor.downs)
        assert actor.downs[0].reason == Killed()
        with pytest.raises(ActorStopped):
            await child.ask(Get(lambda _: 1), timeout=60)
        assert parent._cell.outcome is None
        release.set()
        await parent.stopped()
        assert done == ["ran on to its end"]
        assert len(actor.downs) == 1


async def test_leaving_the_block_waits_for_a_handler_in_a_thread() -> None:
    release, done = threading.Event(), list[str]()

    def work() -> None:
        release.wait(10)
        done.append("thread ended")

    async with ActorSystem(drain=0.01, shutdown=0.01) as system:
        ref = system.spawn(Script)
        ref.tell(DoAsync(lambda _: anyio.to_thread.run_sync(work)))
        await turns()
        threading.Timer(0.1, release.set).start()
    assert done == ["thread ended"]


async def test_a_handler_that_swallows_its_kill_runs_on_but_its_reply_counts_for_nothing() -> None:
    async with ActorSystem(drain=0.01) as system:
        parent, swallowed = system.spawn(Script), list[str]()
        child = await child_of(parent, 0.01)

        async def work(_actor: object) -> str:
            try:
                await anyio.sleep_forever()
            except anyio.get_cancelled_exc_class():
                swallowed.append("once")
            return "reply"

        async def ask() -> None:
            with pytest.raises(ActorStopped):
                await child.ask(GetAsync(work))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await turns()
            parent.stop()
        assert await child.stopped() == Killed()
        assert swallowed == ["once"]
        assert system.snapshot().late_replies == 1
        await assert_at_rest(system)


async def test_a_handler_that_ignores_its_kill_is_published_with_the_place_where_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ending, "STUCK_EVERY", 0.02)
    async with ActorSystem(drain=0.01) as system:
        parent, release = system.spawn(Script), anyio.Event()
        child = await child_of(parent, "brutal_kill")

        async def ignore_the_kill() -> None:
            with anyio.CancelScope(shield=True):
                await release.wait()

        child.tell(DoAsync(lambda _: ignore_the_kill()))
        await turns()
        async with system.events.stream() as events:
            parent.stop()
            stuck: list[Stuck] = []
            with anyio.fail_after(5):
                async for event in events:
                    if isinstance(event, Stuck):
                        stuck.append(event)
                    if len(stuck) == 3:
                        break
        release.set()
        assert {one.path for one in stuck} == {child.path}
        assert "ignore_the_kill" in stuck[0].stack
        await parent.stopped()


async def test_a_kill_ends_a_handler_that_asks_and_the_asked_one_goes_on() -> None:
    async with ActorSystem(drain=0.01) as system:
        parent, other = system.spawn(Script), system.spawn(Script)
        release = anyio.Event()
        child = await child_of(parent, 0.01)
        child.tell(DoAsync(lambda _: other.ask(GetAsync(lambda _: release.wait()))))
        await turns()
        parent.stop()
        assert await child.stopped() == Killed()
        release.set()
        assert await other.ask(Get(lambda _: 1)) == 1
        assert system.snapshot().late_replies == 1
        await assert_at_rest(system)


async def test_a_kill_finds_a_handler_in_a_loop_of_inline_asks() -> None:
    async with ActorSystem(drain=0.01) as system:
        parent, other = system.spawn(Script), system.spawn(Script)
        child = await child_of(parent, 0.01)

        async def forever(_actor: object) -> None:
            while True:
                await other.ask(Get(lambda _: 1))

        child.tell(DoAsync(forever))
        await turns()
        parent.stop()
        with anyio.fail_after(5):
            assert await child.stopped() == Killed()
        assert await other.ask(Get(lambda _: 1)) == 1
        await assert_at_rest(system)
