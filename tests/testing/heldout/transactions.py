"""Transactions and pools: who waits for whom, who may commit, and what belongs together."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, Later, Message, ReplyTo, Request, on
from airssys_rt.testing import World
from tests.testing.corpus.base import tarry
from tests.testing.heldout.base import Cell, Get, Go, Put, held_out


class Lock(Request[bool]):
    """Answered when that transaction has the lock."""

    who: int


class Unlock(Request[bool]):
    who: int


class Edges(Request[tuple[tuple[int, int], ...]]):
    """Who waits for whom?"""


class Blocked(Message):
    """At that site, one waits for the other."""

    site: int
    who: int
    by: int


class Unblocked(Message):
    """At that site, it does not wait any more."""

    site: int
    who: int


class Site(Actor[Lock | Unlock | Edges]):
    """One lock; tells the detector who waits for it."""

    def __init__(self, me: int, detector: ActorRef[Blocked | Unblocked]) -> None:
        self.me = me
        self.detector = detector
        self.holder = 0
        self.waiting: list[tuple[int, ReplyTo[bool]]] = []

    @on(Lock)
    def lock(self, msg: Lock) -> bool | Later:
        if not self.holder:
            self.holder = msg.who
            return True
        later = self.defer(msg)
        self.waiting.append((msg.who, later))
        self.detector.tell(Blocked(self.me, msg.who, self.holder))
        return later

    @on(Unlock)
    def unlock(self, msg: Unlock) -> bool:
        self.holder = 0
        if self.waiting:
            self.holder, later = self.waiting.pop(0)
            self.detector.tell(Unblocked(self.me, self.holder))
            later.reply(True)
        return True

    @on(Edges)
    def edges(self, msg: Edges) -> tuple[tuple[int, int], ...]:
        return tuple((who, self.holder) for who, _ in self.waiting)

    initial = lock | unlock | edges


class Detector(Actor[Blocked | Unblocked]):
    """Looks for two that wait for each other; the mended one asks the sites before it says so."""

    def __init__(self, *, asks: bool) -> None:
        self.asks = asks
        self.sites: list[ActorRef[Edges]] = []
        self.known: dict[tuple[int, int], int] = {}
        self.victims: list[int] = []

    @on(Blocked)
    async def blocked(self, msg: Blocked) -> None:
        self.known[msg.site, msg.who] = msg.by
        edges = {(who, by) for (_, who), by in self.known.items()}
        if (msg.by, msg.who) in edges and self.asks:
            edges.clear()
            for site in self.sites:
                edges.update(await site.ask(Edges()))
        if {(msg.by, msg.who), (msg.who, msg.by)} <= edges:
            self.victims.append(msg.who)

    @on(Unblocked)
    def unblocked(self, msg: Unblocked) -> None:
        self.known.pop((msg.site, msg.who), None)

    initial = blocked | unblocked


@held_out
async def phantom_deadlock(world: World, faulty: bool) -> None:
    """That one waits is heard before that the other one does not any more; no one is deadlocked.

    Source: Gligor and Shattuck, On Deadlock Detection in Distributed Systems, TSE 1980,
    https://doi.org/10.1109/TSE.1980.230491
    """
    detector = world.spawn(Detector, asks=not faulty)
    sites = [world.spawn(Site, me, detector) for me in range(2)]
    await world.settle()
    world.state(detector).sites = sites

    async def first() -> None:
        await sites[0].ask(Lock(1))
        await tarry(world)
        await sites[0].ask(Unlock(1))
        await sites[1].ask(Lock(1))
        await sites[1].ask(Unlock(1))

    async def second() -> None:
        await sites[1].ask(Lock(2))
        await sites[0].ask(Lock(2))
        await tarry(world)
        await sites[0].ask(Unlock(2))
        await sites[1].ask(Unlock(2))

    await world.gather(first(), second())
    await world.settle()
    assert not world.state(detector).victims, "they did not wait for each other"


class Share(Request[bool]):
    """Answered when it may be read; who intends to write is let in one at a time."""

    intends: bool


class Upgrade(Request[bool]):
    """Answered when nobody else reads."""


class Release(Message):
    intends: bool


class Latch(Actor[Share | Upgrade | Release]):
    """Many readers, of whom one may become the writer."""

    def __init__(self) -> None:
        self.readers = 0
        self.intended = False
        self.written = False
        self.waiting: list[tuple[bool, ReplyTo[bool]]] = []
        self.upgrading: list[ReplyTo[bool]] = []

    def serve(self) -> None:
        """Let in whom can be let in."""
        if self.upgrading and self.readers == 1:
            self.written = True
            self.upgrading.pop(0).reply(True)
        while self.waiting and not self.written:
            intends, later = self.waiting[0]
            if intends and self.intended:
                return
            self.waiting.pop(0)
            self.readers += 1
            self.intended = self.intended or intends
            later.reply(True)

    @on(Share)
    def share(self, msg: Share) -> bool | Later:
        later = self.defer(msg)
        self.waiting.append((msg.intends, later))
        self.serve()
        return later

    @on(Upgrade)
    def upgrade(self, msg: Upgrade) -> bool | Later:
        later = self.defer(msg)
        self.upgrading.append(later)
        self.serve()
        return later

    @on(Release)
    def release(self, msg: Release) -> None:
        self.readers -= 1
        self.written = False
        if msg.intends:
            self.intended = False
        self.serve()

    initial = share | upgrade | release


@held_out
async def both_upgrade(world: World, faulty: bool) -> None:
    """Two that share a lock both want to have it alone, and wait for each other to let it go.

    Source: Gray and Reuter, Transaction Processing, 1993: update mode; told as the conversion
    deadlock in https://readuncommitted.com/2012/07/06/conversion-deadlock/
    """
    latch, cell = world.spawn(Latch), world.spawn(Cell)

    async def client(late: int) -> None:
        await tarry(world, late)
        await latch.ask(Share(intends=not faulty))
        value = await cell.ask(Get())
        await latch.ask(Upgrade())
        await cell.ask(Put(value + 1))
        latch.tell(Release(intends=not faulty))

    await world.gather(client(0), client(12))
    assert await cell.ask(Get()) == 2


class Prepare(Message):
    """Can you commit?"""


class Yes(Message):
    """That one can."""

    who: int


class Commit(Message):
    """All have said yes."""


class Inquire(Message):
    """That one has not heard of the outcome."""

    who: int


class Overdue(Message):
    """There is no outcome for a long time."""


class Participant(Actor[Prepare | Commit | Overdue]):
    """Votes yes; the faulty one thinks better of it after a while."""

    def __init__(self, me: int, *, binds: bool) -> None:
        self.me = me
        self.binds = binds
        self.coordinator: ActorRef[Yes | Inquire] | None = None
        self.outcome = ""

    @on(Prepare)
    def prepare(self, msg: Prepare) -> None:
        assert self.coordinator is not None
        self.coordinator.tell(Yes(self.me))
        self.after(5.0, Overdue(), key="outcome")

    @on(Commit)
    def commit(self, msg: Commit) -> None:
        if not self.outcome:
            self.outcome = "commit"
            self.cancel_timer("outcome")

    @on(Overdue)
    def overdue(self, msg: Overdue) -> None:
        assert self.coordinator is not None
        if self.binds:
            self.coordinator.tell(Inquire(self.me))
            self.after(5.0, Overdue(), key="outcome")
        else:
            self.outcome = "abort"

    initial = prepare | commit | overdue


class Coordinator(Actor[Go | Yes | Inquire]):
    """Commits when all have said yes."""

    def __init__(self, participants: list[ActorRef[Prepare | Commit | Overdue]]) -> None:
        self.participants = participants
        self.votes: set[int] = set()

    @on(Go)
    def go(self, msg: Go) -> None:
        for participant in self.participants:
            participant.tell(Prepare())

    @on(Yes)
    def yes(self, msg: Yes) -> None:
        self.votes.add(msg.who)
        if len(self.votes) == len(self.participants):
            for participant in self.participants:
                participant.tell(Commit())

    @on(Inquire)
    def inquire(self, msg: Inquire) -> None:
        if len(self.votes) == len(self.participants):
            self.participants[msg.who].tell(Commit())

    initial = go | yes | inquire


@held_out
async def aborted_after_its_vote(world: World, faulty: bool) -> None:
    """A participant that has voted yes aborts when it hears nothing; the others have committed.

    Source: Bernstein, Hadzilacos and Goodman, Concurrency Control and Recovery in Database
    Systems, 1987, chapter 7; told in
    https://learn.padho.ai/wiki/why-2pc-blocks-and-what-exactly-breaks
    """
    participants = [world.spawn(Participant, me, binds=not faulty) for me in range(2)]
    coordinator = world.spawn(Coordinator, participants)
    await world.settle()
    for participant in participants:
        world.state(participant).coordinator = coordinator
        world.lossy(coordinator, participant, delay=0.5, seconds=12.0)
    coordinator.tell(Go())
    await world.sleep(60.0)
    assert [world.state(one).outcome for one in participants] == ["commit", "commit"]
