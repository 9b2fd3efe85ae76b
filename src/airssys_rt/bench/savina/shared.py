"""What several want at once: a dictionary, forks, money."""

from __future__ import annotations

from random import Random
from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, on
from airssys_rt.bench.measure import Span, check
from airssys_rt.bench.savina.micro import Joiner
from airssys_rt.bench.savina.stage import Latch, Stage, timed

__all__ = ["bank", "dictionary", "philosophers"]

# ---------------------------------------------------------------- concurrent dictionary

KEYS = 512
WRITES = 0.1  # of all requests


class Write(Message):
    key: int
    value: int
    reply_to: ActorRef[WorkerMsg]


class Read(Message):
    key: int
    reply_to: ActorRef[WorkerMsg]


class Value(Message):
    value: int


class Work(Message):
    me: ActorRef[WorkerMsg]


WorkerMsg: TypeAlias = Value | Work
DictionaryMsg: TypeAlias = Write | Read


class Dictionary(Actor[DictionaryMsg]):
    """Keeps values by their keys."""

    def __init__(self) -> None:
        self.values: dict[int, int] = {}

    @on(Write)
    def write(self, msg: Write) -> None:
        self.values[msg.key] = msg.value
        msg.reply_to.tell(Value(msg.value))

    @on(Read)
    def read(self, msg: Read) -> None:
        msg.reply_to.tell(Value(self.values.get(msg.key, 0)))

    initial = write | read


class Reader(Actor[WorkerMsg]):
    """Reads and writes at random; what is written of a key is always its square."""

    def __init__(
        self, seed: int, requests: int, dictionary: ActorRef[DictionaryMsg], joiner: Joiner
    ) -> None:
        self.chance = Random(seed)
        self.left = requests
        self.dictionary = dictionary
        self.joiner = joiner
        self.right = 0
        self.key = 0

    @on(Work)
    def work(self, msg: Work) -> None:
        self.me = msg.me
        self.request()

    def request(self) -> None:
        self.key = key = 1 + int(self.chance.random() * KEYS)
        if self.chance.random() < WRITES:
            self.dictionary.tell(Write(key, key * key, self.me))
        else:
            self.dictionary.tell(Read(key, self.me))

    @on(Value)
    def value(self, msg: Value) -> None:
        self.right += msg.value in (0, self.key * self.key)
        self.left -= 1
        if self.left:
            self.request()
        else:
            self.joiner.done(self.right)

    initial = work | value


async def dictionary(stage: Stage, n: int) -> Span:
    """20 actors send n requests to one that keeps a dictionary; a tenth are writes."""
    latch = Latch[int]()
    each = max(1, n // 20)
    joiner = Joiner(20, latch)
    shared = stage.spawn(Dictionary)
    readers = [stage.spawn(Reader, seed, each, shared, joiner) for seed in range(20)]

    def begin() -> None:
        for reader in readers:
            reader.tell(Work(reader))

    span, right = await timed(begin, latch, each * 20)
    check(right, each * 20, "right replies")
    return span


# ---------------------------------------------------------------- dining philosophers

SEATS = 20


class Hungry(Message):
    seat: int
    guest: ActorRef[GuestMsg]


class Full(Message):
    seat: int


class Sit(Message):
    me: ActorRef[GuestMsg]


class Eat(Message): ...


class Denied(Message): ...


TableMsg: TypeAlias = Hungry | Full
GuestMsg: TypeAlias = Sit | Eat | Denied


class Table(Actor[TableMsg]):
    """Gives out the forks, two at a time; who cannot have both is denied, and asks again."""

    def __init__(self, meals: int, latch: Latch[tuple[int, bool]]) -> None:
        self.awaited = meals
        self.latch = latch
        self.meals = 0
        self.taken = [False] * SEATS
        self.fair = True

    @on(Hungry)
    def hungry(self, msg: Hungry) -> None:
        left, right = msg.seat, (msg.seat + 1) % SEATS
        if self.taken[left] or self.taken[right]:
            msg.guest.tell(Denied())
        else:
            self.taken[left] = self.taken[right] = True
            msg.guest.tell(Eat())

    @on(Full)
    def full(self, msg: Full) -> None:
        left, right = msg.seat, (msg.seat + 1) % SEATS
        self.fair = self.fair and self.taken[left] and self.taken[right]
        self.taken[left] = self.taken[right] = False
        self.meals += 1
        if self.meals == self.awaited:
            self.latch.give((self.meals, self.fair and not any(self.taken)))

    initial = hungry | full


class Guest(Actor[GuestMsg]):
    """Eats so many times."""

    def __init__(self, seat: int, meals: int, table: ActorRef[TableMsg]) -> None:
        self.seat = seat
        self.left = meals
        self.table = table

    @on(Sit)
    def sit(self, msg: Sit) -> None:
        self.hungry = Hungry(self.seat, msg.me)
        self.table.tell(self.hungry)

    @on(Denied)
    def denied(self, msg: Denied) -> None:
        self.table.tell(self.hungry)

    @on(Eat)
    def eat(self, msg: Eat) -> None:
        self.left -= 1
        self.table.tell(Full(self.seat))
        if self.left:
            self.table.tell(self.hungry)

    initial = sit | denied | eat


async def philosophers(stage: Stage, n: int) -> Span:
    """20 philosophers eat n times in all; one actor gives out the forks."""
    latch = Latch[tuple[int, bool]]()
    each = max(1, n // SEATS)
    table = stage.spawn(Table, each * SEATS, latch)
    guests = [stage.spawn(Guest, seat, each, table) for seat in range(SEATS)]

    def begin() -> None:
        for guest in guests:
            guest.tell(Sit(guest))

    span, result = await timed(begin, latch, each * SEATS)
    check(result, (each * SEATS, True), "meals, each with two forks")
    return span


# ---------------------------------------------------------------- bank transaction


class Transfer(Message):
    amount: int
    to: ActorRef[AccountMsg]
    teller: ActorRef[TellerMsg]


class Credit(Message):
    amount: int
    by: ActorRef[AccountMsg]
    teller: ActorRef[TellerMsg]


class Credited(Message):
    teller: ActorRef[TellerMsg]


class Booked(Message): ...


class Open(Message):
    me: ActorRef[TellerMsg]


class Self(Message):
    me: ActorRef[AccountMsg]


class Close(Message): ...


AccountMsg: TypeAlias = Transfer | Credit | Credited | Self | Close
TellerMsg: TypeAlias = Booked | Open


class Account(Actor[AccountMsg]):
    """Takes from its balance, and reports to the teller when the other side has it."""

    def __init__(self, balance: int, joiner: Joiner) -> None:
        self.balance = balance
        self.joiner = joiner

    @on(Self)
    def know(self, msg: Self) -> None:
        self.me = msg.me

    @on(Transfer)
    def transfer(self, msg: Transfer) -> None:
        self.balance -= msg.amount
        msg.to.tell(Credit(msg.amount, self.me, msg.teller))

    @on(Credit)
    def credit(self, msg: Credit) -> None:
        self.balance += msg.amount
        msg.by.tell(Credited(msg.teller))

    @on(Credited)
    def credited(self, msg: Credited) -> None:
        msg.teller.tell(Booked())

    @on(Close)
    def close(self, msg: Close) -> None:
        self.joiner.done(self.balance)

    initial = know | transfer | credit | credited | close


class Teller(Actor[TellerMsg]):
    """Orders all transfers, and waits for all of them."""

    def __init__(self, accounts: list[ActorRef[AccountMsg]], transfers: int) -> None:
        self.accounts = accounts
        self.left = transfers
        self.chance = Random(1)

    @on(Open)
    def start(self, msg: Open) -> None:
        for _ in range(self.left):
            source, target = self.chance.sample(self.accounts, 2)
            source.tell(Transfer(1 + int(self.chance.random() * 100), target, msg.me))

    @on(Booked)
    def booked(self, msg: Booked) -> None:
        self.left -= 1
        if not self.left:
            for account in self.accounts:
                account.tell(Close())

    initial = start | booked


async def bank(stage: Stage, n: int) -> Span:
    """N transfers between 100 accounts: four messages each."""
    latch = Latch[int]()
    joiner = Joiner(100, latch)
    accounts = [stage.spawn(Account, 1000, joiner) for _ in range(100)]
    for account in accounts:
        account.tell(Self(account))
    teller = stage.spawn(Teller, accounts, n)
    span, money = await timed(lambda: teller.tell(Open(teller)), latch, n)
    check(money, 100_000, "money in the bank")
    return span
