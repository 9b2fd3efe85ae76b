"""What actor programs do wrong: order, behaviours, timers, monitors, restarts, shutdown."""

from __future__ import annotations

from airssys_rt import (
    Actor,
    ActorRef,
    Bounded,
    Down,
    Later,
    MailboxFull,
    Message,
    Name,
    ReplyTo,
    Request,
    Supervisor,
    on,
    props,
)
from airssys_rt.testing import World
from tests.testing.corpus.base import program, tarry

STUDY = "Torres Lopez et al., A Study of Concurrency Bugs in Actor-based Programs, 2018"
BAGHERZADEH = "Bagherzadeh et al., Actor Concurrency Bugs, OOPSLA 2020"


class Ping(Message):
    """Are you there?"""


class Register(Message):
    name: str
    ref: ActorRef[Ping]


class Whereis(Request[bool]):
    name: str


class Quit(Message):
    """End."""


class Process(Actor[Ping | Quit]):
    """Something that is registered."""

    @on(Ping)
    def ping(self, msg: Ping) -> None:
        """Here."""

    @on(Quit)
    def leave(self, msg: Quit) -> None:
        self.stop()

    initial = ping | leave


class Registry(Actor[Register | Whereis | Down]):
    """Names of processes, taken away when the process ends."""

    def __init__(self, *, compares: bool) -> None:
        self.compares = compares
        self.names: dict[str, ActorRef[Ping]] = {}

    @on(Register)
    def register(self, msg: Register) -> None:
        self.names[msg.name] = msg.ref
        self.monitor(msg.ref)

    @on(Whereis)
    def whereis(self, msg: Whereis) -> bool:
        return msg.name in self.names

    @on(Down)
    def down(self, msg: Down) -> None:
        for name, ref in list(self.names.items()):
            if not self.compares or ref == msg.ref:
                del self.names[name]

    initial = register | whereis | down


@program("Claessen et al., Finding Race Conditions in Erlang with QuickCheck and PULSE, ICFP 2009")
async def stale_down(world: World, faulty: bool) -> None:
    registry = world.spawn(Registry, compares=not faulty)
    old, new = world.spawn(Process), world.spawn(Process)
    registry.tell(Register("p", old))
    await world.settle()

    async def ender() -> None:
        old.tell(Quit())

    async def starter() -> None:
        await tarry(world)
        registry.tell(Register("p", new))

    await world.gather(ender(), starter())
    await world.settle()
    assert await registry.ask(Whereis("p"))


class Config(Message):
    limit: int


class Task(Message):
    size: int


class Worker(Actor[Config | Task]):
    """Works by a configuration."""

    unhandled = "stash"

    def __init__(self, *, waits: bool) -> None:
        self.waits = waits
        self.limit: int | None = None
        self.done = 0
        if waits:
            self.become(self.waiting)

    @on(Config)
    def config(self, msg: Config) -> None:
        self.limit = msg.limit
        if self.waits:
            self.become(self.initial)

    @on(Task)
    def task(self, msg: Task) -> None:
        assert self.limit is not None, "a task before the configuration"
        self.done += 1

    initial = config | task
    waiting = config


@program(STUDY + ": message order violation")
async def order_of_two_senders(world: World, faulty: bool) -> None:
    worker = world.spawn(Worker, waits=not faulty)

    async def configurer() -> None:
        worker.tell(Config(3))

    async def client() -> None:
        worker.tell(Task(1))

    await world.gather(configurer(), client())
    await world.settle()
    assert world.state(worker).done == 1


class Reserve(Message):
    order: int


class Cancel(Message):
    order: int


class Hotel(Actor[Reserve | Cancel]):
    """Reservations, and their compensation."""

    def __init__(self, *, remembers: bool) -> None:
        self.remembers = remembers
        self.reserved: set[int] = set()
        self.cancelled: set[int] = set()

    @on(Reserve)
    def reserve(self, msg: Reserve) -> None:
        if msg.order not in self.cancelled:
            self.reserved.add(msg.order)

    @on(Cancel)
    def cancel(self, msg: Cancel) -> None:
        self.reserved.discard(msg.order)
        if self.remembers:
            self.cancelled.add(msg.order)

    initial = reserve | cancel


class Relay(Actor[Reserve]):
    """Passes reservations on."""

    def __init__(self, hotel: ActorRef[Reserve]) -> None:
        self.hotel = hotel

    @on(Reserve)
    def reserve(self, msg: Reserve) -> None:
        self.hotel.tell(msg)

    initial = reserve


@program("Garcia-Molina and Salem, Sagas, SIGMOD 1987: a compensation overtakes its action")
async def compensation_overtakes(world: World, faulty: bool) -> None:
    hotel = world.spawn(Hotel, remembers=not faulty)
    relay = world.spawn(Relay, hotel)
    relay.tell(Reserve(1))
    await tarry(world)
    hotel.tell(Cancel(1))
    await world.settle()
    assert not world.state(hotel).reserved


class Ask(Request[int]):
    """Give a number."""


class Meet(Message):
    other: ActorRef[Ask]


class Friend(Actor[Ask | Meet]):
    """Asks its friend, who may ask it."""

    @on(Ask)
    def ask(self, msg: Ask) -> int:
        return 1

    @on(Meet)
    async def meet(self, msg: Meet) -> None:
        await msg.other.ask(Ask())

    initial = ask | meet


class Meet2(Message):
    """They have met."""


class Pal(Actor[Ask | Meet | Meet2]):
    """As `Friend`, without waiting."""

    @on(Ask)
    def ask(self, msg: Ask) -> int:
        return 1

    @on(Meet)
    def meet(self, msg: Meet) -> None:
        self.pipe(msg.other.ask(Ask()), lambda _number: Meet2(), lambda _error: Meet2())

    @on(Meet2)
    def met(self, msg: Meet2) -> None:
        """Nothing."""

    initial = ask | meet | met


@program("Christakis and Sagonas, Detection of Asynchronous Message Passing Errors, PADL 2011")
async def asks_in_a_circle(world: World, faulty: bool) -> None:
    one: ActorRef[Ask | Meet]
    other: ActorRef[Ask | Meet]
    if faulty:
        one, other = world.spawn(Friend), world.spawn(Friend)
    else:
        one, other = world.spawn(Pal), world.spawn(Pal)
    one.tell(Meet(other))
    await tarry(world)
    other.tell(Meet(one))
    await world.settle()


class Job(Message):
    number: int


class Unlock(Message):
    """Begin to work."""


class Gate(Actor[Job | Unlock]):
    """Puts jobs aside until it is open."""

    def __init__(self, *, unstashes: bool) -> None:
        self.unstashes = unstashes
        self.done: list[int] = []

    @on(Job)
    def keep(self, msg: Job) -> None:
        self.stash()

    @on(Unlock)
    def unlock(self, msg: Unlock) -> None:
        self.become(self.unlocked)
        if self.unstashes:
            self.unstash_all()

    @on(Job)
    def work(self, msg: Job) -> None:
        self.done.append(msg.number)

    initial = keep | unlock
    unlocked = work | unlock


@program(BAGHERZADEH + ": a message that is never taken out")
async def forgotten_stash(world: World, faulty: bool) -> None:
    gate = world.spawn(Gate, unstashes=not faulty)

    async def worker() -> None:
        gate.tell(Job(1))

    async def opener() -> None:
        gate.tell(Unlock())

    await world.gather(opener(), worker())
    await world.settle()


class Dial(Message):
    """Call somebody."""


class Answered(Message):
    """Somebody answered."""


class NoAnswer(Message):
    """Nobody did in time."""


class Phone(Actor[Dial | Answered | NoAnswer]):
    """Hangs up when nobody answers; the faulty one also when somebody has."""

    def __init__(self, *, state_timer: bool) -> None:
        self.state_timer = state_timer
        self.state = "idle"

    @on(Dial)
    def dial(self, msg: Dial) -> None:
        self.become(self.dialing)
        if self.state_timer:
            self.state_timeout(5.0, NoAnswer())
        else:
            self.after(5.0, NoAnswer())

    @on(Answered)
    def answered(self, msg: Answered) -> None:
        self.state = "talking"
        self.become(self.talking)

    @on(NoAnswer)
    def no_answer(self, msg: NoAnswer) -> None:
        self.state = "idle"
        self.become(self.initial)

    initial = dial | answered | no_answer
    dialing = dial | answered | no_answer
    talking = dial | answered | no_answer


@program("Ericsson, OTP Design Principles, gen_statem: state time-outs and generic time-outs")
async def timer_after_become(world: World, faulty: bool) -> None:
    phone = world.spawn(Phone, state_timer=not faulty)
    phone.tell(Dial())
    await world.sleep(1.0)
    phone.tell(Answered())
    await world.sleep(10.0)
    assert world.state(phone).state == "talking"


class Join(Message):
    ref: ActorRef[Ping]


class Room(Actor[Join | Down]):
    """Counts who is in it; the faulty one monitors again whoever joins again."""

    def __init__(self, *, once: bool) -> None:
        self.once = once
        self.members: set[ActorRef[Ping]] = set()
        self.count = 0

    @on(Join)
    def join(self, msg: Join) -> None:
        if msg.ref in self.members and self.once:
            return
        if msg.ref not in self.members:
            self.count += 1
        self.members.add(msg.ref)
        self.monitor(msg.ref)

    @on(Down)
    def down(self, msg: Down) -> None:
        self.count -= 1

    initial = join | down


@program()
async def leaked_monitor(world: World, faulty: bool) -> None:
    room = world.spawn(Room, once=not faulty)
    guest = world.spawn(Process)
    room.tell(Join(guest))
    room.tell(Join(guest))
    guest.tell(Quit())
    await world.settle()
    assert world.state(room).count >= 0


class Add(Message):
    item: str


class Items(Request[int]):
    """How many are there?"""


class Cart(Actor[Add | Items]):
    """Items; the mended one keeps them where a restart does not reach."""

    def __init__(self, kept: list[str] | None) -> None:
        self.items: list[str] = kept if kept is not None else []

    @on(Add)
    def add(self, msg: Add) -> None:
        self.items.append(msg.item)

    @on(Items)
    def count(self, msg: Items) -> int:
        return len(self.items)

    initial = add | count


CART: Name[Add | Items] = Name("cart")


@program("Armstrong, Making Reliable Distributed Systems, 2003: state that a restart loses")
async def lost_by_a_restart(world: World, faulty: bool) -> None:
    kept: list[str] = []
    cart = props(Cart, None if faulty else kept).named(CART).restart("permanent")
    world.spawn(props(Supervisor, [cart], intensity=5))
    await world.settle()
    world.inject(crash_after=0.3, most=1)
    target = world.ref(CART)
    for item in "abc":
        target.tell(Add(item))
    await world.settle()
    world.calm()
    assert await target.ask(Items()) == 3


class Parent(Actor[Ping]):
    """Has a child, made in its constructor or on demand."""

    def __init__(self, made: list[int], *, again: bool) -> None:
        if again or not made:
            made.append(1)
            self.child = self.spawn(props(Process))

    @on(Ping)
    def ping(self, msg: Ping) -> None:
        self.child.tell(msg)

    initial = ping


PARENT: Name[Ping] = Name("parent")


@program()
async def a_restart_loses_the_children(world: World, faulty: bool) -> None:
    made: list[int] = []
    parent = props(Parent, made, again=not faulty).named(PARENT).restart("permanent")
    world.spawn(props(Supervisor, [parent], intensity=9))
    await world.settle()
    world.inject(crash=0.3, most=1)
    for _ in range(3):
        world.ref(PARENT).tell(Ping())
    await world.settle()
    assert all("AttributeError" not in repr(failure.error) for failure in world.port.failures)


@program("Ericsson, OTP Design Principles, supervisors: maximum restart intensity")
async def wrong_intensity(world: World, faulty: bool) -> None:
    crew = [props(Process).named(Name[Ping](f"p{number}")) for number in range(3)]
    top = world.spawn(props(Supervisor, crew, intensity=1 if faulty else 9, period=60.0))
    await world.settle()
    world.inject(crash=0.5, most=3)
    for number in range(3):
        world.ref(Name[Ping](f"p{number}")).tell(Ping())
    await world.settle()
    assert world.state(top) is not None, "the supervisor gave up"


class Line(Message):
    text: str


class Log(Actor[Line]):
    """Writes lines."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    @on(Line)
    def line(self, msg: Line) -> None:
        self.lines.append(msg.text)

    initial = line


@program()
async def lines_lost_by_a_bound(world: World, faulty: bool) -> None:
    lines: list[str] = []
    log = world.spawn(props(Log, lines).mailbox(Bounded(2)))
    await world.settle()

    async def writer() -> None:
        for text in "ab":
            if faulty:
                try:
                    log.tell(Line(text))
                except MailboxFull:
                    pass
            else:
                await log.send(Line(text))

    await world.gather(writer(), writer())
    await world.settle()
    assert sorted(lines) == ["a", "a", "b", "b"]


@program()
async def stopped_before_it_had_written(world: World, faulty: bool) -> None:
    lines: list[str] = []
    log = world.spawn(Log, lines)
    await world.settle()
    log.tell(Line("last"))
    log.stop(drain=not faulty)
    await world.settle()
    assert lines == ["last"]


class Sell(Request[str]):
    number: int


class Store(Actor[Sell]):
    """Answers requests."""

    @on(Sell)
    def sell(self, msg: Sell) -> str:
        return f"item {msg.number}"

    initial = sell


class Customer(Message):
    number: int


class Sold(Message):
    item: str
    number: int


class Broker(Actor[Customer | Sold]):
    """Asks two stores, and matches replies with requests."""

    def __init__(self, stores: list[ActorRef[Sell]], *, matches: bool) -> None:
        self.stores = stores
        self.matches = matches
        self.due: list[int] = []
        self.given: dict[int, str] = {}

    @on(Customer)
    def customer(self, msg: Customer) -> None:
        self.due.append(msg.number)
        self.pipe(
            self.stores[msg.number % 2].ask(Sell(msg.number)),
            lambda item: Sold(item, msg.number),
            lambda _error: Sold("", msg.number),
        )

    @on(Sold)
    def sold(self, msg: Sold) -> None:
        number = msg.number if self.matches else self.due.pop(0)
        self.given[number] = msg.item

    initial = customer | sold


@program(BAGHERZADEH + ": replies matched by their order")
async def replies_mixed_up(world: World, faulty: bool) -> None:
    broker = world.spawn(Broker, [world.spawn(Store), world.spawn(Store)], matches=not faulty)
    broker.tell(Customer(0))
    broker.tell(Customer(1))
    await world.settle()
    assert world.state(broker).given == {0: "item 0", 1: "item 1"}


class Event(Message):
    key: str
    number: int


class Sink(Actor[Event]):
    """Takes the last of each key."""

    def __init__(self) -> None:
        self.last: dict[str, int] = {}

    @on(Event)
    def event(self, msg: Event) -> None:
        self.last[msg.key] = msg.number

    initial = event


class Shard(Actor[Event]):
    """Passes events on."""

    def __init__(self, sink: ActorRef[Event]) -> None:
        self.sink = sink

    @on(Event)
    def event(self, msg: Event) -> None:
        self.sink.tell(msg)

    initial = event


@program("Kreps et al., Kafka, NetDB 2011: order is kept within a partition only")
async def one_key_two_shards(world: World, faulty: bool) -> None:
    sink = world.spawn(Sink)
    shards = [world.spawn(Shard, sink) for _ in range(2)]
    for number in range(4):
        shards[number % 2 if faulty else 0].tell(Event("k", number))
    await world.settle()
    assert world.state(sink).last == {"k": 3}


class Offer(Message):
    number: int


class Offset(Actor[Offer]):
    """A consumer that notes how far it has come, before or after it has worked."""

    def __init__(self, done: list[int], offset: list[int], *, first: bool) -> None:
        self.done = done
        self.offset = offset
        self.first = first

    @on(Offer)
    async def offer(self, msg: Offer) -> None:
        if msg.number < len(self.offset):
            return
        if self.first:
            self.offset.append(msg.number)
        world = self.system
        assert isinstance(world, World)
        await world.sleep(1.0)
        self.done.append(msg.number)
        if not self.first:
            self.offset.append(msg.number)

    initial = offer


@program("Narkhede et al., Kafka: The Definitive Guide, 2017: the offset is committed first")
async def committed_before_done(world: World, faulty: bool) -> None:
    done: list[int] = []
    offset: list[int] = []

    async def incarnation() -> None:
        consumer = world.spawn(Offset, done, offset, first=faulty)
        for number in range(3):
            consumer.tell(Offer(number))
        await world.sleep(1.5)
        world.kill(consumer)
        await consumer.stopped()

    for _ in range(3):
        await incarnation()
    assert set(done) == {0, 1, 2}


class Leave(Message):
    """Unsubscribe me."""


class News(Message):
    """News."""


class Reader(Actor[News | Leave]):
    """Reads until it leaves; the faulty one expects nothing after that."""

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self.left = False

    @on(News)
    def news(self, msg: News) -> None:
        assert not (self.strict and self.left), "news after it has left"

    @on(Leave)
    def leave(self, msg: Leave) -> None:
        self.left = True
        self.system.topic(Name[News]("news")).unsubscribe(self.ref)

    initial = news | leave


@program()
async def news_after_leaving(world: World, faulty: bool) -> None:
    topic = world.topic(Name[News]("news"))
    reader = world.spawn(Reader, strict=faulty)
    await world.settle()
    topic.subscribe(reader)

    async def publisher() -> None:
        topic.publish(News())

    async def leaver() -> None:
        reader.tell(Leave())

    await world.gather(publisher(), leaver())
    await world.settle()


class Later1(Request[int]):
    """Answer in time."""


class Forgetful(Actor[Later1]):
    """Keeps a reply, and forgets it in one branch."""

    def __init__(self, *, faulty: bool) -> None:
        self.faulty = faulty
        self.kept: list[ReplyTo[int]] = []

    @on(Later1)
    def later(self, msg: Later1) -> int | Later:
        reply = self.defer(msg)
        self.kept.append(reply)
        if len(self.kept) == 2:
            due = self.kept[:1] if self.faulty else self.kept
            for one in due:
                one.reply(1)
        return reply

    initial = later


@program(BAGHERZADEH + ": a reply that is never sent")
async def forgotten_reply(world: World, faulty: bool) -> None:
    forgetful = world.spawn(Forgetful, faulty=faulty)

    async def asker() -> None:
        await forgetful.ask(Later1())

    await world.gather(asker(), asker())


class Child(Actor[Ping]):
    """Asks its parent while it starts."""

    def __init__(self, parent: ActorRef[Ask]) -> None:
        self.parent = parent

    async def pre_start(self) -> None:
        await self.parent.ask(Ask())

    @on(Ping)
    def ping(self, msg: Ping) -> None:
        """Nothing."""

    initial = ping


class Mother(Actor[Ask | Ping]):
    """Waits for its child to start, or does not."""

    def __init__(self, *, waits: bool) -> None:
        self.waits = waits

    @on(Ping)
    async def ping(self, msg: Ping) -> None:
        child = self.spawn(Child, self.ref)
        if self.waits:
            await child.started()

    @on(Ask)
    def ask(self, msg: Ask) -> int:
        return 1

    initial = ping | ask


@program(STUDY + ": communication deadlock")
async def a_parent_waits_for_who_asks_it(world: World, faulty: bool) -> None:
    world.spawn(Mother, waits=faulty).tell(Ping())
    await world.settle()


class Vote(Message):
    node: int


class Majority(Actor[Vote]):
    """Counts votes; the faulty one counts a repeated one again."""

    def __init__(self, *, distinct: bool) -> None:
        self.distinct = distinct
        self.votes: list[int] = []
        self.won = False

    @on(Vote)
    def vote(self, msg: Vote) -> None:
        if not self.distinct or msg.node not in self.votes:
            self.votes.append(msg.node)
        self.won = self.won or len(self.votes) >= 2
        assert not self.won or len(set(self.votes)) >= 2

    initial = vote


class Voter(Actor[Ping]):
    """Votes, and votes again when nobody has confirmed it in time."""

    def __init__(self, node: int, to: ActorRef[Vote]) -> None:
        self.node = node
        self.to = to

    @on(Ping)
    def ping(self, msg: Ping) -> None:
        self.to.tell(Vote(self.node))

    initial = ping


@program("Ongaro and Ousterhout, Raft, USENIX ATC 2014: one vote for each server")
async def a_vote_counted_twice(world: World, faulty: bool) -> None:
    majority = world.spawn(Majority, distinct=not faulty)
    voters = [world.spawn(Voter, node, majority) for node in range(2)]
    for voter in voters:
        voter.tell(Ping())
        voter.tell(Ping())
    await world.settle()


class Red(Message):
    """Turn red."""


class Green(Message):
    """Turn green."""


class Light(Actor[Red | Green]):
    """A light whose flow goes round; a late order does not follow it."""

    def __init__(self, *, ignores: bool) -> None:
        self.ignores = ignores

    @on(Green)
    def to_green(self, msg: Green) -> None:
        self.become(self.green)

    @on(Red)
    def to_red(self, msg: Red) -> None:
        self.become(self.initial)

    @on(Green)
    def again(self, msg: Green) -> None:
        if not self.ignores:
            self.become(self.broken)

    @on(Red)
    def still(self, msg: Red) -> None:
        """Red already."""

    initial = to_green | still
    green = again | to_red
    broken = again | still
    flow = (initial.to(green), green.to(initial))


@program(STUDY + ": behaviour that was not meant for the message")
async def out_of_the_flow(world: World, faulty: bool) -> None:
    light = world.spawn(Light, ignores=not faulty)

    async def one() -> None:
        light.tell(Green())
        light.tell(Red())

    async def other() -> None:
        light.tell(Green())
        light.tell(Red())

    await world.gather(one(), other())


class Livelock(Message):
    left: int


class Polite(Actor[Livelock]):
    """After you; the mended one has had enough some time."""

    def __init__(self, *, patient: bool) -> None:
        self.patient = patient
        self.other: ActorRef[Livelock] | None = None

    @on(Livelock)
    def after_you(self, msg: Livelock) -> None:
        assert self.other is not None
        if self.patient or msg.left:
            self.other.tell(Livelock(max(0, msg.left - 1)))

    initial = after_you


@program(STUDY + ": livelock")
async def after_you(world: World, faulty: bool) -> None:
    one, other = world.spawn(Polite, patient=faulty), world.spawn(Polite, patient=faulty)
    await world.settle()
    world.state(one).other, world.state(other).other = other, one
    one.tell(Livelock(3))
    await world.settle()
