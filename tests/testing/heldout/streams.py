"""What goes from one to the next: averages, watermarks, routes, and updates along a chain."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, Down, Message, on
from airssys_rt.testing import World
from tests.testing.corpus.base import tarry
from tests.testing.heldout.base import held_out


class Pull(Message):
    """The value of the other one, as it was before the exchange."""

    value: float


class Busy(Message):
    """No exchange: another one is under way."""


class Push(Message):
    """A value, and who wants one in exchange."""

    value: float
    back: ActorRef[Pull | Busy]


class Meet(Message):
    """Exchange values with that one."""

    other: ActorRef[Push]


class Gossip(Actor[Meet | Push | Pull | Busy]):
    """Both of an exchange go on with the mean of their values."""

    def __init__(self, value: float, *, refuses: bool) -> None:
        self.value = value
        self.refuses = refuses
        self.waits = False

    @on(Meet)
    def meet(self, msg: Meet) -> None:
        self.waits = True
        msg.other.tell(Push(self.value, self.ref))

    @on(Push)
    def push(self, msg: Push) -> None:
        if self.refuses and self.waits:
            msg.back.tell(Busy())
            return
        msg.back.tell(Pull(self.value))
        self.value = (self.value + msg.value) / 2

    @on(Pull)
    def pull(self, msg: Pull) -> None:
        self.waits = False
        self.value = (self.value + msg.value) / 2

    @on(Busy)
    def busy(self, msg: Busy) -> None:
        self.waits = False

    initial = meet | push | pull | busy


@held_out
async def averaged_during_an_exchange(world: World, faulty: bool) -> None:
    """A node answers one exchange of averages while it waits for another; the sum changes.

    Source: Jelasity, Montresor and Babaoglu, Gossip-Based Aggregation in Large Dynamic Networks,
    TOCS 2005, https://doi.org/10.1145/1082469.1082470
    """
    nodes = [world.spawn(Gossip, value, refuses=not faulty) for value in (0.0, 8.0, 16.0)]
    await world.settle()

    async def first() -> None:
        nodes[0].tell(Meet(nodes[1]))

    async def second() -> None:
        await tarry(world)
        nodes[2].tell(Meet(nodes[0]))

    await world.gather(first(), second())
    await world.settle()
    assert sum(world.state(node).value for node in nodes) == 24.0


class Event(Message):
    """An event of that time, of that input."""

    source: int
    time: int


class Watermark(Message):
    """No more events before that time, of that input."""

    source: int
    time: int


class Window(Actor[Event | Watermark]):
    """Counts the events before time 10; the faulty one closes with the first watermark."""

    def __init__(self, *, all_of_them: bool) -> None:
        self.all_of_them = all_of_them
        self.marks = [0, 0]
        self.count = 0
        self.emitted: list[int] = []

    @on(Event)
    def event(self, msg: Event) -> None:
        if msg.time < 10:
            self.count += 1

    @on(Watermark)
    def watermark(self, msg: Watermark) -> None:
        self.marks[msg.source] = msg.time
        reached = min(self.marks) if self.all_of_them else max(self.marks)
        if reached >= 10 and not self.emitted:
            self.emitted.append(self.count)

    initial = event | watermark


@held_out
async def watermark_of_the_faster_input(world: World, faulty: bool) -> None:
    """A window closes with the watermark of one of its inputs; what the other one sent is late.

    Source: Akidau et al., Watermarks in Stream Processing Systems: Semantics and Comparative
    Analysis of Apache Flink and Google Cloud Dataflow, PVLDB 2021,
    https://doi.org/10.14778/3476311.3476389
    """
    window = world.spawn(Window, all_of_them=not faulty)

    async def slow() -> None:
        window.tell(Event(0, 4))

    async def fast() -> None:
        await tarry(world)
        window.tell(Event(1, 3))
        window.tell(Watermark(1, 10))

    await world.gather(slow(), fast())
    await world.settle()
    window.tell(Watermark(0, 10))
    await world.settle()
    assert world.state(window).emitted == [2]


INFINITY = 16


class Advert(Message):
    """The network is so far from that router."""

    router: int
    cost: int


class Tick(Message):
    """Advertise, as from time to time."""


class LinkDown(Message):
    """The link to the network is down."""


RouterRef = ActorRef[Advert | Tick | LinkDown]


class Router(Actor[Advert | Tick | LinkDown]):
    """Knows how far the network is, and by way of whom: 0 is the network itself."""

    def __init__(self, me: int, *, splits: bool) -> None:
        self.me = me
        self.cost = me
        self.via = me - 1
        self.splits = splits
        self.neighbours: dict[int, RouterRef] = {}
        self.farthest = me

    def advertise(self) -> None:
        """Tell the neighbours; the mended one does not tell it to whom it knows it from."""
        for number, neighbour in self.neighbours.items():
            if not self.splits or number != self.via:
                neighbour.tell(Advert(self.me, self.cost))

    @on(Advert)
    def advert(self, msg: Advert) -> None:
        cost = min(msg.cost + 1, INFINITY)
        if cost < self.cost or (msg.router == self.via and cost != self.cost):
            self.cost, self.via = cost, msg.router
            if cost < INFINITY:
                self.farthest = max(self.farthest, cost)
            self.advertise()

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.advertise()

    @on(LinkDown)
    def link_down(self, msg: LinkDown) -> None:
        if self.via == 0:
            self.cost = INFINITY
            self.advertise()

    initial = advert | tick | link_down


@held_out
async def route_through_oneself(world: World, faulty: bool) -> None:
    """A router that has lost its route takes one that leads through itself; both count up.

    Source: Hedrick, Routing Information Protocol, RFC 1058, 1988, section 2.2,
    https://www.rfc-editor.org/rfc/rfc1058
    """
    near, far = (world.spawn(Router, number, splits=not faulty) for number in (1, 2))
    await world.settle()
    world.state(near).neighbours[2] = far
    world.state(far).neighbours[1] = near

    async def clock() -> None:
        far.tell(Tick())

    async def cable() -> None:
        await tarry(world)
        near.tell(LinkDown())

    await world.gather(clock(), cable())
    await world.settle()
    for router in (near, far):
        assert world.state(router).cost == INFINITY
        assert world.state(router).farthest <= 2, "nobody was as far as that"


class Update(Message):
    """An update of a client, to the head."""

    number: int


class Forward(Message):
    """An update on its way along the chain."""

    number: int


class Acknowledged(Message):
    """The tail has all updates up to that one."""

    number: int


class Successor(Message):
    """This one follows upon you now."""

    ref: ActorRef[Forward]


class Head(Actor[Update | Acknowledged | Successor]):
    """Begins the chain, and keeps what the tail has not acknowledged."""

    def __init__(self, successor: ActorRef[Forward], *, resends: bool) -> None:
        self.successor = successor
        self.resends = resends
        self.sent: list[int] = []

    @on(Update)
    def update(self, msg: Update) -> None:
        self.sent.append(msg.number)
        self.successor.tell(Forward(msg.number))

    @on(Acknowledged)
    def acknowledged(self, msg: Acknowledged) -> None:
        self.sent = [number for number in self.sent if number > msg.number]

    @on(Successor)
    def follow(self, msg: Successor) -> None:
        self.successor = msg.ref
        if self.resends:
            for number in self.sent:
                self.successor.tell(Forward(number))

    initial = update | acknowledged | follow


class Middle(Actor[Forward]):
    """Passes updates on."""

    def __init__(self, successor: ActorRef[Forward]) -> None:
        self.successor = successor

    @on(Forward)
    def forward_on(self, msg: Forward) -> None:
        self.successor.tell(msg)

    initial = forward_on


class Tail(Actor[Forward]):
    """Ends the chain; takes an update once."""

    def __init__(self) -> None:
        self.head: ActorRef[Acknowledged] | None = None
        self.updates: list[int] = []

    @on(Forward)
    def take(self, msg: Forward) -> None:
        assert self.head is not None
        if not self.updates or msg.number > self.updates[-1]:
            self.updates.append(msg.number)
        self.head.tell(Acknowledged(self.updates[-1]))

    initial = take


class Master(Actor[Down]):
    """Takes the middle out of the chain when it is dead."""

    def __init__(
        self, head: ActorRef[Successor], middle: ActorRef[Forward], tail: ActorRef[Forward]
    ) -> None:
        self.head = head
        self.tail = tail
        self.monitor(middle)

    @on(Down)
    def down(self, msg: Down) -> None:
        self.head.tell(Successor(self.tail))

    initial = down


@held_out
async def sent_to_the_removed(world: World, faulty: bool) -> None:
    """What a server of a chain had got, and not passed on, when it died is not sent again.

    Source: van Renesse and Schneider, Chain Replication for Supporting High Throughput and
    Availability, OSDI 2004,
    https://www.usenix.org/legacy/publications/library/proceedings/osdi04/tech/renesse.html
    """
    tail = world.spawn(Tail)
    middle = world.spawn(Middle, tail)
    head = world.spawn(Head, middle, resends=not faulty)
    world.spawn(Master, head, middle, tail)
    await world.settle()
    world.state(tail).head = head

    async def client() -> None:
        head.tell(Update(1))
        head.tell(Update(2))

    async def accident() -> None:
        await tarry(world)
        world.kill(middle)

    await world.gather(client(), accident())
    await world.settle()
    assert world.state(tail).updates == [1, 2]
