"""What every textbook has: smokers, tokens, buffers and counts."""

from __future__ import annotations

from airssys_rt import (
    Actor,
    ActorRef,
    Bounded,
    Later,
    MailboxFull,
    Message,
    ReplyTo,
    Request,
    on,
    props,
)
from airssys_rt.testing import World
from tests.testing.corpus.base import tarry
from tests.testing.heldout.base import Go, held_out


class Need(Request[bool]):
    """Both ingredients; False when the agent has gone home."""

    one: str
    other: str


class Take(Request[bool]):
    """One ingredient; False when the agent has gone home."""

    what: str


class Lay(Message):
    """An ingredient is on the table."""

    what: str


class Home(Message):
    """The agent goes home."""


class Table(Actor[Need | Take | Lay | Home]):
    """What lies on it, and who waits for it."""

    def __init__(self) -> None:
        self.lying: list[str] = []
        self.waiting: list[tuple[tuple[str, ...], ReplyTo[bool]]] = []

    def serve(self) -> None:
        """Give to whom can be given."""
        for entry in list(self.waiting):
            wanted, later = entry
            if all(what in self.lying for what in wanted):
                for what in wanted:
                    self.lying.remove(what)
                self.waiting.remove(entry)
                later.reply(True)

    @on(Need)
    def need(self, msg: Need) -> bool | Later:
        later = self.defer(msg)
        self.waiting.append(((msg.one, msg.other), later))
        self.serve()
        return later

    @on(Take)
    def take(self, msg: Take) -> bool | Later:
        later = self.defer(msg)
        self.waiting.append(((msg.what,), later))
        self.serve()
        return later

    @on(Lay)
    def lay(self, msg: Lay) -> None:
        self.lying.append(msg.what)
        self.serve()

    @on(Home)
    def home(self, msg: Home) -> None:
        for _, later in self.waiting:
            later.reply(False)
        self.waiting.clear()

    initial = need | take | lay | home


@held_out
async def cigarette_smokers(world: World, faulty: bool) -> None:
    """One smoker takes the one ingredient, another one the other; nobody can smoke.

    Source: Patil, Limitations and Capabilities of Dijkstra's Semaphore Primitives, MIT 1971; told
    in https://en.wikipedia-on-ipfs.org/wiki/Cigarette_smokers_problem
    """
    table = world.spawn(Table)
    smoked: list[str] = []
    world.waive("answered")  # who has nothing to smoke waits until the agent goes home

    async def smoker(one: str, other: str, late: int) -> None:
        await tarry(world, late)
        if not faulty:
            has = await table.ask(Need(one, other), timeout=None)
        else:
            has = await table.ask(Take(one), timeout=None)
            has = has and await table.ask(Take(other), timeout=None)
        if has:
            smoked.append(one)

    async def agent() -> None:
        await tarry(world, 4)
        table.tell(Lay("paper"))
        table.tell(Lay("tobacco"))
        await world.sleep(5.0)
        table.tell(Home())

    await world.gather(
        agent(),
        smoker("paper", "tobacco", 0),
        smoker("tobacco", "matches", 16),
        smoker("matches", "paper", 16),
    )
    assert smoked == ["paper"]


class Work(Message):
    """Work, that may make more work."""

    more: bool


class Token(Message):
    """The probe: a sum, and whether it is worth nothing."""

    total: int
    black: bool


class Machine(Actor[Go | Work | Token]):
    """One of a ring; the faulty one does not turn black when it gets a message."""

    def __init__(
        self, me: int, ring: list[ActorRef[Go | Work | Token]], done: list[int], *, blackens: bool
    ) -> None:
        self.me = me
        self.ring = ring
        self.done = done
        self.blackens = blackens
        self.count = 0
        self.black = False
        self.probes = 0

    def send(self, to: int, *, more: bool) -> None:
        """Make somebody work."""
        self.count += 1
        self.ring[to].tell(Work(more))

    @on(Go)
    def go(self, msg: Go) -> None:
        self.ring[3].tell(Token(0, False))
        self.send(3, more=True)

    @on(Work)
    def work(self, msg: Work) -> None:
        self.count -= 1
        self.black = self.blackens
        self.done.append(self.me)
        if msg.more:
            self.send(1, more=False)
            self.send(0, more=False)

    @on(Token)
    def token(self, msg: Token) -> None:
        black = msg.black or self.black
        self.black = False
        if self.me:
            self.ring[self.me - 1].tell(Token(msg.total + self.count, black))
        elif not black and msg.total + self.count == 0:
            assert len(self.done) == 3, "work is under way"
        elif self.probes < 5:
            self.probes += 1
            self.ring[3].tell(Token(0, False))

    initial = go | work | token


@held_out
async def token_past_a_white_machine(world: World, faulty: bool) -> None:
    """A machine that was woken behind the probe stays white; the sum is nothing by chance.

    Source: Dijkstra, Shmuel Safra's version of termination detection, EWD998, 1987; told in
    https://lynshi.github.io/posts/understanding-ewd998/
    """
    ring: list[ActorRef[Go | Work | Token]] = []
    done: list[int] = []
    for me in range(4):
        ring.append(world.spawn(props(Machine, me, ring, done, blackens=not faulty)))
    await world.settle()
    ring[0].tell(Go())
    await world.settle()


class Item(Message):
    """Something to work on."""


class Credit(Message):
    """One item is done."""


class Feed(Message):
    """Make two items."""


class Consumer(Actor[Item]):
    """Gives a credit for each item; the faulty one waits until there is room for it."""

    def __init__(self, *, waits: bool) -> None:
        self.waits = waits
        self.producer: ActorRef[Credit] | None = None

    @on(Item)
    async def item(self, msg: Item) -> None:
        assert self.producer is not None
        if self.waits:
            await self.producer.send(Credit())
        else:
            try:
                self.producer.tell(Credit())
            except MailboxFull:
                pass

    initial = item


class Producer(Actor[Feed | Credit]):
    """Sends items when there is room for them."""

    def __init__(self, consumer: ActorRef[Item]) -> None:
        self.consumer = consumer
        self.credits = 0

    @on(Feed)
    async def feed(self, msg: Feed) -> None:
        await self.consumer.send(Item())
        await self.consumer.send(Item())

    @on(Credit)
    def credit(self, msg: Credit) -> None:
        self.credits += 1

    initial = feed | credit


@held_out
async def both_channels_full(world: World, faulty: bool) -> None:
    """Each of two waits for room in the channel to the other one; both channels are full.

    Source: Process Networks, on Parks' rules for bounded channels (artificial deadlock),
    http://bevo.duckdns.org/ProcessNetworks/index.html
    """
    consumer = world.spawn(props(Consumer, waits=faulty).mailbox(Bounded(1)))
    producer = world.spawn(props(Producer, consumer).mailbox(Bounded(1)))
    await world.settle()
    world.state(consumer).producer = producer

    async def feeder(late: int) -> None:
        await tarry(world, late)
        await producer.send(Feed())

    await world.gather(feeder(0), feeder(12))
    await world.settle()


class Add(Message):
    """One more is at work."""


class Done(Message):
    """One is done."""


class Wait(Request[bool]):
    """Answered when nobody is at work."""


class WaitGroup(Actor[Add | Done | Wait]):
    """Counts who is at work."""

    def __init__(self) -> None:
        self.count = 0
        self.waiting: list[ReplyTo[bool]] = []

    @on(Add)
    def add(self, msg: Add) -> None:
        self.count += 1

    @on(Done)
    def finished(self, msg: Done) -> None:
        self.count -= 1
        if not self.count:
            for one in self.waiting:
                one.reply(True)
            self.waiting.clear()

    @on(Wait)
    def wait(self, msg: Wait) -> bool | Later:
        if not self.count:
            return True
        later = self.defer(msg)
        self.waiting.append(later)
        return later

    initial = add | finished | wait


class Digger(Actor[Go]):
    """Works; the faulty one is who says that it is at work."""

    def __init__(self, group: ActorRef[Add | Done], done: list[int], *, adds: bool) -> None:
        self.group = group
        self.done = done
        self.adds = adds

    @on(Go)
    def go(self, msg: Go) -> None:
        if self.adds:
            self.group.tell(Add())
        self.done.append(1)
        self.group.tell(Done())

    initial = go


@held_out
async def added_by_the_worker(world: World, faulty: bool) -> None:
    """A group is waited for before its workers have said that they are at work.

    Source: Tu et al., Understanding Real-World Concurrency Bugs in Go, ASPLOS 2019,
    https://songlh.github.io/paper/go-study.pdf
    """
    done: list[int] = []
    group = world.spawn(WaitGroup)
    for _ in range(2):
        worker = world.spawn(Digger, group, done, adds=faulty)
        if not faulty:
            group.tell(Add())
        worker.tell(Go())
    await tarry(world)
    await group.ask(Wait())
    assert len(done) == 2
