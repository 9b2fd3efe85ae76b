"""Replicated data: registers, sets, counters, references, and what is deleted."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, Message, Request, on
from airssys_rt.testing import World
from tests.testing.corpus.base import tarry
from tests.testing.heldout.base import Cell, CellRef, Get, Go, Put, held_out


class Keep(Request[bool]):
    """Keep the value, if it is newer."""

    value: int


class Register(Actor[Keep | Get]):
    """One replica of a register whose values grow."""

    def __init__(self) -> None:
        self.value = 0

    @on(Keep)
    def keep(self, msg: Keep) -> bool:
        self.value = max(self.value, msg.value)
        return True

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.value

    initial = keep | get


@held_out
async def read_without_write_back(world: World, faulty: bool) -> None:
    """A reader sees a new value on one replica of a quorum; the next one still sees the old.

    Source: Attiya, Bar-Noy and Dolev, Sharing Memory Robustly in Message-Passing Systems, JACM
    1995, as told in https://agent-skills.md/skills/plurigrid/asi/abd
    """
    replicas = [world.spawn(Register) for _ in range(3)]

    async def read(*quorum: int) -> int:
        value = 0
        for number in quorum:
            value = max(value, await replicas[number].ask(Get()))
        if not faulty:
            for number in quorum:
                await replicas[number].ask(Keep(value))
        return value

    async def writer() -> None:
        await replicas[0].ask(Keep(1))
        await replicas[1].ask(Keep(1))

    async def readers() -> None:
        await tarry(world)
        first = await read(0, 2)
        assert await read(1, 2) >= first

    await world.gather(writer(), readers())


class Add(Message):
    """An element is added, by that operation."""

    tag: int


class Remove(Message):
    """What that operation has added is removed."""

    tag: int


class OpSet(Actor[Go | Add | Remove]):
    """A set whose replicas exchange operations; one of them removes whatever it gets."""

    def __init__(self, others: list[ActorRef[Add | Remove]], *, keen: bool, keeps: bool) -> None:
        self.others = others
        self.keen = keen
        self.keeps = keeps
        self.tags: set[int] = set()
        self.removed: set[int] = set()

    @on(Go)
    def go(self, msg: Go) -> None:
        self.tags.add(1)
        for other in self.others:
            other.tell(Add(1))

    @on(Add)
    def add(self, msg: Add) -> None:
        if msg.tag in self.removed:
            return
        if self.keen:
            for other in self.others:
                other.tell(Remove(msg.tag))
        else:
            self.tags.add(msg.tag)

    @on(Remove)
    def remove(self, msg: Remove) -> None:
        self.tags.discard(msg.tag)
        if self.keeps:
            self.removed.add(msg.tag)

    initial = go | add | remove


@held_out
async def removed_before_it_was_added(world: World, faulty: bool) -> None:
    """A replica gets the removal before the addition that it follows; it keeps the element.

    Source: Almeida, Approaches to Conflict-free Replicated Data Types,
    https://arxiv.org/html/2310.18220v2
    """
    all_of_them: list[list[ActorRef[Add | Remove]]] = [[], [], []]
    sets = [world.spawn(OpSet, all_of_them[n], keen=n == 1, keeps=not faulty) for n in range(3)]
    for number in range(3):
        all_of_them[number] += [one for one in sets if one is not sets[number]]
    await world.settle()
    sets[0].tell(Go())
    await world.settle()
    assert not any(world.state(one).tags for one in sets)


class Join(Message):
    """A node that counts."""

    node: str


class Count(Message):
    """One more, at that node."""

    node: str


class Counts(Message):
    """All counts, by what a replica calls the nodes."""

    counts: dict[str, int]


class Counter(Actor[Join | Count | Counts]):
    """A count for each node; the faulty one names nodes in the order in which it meets them."""

    def __init__(self, *, own_names: bool) -> None:
        self.own_names = own_names
        self.nodes: list[str] = []
        self.counts: dict[str, int] = {}

    def key(self, node: str) -> str:
        """What the node is called here."""
        return str(self.nodes.index(node)) if self.own_names else node

    @on(Join)
    def join(self, msg: Join) -> None:
        self.nodes.append(msg.node)

    @on(Count)
    def count(self, msg: Count) -> None:
        key = self.key(msg.node)
        self.counts[key] = self.counts.get(key, 0) + 1

    @on(Counts)
    def merge(self, msg: Counts) -> None:
        for key, count in msg.counts.items():
            self.counts[key] = max(count, self.counts.get(key, 0))

    initial = join | count | merge


@held_out
async def ids_in_order_of_meeting(world: World, faulty: bool) -> None:
    """Replicas number the nodes as they meet them; counts of two nodes are merged into one.

    Source: nurl, CRDT replica ids must be globally stable,
    https://github.com/nurl-lang/nurl/pull/169
    """
    counters = [world.spawn(Counter, own_names=faulty) for _ in range(2)]

    async def joins(node: str) -> None:
        if node == "b":
            await tarry(world)
        for counter in counters:
            counter.tell(Join(node))

    await world.gather(joins("a"), joins("b"))
    await world.settle()
    counters[0].tell(Count("a"))
    counters[1].tell(Count("b"))
    await world.settle()
    counters[0].tell(Counts(dict(world.state(counters[1]).counts)))
    await world.settle()
    assert sum(world.state(counters[0]).counts.values()) == 2


class Inc(Request[bool]):
    """There is one more reference."""


class Dec(Message):
    """There is one less."""


class Owner(Actor[Inc | Dec]):
    """An object with one reference to it."""

    def __init__(self) -> None:
        self.count = 1
        self.freed = False

    @on(Inc)
    def inc(self, msg: Inc) -> bool:
        assert not self.freed, "a reference to what has been freed"
        self.count += 1
        return True

    @on(Dec)
    def dec(self, msg: Dec) -> None:
        self.count -= 1
        self.freed = not self.count

    initial = inc | dec


class Lend(Message):
    """A reference."""


class Holder(Actor[Go | Lend]):
    """Passes its reference on, or gives back the one that it gets."""

    def __init__(self, owner: ActorRef[Inc | Dec], *, waits: bool) -> None:
        self.owner = owner
        self.waits = waits
        self.other: ActorRef[Lend] | None = None

    @on(Go)
    async def go(self, msg: Go) -> None:
        assert self.other is not None
        if self.waits:
            await self.owner.ask(Inc())
        else:
            self.owner.tell(Inc())
        self.other.tell(Lend())

    @on(Lend)
    def lend(self, msg: Lend) -> None:
        self.owner.tell(Dec())

    initial = go | lend


@held_out
async def decrement_overtakes_increment(world: World, faulty: bool) -> None:
    """A reference is counted off before it was counted; the object goes while it is in use.

    Source: Lermen and Maurer, A Protocol for Distributed Reference Counting, LFP 1986; told in
    https://bnm3k.github.io/blog/distributed-reference-counting
    """
    owner = world.spawn(Owner)
    holders = [world.spawn(Holder, owner, waits=not faulty) for _ in range(2)]
    await world.settle()
    world.state(holders[0]).other = holders[1]
    holders[0].tell(Go())
    await world.settle()
    assert not world.state(owner).freed


class Erase(Message):
    """Delete the row; a tombstone stays."""


class Compact(Message):
    """The time of grace is over: no tombstones any more."""


class Row(Request[str]):
    """The row, a tombstone, or nothing."""


class Merge(Message):
    """What another replica has."""

    row: str


class Table(Actor[Erase | Compact | Row | Merge]):
    """A replica of a row."""

    def __init__(self) -> None:
        self.row = "live"

    @on(Erase)
    def erase(self, msg: Erase) -> None:
        self.row = "tombstone"

    @on(Compact)
    def compact(self, msg: Compact) -> None:
        if self.row == "tombstone":
            self.row = ""

    @on(Row)
    def get_row(self, msg: Row) -> str:
        return self.row

    @on(Merge)
    def merge(self, msg: Merge) -> None:
        if self.row != "tombstone" and msg.row == "live":
            self.row = "live"

    initial = erase | compact | get_row | merge


@held_out
async def deleted_row_comes_back(world: World, faulty: bool) -> None:
    """A tombstone is thrown away while a repair is under way that still carries the row.

    Source: Sun, Repair Time Requirements to Prevent Data Resurrection in Cassandra & Scylla,
    https://msun.io/cassandra-scylla-repairs
    """
    one, other = world.spawn(Table), world.spawn(Table)

    async def delete() -> None:
        one.tell(Erase())
        other.tell(Erase())
        if faulty:
            one.tell(Compact())

    async def repair() -> None:
        await tarry(world)
        one.tell(Merge(await other.ask(Row())))

    await world.gather(delete(), repair())
    await world.settle()
    one.tell(Compact())
    other.tell(Compact())
    await world.settle()
    assert world.state(one).row == world.state(other).row == ""


@held_out
async def bakery_without_choosing(world: World, faulty: bool) -> None:
    """Nobody waits for who is still choosing a number; two choose the same, and both enter.

    Source: Lamport, A New Solution of Dijkstra's Concurrent Programming Problem, CACM 1974; told
    in http://en.m.wikipedia.org/wiki/Lamport%27s_bakery_algorithm
    """
    choosing: list[CellRef] = [world.spawn(Cell), world.spawn(Cell)]
    numbers: list[CellRef] = [world.spawn(Cell), world.spawn(Cell)]
    inside: list[int] = []

    async def customer(me: int) -> None:
        await tarry(world, 12 * me)
        if not faulty:
            await choosing[me].ask(Put(1))
        highest = [await number.ask(Get()) for number in numbers]
        mine = 1 + max(highest)
        await numbers[me].ask(Put(mine))
        await choosing[me].ask(Put(0))
        while await choosing[1 - me].ask(Get()):
            await world.sleep(1.0)
        while True:
            theirs = await numbers[1 - me].ask(Get())
            if not theirs or (mine, me) < (theirs, 1 - me):
                break
            await world.sleep(1.0)
        inside.append(me)
        assert len(inside) == 1, "two are inside"
        await world.sleep(0.5)
        inside.remove(me)
        await numbers[me].ask(Put(0))

    await world.gather(customer(0), customer(1))
