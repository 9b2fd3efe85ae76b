"""anyio on the world's clock: sleeping, deadlines, scopes, events; the rest is foreign, by name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import anyio
import pytest
import sniffio

from airssys_rt import Actor, ActorRef, AskTimeout, Message, Request, on, props
from airssys_rt.errors import Counterexample
from airssys_rt.testing import World, explore
from airssys_rt.testing import worldio as worldio_module
from tests.testing.players import Add, Counter, Get

Work = Callable[[], Awaitable[object]]


class Do(Message):
    """Do your work."""


class Doer(Actor[Do]):
    """Does some work in its handler."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.result: object = None
        self.times: list[float] = []

    @on(Do)
    async def do(self, msg: Do) -> None:
        self.times.append(anyio.current_time())
        self.result = await self.work()
        self.times.append(anyio.current_time())

    initial = do


def done(work: Work, *, schedules: int = 20) -> tuple[object, float]:
    """What some work in a handler gives, and how long it takes."""
    found: list[tuple[object, float]] = []

    async def scenario(world: World) -> None:
        doer = world.spawn(Doer, work)
        doer.tell(Do())
        await world.sleep(1000.0)
        state = world.state(doer)
        assert state.times[0] + 1000.0 == world.now
        found.append((state.result, state.times[1] - state.times[0]))

    explore(scenario, schedules=schedules)
    assert len({(repr(result), time) for result, time in found}) == 1
    return found[0]


def test_hours_of_sleep_take_no_time() -> None:
    async def work() -> None:
        await anyio.sleep(100.0)
        await anyio.sleep(0)
        await anyio.sleep_until(anyio.current_time() + 11.0)

    assert done(work) == (None, 111.0)


def test_move_on_after_and_fail_after_end_what_takes_too_long() -> None:
    async def work() -> list[str]:
        said: list[str] = []
        with anyio.move_on_after(5.0) as scope:
            await anyio.sleep(60.0)
            said.append("never")
        said.append(f"{scope.cancelled_caught} {scope.cancel_called}")
        with anyio.move_on_after(5.0) as scope:
            await anyio.sleep(1.0)
        said.append(f"{scope.cancelled_caught}")
        try:
            with anyio.fail_after(2.0):
                await anyio.sleep_forever()
        except TimeoutError:
            said.append("late")
        with anyio.fail_after(2.0):
            await anyio.sleep(1.0)
        return said

    assert done(work) == (["True True", "False", "late"], 9.0)


def test_a_deadline_ends_an_ask_and_the_request_is_not_handled() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(Counter)
        await world.settle()
        world.group_of("a", "client-1")
        world.group_of("b", counter)
        world.partition("a", "b")

        async def client() -> None:
            with anyio.move_on_after(3.0) as scope:
                await counter.ask(Get(), timeout=None)
            assert scope.cancelled_caught

        start = world.now
        await world.gather(client())
        assert world.now == start + 3.0
        world.heal()
        await world.settle()
        assert [letter.reason for letter in world.port.letters] == ["cancelled"]

    explore(scenario, schedules=20)


def test_the_outer_scope_wins_and_a_cancelled_scope_stays_so() -> None:
    async def work() -> list[str]:
        said: list[str] = []
        with anyio.move_on_after(2.0) as outer:
            try:
                with anyio.move_on_after(2.0) as inner:
                    await anyio.sleep(60.0)
            finally:
                said.append(f"inner {inner.cancelled_caught}")
                try:
                    await anyio.sleep(60.0)
                except anyio.get_cancelled_exc_class():
                    said.append("again")
                    raise
        said.append(f"outer {outer.cancelled_caught}")
        return said

    assert done(work) == (["inner False", "again", "outer True"], 2.0)


def test_a_shield_keeps_a_cancellation_and_a_kill_off() -> None:
    said: list[str] = []

    async def work() -> None:
        with anyio.move_on_after(1.0), anyio.CancelScope(shield=True):
            await anyio.sleep(3.0)
            said.append("shielded")
        with anyio.CancelScope(shield=True):
            await anyio.sleep(10.0)
            said.append("still")
        await anyio.sleep(1.0)
        said.append("never")

    async def scenario(world: World) -> None:
        said.clear()
        doer = world.spawn(props(Doer, work))
        doer.tell(Do())
        await world.sleep(5.0)
        world.kill(doer)
        await world.sleep(20.0)
        assert said == ["shielded", "still"]

    explore(scenario, schedules=20)


def test_a_scope_is_cancelled_by_somebody_else() -> None:
    async def scenario(world: World) -> None:
        scopes: list[anyio.CancelScope] = []

        async def work() -> None:
            with anyio.CancelScope() as scope:
                scopes.append(scope)
                await anyio.sleep_forever()

        doer = world.spawn(Doer, work)
        doer.tell(Do())
        await world.sleep(7.0)
        scopes[0].cancel()
        await world.settle()
        assert world.state(doer).times == [world.now - 7.0, world.now]

    explore(scenario, schedules=20)


def test_a_scope_that_cancels_itself_ends_at_its_next_await() -> None:
    async def work() -> list[str]:
        said: list[str] = []
        with anyio.CancelScope() as scope:
            scope.cancel()
            said.append("before")
            await anyio.sleep(0)
            said.append("never")
        with anyio.move_on_after(9.0) as scope:
            scope.deadline = anyio.current_time() + 1.0
            said.append(f"{anyio.current_effective_deadline() - anyio.current_time():g}")
            await anyio.sleep(5.0)
        with anyio.move_on_after(1.0) as scope:
            scope.deadline = anyio.current_time() + 3.0
            await anyio.sleep(2.0)
            said.append("longer")
        return said

    assert done(work) == (["before", "1", "longer"], 3.0)


def test_a_sleep_that_was_cut_short_wakes_nobody_later() -> None:
    async def work() -> float:
        with anyio.move_on_after(1.0):
            await anyio.sleep(5.0)
        start = anyio.current_time()
        await anyio.sleep(60.0)
        return anyio.current_time() - start

    assert done(work) == (60.0, 61.0)


def test_an_event_lets_go_who_waits() -> None:
    async def scenario(world: World) -> None:
        event = anyio.Event()
        one, other = world.spawn(Doer, event.wait), world.spawn(Doer, event.wait)
        one.tell(Do())
        other.tell(Do())
        await world.sleep(2.0)
        assert event.statistics().tasks_waiting == 2
        event.set()
        assert event.is_set()
        await world.settle()
        assert len(world.state(one).times) == len(world.state(other).times) == 2
        await event.wait()

    explore(scenario, schedules=20)


class Slow(Actor[Get]):
    """Answers late."""

    @on(Get)
    async def get(self, msg: Get) -> int:
        await anyio.sleep(8.0)
        return 1

    initial = get


def test_a_handler_that_sleeps_makes_its_asker_wait() -> None:
    async def scenario(world: World) -> None:
        slow = world.spawn(Slow)
        start = world.now
        assert await slow.ask(Get(), timeout=10.0) == 1
        assert world.now == start + 8.0
        with pytest.raises(AskTimeout):
            await slow.ask(Get(), timeout=3.0)
        await anyio.sleep(10.0)
        assert world.scheduler.late_replies == 1
        world.waive("answered")

    explore(scenario, schedules=20)


class Racy(Message):
    account: ActorRef[Add | Get]


class Reader(Actor[Racy]):
    """Looks, sleeps, and relies on what it saw."""

    @on(Racy)
    async def look(self, msg: Racy) -> None:
        before = await msg.account.ask(Get())
        await anyio.sleep(1.0)
        assert await msg.account.ask(Get()) == before

    initial = look


def test_a_race_across_a_sleep_is_found() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(Counter)
        reader = world.spawn(Reader)
        reader.tell(Racy(counter))
        await world.sleep(0.5)
        counter.tell(Add(1))
        await world.sleep(10.0)

    with pytest.raises(Counterexample, match="law 'asserts'"):
        explore(scenario)


class Ask(Request[int]):
    """Something."""


@pytest.mark.parametrize(
    ("foreign", "name"),
    [
        (lambda: anyio.to_thread.run_sync(int), "run_sync_in_worker_thread"),
        (lambda: anyio.create_task_group().__aenter__(), "create_task_group"),
        (lambda: anyio.connect_tcp("localhost", 1), "getaddrinfo"),
        (lambda: asyncio.sleep(1), "no running event loop"),
    ],
)
def test_what_a_world_has_not_is_named(foreign: Work, name: str) -> None:
    async def work() -> None:
        await foreign()

    with pytest.raises(Counterexample, match="ForeignAwait") as found:
        done(work)
    assert name in f"{found.value} {found.value.__cause__}"


def test_outside_of_a_run_nothing_is_changed() -> None:
    async def scenario(world: World) -> None:
        assert sniffio.current_async_library() == "airssys_rt_world"
        await anyio.sleep(1.0)

    explore(scenario, schedules=2)
    with pytest.raises(sniffio.AsyncLibraryNotFoundError):
        sniffio.current_async_library()

    async def outer() -> None:
        explore(scenario, schedules=2)
        await anyio.sleep(0)
        assert sniffio.current_async_library() == "asyncio"

    asyncio.run(outer())


def test_without_sniffio_anyio_is_told_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from anyio._core import _eventloop

    monkeypatch.setattr(_eventloop, "current_async_library", lambda: None)
    local = worldio_module.asking(_eventloop)
    assert local is not None
    assert _eventloop.current_async_library() is None
    local.name = "airssys_rt_world"
    assert _eventloop.current_async_library() == "airssys_rt_world"
