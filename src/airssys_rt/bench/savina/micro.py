"""Messages and nothing else: counting, fork-join, thread ring, chameneos, big."""

from __future__ import annotations

from random import Random
from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, on
from airssys_rt.bench.measure import Span, check
from airssys_rt.bench.savina.stage import Latch, Stage, timed

__all__ = ["big", "chameneos", "counting", "fork_join", "thread_ring"]

# ---------------------------------------------------------------- counting


class Increment(Message): ...


class Retrieve(Message): ...


class Produce(Message):
    times: int


CounterMsg: TypeAlias = Increment | Retrieve


class Counter(Actor[CounterMsg]):
    """Counts."""

    def __init__(self, latch: Latch[int]) -> None:
        self.latch = latch
        self.count = 0

    @on(Increment)
    def increment(self, msg: Increment) -> None:
        self.count += 1

    @on(Retrieve)
    def retrieve(self, msg: Retrieve) -> None:
        self.latch.give(self.count)

    initial = increment | retrieve


class Producer(Actor[Produce]):
    """Sends it all at once, then asks for the count."""

    def __init__(self, counter: ActorRef[CounterMsg]) -> None:
        self.counter = counter

    @on(Produce)
    def produce(self, msg: Produce) -> None:
        for _ in range(msg.times):
            self.counter.tell(Increment())
        self.counter.tell(Retrieve())

    initial = produce


async def counting(stage: Stage, n: int) -> Span:
    """One actor sends another n messages."""
    latch = Latch[int]()
    producer = stage.spawn(Producer, stage.spawn(Counter, latch))
    span, count = await timed(lambda: producer.tell(Produce(n)), latch, n)
    check(count, n, "increments")
    return span


# ---------------------------------------------------------------- fork-join


class Job(Message):
    number: int


class Joiner:
    """Counts down what the workers have done."""

    def __init__(self, awaited: int, latch: Latch[int]) -> None:
        self.left = awaited
        self.sum = 0
        self.latch = latch

    def done(self, number: int) -> None:
        self.sum += number
        self.left -= 1
        if not self.left:
            self.latch.give(self.sum)


class Forked(Actor[Job]):
    """Does one job."""

    def __init__(self, joiner: Joiner) -> None:
        self.joiner = joiner

    @on(Job)
    def job(self, msg: Job) -> None:
        self.joiner.done(msg.number)

    initial = job


async def fork_join(stage: Stage, n: int) -> Span:
    """Start n actors, give each a message, and wait for all."""
    latch = Latch[int]()
    joiner = Joiner(n, latch)

    def begin() -> None:
        for number in range(n):
            stage.spawn(Forked, joiner).tell(Job(number))

    span, total = await timed(begin, latch, n)
    check(total, n * (n - 1) // 2, "sum of the jobs")
    return span


# ---------------------------------------------------------------- thread ring


class Token(Message):
    left: int


class Next(Message):
    actor: ActorRef[RingMsg]


RingMsg: TypeAlias = Token | Next


class Link(Actor[RingMsg]):
    """Passes the token on; who has the last one says its number."""

    def __init__(self, number: int, latch: Latch[int]) -> None:
        self.number = number
        self.latch = latch

    @on(Next)
    def link_to(self, msg: Next) -> None:
        self.next_one = msg.actor

    @on(Token)
    def token(self, msg: Token) -> None:
        if msg.left:
            self.next_one.tell(Token(msg.left - 1))
        else:
            self.latch.give(self.number)

    initial = link_to | token


async def thread_ring(stage: Stage, n: int) -> Span:
    """A token makes n hops around 100 actors."""
    latch = Latch[int]()
    ring = [stage.spawn(Link, number, latch) for number in range(100)]
    for actor, neighbour in zip(ring, [*ring[1:], ring[0]], strict=True):
        actor.tell(Next(neighbour))
    span, last = await timed(lambda: ring[0].tell(Token(n)), latch, n)
    check(last, n % 100, "where the token stopped")
    return span


# ---------------------------------------------------------------- chameneos

COLOURS = ("blue", "red", "yellow")


def complement(mine: str, other: str) -> str:
    """The colour that both have after a meeting."""
    if mine == other:
        return mine
    (third,) = {*COLOURS} - {mine, other}
    return third


CHANGES = {(mine, other): complement(mine, other) for mine in COLOURS for other in COLOURS}


class Meet(Message):
    """To the mall: I want to meet somebody.  From there: this one is here."""

    colour: str
    who: ActorRef[CreatureMsg]


class Change(Message):
    colour: str


class Fade(Message):
    """The mall is closed."""


class Begin(Message):
    me: ActorRef[CreatureMsg]


class Met(Message):
    """How many meetings a creature had."""

    times: int


CreatureMsg: TypeAlias = Meet | Change | Fade | Begin
MallMsg: TypeAlias = Meet | Met


class Creature(Actor[CreatureMsg]):
    """Meets, changes its colour, and goes to the mall again."""

    def __init__(self, colour: str, mall: ActorRef[MallMsg]) -> None:
        self.colour = colour
        self.mall = mall
        self.meetings = 0

    @on(Begin)
    def begin(self, msg: Begin) -> None:
        self.me = msg.me
        self.mall.tell(Meet(self.colour, self.me))

    @on(Meet)
    def meet(self, msg: Meet) -> None:
        self.colour = CHANGES[self.colour, msg.colour]
        self.meetings += 1
        msg.who.tell(Change(self.colour))
        self.mall.tell(Meet(self.colour, self.me))

    @on(Change)
    def change(self, msg: Change) -> None:
        self.colour = msg.colour
        self.meetings += 1
        self.mall.tell(Meet(self.colour, self.me))

    @on(Fade)
    def fade(self, msg: Fade) -> None:
        self.mall.tell(Met(self.meetings))

    initial = begin | meet | change | fade


class Mall(Actor[MallMsg]):
    """Brings together who comes, two by two, so many times."""

    def __init__(self, meetings: int, creatures: int, latch: Latch[int]) -> None:
        self.left = meetings
        self.creatures = creatures
        self.latch = latch
        self.waiting: ActorRef[CreatureMsg] | None = None
        self.sum = 0

    @on(Meet)
    def meet(self, msg: Meet) -> None:
        if not self.left:
            msg.who.tell(Fade())
        elif self.waiting is None:
            self.waiting = msg.who
        else:
            self.left -= 1
            self.waiting.tell(msg)
            self.waiting = None

    @on(Met)
    def met(self, msg: Met) -> None:
        self.sum += msg.times
        self.creatures -= 1
        if not self.creatures:
            self.latch.give(self.sum)

    initial = meet | met


async def chameneos(stage: Stage, n: int) -> Span:
    """100 creatures meet n times, two at a time."""
    latch = Latch[int]()
    mall = stage.spawn(Mall, n, 100, latch)
    creatures = [stage.spawn(Creature, COLOURS[i % 3], mall) for i in range(100)]

    def begin() -> None:
        for creature in creatures:
            creature.tell(Begin(creature))

    span, meetings = await timed(begin, latch, n)
    check(meetings, 2 * n, "meetings that creatures had")
    return span


# ---------------------------------------------------------------- big


class Ping(Message):
    sender: int


class Pong(Message):
    sender: int


class Neighbours(Message):
    all: tuple[ActorRef[BigMsg], ...]


BigMsg: TypeAlias = Ping | Pong | Neighbours


class One(Actor[BigMsg]):
    """Pings somebody at random, waits for the pong, and pings the next."""

    def __init__(self, number: int, pings: int, joiner: Joiner) -> None:
        self.number = number
        self.left = pings
        self.joiner = joiner
        self.chance = Random(number)
        self.answered = 0

    @on(Neighbours)
    def neighbours(self, msg: Neighbours) -> None:
        self.all = msg.all
        self.ping_somebody()

    def ping_somebody(self) -> None:
        target = int(self.chance.random() * len(self.all))
        self.expected = target
        self.all[target].tell(Ping(self.number))

    @on(Ping)
    def ping(self, msg: Ping) -> None:
        self.all[msg.sender].tell(Pong(self.number))

    @on(Pong)
    def pong(self, msg: Pong) -> None:
        self.answered += msg.sender == self.expected
        self.left -= 1
        if self.left:
            self.ping_somebody()
        else:
            self.joiner.done(self.answered)

    initial = neighbours | ping | pong


async def big(stage: Stage, n: int) -> Span:
    """120 actors ping each other at random, n pings in all."""
    latch = Latch[int]()
    each = max(1, n // 120)
    joiner = Joiner(120, latch)
    actors = tuple(stage.spawn(One, number, each, joiner) for number in range(120))

    def begin() -> None:
        for actor in actors:
            actor.tell(Neighbours(actors))

    span, answered = await timed(begin, latch, each * 120)
    check(answered, each * 120, "pongs from who was pinged")
    return span
