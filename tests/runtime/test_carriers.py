"""Carriers: handlers live in one task each, nothing leaks between actors, all get their turns."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import weakref
from typing import Any

import anyio
import pytest
import sniffio

from airssys_rt import Actor, ActorRef, ActorSystem, Message, on
from airssys_rt.runtime import carrier
from tests.runtime.kit import (
    Do,
    DoAsync,
    Get,
    GetAsync,
    Note,
    Script,
    assert_at_rest,
    engine,
    hang,
    turns,
    until,
)

pytestmark = pytest.mark.anyio

VAR = contextvars.ContextVar("VAR", default="default")


def pool(system: ActorSystem) -> carrier.CarrierPool:
    return engine(system).port.pool  # type: ignore[attr-defined, no-any-return]


def task_now() -> object:
    if sniffio.current_async_library() == "asyncio":
        return asyncio.current_task()
    import trio

    return trio.lowlevel.current_task()


async def test_idle_carriers_are_trimmed_some_time_after_a_burst(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(carrier, "TRIM_AFTER", 0.02)
    async with ActorSystem() as system:
        release, ended = anyio.Event(), list[int]()

        async def work(_actor: object) -> None:
            await release.wait()
            ended.append(1)

        for _ in range(1000):
            system.spawn(Script).tell(DoAsync(work))
        await until(lambda: engine(system).suspended == 1000)
        release.set()
        await until(lambda: len(ended) == 1000)
        await until(lambda: 0 < pool(system).idle <= carrier.KEEP)
        # those that are left, and new ones, do their work
        for _ in range(200):
            system.spawn(Script).tell(DoAsync(work))
        await until(lambda: len(ended) == 1200)
        await until(lambda: pool(system).idle <= carrier.KEEP)
        await assert_at_rest(system)


async def test_a_handler_stays_in_one_task_from_its_first_step_to_its_last() -> None:
    async with ActorSystem() as system:
        refs = [system.spawn(Script) for _ in range(20)]

        async def work(actor: Any) -> int:
            tasks = [task_now()]
            for n in range(4):
                await turns(1)
                tasks.append(task_now())
                await refs[(refs.index(actor.ref) + 1) % 20].send(Note(n))
                tasks.append(task_now())
            return len(set(map(id, tasks)))

        results: list[object] = []

        async def ask(ref: Any) -> None:
            results.append(await ref.ask(GetAsync(work)))

        async with anyio.create_task_group() as tasks:
            for ref in refs:
                tasks.start_soon(ask, ref)
        assert results == [1] * 20
        await assert_at_rest(system)


async def test_timeouts_scopes_and_task_groups_work_across_suspensions() -> None:
    async with ActorSystem() as system:
        ref, other = system.spawn(Script), system.spawn(Script)

        async def work(_actor: object) -> list[object]:
            found: list[object] = []
            with anyio.move_on_after(0.02) as scope:
                await other.ask(Get(lambda _: 1))
                await anyio.sleep_forever()
            found.append(scope.cancelled_caught)
            async with anyio.create_task_group() as tasks:
                for n in range(3):
                    tasks.start_soon(put, found, n)
            with pytest.raises(TimeoutError), anyio.fail_after(0.01):
                await other.ask(GetAsync(lambda _: anyio.sleep(0.05)), timeout=None)
            if sniffio.current_async_library() == "asyncio":
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await asyncio.sleep(10)
            return found

        async def put(found: list[object], n: int) -> None:
            await turns(n)
            found.append(n)

        assert await ref.ask(GetAsync(work)) == [True, 0, 1, 2]
        assert await ref.ask(GetAsync(work)) == [True, 0, 1, 2]
        await system.drain(5)
        await assert_at_rest(system)


async def test_async_handlers_see_a_copy_of_the_systems_context_each() -> None:
    VAR.set("system")
    async with ActorSystem() as system:
        VAR.set("body")
        one, two = system.spawn(Script), system.spawn(Script)

        async def set_it(_actor: object) -> list[str]:
            seen = [VAR.get()]
            VAR.set("handler")
            await turns()
            seen.append(VAR.get())
            return seen

        for ref in (one, two, one):
            assert await ref.ask(GetAsync(set_it)) == ["system", "handler"]
        assert VAR.get() == "body"


async def test_sync_handlers_see_the_systems_context_whoever_woke_the_engine() -> None:
    VAR.set("system")
    async with ActorSystem() as system:
        seen: list[object] = []

        async def request(name: str) -> None:
            VAR.set(name)
            ref = system.spawn(Script)
            # a message that the engine's own tasks handle, started from this one's context
            ref.tell(DoAsync(lambda _: turns()))
            ref.tell(Do(lambda _: seen.append(VAR.get())))
            await turns(10)

        async with anyio.create_task_group() as tasks:
            for n in range(3):
                tasks.start_soon(request, f"request {n}")
        await until(lambda: len(seen) == 3)
        assert seen == ["system"] * 3


async def test_a_job_sees_the_context_of_the_handler_that_started_it() -> None:
    async with ActorSystem() as system:
        seen: list[object] = []
        ref = system.spawn(Script, seen)

        async def job() -> str:
            return VAR.get()

        async def work(actor: Any) -> None:
            VAR.set("handler")
            actor.pipe(job(), Note, Note)

        ref.tell(DoAsync(work))
        await until(lambda: seen)
        assert seen == ["handler"]


async def test_an_idle_carrier_keeps_nothing_of_its_last_handler_alive() -> None:
    class Thing:
        """Something to watch."""

    async with ActorSystem() as system:
        ref = system.spawn(Script)
        watched: list[weakref.ref[Thing]] = []

        async def work(_actor: object) -> Thing:
            thing = Thing()
            watched.append(weakref.ref(thing))
            await turns()
            return thing

        await ref.ask(GetAsync(work))
        await assert_at_rest(system)
        gc.collect()
        assert watched[0]() is None


class Ball(Message):
    """Goes to and fro."""


class Player(Actor[Ball]):
    def __init__(self, partner: list[ActorRef[Ball]], count: list[int]) -> None:
        self.partner = partner
        self.count = count

    @on(Ball)
    def hit(self, msg: Ball) -> None:
        self.count[0] += 1
        for ref in self.partner:
            ref.tell(msg)

    initial = hit


async def test_an_endless_flow_of_messages_starves_no_timer_no_task_and_no_actor() -> None:
    async with ActorSystem(drain=0.01) as system:
        count, seen = [0], list[object]()
        partners: list[list[ActorRef[Ball]]] = [[], []]
        players = [system.spawn(Player, partner, count) for partner in partners]
        partners[0].append(players[1])
        partners[1].append(players[0])
        for _ in range(100):
            players[0].tell(Ball())
        ref = system.spawn(Script, seen)
        await turns()
        ref.tell(Do(lambda actor: actor.after(0.01, Note("timer"))))
        ref.tell(DoAsync(lambda _: anyio.sleep(0.005)))
        ref.tell(Note("told"))
        with anyio.fail_after(10):
            await until(lambda: len(seen) == 2)
            assert await ref.ask(Get(lambda _: "asked")) == "asked"
            assert await ref.ask(GetAsync(lambda _: turned("asked"))) == "asked"
        assert seen == ["told", "timer"]
        assert count[0] > 1000
        for player in players:
            player.stop()
        await players[0].stopped()


async def turned(value: object) -> object:
    await turns()
    return value


async def test_an_actor_with_a_full_mailbox_lets_the_others_have_their_turn() -> None:
    order: list[object] = []
    async with ActorSystem() as system:
        hog, other = system.spawn(Script, order), system.spawn(Script, order)
        await hog.started()
        await other.started()
        for n in range(1000):
            hog.tell(Note(n))
        other.tell(Note("other"))
    assert order.index("other") <= 300
    assert len(order) == 1001


async def test_the_counters_are_zero_again_after_random_ends_of_suspended_handlers() -> None:
    async with ActorSystem(shutdown=0.02) as system:
        for n in range(60):
            ref = system.spawn(Script)
            ref.tell(DoAsync((hang, turns_then_fail, turned)[n % 3]))
            if n % 2:
                await turns(n % 5)
            ref.stop()
        await until(lambda: system.snapshot().actors == 0)
        await assert_at_rest(system)
        assert system.drain is not None


async def turns_then_fail(_actor: object) -> None:
    await turns()
    raise ValueError
