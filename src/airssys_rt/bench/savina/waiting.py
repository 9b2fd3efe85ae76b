"""Who waits for whom: a sleeping barber, cigarette smokers."""

from __future__ import annotations

from collections import deque
from random import Random
from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, on
from airssys_rt.bench.measure import Span, check
from airssys_rt.bench.savina.micro import Joiner
from airssys_rt.bench.savina.stage import Latch, Stage, timed

__all__ = ["barber", "smokers"]

# ---------------------------------------------------------------- sleeping barber

CHAIRS = 10
CUSTOMERS = 30


class Come(Message):
    me: ActorRef[CustomerMsg]


class NoChair(Message): ...


class Done(Message): ...


class Enter(Message):
    customer: ActorRef[CustomerMsg]


class NextPlease(Message):
    barber: ActorRef[Cut]


class Cut(Message):
    customer: ActorRef[CustomerMsg]
    room: ActorRef[RoomMsg]
    me: ActorRef[Cut]


CustomerMsg: TypeAlias = Come | NoChair | Done
RoomMsg: TypeAlias = Enter | NextPlease


class Room(Actor[RoomMsg]):
    """The waiting room: so many chairs; it wakes the barber."""

    def __init__(self, barber: ActorRef[Cut], me: Me) -> None:
        self.barber = barber
        self.me = me
        self.waiting: deque[ActorRef[CustomerMsg]] = deque()
        self.sleeping = True

    @on(Enter)
    def enter(self, msg: Enter) -> None:
        if self.sleeping:
            self.sleeping = False
            self.barber.tell(Cut(msg.customer, self.me.room, self.barber))
        elif len(self.waiting) < CHAIRS:
            self.waiting.append(msg.customer)
        else:
            msg.customer.tell(NoChair())

    @on(NextPlease)
    def next_please(self, msg: NextPlease) -> None:
        if self.waiting:
            msg.barber.tell(Cut(self.waiting.popleft(), self.me.room, msg.barber))
        else:
            self.sleeping = True

    initial = enter | next_please


class Me:
    """Where the room finds its own ref."""

    room: ActorRef[RoomMsg]


class Barber(Actor[Cut]):
    """Cuts, then calls the next."""

    @on(Cut)
    def cut(self, msg: Cut) -> None:
        msg.customer.tell(Done())
        msg.room.tell(NextPlease(msg.me))

    initial = cut


class Customer(Actor[CustomerMsg]):
    """Comes again while there is no chair, and as long as hair grows."""

    def __init__(self, haircuts: int, room: ActorRef[RoomMsg], joiner: Joiner) -> None:
        self.haircuts = 0
        self.awaited = haircuts
        self.room = room
        self.joiner = joiner

    @on(Come)
    def come(self, msg: Come) -> None:
        self.enter = Enter(msg.me)
        self.room.tell(self.enter)

    @on(NoChair)
    def no_chair(self, msg: NoChair) -> None:
        self.room.tell(self.enter)

    @on(Done)
    def done(self, msg: Done) -> None:
        self.haircuts += 1
        if self.haircuts < self.awaited:
            self.room.tell(self.enter)
        else:
            self.joiner.done(self.haircuts)

    initial = come | no_chair | done


async def barber(stage: Stage, n: int) -> Span:
    """30 customers get n haircuts of one barber; ten chairs to wait on."""
    latch = Latch[int]()
    each = max(1, n // CUSTOMERS)
    joiner = Joiner(CUSTOMERS, latch)
    me = Me()
    me.room = room = stage.spawn(Room, stage.spawn(Barber), me)
    customers = [stage.spawn(Customer, each, room, joiner) for _ in range(CUSTOMERS)]

    def begin() -> None:
        for customer in customers:
            customer.tell(Come(customer))

    span, haircuts = await timed(begin, latch, each * CUSTOMERS)
    check(haircuts, each * CUSTOMERS, "haircuts")
    return span


# ---------------------------------------------------------------- cigarette smokers

SMOKERS = 200


class Smoke(Message):
    """The two ingredients that the smoker lacks."""

    table: ActorRef[ArbiterMsg]


class Begin(Message):
    me: ActorRef[ArbiterMsg]


class Started(Message): ...


class Count(Message): ...


ArbiterMsg: TypeAlias = Begin | Started
SmokerMsg: TypeAlias = Smoke | Count


class Arbiter(Actor[ArbiterMsg]):
    """Puts the ingredients for one smoker on the table, until all rounds are over."""

    def __init__(self, smokers: list[ActorRef[SmokerMsg]], rounds: int) -> None:
        self.smokers = smokers
        self.left = rounds
        self.chance = Random(1)

    @on(Begin)
    def begin(self, msg: Begin) -> None:
        self.me = msg.me
        self.choose()

    def choose(self) -> None:
        self.smokers[int(self.chance.random() * SMOKERS)].tell(Smoke(self.me))

    @on(Started)
    def started(self, msg: Started) -> None:
        self.left -= 1
        if self.left:
            self.choose()
        else:
            for smoker in self.smokers:
                smoker.tell(Count())

    initial = begin | started


class Smoker(Actor[SmokerMsg]):
    """Smokes when there is what is needed."""

    def __init__(self, joiner: Joiner) -> None:
        self.joiner = joiner
        self.smoked = 0

    @on(Smoke)
    def smoke(self, msg: Smoke) -> None:
        msg.table.tell(Started())
        self.smoked += 1

    @on(Count)
    def count(self, msg: Count) -> None:
        self.joiner.done(self.smoked)

    initial = smoke | count


async def smokers(stage: Stage, n: int) -> Span:
    """An arbiter and 200 smokers, n rounds."""
    latch = Latch[int]()
    joiner = Joiner(SMOKERS, latch)
    all_of_them = [stage.spawn(Smoker, joiner) for _ in range(SMOKERS)]
    arbiter = stage.spawn(Arbiter, all_of_them, n)
    span, smoked = await timed(lambda: arbiter.tell(Begin(arbiter)), latch, n)
    check(smoked, n, "cigarettes")
    return span
