"""Who does the work, for whom: attempts, pools, and conversations of several messages."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, Later, Message, ReplyTo, Request, on
from airssys_rt.testing import World
from tests.testing.corpus.base import tarry
from tests.testing.heldout.base import Go, held_out


class MayCommit(Request[bool]):
    """May that attempt write its result?"""

    attempt: int


class Failed(Request[bool]):
    """That attempt has failed, as far as the driver knows."""

    attempt: int


class Committer(Actor[MayCommit | Failed]):
    """Lets one attempt write; the faulty one also one that has failed already."""

    def __init__(self, *, notes: bool) -> None:
        self.notes = notes
        self.failed: set[int] = set()
        self.permitted: int | None = None

    @on(MayCommit)
    def may_commit(self, msg: MayCommit) -> bool:
        if self.permitted is None and msg.attempt not in self.failed:
            self.permitted = msg.attempt
        return self.permitted == msg.attempt

    @on(Failed)
    def fail(self, msg: Failed) -> bool:
        if self.permitted == msg.attempt:
            self.permitted = None
        if self.notes:
            self.failed.add(msg.attempt)
        return True

    initial = may_commit | fail


class Finished(Message):
    """That attempt is over, and has written its result or not."""

    attempt: int
    written: bool


class Lost(Message):
    """There is no heartbeat of who makes the attempt."""


class Attempt(Actor[Go]):
    """Works, and writes its result if it may."""

    def __init__(self, me: int, committer: ActorRef[MayCommit]) -> None:
        self.me = me
        self.committer = committer
        self.driver: ActorRef[Finished] | None = None

    @on(Go)
    async def go(self, msg: Go) -> None:
        assert self.driver is not None
        written = await self.committer.ask(MayCommit(self.me))
        self.driver.tell(Finished(self.me, written))

    initial = go


class Driver(Actor[Go | Finished | Lost]):
    """Has the task attempted, and once more if the first attempt is lost."""

    def __init__(self, committer: ActorRef[Failed], attempts: list[ActorRef[Go]]) -> None:
        self.committer = committer
        self.attempts = attempts
        self.current = -1
        self.done = False

    def start(self) -> None:
        """The next attempt."""
        self.current += 1
        self.attempts[self.current].tell(Go())

    @on(Go)
    def go(self, msg: Go) -> None:
        self.start()

    @on(Finished)
    def finished(self, msg: Finished) -> None:
        if msg.attempt == self.current:
            assert msg.written, "its result was refused"
            self.done = True

    @on(Lost)
    async def lost(self, msg: Lost) -> None:
        if self.current == 0 and not self.done:
            await self.committer.ask(Failed(0))
            self.start()

    initial = go | finished | lost


@held_out
async def commit_granted_to_the_failed(world: World, faulty: bool) -> None:
    """An attempt that is given up asks whether it may commit, and may; its successor may not.

    Source: Apache Spark, SPARK-19631: OutputCommitCoordinator should not allow commits for already
    failed tasks, https://github.com/apache/spark/pull/16959
    """
    committer = world.spawn(Committer, notes=not faulty)
    attempts = [world.spawn(Attempt, me, committer) for me in range(2)]
    driver = world.spawn(Driver, committer, attempts)
    await world.settle()
    for attempt in attempts:
        world.state(attempt).driver = driver

    async def client() -> None:
        driver.tell(Go())

    async def monitor() -> None:
        await tarry(world)
        driver.tell(Lost())

    await world.gather(client(), monitor())
    await world.settle()
    assert world.state(driver).done


class Submit(Request[int]):
    """Have a task run; one that is nested needs another one."""

    nested: bool


class Run(Message):
    nested: bool


class Ran(Message):
    """That worker is free again; what it has found."""

    worker: int
    result: int


class Pool(Actor[Submit | Ran]):
    """Gives tasks to free workers, first come, first served."""

    def __init__(self) -> None:
        self.workers: list[ActorRef[Run]] = []
        self.free = [0, 1]
        self.queue: list[tuple[bool, ReplyTo[int]]] = []
        self.running: dict[int, ReplyTo[int]] = {}

    def serve(self) -> None:
        """Start what can be started."""
        while self.free and self.queue:
            nested, later = self.queue.pop(0)
            worker = self.free.pop(0)
            self.running[worker] = later
            self.workers[worker].tell(Run(nested))

    @on(Submit)
    def submit(self, msg: Submit) -> int | Later:
        later = self.defer(msg)
        self.queue.append((msg.nested, later))
        self.serve()
        return later

    @on(Ran)
    def ran(self, msg: Ran) -> None:
        self.running.pop(msg.worker).reply(msg.result)
        self.free.append(msg.worker)
        self.serve()

    initial = submit | ran


class Worker(Actor[Run]):
    """Runs a task; if it is nested, it submits another one, and waits for it."""

    def __init__(self, me: int, pool: ActorRef[Ran], helpers: ActorRef[Submit]) -> None:
        self.me = me
        self.pool = pool
        self.helpers = helpers

    @on(Run)
    async def run(self, msg: Run) -> None:
        found = await self.helpers.ask(Submit(nested=False)) if msg.nested else 0
        self.pool.tell(Ran(self.me, found + 1))

    initial = run


@held_out
async def subtask_in_the_same_pool(world: World, faulty: bool) -> None:
    """All workers of a pool wait for tasks that are queued behind them in the same pool.

    Source: Goetz et al., Java Concurrency in Practice, 2006, section 8.1.1: thread starvation
    deadlock, https://fliphtml5.com/nneot/iwoc/Java_Concurrency_in_Practice/190
    """
    pool, other = world.spawn(Pool), world.spawn(Pool)
    await world.settle()
    for one, helpers in ((pool, pool if faulty else other), (other, other)):
        world.state(one).workers = [world.spawn(Worker, me, one, helpers) for me in range(2)]

    async def client(late: int) -> None:
        await tarry(world, late)
        assert await pool.ask(Submit(nested=True)) == 2

    await world.gather(client(0), client(12))


class Select(Message):
    """What follows is about that account."""

    account: int


class Pay(Message):
    """Pay so much into the account that was selected."""

    amount: int


class PayInto(Message):
    """Pay so much into that account."""

    account: int
    amount: int


class Teller(Actor[Select | Pay | PayInto]):
    """Two accounts, of which one is selected."""

    def __init__(self) -> None:
        self.selected = 0
        self.balances = [0, 0]

    @on(Select)
    def select(self, msg: Select) -> None:
        self.selected = msg.account

    @on(Pay)
    def pay(self, msg: Pay) -> None:
        self.balances[self.selected] += msg.amount

    @on(PayInto)
    def pay_into(self, msg: PayInto) -> None:
        self.balances[msg.account] += msg.amount

    initial = select | pay | pay_into


@held_out
async def selected_by_another(world: World, faulty: bool) -> None:
    """Between the two messages of one client comes the first one of another client.

    Source: Torres Lopez, Marr, Mössenböck and Gonzalez Boix, A Study of Concurrency Bugs and
    Advanced Development Support for Actor-based Programs, 2018: bad message interleaving,
    https://arxiv.org/abs/1706.07372
    """
    teller = world.spawn(Teller)
    await world.settle()

    async def client(account: int, amount: int) -> None:
        await tarry(world, 8 * account)
        if faulty:
            teller.tell(Select(account))
            teller.tell(Pay(amount))
        else:
            teller.tell(PayInto(account, amount))

    await world.gather(client(0, 10), client(1, 20))
    await world.settle()
    assert world.state(teller).balances == [10, 20]
