"""Processes: how they begin, how they end, and who waits for them."""

from __future__ import annotations

from airssys_rt import (
    Actor,
    ActorRef,
    Bounded,
    Down,
    ExitReason,
    HandlerFailed,
    Later,
    Message,
    Name,
    ReplyTo,
    Request,
    Supervisor,
    on,
    props,
)
from airssys_rt.testing import World
from tests.testing.corpus.base import tarry
from tests.testing.heldout.base import Get, Go, held_out


class Event(Message):
    """Something happened."""


class Stop(Message):
    """Do not watch any more."""


class Watcher(Actor[Event | Stop]):
    """Forwards events until it is told to stop."""

    def __init__(self) -> None:
        self.stopped = False

    @on(Event)
    def event(self, msg: Event) -> None:
        """Forward it."""

    @on(Stop)
    def halt(self, msg: Stop) -> None:
        self.stopped = True

    initial = event | halt


@held_out
async def stop_dropped_when_full(world: World, faulty: bool) -> None:
    """The signal to stop is sent without waiting to a channel that is full, and so is dropped.

    Source: Grafana App SDK, Fix goroutine leak in watch wrappers,
    https://github.com/grafana/grafana-app-sdk/pull/1391
    """
    watcher = world.spawn(props(Watcher).mailbox(Bounded(1, overflow="drop_newest")))
    await world.settle()

    async def source() -> None:
        watcher.tell(Event())

    async def owner() -> None:
        await tarry(world)
        if faulty:
            watcher.tell(Stop())
        else:
            await watcher.send(Stop())

    await world.gather(source(), owner())
    await world.settle()
    assert world.state(watcher).stopped, "it watches for ever"


class Close(Request[bool]):
    """Close the connection."""


class Socket(Actor[Close]):
    """A socket."""

    @on(Close)
    def close(self, msg: Close) -> bool:
        return True

    initial = close


class Closing(Message):
    """The gateway goes."""


GATEWAY: Name[Go] = Name("gateway")


class Gateway(Actor[Go]):
    """Says that it goes, and then closes its socket."""

    def __init__(self, manager: ActorRef[Closing], socket: ActorRef[Close]) -> None:
        self.manager = manager
        self.socket = socket

    @on(Go)
    def go(self, msg: Go) -> None:
        """Nothing."""

    async def post_stop(self, reason: ExitReason) -> None:
        self.manager.tell(Closing())
        await self.socket.ask(Close())

    initial = go


class Manager(Actor[Go | Closing | Down]):
    """Starts a gateway anew when the old one goes, or when it is gone."""

    def __init__(self, socket: ActorRef[Close], *, waits: bool) -> None:
        self.socket = socket
        self.waits = waits
        self.started = 0
        self.start()

    def start(self) -> None:
        """A new gateway, by the same name."""
        self.started += 1
        self.child = self.spawn(props(Gateway, self.ref, self.socket).named(GATEWAY))
        self.monitor(self.child)

    @on(Go)
    def reconnect(self, msg: Go) -> None:
        self.child.stop()

    @on(Closing)
    async def closing(self, msg: Closing) -> None:
        if not self.waits and self.started == 1:
            for _ in range(4):
                await self.socket.ask(Close())  # what the socket has to be told
            self.start()

    @on(Down)
    def down(self, msg: Down) -> None:
        if self.waits and self.started == 1:
            self.start()

    initial = reconnect | closing | down


@held_out
async def name_of_the_dying(world: World, faulty: bool) -> None:
    """A gateway is started anew while the old one of the same name is still closing.

    Source: AckCord, ERROR: actor name [GatewayHandler] is not unique!,
    https://github.com/katrix/ackcord/issues/26
    """
    manager = world.spawn(Manager, world.spawn(Socket), waits=not faulty)
    await world.settle()
    manager.tell(Go())
    await world.settle()
    assert world.whereis(GATEWAY) is not None


class Server(Actor[Go | Get]):
    """Begins with a message to itself: one of its mailbox, or one before that."""

    def __init__(self, *, first: bool) -> None:
        self.ready = False
        if first:
            self.next(Go())
        else:
            self.ref.tell(Go())

    @on(Go)
    def begin(self, msg: Go) -> None:
        self.ready = True

    @on(Get)
    def get(self, msg: Get) -> int:
        assert self.ready, "asked before it has begun"
        return 1

    initial = begin | get


@held_out
async def begun_by_a_message(world: World, faulty: bool) -> None:
    """What a server sends itself to begin with comes behind a request of a client.

    Source: amokan, Comparison of GenServer state orchestration using send/2 vs the new
    handle_continue callback, https://gist.github.com/amokan/a9d63786fbed7a215030f11a8e93aab7
    """
    server = world.spawn(Server, first=not faulty)
    await tarry(world)
    await server.ask(Get())


class Over(Message):
    """The server has ended."""


class Overdue(Request[bool]):
    """It has not ended in time."""


class Select(Actor[Over | Overdue]):
    """Listens until one of the two has come; the mended one answers the other as well."""

    def __init__(self, *, buffers: bool) -> None:
        self.buffers = buffers
        self.over = False
        self.unheard: list[ReplyTo[bool]] = []

    @on(Over)
    def ended(self, msg: Over) -> None:
        self.over = True

    @on(Overdue)
    def overdue(self, msg: Overdue) -> bool | Later:
        if self.over and not self.buffers:
            later = self.defer(msg)
            self.unheard.append(later)
            return later
        self.over = True
        return True

    initial = ended | overdue


@held_out
async def nobody_listens_any_more(world: World, faulty: bool) -> None:
    """Who waits for one of two events leaves after the first; the sender of the other one hangs.

    Source: Kubernetes, Goroutine leak in EtcdMigrateServer,
    https://github.com/kubernetes/kubernetes/issues/114070
    """
    select = world.spawn(Select, buffers=not faulty)

    async def timer() -> None:
        await select.ask(Overdue())

    async def server() -> None:
        await tarry(world)
        select.tell(Over())

    await world.gather(timer(), server())


class Shut(Message):
    """End, with your worker."""


class Worker(Actor[Stop]):
    """Works until it is told to stop, or whom it is linked to ends badly."""

    @on(Stop)
    def halt(self, msg: Stop) -> None:
        self.stop()

    initial = halt


class Overseer(Actor[Shut]):
    """Ends its worker; the faulty one unlinks from it long before."""

    def __init__(
        self, worker: ActorRef[Stop], clerk: ActorRef[Close], *, unlinks_first: bool
    ) -> None:
        self.worker = worker
        self.clerk = clerk
        self.unlinks_first = unlinks_first
        self.link(worker)

    @on(Shut)
    async def shut(self, msg: Shut) -> None:
        if self.unlinks_first:
            self.unlink(self.worker)
        await self.clerk.ask(Close(), timeout=None)
        self.worker.tell(Stop())
        self.stop()

    initial = shut


@held_out
async def killed_after_it_has_unlinked(world: World, faulty: bool) -> None:
    """A supervisor that has unlinked from its child is killed before it stops it.

    Source: Erlang/OTP, ERL-724: Race condition in supervisor.erl can leave processes running when
    shutting down a supervision tree, https://github.com/erlang/otp/issues/3670
    """
    worker, clerk = world.spawn(Worker), world.spawn(Socket)
    overseer = world.spawn(Overseer, worker, clerk, unlinks_first=faulty)
    await world.settle()
    world.lossy(overseer, clerk, delay=0.5, seconds=20.0)
    overseer.tell(Shut())
    await world.sleep(5.0)
    if world.state(overseer) is not None:
        world.kill(overseer)
    await world.sleep(60.0)
    assert world.state(worker) is None, "the worker is left behind"


class Checkpoint(Request[int]):
    """What was saved?"""


class Work(Request[bool]):
    """Work."""


class Poke(Message):
    """Something that may go wrong."""


class Worked(Message):
    """It is done, or has failed."""


ACTOR_B: Name[Work | Poke] = Name("b")


class ActorA(Actor[Go | Checkpoint | Worked]):
    """Has something done by B, for which it saves checkpoints."""

    def __init__(self, *, waits: bool) -> None:
        self.waits = waits

    @on(Go)
    async def go(self, msg: Go) -> None:
        other = self.system.ref(ACTOR_B)
        if not self.waits:
            self.pipe(other.ask(Work()), lambda _: Worked(), lambda _: Worked())
            return
        try:
            await other.ask(Work())
        except HandlerFailed:
            pass

    @on(Checkpoint)
    def checkpoint(self, msg: Checkpoint) -> int:
        return 1

    @on(Worked)
    def worked(self, msg: Worked) -> None:
        """Nothing."""

    initial = go | checkpoint | worked


class ActorB(Actor[Work | Poke]):
    """Asks for its checkpoint before it begins."""

    def __init__(self, other: ActorRef[Checkpoint]) -> None:
        self.other = other

    async def pre_start(self) -> None:
        await self.other.ask(Checkpoint())

    @on(Work)
    def work(self, msg: Work) -> bool:
        return True

    @on(Poke)
    def poke(self, msg: Poke) -> None:
        """Nothing."""

    initial = work | poke


@held_out
async def restart_asks_who_waits_for_it(world: World, faulty: bool) -> None:
    """An actor that restarts asks for its checkpoint the very one who is waiting for it.

    Source: Ray, Deadlock about remotecall in multinode,
    https://github.com/ray-project/ray/issues/4604
    """
    one = world.spawn(ActorA, waits=faulty)
    other = props(ActorB, one).named(ACTOR_B).restart("permanent")
    world.spawn(props(Supervisor, [other], intensity=9))
    await world.settle()
    target = world.whereis(ACTOR_B)
    assert target is not None
    world.inject(target, crash=0.3, most=1)

    async def asker() -> None:
        one.tell(Go())

    async def poker() -> None:
        await tarry(world)
        target.tell(Poke())

    await world.gather(asker(), poker())
    await world.settle()
