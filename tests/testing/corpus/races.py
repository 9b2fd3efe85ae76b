"""Races over a value that is read in one step and written in another."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, Message, Refused, Request, on
from airssys_rt.testing import World
from tests.testing.corpus.base import program, tarry

CRITIQUE = "Berenson et al., A Critique of ANSI SQL Isolation Levels, SIGMOD 1995"


class Read(Request[int]):
    """What is the value?"""


class Write(Message):
    value: int


class Change(Message):
    by: int


class Swap(Request[bool]):
    """Write if the value, or the version, is still the expected one."""

    expected: int
    value: int


class Version(Request[int]):
    """How often was it written?"""


class SwapVersion(Request[bool]):
    """Write if the version is still the expected one."""

    version: int
    value: int


class Var(Actor[Read | Write | Change | Swap | Version | SwapVersion]):
    """A value."""

    def __init__(self, value: int = 0) -> None:
        self.value = value
        self.version = 0

    @on(Read)
    def read(self, msg: Read) -> int:
        return self.value

    @on(Write)
    def write(self, msg: Write) -> None:
        self.value = msg.value
        self.version += 1

    @on(Change)
    def change(self, msg: Change) -> None:
        self.value += msg.by
        self.version += 1

    @on(Swap)
    def swap(self, msg: Swap) -> bool:
        if self.value != msg.expected:
            return False
        self.value = msg.value
        self.version += 1
        return True

    @on(Version)
    def get_version(self, msg: Version) -> int:
        return self.version

    @on(SwapVersion)
    def swap_version(self, msg: SwapVersion) -> bool:
        if self.version != msg.version:
            return False
        self.value = msg.value
        self.version += 1
        return True

    initial = read | write | change | swap | get_version | swap_version


Ref = ActorRef[Read | Write | Change | Swap | Version | SwapVersion]


@program(CRITIQUE + ", P4: lost update")
async def lost_update(world: World, faulty: bool) -> None:
    var: Ref = world.spawn(Var)

    async def add(late: bool) -> None:
        if late:
            await tarry(world)
        if faulty:
            var.tell(Write(await var.ask(Read()) + 1))
        else:
            var.tell(Change(1))

    await world.gather(add(False), add(True))
    await world.settle()
    assert await var.ask(Read()) == 2


@program(CRITIQUE + ", A5B: write skew; the doctors on call of Cahill et al., SIGMOD 2008")
async def write_skew(world: World, faulty: bool) -> None:
    alice: Ref = world.spawn(Var, 1)
    bob: Ref = world.spawn(Var, 1)
    lock: Ref = world.spawn(Var)

    async def go_home(mine: Ref) -> None:
        if mine is bob:
            await tarry(world)
        if not faulty and not await lock.ask(Swap(0, 1)):
            return
        if await alice.ask(Read()) + await bob.ask(Read()) == 2:
            mine.tell(Write(0))

    await world.gather(go_home(alice), go_home(bob))
    await world.settle()
    assert await alice.ask(Read()) + await bob.ask(Read()) >= 1


@program(CRITIQUE + ", A5A: read skew")
async def read_skew(world: World, faulty: bool) -> None:
    one: Ref = world.spawn(Var, 50)
    other: Ref = world.spawn(Var, 50)
    turn: Ref = world.spawn(Var)

    async def transfer() -> None:
        if not faulty:
            while not await turn.ask(Swap(0, 1)):
                await world.sleep(0.1)
        await one.ask(Swap(50, 10))
        await other.ask(Swap(50, 90))
        turn.tell(Write(0))

    async def audit() -> None:
        if not faulty:
            while not await turn.ask(Swap(0, 1)):
                await world.sleep(0.1)
        assert await one.ask(Read()) + await other.ask(Read()) == 100
        turn.tell(Write(0))

    await world.gather(transfer(), audit())


@program("Treiber, Systems Programming: Coping with Parallelism, IBM RJ 5118, 1986: ABA")
async def aba(world: World, faulty: bool) -> None:
    # the top of a stack: 1 above 2; a pop reads the top, and what is below it, and swaps
    top: Ref = world.spawn(Var, 1)
    below = {0: 0, 1: 2, 2: 0}
    freed: set[int] = set()

    async def pop() -> None:
        version = await top.ask(Version())
        first = await top.ask(Read())
        after = below[first]
        if faulty:
            swapped = await top.ask(Swap(first, after))
        else:
            swapped = await top.ask(SwapVersion(version, after))
        assert not (swapped and after in freed), "a freed node is on the stack"

    async def pop_two_push_one() -> None:
        if not await top.ask(SwapVersion(0, 2)) or not await top.ask(SwapVersion(1, 0)):
            return
        freed.add(2)
        below[1] = 0
        await top.ask(SwapVersion(2, 1))

    await world.gather(pop(), pop_two_push_one())


class Buy(Request[bool]):
    """Take one, if there is one."""


class Take(Message):
    """Take one."""


class Shop(Actor[Read | Buy | Take]):
    """Sells what it has."""

    def __init__(self, stock: int) -> None:
        self.stock = stock

    @on(Read)
    def read(self, msg: Read) -> int:
        return self.stock

    @on(Take)
    def take(self, msg: Take) -> None:
        self.stock -= 1

    @on(Buy)
    def buy(self, msg: Buy) -> bool:
        if self.stock == 0:
            return False
        self.stock -= 1
        return True

    initial = read | buy | take


@program("CWE-367: time-of-check time-of-use")
async def oversold(world: World, faulty: bool) -> None:
    shop = world.spawn(Shop, 1)

    async def customer(late: bool) -> None:
        if late:
            await tarry(world)
        if not faulty:
            await shop.ask(Buy())
        elif await shop.ask(Read()) > 0:
            shop.tell(Take())

    await world.gather(customer(False), customer(True))
    await world.settle()
    assert await shop.ask(Read()) >= 0


@program("Peterson, Myths about the Mutual Exclusion Problem, IPL 1981: its two writes swapped")
async def peterson(world: World, faulty: bool) -> None:
    flags: list[Ref] = [world.spawn(Var), world.spawn(Var)]
    turn: Ref = world.spawn(Var)
    inside: list[int] = []

    async def process(me: int) -> None:
        if faulty:
            turn.tell(Write(1 - me))
            await turn.ask(Read())
            flags[me].tell(Write(1))
            await flags[me].ask(Read())
        else:
            flags[me].tell(Write(1))
            await flags[me].ask(Read())
            turn.tell(Write(1 - me))
            await turn.ask(Read())
        while await flags[1 - me].ask(Read()) and await turn.ask(Read()) == 1 - me:
            await world.sleep(1.0)
        inside.append(me)
        assert len(inside) == 1
        await world.sleep(0.5)
        inside.remove(me)
        flags[me].tell(Write(0))

    await world.gather(process(0), process(1))


@program("Dijkstra, Cooperating Sequential Processes, 1965: the first attempts at mutual exclusion")
async def check_then_enter(world: World, faulty: bool) -> None:
    door: Ref = world.spawn(Var)
    inside: list[int] = []

    async def process(me: int) -> None:
        if me:
            await tarry(world)
        if faulty:
            while await door.ask(Read()):
                await world.sleep(1.0)
            door.tell(Write(1))
        else:
            while not await door.ask(Swap(0, 1)):
                await world.sleep(1.0)
        inside.append(me)
        assert len(inside) == 1
        await tarry(world, 2)
        inside.remove(me)
        door.tell(Write(0))

    await world.gather(process(0), process(1))


@program("Schmidt and Harrison, Double-Checked Locking, PLoP 1996: an instance made twice")
async def made_twice(world: World, faulty: bool) -> None:
    made: list[int] = []
    instance: Ref = world.spawn(Var)

    async def get(late: int) -> None:
        await tarry(world, late)
        if await instance.ask(Read()) == 0:
            if not faulty and not await instance.ask(Swap(0, -1)):
                return
            made.append(1)
            instance.tell(Write(1))

    await world.gather(get(0), get(8), get(16))
    assert len(made) == 1


class Fill(Message):
    """A cache is filled with what was read."""

    value: int
    version: int


class Drop(Message):
    """What the cache has is old."""

    version: int


class Cache(Actor[Fill | Drop | Read]):
    """Holds a copy."""

    def __init__(self, *, leases: bool) -> None:
        self.leases = leases
        self.value = -1
        self.least = 0

    @on(Fill)
    def fill(self, msg: Fill) -> None:
        if not self.leases or msg.version >= self.least:
            self.value = msg.value

    @on(Drop)
    def drop(self, msg: Drop) -> None:
        self.value = -1
        self.least = msg.version

    @on(Read)
    def read(self, msg: Read) -> int:
        return self.value

    initial = fill | drop | read


@program("Nishtala et al., Scaling Memcache at Facebook, NSDI 2013: stale sets")
async def stale_set(world: World, faulty: bool) -> None:
    base: Ref = world.spawn(Var, 1)
    cache = world.spawn(Cache, leases=not faulty)

    async def reader() -> None:
        value = await base.ask(Read())
        cache.tell(Fill(value, value))

    async def writer() -> None:
        await base.ask(Swap(1, 2))
        cache.tell(Drop(2))

    await world.gather(reader(), writer())
    await world.settle()
    assert await cache.ask(Read()) in (-1, 2)


class Pay(Message):
    amount: int


class Paid(Message):
    amount: int


class Clear(Request[bool]):
    """May this be paid?"""

    amount: int


class Bank(Actor[Clear]):
    """Clears payments."""

    @on(Clear)
    def clear(self, msg: Clear) -> bool:
        return True

    initial = clear


class Wallet(Actor[Pay | Paid | Read]):
    """Pays when the bank has cleared it."""

    def __init__(self, bank: ActorRef[Clear], *, reserves: bool) -> None:
        self.bank = bank
        self.reserves = reserves
        self.money = 10
        self.reserved = 0

    @on(Pay)
    def pay(self, msg: Pay) -> None:
        if self.money - self.reserved < msg.amount:
            return
        if self.reserves:
            self.reserved += msg.amount
        self.pipe(
            self.bank.ask(Clear(msg.amount)), lambda _ok: Paid(msg.amount), lambda _error: Paid(0)
        )

    @on(Paid)
    def paid(self, msg: Paid) -> None:
        if self.reserves:
            self.reserved -= msg.amount
        self.money -= msg.amount

    @on(Read)
    def read(self, msg: Read) -> int:
        return self.money

    initial = pay | paid | read


@program()
async def spent_twice_across_a_pipe(world: World, faulty: bool) -> None:
    wallet = world.spawn(Wallet, world.spawn(Bank), reserves=not faulty)

    async def payer(late: int) -> None:
        await tarry(world, late)
        wallet.tell(Pay(10))

    await world.gather(payer(0), payer(8))
    await world.settle()
    assert await wallet.ask(Read()) >= 0


class Type(Message):
    text: str


class Found(Message):
    text: str
    number: int


class Find(Request[str]):
    text: str


class Index(Actor[Find]):
    """Finds what is asked for."""

    @on(Find)
    def find(self, msg: Find) -> str:
        return msg.text

    initial = find


class Box(Actor[Type | Found]):
    """A search box: shows what was found last."""

    def __init__(self, indexes: list[ActorRef[Find]], *, numbers: bool) -> None:
        self.indexes = indexes
        self.numbers = numbers
        self.asked = 0
        self.shown = ""

    @on(Type)
    def typed(self, msg: Type) -> None:
        self.asked += 1
        number = self.asked
        index = self.indexes[number % 2]
        self.pipe(
            index.ask(Find(msg.text)),
            lambda text: Found(text, number),
            lambda _error: Found("", number),
        )

    @on(Found)
    def found(self, msg: Found) -> None:
        if not self.numbers or msg.number == self.asked:
            self.shown = msg.text

    initial = typed | found


@program()
async def an_old_reply_overwrites_a_new_one(world: World, faulty: bool) -> None:
    box = world.spawn(Box, [world.spawn(Index), world.spawn(Index)], numbers=not faulty)
    for text in ("a", "ab"):
        box.tell(Type(text))
    await world.settle()
    assert world.state(box).shown == "ab"


class Withdraw(Request[int]):
    amount: int


class Account(Actor[Withdraw | Read]):
    """Money that must not fall below nothing."""

    def __init__(self) -> None:
        self.balance = 10

    @on(Withdraw)
    def withdraw(self, msg: Withdraw) -> int:
        if msg.amount > self.balance:
            raise Refused("too little")
        self.balance -= msg.amount
        return self.balance

    @on(Read)
    def read(self, msg: Read) -> int:
        return self.balance

    initial = withdraw | read


@program()
async def a_refusal_is_not_expected(world: World, faulty: bool) -> None:
    account = world.spawn(Account)

    async def customer(late: int) -> None:
        await tarry(world, late)
        if faulty:
            if await account.ask(Read()) >= 10:
                await account.ask(Withdraw(10))
        else:
            try:
                await account.ask(Withdraw(10))
            except Refused:
                pass

    await world.gather(customer(0), customer(8))
