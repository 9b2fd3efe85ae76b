"""Leaving the block: what is handled, in which order all ends, what leaves, and what remains."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import anyio
import anyio.to_thread
import pytest
import sniffio

from airssys_rt import ActorStopped, ActorSystem, BadArgument, NoSystem, props
from tests.runtime.kit import DoAsync, Get, GetAsync, Note, Script, engine, hang, turns

pytestmark = pytest.mark.anyio


def tasks_now() -> int:
    if sniffio.current_async_library() == "asyncio":
        return len(asyncio.all_tasks())
    import trio

    return trio.lowlevel.current_statistics().tasks_living


async def slow_stop(log: list[str]) -> None:
    log.append("began")
    await anyio.sleep(0.02)
    log.append("ended")


async def test_the_last_tell_of_the_block_is_handled() -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        ref = system.spawn(Script, seen)
        for n in range(200):
            ref.tell(Note(n))
        ref.tell(DoAsync(lambda _: turns()))
        ref.tell(Note("last"))
    assert seen == [*range(200), "last"]


async def test_an_exception_leaves_unwrapped_and_without_a_drain() -> None:
    seen, log = list[object](), list[str]()
    error = ValueError("mine")
    with pytest.raises(ValueError, match="mine") as caught:
        async with ActorSystem() as system:
            ref = system.spawn(Script, seen, stopping=lambda *_: slow_stop(log))
            ref.tell(DoAsync(lambda _: anyio.sleep(0.02)))
            await turns()
            ref.tell(Note(1))
            raise error
    assert caught.value is error
    assert (seen, log) == ([], ["began", "ended"])


async def test_an_exception_leaves_unwrapped_even_if_the_caller_is_cancelled() -> None:
    caught: list[BaseException] = []
    with anyio.CancelScope() as scope:
        try:
            async with ActorSystem() as system:
                await system.spawn(Script).started()
                scope.cancel()
                raise ValueError
        except ValueError as error:
            caught.append(error)
    assert len(caught) == 1


async def test_a_cancelled_body_stops_in_order_before_the_cancellation_goes_on() -> None:
    log: list[str] = []
    with anyio.move_on_after(0.02) as scope:
        async with ActorSystem() as system:
            system.spawn(Script, stopping=lambda *_: slow_stop(log))
            await anyio.sleep_forever()
        log.append("not reached")
    assert scope.cancelled_caught
    assert log == ["began", "ended"]


@pytest.mark.parametrize("moment", ["drain", "stop"])
async def test_a_caller_cancelled_while_the_block_is_left_stops_in_order_as_well(
    moment: str,
) -> None:
    log: list[str] = []
    with anyio.CancelScope() as scope:
        async with ActorSystem() as system:

            async def stopping(*_: object) -> None:
                if moment == "stop":
                    scope.cancel()
                await slow_stop(log)

            await system.spawn(Script, stopping=stopping).started()
            if moment == "drain":
                system.spawn(props(Script).shutdown("brutal_kill")).tell(DoAsync(hang))
                scope.deadline = anyio.current_time() + 0.03
        log.append("left")
        await anyio.lowlevel.checkpoint()
        log.append("not reached")
    assert scope.cancelled_caught
    assert log == (["began", "ended"] if moment == "drain" else ["began", "ended", "left"])


async def test_drain_tells_whether_the_system_came_to_rest() -> None:
    async with ActorSystem(drain=0.01, shutdown=0.01) as system:
        ref, release = system.spawn(Script), anyio.Event()
        assert await system.drain(5) is True
        ref.tell(DoAsync(lambda _: release.wait()))
        assert await system.drain(0.02) is False
        release.set()
        assert await system.drain() is True
        assert await system.drain(1) is True
        with pytest.raises(BadArgument):
            await system.drain(0)


async def test_a_drain_has_one_deadline_however_often_the_system_comes_to_rest() -> None:
    async with ActorSystem(drain=0.01, shutdown=0.05) as system:
        ref = system.spawn(Script)
        stop = anyio.Event()

        async def poke() -> None:
            while not stop.is_set():
                ref.tell(DoAsync(lambda _: anyio.sleep(0.002)))
                await anyio.sleep(0.001)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(poke)
            await turns()
            with anyio.fail_after(5):
                await system.drain(0.1)
            stop.set()


async def test_nothing_outlives_the_block() -> None:
    before, threads = tasks_now(), threading.active_count()
    async with ActorSystem(drain=0.02, shutdown=0.02) as system:
        refs = [system.spawn(Script) for _ in range(10)]
        for ref in refs:
            ref.tell(DoAsync(hang))
            ref.tell(DoAsync(lambda actor: actor.pipe(hang(), Note, Note) and turns()))
        refs[0].tell_from_thread(Note(1))
        await turns(10)
    assert tasks_now() == before
    assert threading.active_count() == threads


async def test_refs_used_after_the_block_say_that_it_was_left() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        await ref.started()
        never = system.spawn(Script)
    uses: list[Callable[[], object]] = [
        lambda: ref.tell(Note(1)),
        lambda: never.tell(Note(1)),
        lambda: ref.tell_from_thread(Note(1)),
        lambda: system.spawn(Script),
    ]
    for use in uses:
        with pytest.raises(ActorStopped):
            use()
    with pytest.raises(ActorStopped):
        await ref.ask(Get(lambda _: 1))
    with pytest.raises(ActorStopped):
        await ref.send(Note(1))
    assert type(await ref.stopped()).__name__ == "Shutdown"
    ref.stop()


async def test_a_system_not_entered_or_entered_twice_is_no_system() -> None:
    system = ActorSystem()
    uses: list[Callable[[], object]] = [
        lambda: system.spawn(Script),
        system.snapshot,
        lambda: system.dead_letters,
    ]
    for use in uses:
        with pytest.raises(NoSystem):
            use()
    async with system:
        with pytest.raises(NoSystem):
            await system.__aenter__()
    with pytest.raises(NoSystem):
        await system.__aenter__()


async def test_two_systems_in_one_program_nested_and_side_by_side() -> None:
    async with ActorSystem("outer") as outer, ActorSystem("inner") as inner:
        one, two = outer.spawn(Script), inner.spawn(Script)
        assert await one.ask(GetAsync(lambda _: two.ask(Get(lambda _: "across")))) == "across"
        assert (
            await two.ask(
                GetAsync(lambda _: one.ask(GetAsync(lambda _: anyio.sleep(0, "back"))))  # type: ignore[call-arg]
                if sniffio.current_async_library() == "none"
                else GetAsync(lambda _: one.ask(Get(lambda _: "back")))
            )
            == "back"
        )

    async def run(name: str) -> None:
        async with ActorSystem(name) as system:
            assert await system.spawn(Script).ask(Get(lambda _: name)) == name

    async with anyio.create_task_group() as tasks:
        for n in range(5):
            tasks.start_soon(run, f"s{n}")


async def test_a_system_inside_a_handler_ends_with_the_handler() -> None:
    async with ActorSystem() as system:

        async def work(_actor: object) -> object:
            async with ActorSystem("within") as within:
                return await within.spawn(Script).ask(GetAsync(lambda _: turned(3)))

        assert await system.spawn(Script).ask(GetAsync(work)) == 3
        assert engine(system).suspended == 0


async def turned(value: object) -> object:
    await turns()
    return value


async def test_an_ordinary_stop_gives_each_actor_its_own_time() -> None:
    log: list[str] = []
    async with ActorSystem(shutdown=0.01) as system:
        patient: Any = props(Script, stopping=lambda *_: slow_stop(log)).shutdown(5)
        system.spawn(patient)
        await system.spawn(patient).started()
    assert log == ["began", "ended"] * 2


async def test_a_hurried_stop_is_bounded_by_the_systems_shutdown_time() -> None:
    log: list[str] = []
    with anyio.move_on_after(0.01):
        async with ActorSystem(shutdown=0.02) as system:
            slow: Any = props(Script, stopping=lambda *_: anyio.sleep(30)).shutdown("infinity")
            system.spawn(slow)
            await anyio.sleep_forever()
    log.append("left")
    assert log == ["left"]
