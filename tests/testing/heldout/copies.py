"""Copies of one thing: siblings, documents, servers of a session, and cache lines."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, Later, Message, ReplyTo, Request, on
from airssys_rt.testing import World
from tests.testing.corpus.base import tarry
from tests.testing.heldout.base import held_out


class Fetch(Request[tuple[int, tuple[str, ...]]]):
    """The version, and what is in the cart."""


class Store(Request[bool]):
    """What is in the cart now, by who has seen that version."""

    items: tuple[str, ...]
    context: int


class Cart(Actor[Fetch | Store]):
    """Keeps what was written concurrently side by side, each with the version that it made."""

    def __init__(self, *, dots: bool) -> None:
        self.dots = dots
        self.version = 0
        self.siblings: dict[int, tuple[str, ...]] = {}

    @on(Fetch)
    def fetch(self, msg: Fetch) -> tuple[int, tuple[str, ...]]:
        items = {item for sibling in self.siblings.values() for item in sibling}
        return self.version, tuple(sorted(items))

    @on(Store)
    def store(self, msg: Store) -> bool:
        # a new version as such is above all older ones, whoever has seen them
        seen = msg.context if self.dots else self.version
        self.version += 1
        kept = {dot: items for dot, items in self.siblings.items() if dot > seen}
        self.siblings = {**kept, self.version: msg.items}
        return True

    initial = fetch | store


@held_out
async def siblings_overwritten(world: World, faulty: bool) -> None:
    """One entry of a version vector for each server: what two clients write seems to be in order.

    Source: Preguiça et al., Dotted Version Vectors: Logical Clocks for Optimistic Replication,
    CoRR 2010, https://arxiv.org/abs/1011.5808
    """
    cart = world.spawn(Cart, dots=not faulty)

    async def client(item: str, late: int) -> None:
        await tarry(world, late)
        context, items = await cart.ask(Fetch())
        await cart.ask(Store((*items, item), context))

    await world.gather(client("eggs", 0), client("milk", 8))
    _, items = await cart.ask(Fetch())
    assert items == ("eggs", "milk")


class Typed(Message):
    """The user has typed something there."""

    at: int
    text: str


class Insert(Message):
    """What the other user has typed there, and of how much of mine that one knew."""

    at: int
    text: str
    site: int
    seen: int


class Editor(Actor[Typed | Insert]):
    """A copy of a document, in which its user types once."""

    def __init__(self, site: int, *, by_site: bool) -> None:
        self.site = site
        self.by_site = by_site
        self.other: ActorRef[Insert] | None = None
        self.text = "ab"
        self.seen = 0
        self.mine: Insert | None = None

    def put(self, at: int, text: str) -> None:
        """Into the document."""
        self.text = self.text[:at] + text + self.text[at:]

    @on(Typed)
    def typed(self, msg: Typed) -> None:
        assert self.other is not None
        self.mine = Insert(msg.at, msg.text, self.site, self.seen)
        self.put(msg.at, msg.text)
        self.other.tell(self.mine)

    @on(Insert)
    def insert(self, msg: Insert) -> None:
        at, mine = msg.at, self.mine
        if mine is not None and not msg.seen:
            behind = mine.site < msg.site if self.by_site else True
            if at > mine.at or (at == mine.at and behind):
                at += len(mine.text)
        self.put(at, msg.text)
        self.seen += 1

    initial = typed | insert


@held_out
async def inserted_at_the_same_place(world: World, faulty: bool) -> None:
    """Two users type at one place; each editor puts what comes from the other one behind its own.

    Source: Ellis and Gibbs, Concurrency Control in Groupware Systems, SIGMOD 1989,
    https://doi.org/10.1145/67544.66963
    """
    editors = [world.spawn(Editor, site, by_site=not faulty) for site in range(2)]
    await world.settle()
    for site in range(2):
        world.state(editors[site]).other = editors[1 - site]

    async def user(site: int, text: str) -> None:
        await tarry(world, 8 * site)
        editors[site].tell(Typed(1, text))

    await world.gather(user(0, "x"), user(1, "y"))
    await world.settle()
    assert world.state(editors[0]).text == world.state(editors[1]).text


class Write(Request[int]):
    """Set the value; answered with its version."""

    value: int


class Read(Request[int]):
    """The value, of that version at least."""

    at_least: int


class Copied(Message):
    """What another server has."""

    version: int
    value: int


class Server(Actor[Write | Read | Copied]):
    """One of several; copies what is written to the other one, by and by."""

    def __init__(self) -> None:
        self.other: ActorRef[Copied] | None = None
        self.version = 0
        self.value = 0
        self.waiting: list[tuple[int, ReplyTo[int]]] = []

    @on(Write)
    def write(self, msg: Write) -> int:
        assert self.other is not None
        self.version += 1
        self.value = msg.value
        self.other.tell(Copied(self.version, self.value))
        return self.version

    @on(Read)
    def read(self, msg: Read) -> int | Later:
        if self.version >= msg.at_least:
            return self.value
        later = self.defer(msg)
        self.waiting.append((msg.at_least, later))
        return later

    @on(Copied)
    def copied(self, msg: Copied) -> None:
        if msg.version > self.version:
            self.version, self.value = msg.version, msg.value
        for entry in list(self.waiting):
            if self.version >= entry[0]:
                self.waiting.remove(entry)
                entry[1].reply(self.value)

    initial = write | read | copied


@held_out
async def own_write_not_read(world: World, faulty: bool) -> None:
    """A session writes to one server and reads from another one, and does not see its own write.

    Source: Terry et al., Session Guarantees for Weakly Consistent Replicated Data, PDIS 1994,
    https://doi.org/10.1109/PDIS.1994.331722
    """
    one, other = (world.spawn(Server) for _ in range(2))
    await world.settle()
    world.state(one).other = other
    version = await one.ask(Write(7))
    await tarry(world)
    assert await other.ask(Read(0 if faulty else version)) == 7


class GetShared(Message):
    """That cache wants to read."""

    cache: int


class GetModified(Message):
    """That cache wants to write."""

    cache: int


class Load(Message):
    """Read."""


class Modify(Message):
    """Write that value."""

    value: int


class Give(Message):
    """Give the value to that cache."""

    cache: int


class Data(Message):
    value: int


class Invalidate(Message):
    """That cache is going to write; acknowledge it there."""

    writer: int


class Grant(Message):
    """You may write when there are so many acknowledgements."""

    acks: int


class Ack(Message):
    """I have no copy any more."""


class Directory(Actor[GetShared | GetModified]):
    """Knows who owns the line, and who has copies of it."""

    def __init__(self) -> None:
        self.caches: list[ActorRef[Give | Invalidate | Grant]] = []
        self.owner = 0
        self.sharers = {0}

    @on(GetShared)
    def shared(self, msg: GetShared) -> None:
        self.sharers.add(msg.cache)
        self.caches[self.owner].tell(Give(msg.cache))

    @on(GetModified)
    def modified(self, msg: GetModified) -> None:
        others = self.sharers - {msg.cache}
        for other in sorted(others):
            self.caches[other].tell(Invalidate(msg.cache))
        self.caches[msg.cache].tell(Grant(len(others)))
        self.owner = msg.cache
        self.sharers = {msg.cache}

    initial = shared | modified


class Cache(Actor[Load | Modify | Give | Data | Invalidate | Grant | Ack]):
    """A copy, or none; the faulty one forgets that it was taken from it before it came."""

    def __init__(self, me: int, directory: ActorRef[GetShared | GetModified], *, notes: bool):
        self.me = me
        self.directory = directory
        self.notes = notes
        self.caches: list[ActorRef[Data | Ack]] = []
        self.copy = None if me else 1
        self.loads = False
        self.spoilt = False
        self.wanted: int | None = None
        self.granted = False
        self.due = 0
        self.owed: list[int] = []

    @on(Load)
    def load(self, msg: Load) -> None:
        self.loads = True
        self.directory.tell(GetShared(self.me))

    @on(Data)
    def data(self, msg: Data) -> None:
        if not self.spoilt:
            self.copy = msg.value
        self.loads = self.spoilt = False

    @on(Invalidate)
    def invalidate(self, msg: Invalidate) -> None:
        self.spoilt = self.loads and self.notes
        self.copy = None
        self.caches[msg.writer].tell(Ack())

    @on(Modify)
    def modify(self, msg: Modify) -> None:
        self.wanted = msg.value
        self.directory.tell(GetModified(self.me))

    @on(Grant)
    def grant(self, msg: Grant) -> None:
        self.granted = True
        self.due += msg.acks
        self.write()

    @on(Ack)
    def ack(self, msg: Ack) -> None:
        self.due -= 1
        self.write()

    def write(self) -> None:
        """Write, if nobody else has a copy; then give it to who has asked for it."""
        if self.granted and not self.due and self.wanted is not None:
            self.copy, self.wanted = self.wanted, None
            for cache in self.owed:
                self.caches[cache].tell(Data(self.copy))
            self.owed.clear()

    @on(Give)
    def give(self, msg: Give) -> None:
        if self.wanted is not None:
            self.owed.append(msg.cache)
        else:
            assert self.copy is not None
            self.caches[msg.cache].tell(Data(self.copy))

    initial = load | modify | give | data | invalidate | grant | ack


@held_out
async def invalidated_before_the_data(world: World, faulty: bool) -> None:
    """A cache is told to drop a copy that has not come yet; when it comes, it is kept.

    Source: Nagarajan, Sorin, Hill and Wood, A Primer on Memory Consistency and Cache Coherence,
    2nd edition, 2020, chapter 8, https://doi.org/10.1007/978-3-031-01764-3
    """
    directory = world.spawn(Directory)
    caches = [world.spawn(Cache, me, directory, notes=not faulty) for me in range(3)]
    await world.settle()
    world.state(directory).caches = caches
    for cache in caches:
        world.state(cache).caches = caches

    async def reader() -> None:
        caches[1].tell(Load())

    async def writer() -> None:
        await tarry(world)
        caches[2].tell(Modify(2))

    await world.gather(reader(), writer())
    await world.settle()
    assert {world.state(cache).copy for cache in caches} - {None} == {2}
