"""Protocols of the literature, with the mistake that the literature warns of."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, AskTimeout, Later, Message, ReplyTo, Request, on, props
from airssys_rt.testing import World
from tests.testing.corpus.base import program, tarry


class Take(Request[bool]):
    """Get this fork, when it is free."""


class Put(Message):
    """Give it back."""


class Fork(Actor[Take | Put]):
    """A fork, or a lock: who comes later waits."""

    def __init__(self) -> None:
        self.taken = False
        self.waiting: list[ReplyTo[bool]] = []

    @on(Take)
    def take(self, msg: Take) -> bool | Later:
        if not self.taken:
            self.taken = True
            return True
        later = self.defer(msg)
        self.waiting.append(later)
        return later

    @on(Put)
    def put(self, msg: Put) -> None:
        if self.waiting:
            self.waiting.pop(0).reply(True)
        else:
            self.taken = False

    initial = take | put


@program("Dijkstra, Hierarchical Ordering of Sequential Processes, 1971: the dining philosophers")
async def dining_philosophers(world: World, faulty: bool) -> None:
    forks = [world.spawn(Fork) for _ in range(3)]

    async def philosopher(seat: int) -> None:
        await tarry(world, 8 * seat)
        first, second = seat, (seat + 1) % 3
        if not faulty and first > second:
            first, second = second, first
        await forks[first].ask(Take())
        await forks[second].ask(Take())
        forks[second].tell(Put())
        forks[first].tell(Put())

    await world.gather(*(philosopher(seat) for seat in range(3)))


class Elect(Message):
    number: int


class Elected(Message):
    number: int


class Stand(Message):
    """Stand for election."""


class Node(Actor[Elect | Elected | Stand]):
    """A node of a ring that elects a leader."""

    def __init__(
        self, number: int, ring: list[ActorRef[Elect | Elected | Stand]], *, faulty: bool
    ) -> None:
        self.number = number
        self.ring = ring
        self.faulty = faulty
        self.leader = -1

    @on(Elect)
    def elect(self, msg: Elect) -> None:
        after = self.ring[(self.number + 1) % len(self.ring)]
        if msg.number == self.number:
            self.leader = self.number
            after.tell(Elected(self.number))
        elif self.faulty or msg.number > self.number:
            after.tell(msg)

    @on(Elected)
    def elected(self, msg: Elected) -> None:
        if msg.number != self.number:
            self.leader = msg.number
            self.ring[(self.number + 1) % len(self.ring)].tell(msg)

    @on(Stand)
    def stand(self, msg: Stand) -> None:
        self.ring[(self.number + 1) % len(self.ring)].tell(Elect(self.number))

    initial = elect | elected | stand


@program("Chang and Roberts, An Improved Algorithm for Decentralized Extrema-Finding, CACM 1979")
async def two_leaders(world: World, faulty: bool) -> None:
    ring: list[ActorRef[Elect | Elected | Stand]] = []
    for number in range(3):
        ring.append(world.spawn(props(Node, number, ring, faulty=faulty)))
    await world.settle()
    for number in range(3):
        ring[number].tell(Stand())
    await world.settle()
    leaders = {world.state(node).leader for node in ring}
    assert leaders == {2}


class Want(Message):
    clock: int
    node: int


class Fine(Message):
    node: int


class Enter(Message):
    """Enter the critical section."""


class Leave(Message):
    """Leave it."""


MutexMsg = Want | Fine | Enter | Leave


class Peer(Actor[MutexMsg]):
    """Enters when all others agree."""

    def __init__(
        self, me: int, peers: list[ActorRef[MutexMsg]], inside: list[int], *, ties: bool
    ) -> None:
        self.me = me
        self.peers = peers
        self.inside = inside
        self.ties = ties
        self.clock = 0
        self.asked: tuple[int, int] | None = None
        self.agreed: set[int] = set()
        self.owed: list[int] = []

    @on(Enter)
    def enter_it(self, msg: Enter) -> None:
        self.clock += 1
        self.asked = (self.clock, self.me)
        for number, peer in enumerate(self.peers):
            if number != self.me:
                peer.tell(Want(self.clock, self.me))

    @on(Want)
    def want(self, msg: Want) -> None:
        self.clock = max(self.clock, msg.clock) + 1
        theirs = (msg.clock, msg.node)
        if self.asked is None:
            fine = True
        elif self.ties:
            fine = theirs < self.asked
        else:
            fine = theirs[0] <= self.asked[0]
        if fine:
            self.peers[msg.node].tell(Fine(self.me))
        else:
            self.owed.append(msg.node)

    @on(Fine)
    def fine(self, msg: Fine) -> None:
        self.agreed.add(msg.node)
        if len(self.agreed) == len(self.peers) - 1:
            self.inside.append(self.me)
            assert len(self.inside) == 1
            self.ref.tell(Leave())

    @on(Leave)
    def leave(self, msg: Leave) -> None:
        self.inside.remove(self.me)
        self.asked = None
        self.agreed.clear()
        for number in self.owed:
            self.peers[number].tell(Fine(self.me))
        self.owed.clear()

    initial = enter_it | want | fine | leave


@program("Ricart and Agrawala, An Optimal Algorithm for Mutual Exclusion, CACM 1981: equal clocks")
async def equal_clocks(world: World, faulty: bool) -> None:
    peers: list[ActorRef[MutexMsg]] = []
    inside: list[int] = []
    for me in range(3):
        peers.append(world.spawn(props(Peer, me, peers, inside, ties=not faulty)))
    await world.settle()

    async def enter(me: int) -> None:
        await tarry(world, 8 * me)
        peers[me].tell(Enter())

    await world.gather(*(enter(me) for me in range(3)))


class Prepare(Request[bool]):
    """Can you commit?"""


class Commit(Message):
    """Commit."""


class Abort(Message):
    """Do not."""


class Participant(Actor[Prepare | Commit | Abort]):
    """Votes, and does as it is told."""

    def __init__(self, *, vote: bool) -> None:
        self.vote = vote
        self.outcome = "none"

    @on(Prepare)
    def prepare(self, msg: Prepare) -> bool:
        return self.vote

    @on(Commit)
    def commit(self, msg: Commit) -> None:
        assert self.vote, "committed what it cannot"
        self.outcome = "committed"

    @on(Abort)
    def abort(self, msg: Abort) -> None:
        self.outcome = "aborted"

    initial = prepare | commit | abort


class Voted(Message):
    vote: bool


class Coordinator(Actor[Voted]):
    """Commits when all have agreed."""

    def __init__(
        self, participants: list[ActorRef[Prepare | Commit | Abort]], *, faulty: bool
    ) -> None:
        self.participants = participants
        self.faulty = faulty
        self.votes: list[bool] = []
        self.decided = False
        for participant in participants:
            self.pipe(participant.ask(Prepare()), Voted, lambda _error: Voted(False))

    @on(Voted)
    def voted(self, msg: Voted) -> None:
        self.votes.append(msg.vote)
        enough = 2 if self.faulty else len(self.participants)
        if not self.decided and len(self.votes) >= enough:
            self.decided = True
            for participant in self.participants:
                participant.tell(Commit() if all(self.votes) else Abort())

    initial = voted


@program("Gray, Notes on Data Base Operating Systems, 1978: commit before all votes are in")
async def early_commit(world: World, faulty: bool) -> None:
    participants = [world.spawn(Participant, vote=vote) for vote in (True, False, True)]
    world.spawn(Coordinator, participants, faulty=faulty)
    await world.settle()


class Send(Message):
    number: int


class Frame(Message):
    bit: int
    number: int


class Ack(Message):
    bit: int


class Tick(Message):
    """Send again."""


class Receiver(Actor[Frame]):
    """Takes frames and acknowledges them."""

    def __init__(self, *, looks: bool) -> None:
        self.looks = looks
        self.expected = 0
        self.got: list[int] = []
        self.sender: ActorRef[Ack] | None = None

    @on(Frame)
    def frame(self, msg: Frame) -> None:
        if not self.looks or msg.bit == self.expected:
            self.got.append(msg.number)
            self.expected = 1 - self.expected
        assert self.sender is not None
        self.sender.tell(Ack(msg.bit))

    initial = frame


class Transmitter(Actor[Send | Ack | Tick]):
    """Sends a frame again until it is acknowledged."""

    def __init__(self, receiver: ActorRef[Frame]) -> None:
        self.receiver = receiver
        self.bit = 0
        self.queue: list[int] = []

    @on(Send)
    def send(self, msg: Send) -> None:
        self.queue.append(msg.number)
        if len(self.queue) == 1:
            self.transmit()

    def transmit(self) -> None:
        """Send the first, and again in a second."""
        self.receiver.tell(Frame(self.bit, self.queue[0]))
        self.after(1.0, Tick(), key="again")

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        if self.queue:
            self.transmit()

    @on(Ack)
    def ack(self, msg: Ack) -> None:
        if self.queue and msg.bit == self.bit:
            self.queue.pop(0)
            self.bit = 1 - self.bit
            self.cancel_timer("again")
            if self.queue:
                self.transmit()

    initial = send | ack | tick


@program("Bartlett et al., A Note on Reliable Full-Duplex Transmission, CACM 1969: no bit")
async def alternating_bit(world: World, faulty: bool) -> None:
    receiver = world.spawn(Receiver, looks=not faulty)
    transmitter = world.spawn(Transmitter, receiver)
    await world.settle()
    world.state(receiver).sender = transmitter
    world.lossy(transmitter, receiver, drop=0.3)
    world.lossy(receiver, transmitter, drop=0.3)
    for number in range(3):
        transmitter.tell(Send(number))
    await world.sleep(20.0)
    await world.settle()
    assert world.state(receiver).got == [0, 1, 2]


class Charge(Request[int]):
    order: int


class Till(Actor[Charge]):
    """Charges an order."""

    def __init__(self, *, remembers: bool) -> None:
        self.remembers = remembers
        self.charged: list[int] = []

    @on(Charge)
    async def charge(self, msg: Charge) -> int:
        if not self.remembers or msg.order not in self.charged:
            self.charged.append(msg.order)
        world = self.system
        assert isinstance(world, World)
        await world.sleep(self.random.choice([0.1, 3.0]))
        return msg.order

    initial = charge


@program("Waldo et al., A Note on Distributed Computing, 1994: a retry after a timeout")
async def charged_twice(world: World, faulty: bool) -> None:
    till = world.spawn(Till, remembers=not faulty)
    world.waive("answered")  # it is about asks that run into their deadline
    for _ in range(3):
        try:
            await till.ask(Charge(1), timeout=2.0)
            break
        except AskTimeout:
            continue
    await world.sleep(20.0)
    assert world.state(till).charged == [1]


class Prepare1(Request[tuple[int, str]]):
    ballot: int


class Accept2(Request[bool]):
    ballot: int
    value: str


class Acceptor(Actor[Prepare1 | Accept2]):
    """Promises and accepts."""

    def __init__(self, *, tells: bool) -> None:
        self.tells = tells
        self.promised = 0
        self.ballot = 0
        self.value = ""

    @on(Prepare1)
    def promise(self, msg: Prepare1) -> tuple[int, str]:
        if msg.ballot < self.promised:
            return (-1, "")
        self.promised = msg.ballot
        return (self.ballot, self.value) if self.tells else (0, "")

    @on(Accept2)
    def accept(self, msg: Accept2) -> bool:
        if msg.ballot < self.promised:
            return False
        self.promised = self.ballot = msg.ballot
        self.value = msg.value
        return True

    initial = promise | accept


@program("Lamport, Paxos Made Simple, 2001: an acceptor that does not tell what it has accepted")
async def two_values_chosen(world: World, faulty: bool) -> None:
    acceptors = [world.spawn(Acceptor, tells=not faulty) for _ in range(3)]
    chosen: set[str] = set()

    async def proposer(ballot: int, value: str) -> None:
        first, second = acceptors[ballot - 1], acceptors[ballot]
        promises = [await one.ask(Prepare1(ballot)) for one in (first, second)]
        if any(number < 0 for number, _ in promises):
            return
        highest = max(promises)
        mine = highest[1] or value
        accepted = [await one.ask(Accept2(ballot, mine)) for one in (first, second)]
        if all(accepted):
            chosen.add(mine)

    await world.gather(proposer(1, "a"), proposer(2, "b"))
    assert len(chosen) <= 1


class Store(Request[bool]):
    value: int


class Backup(Actor[Store]):
    """Keeps what the primary has."""

    def __init__(self, disk: list[int]) -> None:
        self.disk = disk

    @on(Store)
    def store(self, msg: Store) -> bool:
        self.disk.append(msg.value)
        return True

    initial = store


class Primary(Actor[Store]):
    """Answers when the backup has it, or before."""

    def __init__(self, backup: ActorRef[Store], *, faulty: bool) -> None:
        self.backup = backup
        self.faulty = faulty

    @on(Store)
    async def store(self, msg: Store) -> bool:
        if self.faulty:
            self.backup.tell(msg)
            return True
        return await self.backup.ask(msg)

    initial = store


@program("Alsberg and Day, A Principle for Resilient Sharing of Distributed Resources, ICSE 1976")
async def answered_before_stored(world: World, faulty: bool) -> None:
    disk: list[int] = []
    primary = world.spawn(Primary, world.spawn(Backup, disk), faulty=faulty)
    assert await primary.ask(Store(1))
    assert disk == [1]


class Work(Message):
    hops: int


class Idle(Request[tuple[int, int]]):
    """How many messages have you sent and received?"""


class Worker(Actor[Work | Idle]):
    """Passes work on."""

    def __init__(self, others: list[ActorRef[Work | Idle]]) -> None:
        self.others = others
        self.sent = 0
        self.received = 0

    @on(Work)
    def work(self, msg: Work) -> None:
        self.received += 1
        if msg.hops:
            for other in self.others[1:]:
                self.sent += 1
                other.tell(Work(msg.hops - 1))

    @on(Idle)
    def idle(self, msg: Idle) -> tuple[int, int]:
        return self.sent, self.received

    initial = work | idle


@program("Mattern, Algorithms for Distributed Termination Detection, 1987: counting once")
async def terminated_too_early(world: World, faulty: bool) -> None:
    workers: list[ActorRef[Work | Idle]] = []
    for _ in range(3):
        workers.append(world.spawn(props(Worker, workers)))
    await world.settle()

    async def client(number: int) -> None:
        workers[number].tell(Work(1 - number))

    await world.gather(client(0), client(1))

    async def count() -> tuple[int, int]:
        counts = [await worker.ask(Idle()) for worker in workers]
        return 2 + sum(sent for sent, _ in counts), sum(received for _, received in counts)

    last = (0, 0)
    for _ in range(50):
        now = await count()
        if now[0] == now[1] and (faulty or now == last):
            break
        last = now
    else:
        return  # work is under way for long, and nobody claims otherwise
    assert sum(world.state(worker).received for worker in workers) == 4


class Transfer(Message):
    to: int
    amount: int


class Credit(Message):
    amount: int


class Marker(Message):
    """Take a picture."""


class Snap(Message):
    """Begin a snapshot."""


class Branch(Actor[Transfer | Credit | Marker | Snap]):
    """Has money, and takes part in a snapshot."""

    def __init__(
        self, me: int, branches: list[ActorRef[Transfer | Credit | Marker | Snap]], *, faulty: bool
    ) -> None:
        self.me = me
        self.branches = branches
        self.faulty = faulty
        self.money = 100
        self.recorded = -1
        self.open = False  # the channel from the other one is recorded

    def record(self) -> None:
        """Take the own picture and tell the other one."""
        self.recorded = self.money
        self.open = True
        self.branches[1 - self.me].tell(Marker())

    @on(Transfer)
    def transfer(self, msg: Transfer) -> None:
        self.money -= msg.amount
        self.branches[msg.to].tell(Credit(msg.amount))

    @on(Credit)
    def credit(self, msg: Credit) -> None:
        self.money += msg.amount
        if self.open and not self.faulty:
            self.recorded += msg.amount

    @on(Marker)
    def marker(self, msg: Marker) -> None:
        if self.recorded < 0:
            self.record()
        self.open = False

    @on(Snap)
    def snap(self, msg: Snap) -> None:
        self.record()

    initial = transfer | credit | marker | snap


@program("Chandy and Lamport, Distributed Snapshots, TOCS 1985: what is under way is not recorded")
async def money_under_way(world: World, faulty: bool) -> None:
    branches: list[ActorRef[Transfer | Credit | Marker | Snap]] = []
    for me in range(2):
        branches.append(world.spawn(props(Branch, me, branches, faulty=faulty)))
    await world.settle()

    async def mover() -> None:
        branches[0].tell(Transfer(1, 30))
        branches[1].tell(Transfer(0, 20))

    async def photographer() -> None:
        branches[0].tell(Snap())

    await world.gather(mover(), photographer())
    await world.settle()
    assert sum(world.state(branch).recorded for branch in branches) == 200


class Arrive(Message):
    who: int


class Open(Message):
    """The barrier is open."""


class Barrier(Actor[Arrive]):
    """Lets all go on when all have come."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.here: list[int] = []
        self.rounds = 0
        self.runners: list[ActorRef[Open]] = []

    @on(Arrive)
    def arrive(self, msg: Arrive) -> None:
        self.here.append(msg.who)
        if len(self.here) == self.size:
            self.here.clear()
            self.rounds += 1
            for runner in self.runners:
                runner.tell(Open())

    initial = arrive


class Runner(Actor[Open]):
    """Runs rounds; the faulty one does not wait for the barrier to open."""

    def __init__(
        self, me: int, barrier: ActorRef[Arrive], rounds: list[int], *, waits: bool
    ) -> None:
        self.me = me
        self.barrier = barrier
        self.rounds = rounds
        self.waits = waits
        self.left = 2
        self.step()

    def step(self) -> None:
        """One round."""
        self.rounds[self.me] += 1
        self.left -= 1
        self.barrier.tell(Arrive(self.me))
        if not self.waits and self.left:
            self.step()
        assert max(self.rounds) - min(self.rounds) <= 1

    @on(Open)
    def go_on(self, msg: Open) -> None:
        if self.waits and self.left:
            self.step()

    initial = go_on


@program("Downey, The Little Book of Semaphores, 2016: the reusable barrier")
async def barrier_overrun(world: World, faulty: bool) -> None:
    barrier = world.spawn(Barrier, 2)
    await world.settle()
    rounds = [0, 0]
    runners = [world.spawn(Runner, me, barrier, rounds, waits=not faulty) for me in range(2)]
    world.state(barrier).runners = runners
    await world.settle()


class Sit(Request[bool]):
    """Is a chair free?"""


class Ready(Message):
    """The barber has time."""


class Shop(Actor[Sit | Ready]):
    """A barber's shop: who finds the barber asleep wakes him."""

    def __init__(self, *, wakes: bool) -> None:
        self.wakes = wakes
        self.asleep = False
        self.waiting: list[ReplyTo[bool]] = []

    @on(Sit)
    def sit(self, msg: Sit) -> bool | Later:
        if self.asleep:
            self.asleep = False
            return True
        later = self.defer(msg)
        self.waiting.append(later)
        return later

    @on(Ready)
    def ready(self, msg: Ready) -> None:
        if self.waiting:
            self.waiting.pop(0).reply(True)
        elif self.wakes:
            self.asleep = True

    initial = sit | ready


@program("Dijkstra, Cooperating Sequential Processes, 1965: the sleeping barber; a lost wake-up")
async def sleeping_barber(world: World, faulty: bool) -> None:
    shop = world.spawn(Shop, wakes=not faulty)

    async def customer() -> None:
        await shop.ask(Sit())

    async def barber() -> None:
        shop.tell(Ready())

    await world.gather(customer(), barber())


class Grant(Request[float]):
    """A lease: until when it holds."""


class WriteAt(Message):
    who: int


class Lessor(Actor[Grant | WriteAt]):
    """Gives a lease of two seconds to one at a time."""

    def __init__(self) -> None:
        self.until = 0.0
        self.holder = 0
        self.given = 0

    @on(Grant)
    def grant(self, msg: Grant) -> float:
        if self.now() < self.until:
            return 0.0
        self.until = self.now() + 2.0
        self.given += 1
        return self.until

    @on(WriteAt)
    def write(self, msg: WriteAt) -> None:
        assert msg.who == self.given, "who writes has no lease any more"

    initial = grant | write


class Token(Message):
    who: int
    until: float


class Holder(Actor[Token]):
    """Writes under its lease."""

    def __init__(self, lessor: ActorRef[Grant | WriteAt], *, checks: bool) -> None:
        self.lessor = lessor
        self.checks = checks

    @on(Token)
    def token(self, msg: Token) -> None:
        if not self.checks or self.now() < msg.until:
            self.lessor.tell(WriteAt(msg.who))

    initial = token


@program("Gray and Cheriton, Leases, SOSP 1989: a holder that does not look at the time again")
async def expired_lease(world: World, faulty: bool) -> None:
    lessor = world.spawn(Lessor)
    holder = world.spawn(Holder, lessor, checks=not faulty)
    await world.settle()
    world.lossy("client-1", holder, delay=0.5, seconds=10.0)

    async def one() -> None:
        holder.tell(Token(1, await lessor.ask(Grant())))

    async def other() -> None:
        await world.sleep(5.0)
        await lessor.ask(Grant())

    await world.gather(one(), other())
    await world.sleep(20.0)


class Arrived(Message):
    item: int


class Bought(Request[int]):
    """Get the next item, when there is one."""


class Buffer(Actor[Arrived | Bought]):
    """A buffer; the faulty one wakes one waiter for two items that come at once."""

    def __init__(self, *, wakes_all: bool) -> None:
        self.wakes_all = wakes_all
        self.items: list[int] = []
        self.waiting: list[ReplyTo[int]] = []

    @on(Arrived)
    def arrived(self, msg: Arrived) -> None:
        was_empty = not self.items
        self.items.append(msg.item)
        if self.waiting and (was_empty or self.wakes_all):
            self.waiting.pop(0).reply(self.items[0])
            if self.wakes_all:
                self.items.pop(0)

    @on(Bought)
    def bought(self, msg: Bought) -> int | Later:
        if self.items:
            return self.items.pop(0)
        later = self.defer(msg)
        self.waiting.append(later)
        return later

    initial = arrived | bought


@program("Cargill, Extreme Programming Challenge Fourteen, 2009: notify wakes the wrong one")
async def bounded_buffer(world: World, faulty: bool) -> None:
    buffer = world.spawn(Buffer, wakes_all=not faulty)
    got: list[int] = []

    async def consumer() -> None:
        got.append(await buffer.ask(Bought()))

    async def producer(item: int) -> None:
        buffer.tell(Arrived(item))

    async def late() -> None:
        await tarry(world)
        await consumer()

    await world.gather(consumer(), producer(1), late(), producer(2))
    assert sorted(got) == [1, 2]
