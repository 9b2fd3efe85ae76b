"""Hand-overs: the last words of who is replaced."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, Message, Request, on
from airssys_rt.testing import World
from tests.testing.corpus.base import tarry
from tests.testing.heldout.base import Go, held_out


class Append(Message):
    """Write a total."""

    epoch: int
    total: int


class Claim(Request[int]):
    """The total; from now on, that epoch writes."""

    epoch: int


class Changelog(Actor[Append | Claim]):
    """The last total; the mended one takes it of the last owner only."""

    def __init__(self, *, fences: bool) -> None:
        self.fences = fences
        self.epoch = 1
        self.total = 0

    @on(Append)
    def append(self, msg: Append) -> None:
        if not self.fences or msg.epoch >= self.epoch:
            self.total = msg.total

    @on(Claim)
    def claim(self, msg: Claim) -> int:
        self.epoch = msg.epoch
        return self.total

    initial = append | claim


@held_out
async def zombie_overwrites(world: World, faulty: bool) -> None:
    """A task that has lost its partition still writes, over what the new owner wrote.

    Source: Apache Kafka, KAFKA-12693: ALOS fencing,
    https://github.com/apache/kafka/pull/13667
    """
    log = world.spawn(Changelog, fences=not faulty)

    async def old() -> int:
        log.tell(Append(1, 10))
        return 0

    async def new() -> int:
        await tarry(world)
        total = await log.ask(Claim(2)) + 1
        log.tell(Append(2, total))
        return total

    _, wrote = await world.gather(old(), new())
    await world.settle()
    assert world.state(log).total == wrote


class HandOff(Message):
    """Stop hosting the shard."""


class Stopped(Message):
    """It is not hosted here any more."""


class Host(Message):
    """Host the shard."""


class TimedOut(Message):
    """The hand-off takes too long."""


class Region(Actor[HandOff | Host]):
    """Hosts the shard, or does not."""

    def __init__(self, me: int, hosting: set[int]) -> None:
        self.me = me
        self.hosting = hosting
        self.coordinator: ActorRef[Stopped] | None = None

    @on(HandOff)
    def hand_off(self, msg: HandOff) -> None:
        self.hosting.discard(self.me)
        if self.coordinator is not None:
            self.coordinator.tell(Stopped())

    @on(Host)
    def host(self, msg: Host) -> None:
        self.hosting.add(self.me)
        assert self.hosting == {self.me}, "the shard is hosted twice"

    initial = hand_off | host


class Coordinator(Actor[Go | Stopped | TimedOut]):
    """Moves the shard; the faulty one does not wait for its end for ever."""

    def __init__(self, old: ActorRef[HandOff], new: ActorRef[Host], *, waits: bool) -> None:
        self.old = old
        self.new = new
        self.waits = waits
        self.moved = False

    @on(Go)
    def go(self, msg: Go) -> None:
        self.old.tell(HandOff())
        self.after(5.0, TimedOut(), key="hand-off")

    def move(self) -> None:
        """Give the shard to the new region, once."""
        if not self.moved:
            self.moved = True
            self.cancel_timer("hand-off")
            self.new.tell(Host())

    @on(Stopped)
    def stopped(self, msg: Stopped) -> None:
        self.move()

    @on(TimedOut)
    def timed_out(self, msg: TimedOut) -> None:
        if self.waits:
            self.ref.tell(Go())
        else:
            self.move()

    initial = go | stopped | timed_out


@held_out
async def shard_hosted_twice(world: World, faulty: bool) -> None:
    """A hand-off that takes long is taken for one that is done; two regions host the shard.

    Source: Akka.NET, Akka.Cluster.Sharding: duplicate shards / entities,
    https://github.com/akkadotnet/akka.net/issues/6973
    """
    hosting = {0}
    old, new = world.spawn(Region, 0, hosting), world.spawn(Region, 1, hosting)
    coordinator = world.spawn(Coordinator, old, new, waits=not faulty)
    await world.settle()
    world.state(old).coordinator = coordinator
    world.lossy(coordinator, old, delay=0.5, seconds=12.0)
    coordinator.tell(Go())
    await world.sleep(60.0)
    assert hosting == {1}


class Load(Request[int]):
    """What is stored?"""


class Stored(Actor[Load]):
    """Storage."""

    @on(Load)
    def load(self, msg: Load) -> int:
        return 1

    initial = load


class Set(Message):
    value: int


class Loaded(Message):
    value: int


class Grain(Actor[Go | Set | Loaded]):
    """Loads its state while it goes on with other messages."""

    def __init__(self, storage: ActorRef[Load], *, looks: bool) -> None:
        self.storage = storage
        self.looks = looks
        self.written = False
        self.value = 0

    @on(Go)
    def activate(self, msg: Go) -> None:
        self.pipe(self.storage.ask(Load()), Loaded, lambda _error: Loaded(0))

    @on(Set)
    def set_value(self, msg: Set) -> None:
        self.value = msg.value
        self.written = True

    @on(Loaded)
    def loaded(self, msg: Loaded) -> None:
        if not self.looks or not self.written:
            self.value = msg.value

    initial = activate | set_value | loaded


@held_out
async def loaded_over_a_write(world: World, faulty: bool) -> None:
    """State that is loaded while a request interleaves overwrites what the request wrote.

    Source: Orleans, Request scheduling (reentrancy),
    https://learn.microsoft.com/en-us/dotnet/orleans/grains/request-scheduling
    """
    grain = world.spawn(Grain, world.spawn(Stored), looks=not faulty)
    await world.settle()

    async def activate() -> None:
        grain.tell(Go())

    async def client() -> None:
        await tarry(world)
        grain.tell(Set(5))

    await world.gather(activate(), client())
    await world.settle()
    assert world.state(grain).value == 5


class Dial(Message):
    """Connect to the other one, if you are not connected."""


class Incoming(Message):
    """A connection that was dialled by that peer."""

    dialler: int


class Hangup(Message):
    """That connection is closed."""

    dialler: int


class Peer(Actor[Dial | Incoming | Hangup]):
    """Keeps one connection; the faulty one gives up its own when there are two."""

    def __init__(self, me: int, *, breaks_ties: bool) -> None:
        self.me = me
        self.breaks_ties = breaks_ties
        self.other: ActorRef[Dial | Incoming | Hangup] | None = None
        self.links: set[int] = set()

    @on(Dial)
    def dial(self, msg: Dial) -> None:
        assert self.other is not None
        if not self.links:
            self.links.add(self.me)
            self.other.tell(Incoming(self.me))

    @on(Incoming)
    def incoming(self, msg: Incoming) -> None:
        assert self.other is not None
        if self.me in self.links:
            if self.breaks_ties and self.me < msg.dialler:
                return  # the other one gives up
            self.links.discard(self.me)
            self.other.tell(Hangup(self.me))
        self.links.add(msg.dialler)

    @on(Hangup)
    def hangup(self, msg: Hangup) -> None:
        self.links.discard(msg.dialler)

    initial = dial | incoming | hangup


@held_out
async def both_hang_up(world: World, faulty: bool) -> None:
    """Two peers dial each other, and each closes its own connection in favour of the other's.

    Source: rust-libp2p, Solve the problem with simultaneous connections being closed,
    https://github.com/libp2p/rust-libp2p/issues/752
    """
    peers = [world.spawn(Peer, me, breaks_ties=not faulty) for me in range(2)]
    await world.settle()
    for me in range(2):
        world.state(peers[me]).other = peers[1 - me]

    async def dial(me: int) -> None:
        await tarry(world, 8 * me)
        peers[me].tell(Dial())

    await world.gather(dial(0), dial(1))
    await world.settle()
    links = [world.state(peer).links for peer in peers]
    assert links[0] == links[1]
    assert len(links[0]) == 1
