"""A world is the real engine: time, waits, jobs, restarts and bounds, without an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import anyio
import pytest
import trio

from airssys_rt import (
    Actor,
    ActorRef,
    AskTimeout,
    BadArgument,
    Bounded,
    Down,
    HandlerFailed,
    Later,
    MailboxFull,
    Message,
    Name,
    Request,
    Supervisor,
    on,
    props,
)
from airssys_rt.errors import Counterexample, ForeignAwait, LawBroken
from airssys_rt.testing import Exhaustive, World, explore
from tests.testing.players import Add, Counter, Get, Go, Note, Notes, Read, Register


def run_in_world(scenario: Callable[[World], object]) -> None:
    """Under some schedules; the failure itself, not its report."""
    try:
        explore(scenario, schedules=30)  # type: ignore[arg-type]
    except Counterexample as error:
        raise error.__cause__ or error from None


def test_no_event_loop_runs() -> None:
    async def scenario(world: World) -> None:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        await world.settle()

    run_in_world(scenario)


def test_hours_pass_at_once_and_in_order() -> None:
    async def scenario(world: World) -> None:
        start = world.now
        await world.sleep(3600.0)
        assert world.now == start + 3600.0
        with pytest.raises(BadArgument):
            await world.sleep(-1.0)

    run_in_world(scenario)


class Tick(Message):
    """Time passes."""


class Clockwork(Actor[Tick | Get]):
    """Counts ticks of a timer, and sleeps on the way."""

    def __init__(self) -> None:
        self.ticks = 0

    def pre_start(self) -> None:
        self.every(10.0, Tick())

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.ticks += 1

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.ticks

    initial = tick | get


def test_timers_tick_on_the_worlds_clock() -> None:
    async def scenario(world: World) -> None:
        clock = world.spawn(Clockwork)
        await world.sleep(3600.0)
        await world.settle()
        assert await clock.ask(Get()) == 360

    run_in_world(scenario)


class Sleeper(Actor[Read]):
    """Answers after a while."""

    @on(Read)
    async def read(self, msg: Read) -> int:
        world = self.system
        assert isinstance(world, World)
        await world.sleep(30.0)
        return 7

    initial = read


def test_an_ask_runs_into_its_deadline_and_a_longer_one_does_not() -> None:
    async def scenario(world: World) -> None:
        sleeper = world.spawn(Sleeper)
        with pytest.raises(AskTimeout):
            await sleeper.ask(Read(), timeout=5.0)
        assert await sleeper.ask(Read(), timeout=100.0) == 7

    explore(scenario, laws=())


class Foreign(Actor[Go]):
    """Awaits what a world does not have."""

    def __init__(self, wait: Callable[[], Awaitable[object]]) -> None:
        self.wait = wait

    @on(Go)
    async def go(self, msg: Go) -> None:
        await self.wait()

    initial = go


async def own_future() -> None:
    loop = asyncio.new_event_loop()
    try:
        await asyncio.Future(loop=loop)
    finally:
        loop.close()


@pytest.mark.parametrize(
    "wait",
    [
        pytest.param(lambda: asyncio.sleep(1), id="asyncio.sleep"),
        pytest.param(lambda: anyio.to_thread.run_sync(int), id="anyio.to_thread"),
        pytest.param(lambda: trio.sleep(1), id="trio.sleep"),
        pytest.param(own_future, id="future"),
    ],
)
def test_a_foreign_await_is_named(wait: Callable[[], Awaitable[object]]) -> None:
    async def scenario(world: World) -> None:
        world.spawn(props(Foreign, wait).named("stranger")).tell(Go())
        await world.settle()

    with pytest.raises(Counterexample, match="ForeignAwait: stranger"):
        explore(scenario)


def test_a_foreign_await_of_the_scenario_is_named() -> None:
    async def scenario(world: World) -> None:
        await own_future()

    with pytest.raises(ForeignAwait, match="scenario awaits"):
        run_in_world(scenario)


class Piper(Actor[Go | Add | Get]):
    """Asks without waiting."""

    def __init__(self, register: ActorRef[Read]) -> None:
        self.register = register
        self.sum = 0

    @on(Go)
    def go(self, msg: Go) -> None:
        self.pipe(self.register.ask(Read()), Add, lambda _error: Add(-100))

    @on(Add)
    def add(self, msg: Add) -> None:
        self.sum += msg.amount

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.sum

    initial = go | add | get


def test_jobs_run_beside_their_actor_and_end_with_it() -> None:
    async def scenario(world: World) -> None:
        piper = world.spawn(Piper, world.spawn(Register, 5))
        piper.tell(Go())
        piper.tell(Go())
        await world.settle()
        assert await piper.ask(Get()) == 10
        slow = world.spawn(Piper, world.spawn(Sleeper))
        slow.tell(Go())
        await world.settle()
        slow.stop()
        await slow.stopped()

    run_in_world(scenario)


class Boom(Message):
    """Fail."""


class Fail(Request[int]):
    """Fail, and answer nothing."""


class Fragile(Actor[Boom | Add | Get | Fail]):
    """Fails when it is told to."""

    def __init__(self) -> None:
        self.sum = 0

    @on(Boom)
    def boom(self, msg: Boom) -> None:
        raise ValueError("boom")

    @on(Add)
    def add(self, msg: Add) -> None:
        self.sum += msg.amount

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.sum

    @on(Fail)
    def fail(self, msg: Fail) -> int:
        raise ValueError("boom")

    initial = boom | add | get | fail


def test_supervision_restarts_and_messages_wait_for_the_next_incarnation() -> None:
    async def scenario(world: World) -> None:
        world.spawn(props(Supervisor, [props(Fragile).named("f")]).named("top"))
        await world.settle()
        fragile: ActorRef[Boom | Add | Get] = next(ref for ref in refs_of(world) if ref.name == "f")
        fragile.tell(Boom())
        fragile.tell(Add(3))
        await world.settle()
        assert await fragile.ask(Get()) == 3

    run_in_world(scenario)


def refs_of(world: World) -> list[ActorRef[Boom | Add | Get]]:
    return [ActorRef(cell) for cell in world.net.posts]


class Watcher(Actor[Down | Note]):
    """Notes ends."""

    def __init__(self, target: ActorRef[Note]) -> None:
        self.seen: list[str] = []
        self.monitor(target)

    @on(Down)
    def down(self, msg: Down) -> None:
        self.seen.append("down")

    @on(Note)
    def note(self, msg: Note) -> None:
        self.seen.append(msg.text)

    initial = down | note


class Farewell(Actor[Note]):
    """Says something before it ends."""

    def __init__(self) -> None:
        self.to: ActorRef[Note] | None = None

    @on(Note)
    def note(self, msg: Note) -> None:
        assert self.to is not None
        self.to.tell(msg)
        self.stop()

    initial = note


def test_a_down_comes_behind_all_that_its_sender_sent() -> None:
    async def scenario(world: World) -> None:
        farewell = world.spawn(Farewell)
        watcher = world.spawn(Watcher, farewell)
        await world.settle()
        world.state(farewell).to = watcher
        farewell.tell(Note("bye"))
        await world.settle()
        assert world.state(watcher).seen == ["bye", "down"]

    explore(scenario, policy=Exhaustive(30))


def test_a_bounded_mailbox_rejects_and_drops_and_lets_senders_wait() -> None:
    async def scenario(world: World) -> None:
        full = world.spawn(props(Notes).mailbox(Bounded(2)))
        await world.settle()
        full.tell(Note("1"))
        full.tell(Note("2"))
        with pytest.raises(MailboxFull):
            full.tell(Note("3"))
        await full.send(Note("4"))
        await world.settle()
        assert world.state(full).texts == ["1", "2", "4"]
        for overflow, kept in (("drop_newest", ["1", "2"]), ("drop_oldest", ["2", "3"])):
            dropping = world.spawn(props(Notes).mailbox(Bounded(2, overflow)))  # type: ignore[arg-type]
            await world.settle()
            for text in "123":
                dropping.tell(Note(text))
            await world.settle()
            assert world.state(dropping).texts == kept
        assert [letter.reason for letter in world.port.letters] == ["overflow", "overflow"]

    run_in_world(scenario)


COUNTER: Name[Add | Get] = Name("counter")


def test_names_topics_and_groups_are_those_of_a_system() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(props(Counter).named(COUNTER))
        topic = world.topic(Name[Add]("adds"))
        topic.subscribe(counter)
        group = world.group(Name[Add]("group"))
        group.join(counter)
        await world.settle()
        world.ref(COUNTER).tell(Add(1))
        topic.publish(Add(2))
        group.broadcast(Add(4))
        await world.settle()
        assert await counter.ask(Get()) == 7
        assert world.whereis(COUNTER) == counter
        assert world.snapshot().actors == 1

    run_in_world(scenario)


class Ping(Request[int]):
    """Answer."""


class Deferring(Actor[Ping | Go]):
    """Answers later."""

    def __init__(self) -> None:
        self.due: object = None

    @on(Ping)
    def ping(self, msg: Ping) -> int | Later:
        self.due = self.defer(msg)
        return self.due

    @on(Go)
    def go(self, msg: Go) -> None:
        self.due.reply(1)  # type: ignore[attr-defined]

    initial = ping | go


def test_clients_run_beside_each_other_and_their_results_come_back() -> None:
    async def scenario(world: World) -> None:
        deferring = world.spawn(Deferring)

        async def asker() -> int:
            return await deferring.ask(Ping())

        async def answerer() -> int:
            await world.sleep(1.0)
            deferring.tell(Go())
            return 2

        assert await world.gather(asker(), answerer()) == [1, 2]

    run_in_world(scenario)


def test_the_error_of_a_client_is_the_scenarios() -> None:
    async def scenario(world: World) -> None:
        fragile = world.spawn(Fragile)

        async def client() -> None:
            await fragile.ask(Fail())

        await world.gather(client())

    with pytest.raises((HandlerFailed, Counterexample)):
        run_in_world(scenario)


def test_eventually_waits_and_says_that_it_never_came() -> None:
    async def scenario(world: World) -> None:
        clock = world.spawn(Clockwork)
        await world.settle()

        def ticked() -> bool:
            return bool(world.state(clock).ticks >= 3)

        await world.eventually(ticked, within=40.0)
        assert world.state(clock).ticks == 3

        def never() -> bool:
            return False

        with pytest.raises(LawBroken, match="never never came to hold"):
            await world.eventually(never, within=40.0)

    run_in_world(scenario)


def test_invariants_are_checked_after_each_step() -> None:
    async def scenario(world: World) -> None:
        counter = world.spawn(Counter)
        await world.settle()

        def small() -> bool:
            return bool(world.state(counter).sum < 3)

        world.always(small)
        for _ in range(5):
            counter.tell(Add(1))
        await world.settle()

    with pytest.raises(LawBroken, match="invariant small"):
        run_in_world(scenario)


def test_endless_traffic_is_named() -> None:
    class Echo(Actor[Go]):
        """Tells itself again and again."""

        @on(Go)
        def go(self, msg: Go) -> None:
            self.ref.tell(msg)

        initial = go

    async def scenario(world: World) -> None:
        world.spawn(Echo).tell(Go())
        await world.settle()

    with pytest.raises(Counterexample, match="after 500 steps there is still something to do"):
        explore(scenario, most_steps=500)


def test_strict_wire_and_debug_are_those_of_a_system() -> None:
    class Odd(Message):
        what: object

    class Taker(Actor[Odd]):
        """Takes anything."""

        @on(Odd)
        def odd(self, msg: Odd) -> None:
            """Nothing."""

        initial = odd

    async def scenario(world: World) -> None:
        world.spawn(Taker).tell(Odd(lambda: None))
        await world.settle()

    explore(scenario)
    with pytest.raises(Counterexample, match="ProtocolError"):
        explore(scenario, strict_wire=True)
