"""Controllers of clusters: who acts on what it knew a moment ago."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, Message, Request, on
from airssys_rt.testing import World
from tests.testing.corpus.base import tarry
from tests.testing.heldout.base import Go, held_out


class Create(Message):
    """Make a pod."""


class Added(Message):
    """A pod was made."""


class Api(Actor[Create]):
    """Makes pods, and tells the controller's cache."""

    def __init__(self) -> None:
        self.pods = 0
        self.cache: ActorRef[Added] | None = None

    @on(Create)
    def create(self, msg: Create) -> None:
        self.pods += 1
        if self.cache is not None:
            self.cache.tell(Added())

    initial = create


class Reconciler(Actor[Go | Added]):
    """Wants one pod; the mended one remembers what it has ordered."""

    def __init__(self, api: ActorRef[Create], *, expects: bool) -> None:
        self.api = api
        self.expects = expects
        self.cached = 0
        self.ordered = 0

    @on(Go)
    def reconcile(self, msg: Go) -> None:
        if self.cached + self.ordered < 1:
            if self.expects:
                self.ordered += 1
            self.api.tell(Create())

    @on(Added)
    def added(self, msg: Added) -> None:
        self.cached += 1
        if self.expects:
            self.ordered -= 1

    initial = reconcile | added


@held_out
async def pod_created_twice(world: World, faulty: bool) -> None:
    """A controller reconciles again before its cache shows the pod that it has just created.

    Source: Elastic Cloud on Kubernetes, Reconcile ES pods with expectations,
    https://github.com/elastic/cloud-on-k8s/pull/290
    """
    api = world.spawn(Api)
    controller = world.spawn(Reconciler, api, expects=not faulty)
    await world.settle()
    world.state(api).cache = controller

    async def event(late: int) -> None:
        await tarry(world, late)
        controller.tell(Go())

    await world.gather(event(0), event(8))
    await world.settle()
    assert world.state(api).pods == 1


class Delete(Message):
    """Delete the pod."""


class Deleted(Message):
    """It was deleted."""


class List(Request[tuple[int, bool]]):
    """The version, and whether the pod is there."""


class Watch(Message):
    """Tell of what happens after that version; of what happens from now on, if it is negative."""

    watcher: ActorRef[Deleted]
    version: int


class PodApi(Actor[Delete | List | Watch]):
    """Has a pod."""

    def __init__(self) -> None:
        self.version = 0
        self.pod = True
        self.watcher: ActorRef[Deleted] | None = None

    @on(Delete)
    def delete(self, msg: Delete) -> None:
        self.version += 1
        self.pod = False
        if self.watcher is not None:
            self.watcher.tell(Deleted())

    @on(List)
    def list_them(self, msg: List) -> tuple[int, bool]:
        return self.version, self.pod

    @on(Watch)
    def watch(self, msg: Watch) -> None:
        self.watcher = msg.watcher
        if 0 <= msg.version < self.version:
            msg.watcher.tell(Deleted())

    initial = delete | list_them | watch


class Reflector(Actor[Go | Deleted]):
    """Lists, then watches: from now on, or from the version of the list."""

    def __init__(self, api: ActorRef[Delete | List | Watch], *, versions: bool) -> None:
        self.api = api
        self.versions = versions
        self.pod = False

    @on(Go)
    async def go(self, msg: Go) -> None:
        version, self.pod = await self.api.ask(List())
        self.api.tell(Watch(self.ref, version if self.versions else -1))

    @on(Deleted)
    def deleted(self, msg: Deleted) -> None:
        self.pod = False

    initial = go | deleted


@held_out
async def deleted_between_list_and_watch(world: World, faulty: bool) -> None:
    """A pod that is deleted after the list and before the watch is never seen to go.

    Source: JupyterHub kubespawner, use resource_version to avoid missing events,
    https://github.com/jupyterhub/kubespawner/pull/81
    """
    api = world.spawn(PodApi)
    reflector = world.spawn(Reflector, api, versions=not faulty)
    await world.settle()

    async def start() -> None:
        reflector.tell(Go())

    async def user() -> None:
        await tarry(world)
        api.tell(Delete())

    await world.gather(start(), user())
    await world.settle()
    assert not world.state(reflector).pod


class Sync(Message):
    """That node has the extent."""

    node: int


class Expired(Message):
    """That node has not been heard of for too long."""

    node: int


class Check(Message):
    """Are there enough replicas?"""


class Repair(Message):
    """Take a copy of the extent."""


class Extents(Actor[Sync | Expired | Check]):
    """Keeps two replicas of an extent."""

    def __init__(self, spare: ActorRef[Repair], *, knows: bool) -> None:
        self.spare = spare
        self.knows = knows
        self.alive = {0, 1}
        self.replicas = {0}

    @on(Sync)
    def sync(self, msg: Sync) -> None:
        if not self.knows or msg.node in self.alive:
            self.replicas.add(msg.node)

    @on(Expired)
    def expired(self, msg: Expired) -> None:
        self.alive.discard(msg.node)
        self.replicas.discard(msg.node)

    @on(Check)
    def check(self, msg: Check) -> None:
        if len(self.replicas) < 2:
            self.spare.tell(Repair())

    initial = sync | expired | check


class Spare(Actor[Repair]):
    """A node without the extent."""

    def __init__(self) -> None:
        self.has = False

    @on(Repair)
    def repair(self, msg: Repair) -> None:
        self.has = True

    initial = repair


@held_out
async def sync_report_of_the_expired(world: World, faulty: bool) -> None:
    """A late report of a node that is gone counts as a replica; nothing is repaired.

    Source: Deligiannis et al., Uncovering Bugs in Distributed Storage Systems during Testing (not
    in Production!), FAST 2016, http://multicore.doc.ic.ac.uk/publications/fast-16.html
    """
    spare = world.spawn(Spare)
    manager = world.spawn(Extents, spare, knows=not faulty)
    await world.settle()

    async def node() -> None:
        manager.tell(Sync(1))

    async def monitor() -> None:
        await tarry(world)
        manager.tell(Expired(1))
        manager.tell(Check())

    await world.gather(node(), monitor())
    await world.settle()
    assert world.state(spare).has, "one replica is left"


class Report(Message):
    """This region is too large."""


class Split(Message):
    """Split it."""


class Parted(Message):
    """It is split."""


class Procedure(Actor[Split]):
    """Splits."""

    def __init__(self) -> None:
        self.splits = 0
        self.master: ActorRef[Parted] | None = None

    @on(Split)
    def split(self, msg: Split) -> None:
        self.splits += 1
        if self.master is not None:
            self.master.tell(Parted())

    initial = split


class Master(Actor[Report | Parted]):
    """Has a region split that is reported; the mended one notes it before it is done."""

    def __init__(self, procedure: ActorRef[Split], *, notes: bool) -> None:
        self.procedure = procedure
        self.notes = notes
        self.open = True

    @on(Report)
    def report(self, msg: Report) -> None:
        if self.open:
            if self.notes:
                self.open = False
            self.procedure.tell(Split())

    @on(Parted)
    def parted(self, msg: Parted) -> None:
        self.open = False

    initial = report | parted


@held_out
async def split_for_each_report(world: World, faulty: bool) -> None:
    """A server reports a region again while it is being split; it is split twice.

    Source: Apache HBase, HBASE-25835 Ignore duplicate split requests from regionserver reports,
    https://github.com/apache/hbase/pull/3218
    """
    procedure = world.spawn(Procedure)
    master = world.spawn(Master, procedure, notes=not faulty)
    await world.settle()
    world.state(procedure).master = master

    async def server() -> None:
        master.tell(Report())
        await tarry(world)
        master.tell(Report())

    await world.gather(server())
    await world.settle()
    assert world.state(procedure).splits == 1


class Hosted(Request[bool]):
    """Is the region on that server?"""

    server: int


class Assign(Message):
    """Open the region on that server; if it still is on the other one, where one is named."""

    server: int
    still: int


class Regions(Actor[Hosted | Assign]):
    """Where the region is, and where it was opened."""

    def __init__(self) -> None:
        self.server = 0
        self.opened: list[int] = []

    @on(Hosted)
    def hosted(self, msg: Hosted) -> bool:
        return self.server == msg.server

    @on(Assign)
    def assign(self, msg: Assign) -> None:
        if msg.still < 0 or self.server == msg.still:
            self.server = msg.server
            self.opened.append(msg.server)

    initial = hosted | assign


@held_out
async def assigned_after_it_has_moved(world: World, faulty: bool) -> None:
    """What was on a dead server is assigned anew, though it has moved since it was listed.

    Source: Apache HBase, HBASE-23594 Procedure stuck due to region happen to recorded on two
    servers, https://github.com/apache/hbase/pull/953
    """
    regions = world.spawn(Regions)

    async def move() -> None:
        regions.tell(Assign(1, still=0))

    async def crash_procedure() -> None:
        await tarry(world)
        if await regions.ask(Hosted(0)):
            regions.tell(Assign(2, still=-1 if faulty else 0))

    await world.gather(move(), crash_procedure())
    await world.settle()
    assert len(world.state(regions).opened) == 1
