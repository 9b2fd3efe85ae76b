"""Pools: a ref as any other, members behind it that live as their props say."""

from __future__ import annotations

import gc
from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    ActorSystem,
    AskCycle,
    Backoff,
    BadArgument,
    Bounded,
    Crashed,
    Down,
    Failed,
    HandlerFailed,
    Later,
    MailboxFull,
    Message,
    Name,
    Normal,
    NotAccepted,
    ProtocolError,
    Request,
    RestartIntensityExceeded,
    Started,
    StartFailed,
    Supervisor,
    WhichChildren,
    consistent_hash,
    on,
    pool,
    props,
    resize,
)
from airssys_rt.kernel.cell import Cell
from airssys_rt.supervision.routing import Routing
from tests.supervision.pools import (
    Book,
    Crash,
    Job,
    Quit,
    Slow,
    Who,
    Worker,
    WorkerMsg,
    bury,
    members,
)
from tests.virtual import VirtualClock, advance, turns

pytestmark = pytest.mark.anyio

POOL: Name[WorkerMsg] = Name[WorkerMsg]("workers")


async def asked(ref: ActorRef[WorkerMsg], count: int) -> list[str]:
    return [await ref.ask(Who()) for _ in range(count)]


async def test_a_pool_is_spawned_and_used_as_any_actor() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker), 3))
        assert type(ref) is ActorRef
        await ref.started()
        assert ref.path == "/pool-1"
        assert members(system, ref) == ["worker-1", "worker-2", "worker-3"]
        assert await ref.ask(Who()) == "worker-1"
        ref.stop()
        assert await ref.stopped() == Normal()
        with pytest.raises(ActorStopped):
            await ref.ask(Who())


async def test_what_is_sent_before_the_pool_has_started_is_handled_in_order() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book), 2))
        for number in range(6):
            ref.tell(Job(number))
        assert await ref.ask(Who()) == "worker-1"
        await ref.send(Job(6))
        await system.drain()
    assert book.by("worker-1") == [0, 2, 4]
    assert book.by("worker-2") == [1, 3, 5, 6]


@pytest.mark.parametrize("options", [{"debug": True}, {"strict_wire": True}], ids=["debug", "wire"])
async def test_a_pool_works_in_debug_and_wire_mode(options: dict[str, Any]) -> None:
    book = Book()
    async with ActorSystem(**options) as system:
        await bury(system, book)
        ref = system.spawn(pool(props(Quiet, 0), 2))
        await resize(ref, 3)
        ref.tell(Job(1))
        assert await ref.ask(Who()) == "quiet"
        ref.stop(drain=True)
        await ref.stopped()
    assert not book.dead


class Quiet(Actor[Job | Who]):
    def __init__(self, number: int) -> None:
        self.number = number

    @on(Job)
    def job(self, msg: Job) -> None: ...

    @on(Who)
    def who(self, msg: Who) -> str:
        return "quiet"

    initial = job | who


async def test_debug_mode_finds_a_foreign_message_at_the_sender() -> None:
    # Any: wrong on purpose
    wrong: Any = Quit()
    async with ActorSystem(debug=True) as system:
        ref = system.spawn(pool(props(Quiet, 0), 2))
        with pytest.raises(NotAccepted, match="does not accept Quit"):
            ref.tell(wrong)
        await ref.started()
        with pytest.raises(NotAccepted, match="does not accept Quit"):
            ref.tell(wrong)


async def test_a_pool_holds_a_name_for_its_members() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker), 2).named(POOL))
        assert ref.path == "/workers"
        assert system.whereis(POOL) == ref
        assert await asked(system.ref(POOL), 3) == ["worker-1", "worker-2", "worker-1"]
        await resize(system.ref(POOL), 1)
        assert members(system, ref) == ["worker-1"]


async def test_a_name_that_promises_what_members_do_not_take_is_an_error() -> None:
    # Any: wrong on purpose
    wrong: Any = Name[Down]("wrong")
    async with ActorSystem() as system:
        with pytest.raises(ProtocolError, match="does not accept Down"):
            system.spawn(pool(props(Worker), 2).named(wrong))


async def test_a_pool_is_a_child_of_an_actor_or_a_supervisor() -> None:
    class Parent(Actor[Who]):
        def __init__(self) -> None:
            self.workers = self.spawn(pool(props(Worker), 2).named("crew"))

        @on(Who)
        def who(self, msg: Who) -> str | Later:
            return self.forward(self.workers, msg)

        initial = who

    async with ActorSystem() as system:
        parent = system.spawn(Parent)
        assert [await parent.ask(Who()) for _ in range(3)] == ["worker-1", "worker-2", "worker-1"]
        top = system.spawn(props(Supervisor, [pool(props(Worker), 2).named("crew")]))
        [info] = await top.ask(WhichChildren())
        assert (info.id, info.kind, info.restart) == ("crew", "supervisor", "permanent")
        parent.stop()
        await parent.stopped()


async def test_an_ask_waits_for_the_member_and_a_cycle_is_found() -> None:
    class Back(Request[str]):
        pass

    class Front(Actor[Who]):
        def __init__(self) -> None:
            self.backs = self.spawn(pool(props(Behind, self.ref), 1))

        @on(Who)
        async def who(self, msg: Who) -> str:
            return await self.backs.ask(Back(), timeout=None)

        initial = who

    class Behind(Actor[Back]):
        def __init__(self, front: ActorRef[Who]) -> None:
            self.front = front

        @on(Back)
        async def back(self, msg: Back) -> str:
            try:
                return await self.front.ask(Who(), timeout=None)
            except AskCycle as error:
                return " ".join(error.cycle)

        initial = back

    async with ActorSystem() as system:
        front = system.spawn(props(Front).named("front"))
        with anyio.fail_after(5):
            cycle = await front.ask(Who())
        assert cycle == "/front/pool-1/behind-1 /front /front/pool-1/behind-1"


class Split(Request[int]):
    size: int


class Divides(Actor[Split]):
    """Asks its own pool for the halves."""

    def __init__(self) -> None:
        self.pool: ActorRef[Split] = self.system.ref(DIVIDERS)

    @on(Split)
    async def split(self, msg: Split) -> int:
        if msg.size <= 1:
            return msg.size
        return 1 + await self.pool.ask(Split(msg.size - 1))

    initial = split


DIVIDERS: Name[Split] = Name[Split]("dividers")


@pytest.mark.parametrize("routing", ["round_robin", "random", "least_loaded"])
async def test_a_member_that_asks_its_own_pool_is_answered_by_another_one(routing: Any) -> None:
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Divides), 4, routing).named(DIVIDERS))
        for _ in range(5):
            assert await ref.ask(Split(4)) == 4
        with pytest.raises(HandlerFailed) as caught:  # there is no fifth
            await ref.ask(Split(5))
        error: BaseException | None = caught.value
        while error is not None and not isinstance(error, AskCycle):
            error = error.__cause__
        assert isinstance(error, AskCycle)


async def test_a_member_that_crashes_is_restarted_and_keeps_its_mailbox() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book), 2, intensity=5))
        await ref.started()
        ref.tell(Crash())  # to 1
        for number in range(4):
            ref.tell(Job(number))
        await system.drain()
        assert book.by("worker-1") == [1, 3]
        assert book.by("worker-2") == [0, 2]
        assert members(system, ref) == ["worker-1", "worker-2"]


async def test_members_that_run_are_preferred_to_one_that_waits_for_its_restart() -> None:
    routings: list[Routing] = ["round_robin", "random", "least_loaded"]
    for routing in routings:
        clock = VirtualClock()
        book = Book()
        async with ActorSystem(clock=clock) as system:
            worker = props(Worker, book).backoff(Backoff(first=10, jitter=0))
            ref = system.spawn(pool(worker, 2, routing, intensity=5))
            await ref.started()
            ref.tell(Crash())
            await turns()
            first = set(await asked(ref, 8))
            assert len(first) == 1
            ref.tell(Crash())  # now nobody runs: what comes waits in the slots
            await turns()
            for number in range(4):
                ref.tell(Job(number))
            await turns()
            assert not book.done
            clock.jump(11)
            await advance(system, clock, 1)
            assert book.numbers == [0, 1, 2, 3]
            assert set(await asked(ref, 16)) == {"worker-1", "worker-2"}


async def test_too_many_crashes_end_the_pool() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker), 2, intensity=2, period=60))
        await ref.started()
        for _ in range(3):
            ref.tell(Crash())
        reason = await ref.stopped()
        assert isinstance(reason, Failed)
        assert isinstance(reason.cause, RestartIntensityExceeded)


async def test_a_pool_that_is_restarted_keeps_the_messages_of_its_members() -> None:
    book = Book()
    async with ActorSystem() as system:
        crew = pool(props(Worker, book), 2, intensity=1).named("crew")
        top = system.spawn(props(Supervisor, [crew], intensity=5))
        await top.started()
        [info] = await top.ask(WhichChildren())
        # Any: an AnyRef of the pool
        ref: Any = info.ref
        await resize(ref, 3)
        ref.tell(Crash())
        ref.tell(Crash())
        for number in range(6):
            ref.tell(Job(number))
        await system.drain()
        # the third member was none of those that the pool is made with
        assert book.by("worker-1") == [1, 4]
        assert book.by("worker-2") == [2, 5]
        assert await asked(ref, 3) == ["worker-1", "worker-2", "worker-1"]
        [info] = await top.ask(WhichChildren())
        assert info.restarts == 1
        book.done.clear()
        ref.stop()  # permanent: it comes back
        for number in range(4):
            ref.tell(Job(number))
        await system.drain()
        assert book.numbers == [0, 1, 2, 3]


async def test_a_member_that_ends_for_good_is_routed_to_no_more() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker).restart("transient"), 3))
        await ref.started()
        ref.tell(Quit())
        await system.drain()
        assert members(system, ref) == ["worker-2", "worker-3"]
        assert await asked(ref, 4) == ["worker-3", "worker-2", "worker-3", "worker-2"]
        await resize(ref, 3)
        assert members(system, ref) == ["worker-2", "worker-3", "worker-1"]
        for _ in range(3):
            ref.tell(Quit())
        assert await ref.stopped() == Normal()  # all its members have done their work


async def test_a_pool_whose_member_does_not_start_does_not_start() -> None:
    class Broken(Worker):
        def pre_start(self) -> None:
            raise ValueError("no start")

    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Broken), 2))
        with pytest.raises(StartFailed, match="broken-1 did not start"):
            await ref.started()
        await ref.stopped()
        fine = system.spawn(pool(props(Starts, [None, None, "no"]), 2))
        await fine.started()
        with pytest.raises(StartFailed, match="starts-3 did not start"):
            await resize(fine, 3)
        assert await fine.ask(Who()) == "starts-1"


class Starts(Actor[Who]):
    def __init__(self, scripts: list[str | None]) -> None:
        self.script = scripts[int(self.ref.name.rpartition("-")[2]) - 1]

    def pre_start(self) -> None:
        if self.script is not None:
            raise ValueError(self.script)

    @on(Who)
    def who(self, msg: Who) -> str:
        return self.ref.name

    initial = who


async def test_a_stop_ends_the_members_and_leftovers_are_dead_letters() -> None:
    book = Book()
    async with ActorSystem() as system:
        await bury(system, book)
        ref = system.spawn(pool(props(Worker, book).shutdown("brutal_kill"), 2))
        await ref.started()
        for number in range(6):
            ref.tell(Slow(number))
        await turns()
        assert book.begun == 2
        ref.stop()
        await ref.stopped()
        await system.drain()
        assert not book.done
        assert sorted(letter.message.number for letter in book.dead) == [0, 1, 2, 3, 4, 5]  # type: ignore[attr-defined]
        assert {letter.reason for letter in book.dead} == {"killed"}
        ref.tell(Job(7))
        await system.drain()
        assert (book.dead[-1].message, book.dead[-1].reason) == (Job(7), "stopped")


async def test_a_draining_stop_takes_its_place_behind_what_was_sent() -> None:
    book = Book()
    async with ActorSystem() as system:
        await bury(system, book)
        ref = system.spawn(pool(props(Worker, book), 2, intensity=3))
        ref.tell(Slow(0))
        ref.tell(Crash())
        for number in range(1, 5):
            ref.tell(Job(number))
        ref.stop(drain=True)
        ref.tell(Job(5))
        await turns()
        ref.tell(Job(6))
        with pytest.raises(ActorStopped):
            await resize(ref, 5)
        book.gate.set()
        assert await ref.stopped() == Normal()
        await system.drain()
        assert book.numbers == [0, 1, 2, 3, 4]
        assert [(letter.message, letter.reason) for letter in book.dead] == [
            (Job(5), "stopped"),
            (Crash(), "failed"),
            (Job(6), "stopped"),
        ]


async def test_a_permanent_pool_that_is_drained_comes_back() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book), 2).restart("permanent"))
        await ref.started()
        ref.tell(Job(1))
        ref.stop(drain=True)
        await system.drain()
        ref.tell(Job(2))
        assert await asked(ref, 2) == ["worker-1", "worker-2"]
        assert book.numbers == [1, 2]


async def test_the_end_of_a_pool_is_watched_and_timers_reach_its_members() -> None:
    class Watch(Message):
        pass

    book = Book()
    clock = VirtualClock()

    class Guard(Actor[Watch | Down]):
        def __init__(self, ref: ActorRef[WorkerMsg]) -> None:
            self.target = ref

        @on(Watch)
        def watch(self, msg: Watch) -> None:
            self.monitor(self.target)
            self.after(1, Job(9), to=self.target)

        @on(Down)
        def down(self, msg: Down) -> None:
            book.done.append((msg.path, -1))

        initial = watch | down

    routings: list[Routing] = ["round_robin", "broadcast"]
    for routing in routings:
        book.done.clear()
        async with ActorSystem(clock=clock) as system:
            ref = system.spawn(pool(props(Worker, book), 2, routing))
            guard = system.spawn(Guard, ref)
            guard.tell(Watch())
            await advance(system, clock, 1.5)
            ref.stop()
            await ref.stopped()
            await system.drain()
        names = ["worker-1"] if routing == "round_robin" else ["worker-1", "worker-2"]
        assert book.done == [*((name, 9) for name in names), ("/pool-1", -1)]


async def test_a_full_member_is_the_senders_matter_and_send_waits_for_room() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(props(Worker, book).mailbox(Bounded(1)), 2))
        await ref.started()
        for number in range(2):
            ref.tell(Slow(number))
        await turns()
        for number in range(2, 4):
            ref.tell(Slow(number))
        with pytest.raises(MailboxFull):
            ref.tell(Job(4))
        async with anyio.create_task_group() as group:
            for number in range(4, 8):
                group.start_soon(ref.send, Job(number))
            await turns()
            assert book.begun == 2
            book.gate.set()
        await system.drain()
        assert book.numbers == list(range(8))


async def test_a_pool_of_pools_routes_twice() -> None:
    book = Book()
    async with ActorSystem() as system:
        ref = system.spawn(pool(pool(props(Worker, book), 2, "least_loaded"), 2, "least_loaded"))
        await ref.started()
        for number in range(8):
            ref.tell(Slow(number))
        await turns()
        assert book.begun == 4
        await turns()
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: resize(ref, 1))
            await turns()
            book.gate.set()
        assert members(system, ref) == ["pool-1"]
        assert book.numbers == list(range(8))


async def test_restarts_are_seen_as_those_of_any_actor() -> None:
    async with ActorSystem() as system:
        async with system.events.stream() as events:
            ref = system.spawn(pool(props(Worker), 1))
            ref.tell(Crash())
            seen: list[str] = []
            async for event in events:
                if isinstance(event, (Started, Crashed)):
                    seen.append(f"{type(event).__name__} {event.path}")
                if len(seen) == 4:
                    break
        assert seen == [
            "Started /pool-1/worker-1",
            "Started /pool-1",
            "Crashed /pool-1/worker-1",
            "Started /pool-1/worker-1",
        ]


async def test_what_makes_no_pool_is_refused() -> None:
    # Any: wrong on purpose
    loose: Any = pool
    with pytest.raises(BadArgument, match="cannot have 0 members"):
        pool(props(Worker), 0)
    with pytest.raises(BadArgument, match=r"cannot have 1\.5 members"):
        loose(props(Worker), 1.5)
    with pytest.raises(BadArgument, match="routing='fair'"):
        loose(props(Worker), 1, routing="fair")
    with pytest.raises(BadArgument, match="give props"):
        loose(Worker, 1)
    with pytest.raises(BadArgument, match="restarts"):
        pool(props(Worker), 1, intensity=-1)
    with pytest.raises(BadArgument, match="a name for each member"):
        pool(props(Worker).named("one"), 2)
    with pytest.raises(BadArgument, match="significant members"):
        pool(props(Worker).significant(), 2)
    with pytest.raises(BadArgument, match=r"pool\(props\(Worker\)\.mailbox"):
        pool(props(Worker), 2).mailbox(Bounded(3))
    with pytest.raises(BadArgument, match="health checks"):
        loose(props(Worker), 2).named("x").health(interval=1, timeout=1)
    assert repr(pool(props(Worker), 2)) == "<props of pool>"
    assert repr(consistent_hash(len)) == "consistent_hash(len)"


def cells() -> int:
    return sum(isinstance(found, Cell) for found in gc.get_objects())


async def test_a_pool_that_is_over_is_freed_with_its_last_ref() -> None:
    async with ActorSystem() as system:
        gc.collect()
        before = cells()
        gc.disable()
        try:
            ref = system.spawn(pool(props(Worker), 2))
            await resize(ref, 3)
            assert await ref.ask(Who()) == "worker-1"
            await resize(ref, 1)
            ref.stop()
            await ref.stopped()
            await turns()
            del ref
            assert cells() - before <= 1
        finally:
            gc.enable()
