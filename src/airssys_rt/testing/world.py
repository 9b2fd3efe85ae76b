"""`World`: the real engine in a simulated world, with virtual time and a chosen schedule.

It is an `ActorSystem` to the actors in it.  The scenario is a coroutine that the world steps beside
them.  Time stands still while anything can happen, and jumps to what is due next when nothing can.

Laws: the same scenario with the same choices does the same, on every machine; what a run leaves
behind is looked at by the laws (`airssys_rt.testing.laws`).
"""

from __future__ import annotations

import random
from heapq import heappop
from typing import TYPE_CHECKING, Any, TypeVar, cast

from airssys_rt.core.signals import LifecycleEvent, Shutdown
from airssys_rt.errors import BadArgument, LawBroken
from airssys_rt.kernel.due import next_due, on_time
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.ref import ActorRef, cell_of
from airssys_rt.kernel.spawn import root_cell
from airssys_rt.kernel.waits import FAILED, Wait
from airssys_rt.kernel.wire import Wire
from airssys_rt.naming.directory import Directory
from airssys_rt.naming.topic import Topic
from airssys_rt.runtime.offload import HOST
from airssys_rt.runtime.system import ActorSystem
from airssys_rt.supervision.overseer import oversee
from airssys_rt.testing.boxes import LIVE, WorldBox, box_maker
from airssys_rt.testing.faults import Faults
from airssys_rt.testing.goals import Goal
from airssys_rt.testing.laws import LAWS, check_end, check_foreign, check_quiet, known
from airssys_rt.testing.offloaded import Inline
from airssys_rt.testing.port import WorldPort
from airssys_rt.testing.post import Post
from airssys_rt.testing.task import Task, nap, step, until
from airssys_rt.testing.troubles import Troubles
from airssys_rt.testing.worldio import in_world
from airssys_rt.testing.worldnet import WorldNet, WorldScheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from airssys_rt.core.ref import AnyRef
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.testing.schedule import Driver

__all__ = ["World"]

T = TypeVar("T")

STOP = 600.0  # seconds that the ordered stop gets
DRAIN = 5.0  # seconds that suspended handlers get when the scenario is over


class Wiring:
    """A world's parts, as an `ActorSystem` has them."""

    def __init__(self, net: WorldNet, port: WorldPort, scheduler: Scheduler, root: Cell) -> None:
        self.net = net
        self.port = port
        self.scheduler = scheduler
        self.root = root
        self.directory = Directory(scheduler)


class World(Troubles, ActorSystem):
    """A simulated system; `explore`, `replay` and `simulate` make it and give it to the scenario.

    `strict_wire` and `debug` are those of `ActorSystem`.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        laws: Iterable[str] = LAWS,
        strict_wire: bool = False,
        debug: bool = False,
        most_steps: int = 10_000,
    ) -> None:
        super().__init__("world")
        self.most_steps = most_steps
        self.faults = Faults()
        net = self.net = WorldNet()
        net.judge(known(laws))
        port = self.port = WorldPort(net)
        scheduler = self.scheduler = WorldScheduler(
            port,
            name="world",
            system=self,
            random=random.Random(seed),
            debug=debug,
            wire=Wire() if strict_wire else None,
            make_ref=ActorRef,
            oversee=oversee,
            inline=False,
        )
        net.scheduler = port.scheduler = scheduler
        scheduler.context.run(HOST.set, Inline(step))
        net.guarded = scheduler.guarded
        net.live = LIVE
        scheduler.guarded = True
        scheduler.make_box = box_maker(net)
        scheduler.slice_end = float("inf")  # no ask has to let an event loop run
        scheduler.rise()
        root = root_cell(scheduler)
        post = net.posts[root] = Post(net, root, "system")
        root.guard(WorldBox(post, guarded=False))
        port.dead_letters = Topic(scheduler, "dead_letters")
        events: Topic[LifecycleEvent] = Topic(scheduler, "events")
        port.events = events

        def listened() -> None:
            scheduler.observed = bool(events.subscribers) or net.supervised is not None

        events.changed = listened
        # Any: the parts have no event loop's tasks
        self._parts = cast("Any", Wiring(net, port, scheduler, root))
        self.root = root
        self.broken: list[LawBroken] = []
        self.always_checks: list[Callable[[], object]] = []
        self.goal: Goal | None = None  # that a fair schedule has to reach
        self._quiet: list[Wait] = []  # who waits for nothing to be enabled
        self._clients = 0
        self.groups: dict[str, tuple[str, ...]] = {}

    # -- what scenarios do ---------------------------------------------------------------------

    @property
    def now(self) -> float:
        """The world's time, in seconds."""
        return self.net.now

    async def sleep(self, seconds: float) -> None:
        """Let that much virtual time pass; for scenarios and handlers."""
        if not seconds >= 0:
            raise BadArgument(f"{seconds!r} seconds cannot pass", mend="give 0 or more")
        await nap(self.net.now + seconds)

    async def settle(self) -> None:
        """Wait until nothing can happen without time passing."""
        wait = Wait(None, None)
        self._quiet.append(wait)
        await until(wait)

    async def drain(self, timeout: float | None = None) -> bool:
        """As `ActorSystem.drain`: wait until no message is queued or being handled."""
        end = None if timeout is None else self.net.now + timeout
        while True:
            await self.settle()
            if not self.scheduler.suspended:
                return True
            if end is not None and self.net.now >= end:
                return False
            await nap(self.next_due() or self.net.now)

    async def gather(self, *works: Coroutine[Any, Any, T]) -> list[T]:
        """Run coroutines as clients beside each other, each a sender of its own; their results.

        Raises the first error that one of them raised.
        """
        waits = [self._client(work) for work in works]
        for wait in waits:
            await until(wait)
        return [wait.result() for wait in waits]

    def _client(self, work: Coroutine[Any, Any, T]) -> Wait:
        self._clients += 1
        wait = Wait(None, None)

        # Any: what the coroutine returns
        def done(result: Any, error: BaseException | None) -> None:
            if error is not None:
                wait.fail(error)
            else:
                wait.settle(result)

        tag = f"client-{self._clients}"
        Task(self.net, work, done, tag=tag, context=self.scheduler.context.copy()).wake()
        return wait

    def always(self, check: Callable[[], object]) -> None:
        """Check after every step: `check` raises, or returns False, when something is broken."""
        self.always_checks.append(check)

    @property
    def laws(self) -> frozenset[str]:
        """The laws that this run is held to."""
        return self.net.laws

    def waive(self, *laws: str) -> None:
        """Switch laws off for this scenario, by their names.  Raises `BadArgument`."""
        self.net.judge(self.net.laws - known(laws))

    async def eventually(
        self, check: Callable[[], bool], *, within: float = 60.0, steps: int | None = None
    ) -> None:
        """Wait until `check()` holds, while the world goes on; at most that many seconds of it.

        With `steps` it must hold within that many steps of fairness: from here on, until it does,
        whatever has waited longest comes next, and no more faults come.  So a schedule that starves
        somebody is no excuse, and none is accused for having been starved.

        Raises `LawBroken` if nothing more can happen, or the time or the steps are over.
        """
        goal = Goal(self, check, self.net.now + within, within, steps)
        if steps is not None:
            if not goal.holds():
                self.goal = goal
                await until(goal.wait)
                goal.wait.result()
            return
        while not check():
            await self.settle()
            if goal.holds():
                return
            if not goal.in_time():
                goal.wait.result()
            await nap(goal.due)

    # Any: an actor of whatever protocol
    def state(self, ref: AnyRef) -> Any:
        """The actor object behind a ref, to look at; None while there is none."""
        return cell_of(ref).actor

    # -- time --------------------------------------------------------------------------------------

    def next_due(self) -> float | None:
        """When something happens next that time makes happen."""
        due = next_due(self.scheduler)
        naps = self.net.naps
        while naps and getattr(naps[0][2], "over", False):
            heappop(naps)
        if naps and (due is None or naps[0][0] < due):
            due = naps[0][0]
        return due

    def advance(self, limit: float | None = None) -> bool:
        """Jump to what is due next; False if nothing is, or not within the limit."""
        due = self.next_due()
        if due is None or (limit is not None and due > limit):
            return False
        self.net.now = max(self.net.now, due)
        self.fire()
        return True

    def fire(self) -> None:
        """Have happen what is due now."""
        net = self.net
        on_time(self.scheduler)
        while net.naps and net.naps[0][0] <= net.now:
            heappop(net.naps)[2].wake()
        net.gather()

    # -- a run -------------------------------------------------------------------------------------

    def run(self, scenario: Callable[[World], Coroutine[Any, Any, object]], driver: Driver) -> None:
        """Run a scenario to its end, check the laws, and stop all actors in order.

        Raises what the scenario raised, or the first law that was broken.
        """
        with in_world(self.net):
            self._run(scenario, driver)

    def _run(
        self, scenario: Callable[[World], Coroutine[Any, Any, object]], driver: Driver
    ) -> None:
        outcome = Wait(None, None)

        # Any: what the scenario returns
        def done(result: Any, error: BaseException | None) -> None:
            if error is not None:
                outcome.fail(error)
                self.net.abandon()
            else:
                outcome.settle(result)

        net = self.net
        driver.prepare(self)
        context = self.scheduler.context.copy()
        Task(net, scenario(self), done, tag="scenario", context=context).wake()
        try:
            while True:
                driver.drive(self)
                if outcome.state == FAILED:
                    check_foreign(self)  # what follows from that says less
                    raise outcome.value  # with the scenario's lines in its traceback
                if outcome.done:
                    break
                if self._quiet:
                    if net.supervised is not None:
                        net.supervised.check_quiet()
                    waits, self._quiet = self._quiet, []
                    for wait in waits:
                        wait.settle(None)
                elif self.goal is not None:
                    if self.goal.in_time():
                        self.advance()
                elif not self.advance():
                    check_quiet(self)
                    raise LawBroken(
                        "the scenario waits for what never happens",
                        why=waiting_text(self),
                        mend="see the trace for what did not happen",
                    )
            end = net.now + DRAIN
            while net.tasks and self.advance(end):
                driver.drive(self)
            check_quiet(self)
            self.stop_all(driver)
            check_end(self)
        finally:
            self.dispose()

    def stop_all(self, driver: Driver) -> None:
        """Stop the tree in order, in send order."""
        self.net.active = self.net.outside
        self.root.signal("end", Shutdown())
        self.net.gather()
        end = self.net.now + STOP
        while True:
            driver.finish(self)
            # a handler that ignores its kill is published every second, without end
            if self.root.life == Life.DEAD or not self.advance(end):
                break
        self.scheduler.open = False

    def dispose(self) -> None:
        """Close what is left of coroutines: nobody will step them any more."""
        self.scheduler.open = False
        for task in list(self.net.tasks):
            task.over = True
            try:
                task.coro.close()
            except BaseException:
                continue
        self.net.tasks.clear()


def waiting_text(world: World) -> str:
    """Who waits for whom."""
    lines: list[str] = []
    for task in world.net.tasks:
        wait = task.waiting
        if isinstance(wait, Wait) and wait.target is not None:
            lines.append(f"{task.tag} waits for {world.net.posts[wait.target].tag}")
        else:
            lines.append(f"{task.tag} waits")
    return "; ".join(lines) or "nobody waits for anybody"
