"""`HostWorld`: a world in which test bodies run that enter an `ActorSystem` of their own.

The system's block, the engine, the timekeeper, the log and the jobs are the library's own; the
world stands in for the carriers and the event loop: each message, turn, task and alarm is a step
that the schedule chooses.  The laws are looked at when a system's block is left.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import pytest
import sniffio

import airssys_rt.runtime.system as running
from airssys_rt.errors import LawBroken
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import Bounded, ClosedBox, Grave, GuardedBox
from airssys_rt.kernel.scheduler import Scheduler
from airssys_rt.kernel.spawn import root_cell
from airssys_rt.kernel.waits import FAILED, Wait
from airssys_rt.testing.boxes import LIVE, WorldBounded, WorldBox, tag_for
from airssys_rt.testing.exploring import Settings
from airssys_rt.testing.post import Channel, Post, Turn
from airssys_rt.testing.world import World, waiting_text
from airssys_rt.testing.worldnet import WorldNet
from tests.inworld.stage import HostBackend, NoCarriers
from tests.inworld.strands import NET, STRAND, Alarm, Scope, Strand, StrandTask

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.testing.schedule import Driver

__all__ = ["NAME", "HostNet", "HostSettings", "HostWorld", "hosted"]

# Any throughout: what coroutines yield, are sent and return

NAME = "world"  # of the event loop, as sniffio and anyio call it
MOST_STEPS = 10_000


class HostNet(WorldNet):
    """A net with strands."""

    def __init__(self) -> None:
        super().__init__()
        self.resting: list[Wait] = []  # checkpoints
        self.children: dict[str, int] = {}  # of task groups, by who started them
        self.scheduler: Any  # a HostScheduler, or what stands for it
        self.running: object = None  # the task that is stepped now
        self.world: HostWorld

    def alarm(self, when: float, wake: Callable[[], object]) -> Alarm:
        """Have something done at a time."""
        found = Alarm(wake)
        self.count += 1
        heappush(self.naps, (when, self.count, found))
        return found

    def overlap(self, post: Post) -> None:
        """A message is handled while another one is."""
        raise LawBroken(
            f"{post.tag} handles a message while it handles another one",
            where=post.tag,
            why="law 'serial': an actor handles one message at a time",
        )

    def suspended(self, post: Post) -> None:
        """The step left a handler that waits: it goes on as a strand."""
        scheduler = self.scheduler
        suspension = scheduler.suspension
        scheduler.suspension = None
        cell = suspension.cell
        post.block()

        def done(result: Any, error: BaseException | None) -> None:
            scheduler.finish(suspension, result, error)
            post.settle()

        context = suspension.context
        strand = context.run(STRAND.get)
        if strand is None:
            strand = Strand()
            context.run(STRAND.set, strand)
        outermost = strand.scope
        scope = Scope(shield=True)  # what a kill cancels
        scope.strand = strand
        if outermost is None:
            strand.scope = scope
        else:
            while outermost.above is not None:
                outermost = outermost.above
            outermost.above = scope
        task = StrandTask(
            self,
            suspension.coro,
            done,
            tag=post.tag,
            strand=strand,
            sender=post,
            cell=cell,
            context=context,
        )
        suspension.scope = scope
        task.park(suspension.yielded)
        if cell.rich is not None and cell.rich.killed:
            scope.cancel()


class HostPost(Post):
    """A cell in the net, whose end finds what is on its way to it.

    What was sent is in the mailbox as soon as it is sent: when a cell ends, all of it is left over.
    A world lets it arrive later, and so be refused later; here it is refused at once.
    """

    __slots__ = ()

    def settle(self) -> None:
        """The cell has done something of its own: if that was its end, messages are left over."""
        if isinstance(self.cell.box, (ClosedBox, Grave)):
            for item in self.empty():
                self.net.arrive(self, item)
        super().settle()


def host_box(net: HostNet) -> Any:
    """What makes the mailboxes of a system."""

    def make(cell: Cell, bound: Bounded | None) -> GuardedBox:
        post = net.posts[cell] = HostPost(net, cell, tag_for(net, cell))
        if bound is not None:
            return WorldBounded(post, bound)
        return WorldBox(post, guarded=net.guarded)

    return make


class HostScheduler(Scheduler):
    """The engine, in the net of the run that goes on."""

    def __init__(self, port: Any, **options: Any) -> None:
        net = self.net = NET[-1]
        if net.scheduler.open:
            raise NotImplementedError("two systems at once: a world is one")
        super().__init__(port, **{**options, "inline": False, "random": net.world.scheduler.random})
        self.ready = net.world.ready
        self.slice_end = float("inf")
        self.make_box = host_box(net)
        self.context = copy_context()
        self.context.run(STRAND.set, None)
        net.scheduler = self
        net.posts.clear()
        net.down.clear()
        net.guarded = self.guarded
        self.guarded = True

    def _put_back(self, cell: Cell) -> None:
        super()._put_back(cell)
        if isinstance(cell.box, (ClosedBox, Grave)):
            self.net.posts[cell].settle()

    @property
    def awake(self) -> int:
        """What stands for carriers at work: the tests look at it."""
        return int(self.busy())

    @awake.setter
    def awake(self, _count: int) -> None:
        """There are none to count."""

    def busy(self) -> bool:
        """Whether a message is on its way, queued or being handled."""
        if self.ready or self.suspended or self.inbox.pending:
            return True
        if any(isinstance(one, (Channel, Turn)) for one in self.net.enabled):
            return True
        return any(channel.items for post in self.net.down for channel in post.channels.values())


def host_root(scheduler: Scheduler) -> Cell:
    """The root of a system, with its place in the net."""
    net = NET[-1]
    root = root_cell(scheduler)
    post = net.posts[root] = HostPost(net, root, "system")
    root.guard(WorldBox(post, guarded=False))
    return root


class HostWorld(World):
    """A world whose scenario enters its system itself."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed=seed, laws=("serial", "orphans"), most_steps=MOST_STEPS)
        self.ready = self.scheduler.ready
        net = HostNet()
        net.live = LIVE
        net.world = self
        net.scheduler = Idle(self.ready)
        self.host = net
        self.net = net

    def run(self, scenario: Callable[[Any], Coroutine[Any, Any, object]], driver: Driver) -> None:
        """Run a test's body to its end.  Raises what it raised, or the law that was broken."""
        net = self.host
        outcome = Wait(None, None)

        def done(result: Any, error: BaseException | None) -> None:
            if error is not None:
                outcome.fail(error)
            else:
                outcome.settle(result)

        NET.append(net)
        try:
            driver.prepare(self)
            StrandTask(net, scenario(self), done, tag="test", strand=Strand()).wake()
            rounds = 0
            while True:
                driver.drive(self)
                if outcome.state == FAILED:
                    raise outcome.value
                if outcome.done:
                    break
                rounds += 1
                if rounds > MOST_STEPS or not self.go_on():
                    raise LawBroken(
                        "the test waits for what never happens",
                        why=waiting_text(self),
                        mend="see the trace for what did not happen",
                    )
        finally:
            self.dispose()
            NET.pop()

    def go_on(self) -> bool:
        """Nothing is enabled: let go on who waited for that, or time pass."""
        net = self.host
        waits, net.resting = net.resting, []
        scheduler = net.scheduler
        if scheduler.quiet and not scheduler.busy():
            scheduler.settle_quiet()
        for wait in waits:
            wait.settle(None)
        return bool(net.enabled) or self.advance()

    def next_due(self) -> float | None:
        """When the next alarm is."""
        naps = self.host.naps
        while naps and naps[0][2].over:
            heappop(naps)
        return naps[0][0] if naps else None

    def fire(self) -> None:
        """Have the alarms that are due now."""
        net = self.host
        while net.naps and net.naps[0][0] <= net.now:
            alarm = heappop(net.naps)[2]
            if not alarm.over:
                alarm.wake()
        net.gather()

    def check_left(self) -> None:
        """A system was left: nothing of it is."""
        net = self.host
        for post in net.posts.values():
            if post.cell.life != Life.DEAD and not post.inner:
                raise LawBroken(
                    f"{post.tag} is {post.cell.life} after its system was left",
                    where=post.tag,
                    why="law 'orphans': nothing outlives its parent",
                )
            for channel in post.channels.values():
                if channel.items:
                    raise LawBroken(
                        f"{[item for _, item in channel.items]} never reached {post.tag}",
                        where=post.tag,
                        why="law 'accounted': what was sent is handled, or a dead letter",
                    )
        scheduler = net.scheduler
        if scheduler.suspended or scheduler.ready:
            raise LawBroken(
                f"{scheduler.suspended} handlers are suspended after their system was left",
                why="law 'orphans': nothing outlives the block",
            )

    def dispose(self) -> None:
        """Close what is left of coroutines."""
        self.host.scheduler.open = False
        super().dispose()


class Idle:
    """What stands for an engine before there is one."""

    open = False
    current: Cell | None = None
    suspension = None
    suspended = 0
    quiet: tuple[()] = ()

    def __init__(self, ready: Any) -> None:
        self.ready = ready

    def busy(self) -> bool:
        """Nothing is."""
        return False


class HostSettings(Settings, frozen=True):
    """How these worlds are made."""

    def world(self, seed: int) -> HostWorld:
        """A world for one run."""
        return HostWorld(seed)


@contextmanager
def hosted() -> Iterator[None]:
    """While it lasts, the block of an `ActorSystem` enters the world of the run."""
    token = sniffio.current_async_library_cvar.set(NAME)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "current_backend", lambda: HostBackend(NET[-1]))
        patch.setattr(running, "Scheduler", HostScheduler)
        patch.setattr(running, "CarrierPool", NoCarriers)
        patch.setattr(running, "root_cell", host_root)
        try:
            yield
        finally:
            sniffio.current_async_library_cvar.reset(token)
