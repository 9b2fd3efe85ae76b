"""Raft, and who is alive: messages of the past, and what a restart forgets."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, Message, Name, Request, Supervisor, on, props
from airssys_rt.testing import World
from tests.testing.corpus.base import tarry
from tests.testing.heldout.base import Get, held_out


class Write(Request[bool]):
    """Replicate a value; answered when it is committed."""

    value: int


class Replicate(Request[bool]):
    value: int


class Commit(Message):
    """So many entries are committed."""

    length: int


class Lead(Message):
    """You are the leader now."""


class Replica(Actor[Write | Replicate | Commit | Lead | Get]):
    """A log, and how much of it is known to be committed."""

    def __init__(self, *, commits_first: bool) -> None:
        self.commits_first = commits_first
        self.kept: list[int] = []
        self.committed = 0
        self.follower: ActorRef[Replicate | Commit] | None = None

    @on(Write)
    async def write(self, msg: Write) -> bool:
        assert self.follower is not None
        self.kept.append(msg.value)
        await self.follower.ask(Replicate(msg.value))
        self.committed = len(self.kept)
        self.follower.tell(Commit(self.committed))
        return True

    @on(Replicate)
    def replicate(self, msg: Replicate) -> bool:
        self.kept.append(msg.value)
        return True

    @on(Commit)
    def commit(self, msg: Commit) -> None:
        self.committed = max(self.committed, msg.length)

    @on(Lead)
    def lead(self, msg: Lead) -> None:
        if self.commits_first:  # an entry of its own term, and so all that are before it
            self.committed = len(self.kept)

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.kept[self.committed - 1] if self.committed else 0

    initial = write | replicate | commit | lead | get


@held_out
async def new_leader_reads_stale(world: World, faulty: bool) -> None:
    """A new leader answers reads before it knows what is committed.

    Source: adjoint-io/raft, Fix bug causing stale reads,
    https://github.com/adjoint-io/raft/pull/54
    """
    old, new = (world.spawn(Replica, commits_first=not faulty) for _ in range(2))
    await world.settle()
    world.state(old).follower = new
    assert await old.ask(Write(1))
    new.tell(Lead())
    await tarry(world)
    assert await new.ask(Get()) == 1


class Entries(Message):
    """What follows upon the first so many entries."""

    before: int
    entries: tuple[str, ...]


class Follower(Actor[Entries]):
    """A log; the faulty one cuts it off behind whatever it gets."""

    def __init__(self, *, compares: bool) -> None:
        self.compares = compares
        self.kept: list[str] = []

    @on(Entries)
    def entries(self, msg: Entries) -> None:
        after = msg.before + len(msg.entries)
        if self.compares and tuple(self.kept[msg.before : after]) == msg.entries:
            return
        if msg.before <= len(self.kept):
            self.kept[msg.before :] = msg.entries

    initial = entries


class Rpc(Actor[Entries]):
    """Sends one message for the leader."""

    def __init__(self, follower: ActorRef[Entries]) -> None:
        self.follower = follower

    @on(Entries)
    def send(self, msg: Entries) -> None:
        self.follower.tell(msg)

    initial = send


@held_out
async def old_entries_cut_the_log(world: World, faulty: bool) -> None:
    """An outdated AppendEntries makes a follower take back entries that it has acknowledged.

    Source: Gjengset, Students' Guide to Raft,
    https://thesquareplanet.com/blog/students-guide-to-raft/
    """
    follower = world.spawn(Follower, compares=not faulty)
    calls = [world.spawn(Rpc, follower) for _ in range(2)]
    await world.settle()
    calls[0].tell(Entries(0, ("a",)))
    calls[1].tell(Entries(0, ("a", "b")))
    await world.settle()
    assert world.state(follower).kept == ["a", "b"]


class Flush(Request[bool]):
    """Write to the disk."""


class Disk(Actor[Flush]):
    """A disk."""

    @on(Flush)
    def flush(self, msg: Flush) -> bool:
        return True

    initial = flush


class Propose(Message):
    value: str


class Flushed(Message):
    term: int
    value: str


class NewTerm(Message):
    """There is another leader, of that term."""

    term: int


class Entry(Message):
    """The first entry, of the leader of that term."""

    term: int
    value: str


class Node(Actor[Propose | Flushed | NewTerm | Entry]):
    """The leader of term 1; the faulty one stamps its entry when it is written."""

    def __init__(self, disk: ActorRef[Flush], *, stamps_late: bool) -> None:
        self.disk = disk
        self.stamps_late = stamps_late
        self.term = 1
        self.leads = True
        self.kept: list[tuple[int, str]] = []

    @on(Propose)
    def propose(self, msg: Propose) -> None:
        if not self.leads:
            return
        term, value = self.term, msg.value
        self.pipe(
            self.disk.ask(Flush()), lambda _: Flushed(term, value), lambda _: Flushed(0, value)
        )

    @on(Flushed)
    def flushed(self, msg: Flushed) -> None:
        if self.stamps_late:
            self.kept.append((self.term, msg.value))
        elif msg.term == self.term:
            self.kept.append((msg.term, msg.value))

    @on(NewTerm)
    def new_term(self, msg: NewTerm) -> None:
        self.term = msg.term
        self.leads = False

    @on(Entry)
    def entry(self, msg: Entry) -> None:
        if not self.kept or self.kept[0][0] != msg.term:
            self.kept = [(msg.term, msg.value)]

    initial = propose | flushed | new_term | entry


@held_out
async def stamped_with_the_next_term(world: World, faulty: bool) -> None:
    """A leader that steps down stamps its own entry with the new term; logs differ for good.

    Source: Camunda, A stepdown might result in inconsistent log in the old leader,
    https://github.com/camunda/camunda/issues/5360
    """
    node = world.spawn(Node, world.spawn(Disk), stamps_late=faulty)
    await world.settle()

    async def client() -> None:
        node.tell(Propose("old"))

    async def new_leader() -> None:
        await tarry(world)
        node.tell(NewTerm(2))
        node.tell(Entry(2, "new"))

    await world.gather(client(), new_leader())
    await world.settle()
    assert world.state(node).kept == [(2, "new")]


class Stand(Message):
    """Stand for election in that term."""

    term: int


class Granted(Message):
    term: int


class Ballot(Message):
    """A request for a vote."""

    term: int
    candidate: ActorRef[Stand | Granted]


class Voter(Actor[Ballot]):
    """One vote a term."""

    def __init__(self) -> None:
        self.term = 0

    @on(Ballot)
    def ballot(self, msg: Ballot) -> None:
        if msg.term > self.term:
            self.term = msg.term
            msg.candidate.tell(Granted(msg.term))

    initial = ballot


class Candidate(Actor[Stand | Granted]):
    """Leads with one vote beside its own; the faulty one counts those of older terms."""

    def __init__(
        self, me: int, voter: ActorRef[Ballot], leaders: dict[int, set[int]], *, looks: bool
    ) -> None:
        self.me = me
        self.voter = voter
        self.leaders = leaders
        self.looks = looks
        self.term = 0

    @on(Stand)
    def stand(self, msg: Stand) -> None:
        self.term = msg.term
        self.voter.tell(Ballot(msg.term, self.ref))

    @on(Granted)
    def granted(self, msg: Granted) -> None:
        if not self.looks or msg.term == self.term:
            self.leaders.setdefault(self.term, set()).add(self.me)
            assert len(self.leaders[self.term]) == 1, "two leaders of one term"

    initial = stand | granted


@held_out
async def votes_of_an_older_term(world: World, faulty: bool) -> None:
    """A vote that was given in an older term makes a second leader of this one.

    Source: Coyote, RaftTests: a bug that leads to duplicate leader election in the same term,
    https://www.lambdatest.com/automation-testing-advisor/csharp/methods/Microsoft.Coyote.Actors.BugFinding.Tests.RaftTests.RaftTests
    """
    leaders: dict[int, set[int]] = {}
    voter = world.spawn(Voter)
    candidates = [world.spawn(Candidate, me, voter, leaders, looks=not faulty) for me in range(2)]
    await world.settle()

    async def first() -> None:
        candidates[0].tell(Stand(1))
        candidates[0].tell(Stand(2))

    async def second() -> None:
        await tarry(world)
        candidates[1].tell(Stand(2))

    await world.gather(first(), second())
    await world.settle()


class Alive(Message):
    incarnation: int


class Accused(Message):
    """You are said to be dead, in that incarnation."""

    incarnation: int


MEMBER: Name[Accused] = Name("member")


class Observer(Actor[Alive]):
    """Takes what is newer; the mended one tells an accused what it is accused of."""

    def __init__(self, *, tells: bool) -> None:
        self.tells = tells
        self.incarnation = 0
        self.dead = False

    @on(Alive)
    def alive(self, msg: Alive) -> None:
        if msg.incarnation > self.incarnation:
            self.incarnation = msg.incarnation
            self.dead = False
        elif self.dead and self.tells:
            self.system.ref(MEMBER).tell(Accused(self.incarnation))

    initial = alive


class Member(Actor[Accused]):
    """Counts its incarnation from 1, also after a restart."""

    def __init__(self, observer: ActorRef[Alive]) -> None:
        self.observer = observer
        self.incarnation = 1
        observer.tell(Alive(1))

    @on(Accused)
    def accused(self, msg: Accused) -> None:
        if msg.incarnation >= self.incarnation:
            self.incarnation = msg.incarnation + 1
            self.observer.tell(Alive(self.incarnation))

    initial = accused


@held_out
async def dead_after_a_restart(world: World, faulty: bool) -> None:
    """A member that restarts has an old incarnation; its word is dropped, and nobody tells it.

    Source: memberlist, re-gossip dead/suspect accusations on stale alive and unknown node,
    https://github.com/hashicorp/memberlist/pull/345
    """
    observer = world.spawn(Observer, tells=not faulty)
    member = props(Member, observer).named(MEMBER).restart("permanent")
    world.spawn(props(Supervisor, [member], intensity=9))
    await world.settle()
    target = world.whereis(MEMBER)
    assert target is not None
    world.inject(target, crash=0.3, most=1)
    world.state(observer).dead = True
    target.tell(Accused(world.state(observer).incarnation))
    await world.settle()
    assert not world.state(observer).dead
