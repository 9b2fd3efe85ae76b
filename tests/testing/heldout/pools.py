"""Pools, registries and groups of workers: who has what, and who has gone."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, ActorStopped, Down, Message, Request, on
from airssys_rt.testing import World
from tests.testing.corpus.base import tarry
from tests.testing.heldout.base import Go, held_out


class Given(Message):
    """Here is a worker."""


class Checkout(Message):
    """Give me a worker."""

    client: ActorRef[Given]


class Checkin(Message):
    """Here it is again."""


class Cancel(Message):
    """I have given up."""


class Lender(Actor[Checkout | Checkin | Cancel]):
    """A pool of one worker, for one client."""

    def __init__(self) -> None:
        self.free = 1

    @on(Checkout)
    def checkout(self, msg: Checkout) -> None:
        self.free -= 1
        msg.client.tell(Given())

    @on(Checkin)
    def checkin(self, msg: Checkin) -> None:
        self.free += 1

    @on(Cancel)
    def cancel(self, msg: Cancel) -> None:
        self.free += 1

    initial = checkout | checkin | cancel


class GiveUp(Message):
    """It takes too long."""


class Borrower(Actor[Go | Given | GiveUp]):
    """Waits five seconds for a worker, uses it, and brings it back."""

    def __init__(self, pool: ActorRef[Checkout | Checkin | Cancel], *, cancels: bool) -> None:
        self.pool = pool
        self.cancels = cancels
        self.waits = False

    @on(Go)
    def go(self, msg: Go) -> None:
        self.waits = True
        self.pool.tell(Checkout(self.ref))
        self.after(5.0, GiveUp(), key="wait")

    @on(Given)
    def given(self, msg: Given) -> None:
        if self.waits:
            self.cancel_timer("wait")
            self.pool.tell(Checkin())

    @on(GiveUp)
    def give_up(self, msg: GiveUp) -> None:
        self.waits = False
        if self.cancels:
            self.pool.tell(Cancel())

    initial = go | given | give_up


@held_out
async def checkout_after_the_timeout(world: World, faulty: bool) -> None:
    """A client gives up while its worker is on the way; that worker is never returned.

    Source: poolboy, Fix checkout timeout race condition,
    https://github.com/devinus/poolboy/pull/70
    """
    pool = world.spawn(Lender)
    client = world.spawn(Borrower, pool, cancels=not faulty)
    await world.settle()
    world.lossy(pool, client, delay=0.5, seconds=20.0)
    client.tell(Go())
    await world.sleep(60.0)
    assert world.state(pool).free == 1


class Take(Request[bool]):
    """Is a worker free? Then it is taken."""


class Back(Message):
    """A worker is free again."""


class Ready(Message):
    """There may be a free worker."""


class Job(Message):
    """Some work."""


class Workers(Actor[Take | Back]):
    """Counts free workers; the mended one is the one who tells the queue of them."""

    def __init__(self, *, tells: bool) -> None:
        self.tells = tells
        self.free = 1
        self.queue: ActorRef[Ready] | None = None

    @on(Take)
    def take(self, msg: Take) -> bool:
        if not self.free:
            return False
        self.free -= 1
        return True

    @on(Back)
    def back(self, msg: Back) -> None:
        self.free += 1
        if self.tells and self.queue is not None:
            self.queue.tell(Ready())

    initial = take | back


class Queue(Actor[Job | Ready]):
    """Keeps jobs until a worker is free."""

    def __init__(self, pool: ActorRef[Take | Back]) -> None:
        self.pool = pool
        self.worker: ActorRef[Job] | None = None
        self.jobs: list[Job] = []

    async def begin(self) -> None:
        """Give the first job to a worker, if one is free."""
        assert self.worker is not None
        if not self.jobs:
            return
        if await self.pool.ask(Take()):
            self.worker.tell(self.jobs.pop(0))

    @on(Job)
    async def job(self, msg: Job) -> None:
        self.jobs.append(msg)
        await self.begin()

    @on(Ready)
    async def ready(self, msg: Ready) -> None:
        await self.begin()

    initial = job | ready


class Hand(Actor[Job]):
    """Works, and reports to the pool; in the faulty program to the queue as well."""

    def __init__(self, pool: ActorRef[Take | Back], queue: ActorRef[Ready], *, tells: bool) -> None:
        self.pool = pool
        self.queue = queue
        self.tells = tells
        self.done = 0

    @on(Job)
    def job(self, msg: Job) -> None:
        self.done += 1
        self.pool.tell(Back())
        if self.tells:
            self.queue.tell(Ready())

    initial = job


@held_out
async def queue_asks_before_checkin(world: World, faulty: bool) -> None:
    """A queue hears that a worker is done before the pool does; the pool calls itself full.

    Source: riak_core, Race in vnode worker pool,
    https://github.com/basho/riak_core/issues/298
    """
    pool = world.spawn(Workers, tells=not faulty)
    queue = world.spawn(Queue, pool)
    worker = world.spawn(Hand, pool, queue, tells=faulty)
    await world.settle()
    world.state(pool).queue = queue
    world.state(queue).worker = worker
    queue.tell(Job())
    queue.tell(Job())
    await world.settle()
    assert world.state(worker).done == 2


class Poll(Request[int]):
    """An idle connection, or 0."""


class Grow(Request[int]):
    """Open one more: its number, or 0 if there are too many."""

    keep: bool


class Connections(Actor[Poll | Grow]):
    """At most two connections."""

    def __init__(self) -> None:
        self.idle: list[int] = []
        self.opened = 0

    @on(Poll)
    def poll(self, msg: Poll) -> int:
        return self.idle.pop() if self.idle else 0

    @on(Grow)
    def grow(self, msg: Grow) -> int:
        if self.opened == 2:
            return 0
        self.opened += 1
        if not msg.keep:
            self.idle.append(self.opened)
        return self.opened

    initial = poll | grow


@held_out
async def another_takes_the_new_one(world: World, faulty: bool) -> None:
    """Who has a connection opened finds the pool empty again: another one was faster.

    Source: hector, Race condition in ConcurrentHClientPool.borrowClient(),
    https://github.com/hector-client/hector/issues/136
    """
    pool = world.spawn(Connections)

    async def borrow(late: int) -> None:
        await tarry(world, late)
        connection = await pool.ask(Poll())
        if not connection:
            connection = await pool.ask(Grow(keep=not faulty))
            if faulty:
                connection = await pool.ask(Poll())
        assert connection, "exhausted, with fewer connections than there may be"

    await world.gather(borrow(0), borrow(8))


class Hello(Request[bool]):
    """Are you there?"""


class Leave(Message):
    """End."""


class Room(Actor[Hello | Leave]):
    """Ends when its last guest has left."""

    @on(Hello)
    def hello(self, msg: Hello) -> bool:
        return True

    @on(Leave)
    def leave(self, msg: Leave) -> None:
        self.stop()

    initial = hello | leave


class Find(Request[ActorRef[Hello | Leave]]):
    """The room; it is made if there is none."""


class Directory(Actor[Find | Down]):
    """Knows the room, until it hears of its end."""

    def __init__(self) -> None:
        self.room: ActorRef[Hello | Leave] | None = None

    @on(Find)
    def find(self, msg: Find) -> ActorRef[Hello | Leave]:
        if self.room is None:
            self.room = self.system.spawn(Room)
            self.monitor(self.room)
        return self.room

    @on(Down)
    def down(self, msg: Down) -> None:
        self.room = None

    initial = find | down


@held_out
async def lookup_of_the_dead(world: World, faulty: bool) -> None:
    """A registry gives out a process that has ended, as it has not heard of the end yet.

    Source: gen_registry, Small race window means lookup/2 and lookup_or_start/3 can return dead
    processes, https://github.com/discord/gen_registry/issues/15
    """
    directory = world.spawn(Directory)
    first = await directory.ask(Find())

    async def last_guest() -> None:
        await tarry(world)
        first.tell(Leave())

    async def new_guest() -> None:
        while True:
            room = await directory.ask(Find())
            try:
                await room.ask(Hello())
                return
            except ActorStopped:
                if faulty:
                    raise
                await world.sleep(0.1)

    await world.gather(last_guest(), new_guest())


class Register(Request[bool]):
    """Make the node of a session; False if there is one."""

    session: int


class Expire(Message):
    """A session is over; its node goes."""

    session: int


class Tree(Actor[Register | Expire]):
    """A tree of ephemeral nodes, with one node in it."""

    def __init__(self, owner: int) -> None:
        self.owner = owner

    @on(Register)
    def register(self, msg: Register) -> bool:
        if self.owner:
            return self.owner == msg.session
        self.owner = msg.session
        return True

    @on(Expire)
    def expire(self, msg: Expire) -> None:
        if self.owner == msg.session:
            self.owner = 0

    initial = register | expire


@held_out
async def node_of_the_last_session(world: World, faulty: bool) -> None:
    """A broker takes the node of its own last session for its registration, and then that goes.

    Source: Apache Kafka, KAFKA-1387: getting stuck creating ephemeral node it has already created,
    https://github.com/apache/kafka/pull/178
    """
    tree = world.spawn(Tree, 1)

    async def expiry() -> None:
        tree.tell(Expire(1))

    async def broker() -> None:
        await tarry(world)
        while not await tree.ask(Register(2)) and not faulty:
            await world.sleep(1.0)

    await world.gather(expiry(), broker())
    await world.settle()
    assert world.state(tree).owner == 2, "not registered"
