"""The ground that one actor under test stands on: the real engine, with a port that never waits.

Nothing runs unless `run` is called, and then everything that can run does, in this thread, before
`run` returns.  A coroutine that waits for another actor is put aside until it has its answer;
one that waits for an event loop is ended, and named.  Time is a number that `advance` changes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from random import Random
from threading import get_ident
from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import DeadLetter, Ended
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.due import next_due, on_time
from airssys_rt.kernel.mailbox import START
from airssys_rt.kernel.ref import ActorRef
from airssys_rt.kernel.scheduler import Scheduler
from airssys_rt.kernel.spawn import root_cell
from airssys_rt.naming.directory import Directory
from airssys_rt.naming.topic import Topic
from airssys_rt.runtime.offload import HOST
from airssys_rt.runtime.system import ActorSystem
from airssys_rt.supervision.overseer import oversee
from airssys_rt.testing.effects import Asked, Forwarded, Piped, Sent, Stopped, StopSent
from airssys_rt.testing.loopless import foreign, needs_loop, place
from airssys_rt.testing.noted import NotedCell, NotedTimers
from airssys_rt.testing.offloaded import Inline
from airssys_rt.testing.standin import RecordingBox, adopt_all, replace_child

if TYPE_CHECKING:
    from airssys_rt.core.signals import LifecycleEvent
    from airssys_rt.kernel.jobs import Job
    from airssys_rt.kernel.suspension import Suspension
    from airssys_rt.kernel.waits import Call, Wait
    from airssys_rt.testing.effects import Effect
    from airssys_rt.testing.loopless import ForeignAwait

__all__ = ["Ground"]

# Any throughout: messages and replies of every protocol


# what post_stop may do, and the end itself
AT_THE_END = (Sent, Asked, Forwarded, Piped, Stopped, DeadLetter)


MOST = 200_000  # messages in one call of the kit's


class Cancelled(BaseException):
    """Thrown into a handler that is killed."""


class Pause:
    """What a coroutine yields that waits for something of this library."""

    def __init__(self, wait: Wait) -> None:
        self.wait = wait

    def __await__(self) -> Generator[Pause, None, None]:
        while not self.wait.done:
            yield self


class Task:
    """A coroutine that the ground steps: a suspended handler, or a job."""

    def __init__(
        self,
        ground: Ground,
        coro: Coroutine[Any, Any, Any],
        context: Context,
        cell: Cell | None,
        over: Callable[[Any, BaseException | None], object],
    ) -> None:
        self.ground = ground
        self.coro = coro
        self.context = context
        self.cell = cell  # whose handler it is
        self.over = over
        self.done = False

    def step(self, thrown: BaseException | None = None) -> None:
        """Go on to the next wait, or to the end."""
        if self.done:
            return
        scheduler = self.ground.scheduler
        previous, scheduler.current = scheduler.current, self.cell
        coro, run = self.coro, self.context.run
        try:
            yielded = run(coro.send, None) if thrown is None else run(coro.throw, thrown)
        except StopIteration as stop:
            self.settle(stop.value, None)
        except BaseException as error:
            self.settle(None, error)
        else:
            self.pause(yielded)
        finally:
            scheduler.current = previous

    def pause(self, yielded: object) -> None:
        """It waits: for an answer, or for what nobody here can give."""
        if not isinstance(yielded, Pause):
            name = getattr(self.coro, "__qualname__", "a coroutine")
            error = foreign(name, repr(yielded), place(self.coro))
            self.ground.foreign = error
            try:
                self.coro.close()
            except RuntimeError:  # it awaits something while it is closed
                pass
            self.settle(None, error)
        elif yielded.wait.done:
            self.ground.soon(self.step)
        else:
            yielded.wait.wake = lambda: self.ground.soon(self.step)

    def settle(self, result: Any, error: BaseException | None) -> None:
        """It is over."""
        self.done = True
        self.over(result, error)

    def cancel(self) -> None:
        """Have it end, at its present wait."""
        self.ground.soon(lambda: self.step(Cancelled()))


class ReadyQueue(deque[Cell]):
    """The run queue; a cell that is in it for the first time is a child just spawned."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.ground = ground

    def append(self, cell: Cell, /) -> None:
        """As deque's."""
        new = not isinstance(cell, NotedCell) and not isinstance(cell.box, RecordingBox)
        if new and cell.incarnation == 0 and cell.items()[:1] == [START]:
            self.ground.spawned(cell)
        super().append(cell)


class Parts:
    """What an entered `ActorSystem` consists of, without an event loop."""

    def __init__(self, ground: Ground, root: Cell) -> None:
        self.port = ground
        self.scheduler = ground.scheduler
        self.root = root
        self.directory = Directory(ground.scheduler)


class Ground:
    """The port of a scheduler for one actor; also where its effects are written down."""

    def __init__(self, name: str) -> None:
        self.time = 0.0
        self.now: Callable[[], float] = lambda: self.time
        self.here: Callable[[], object] = get_ident
        self.home: object = get_ident()
        self.effects: list[Effect] = []
        self.failures: list[BaseException] = []
        self.foreign: ForeignAwait | None = None
        self.fatal_error: BaseException | None = None
        self.actions: deque[Callable[[], object]] = deque()
        self.calls: list[Call] = []  # asks of the test's own that are open
        self.owed: list[Call] = []  # requests to stand-ins that are open
        self.answers: dict[type[Any], Callable[[Any], Any]] = {}
        self.subject: NotedCell | None = None
        system: Any = ActorSystem(name)
        self.system: ActorSystem = system
        self.scheduler = Scheduler(
            self,
            name=name,
            random=Random(0),
            make_ref=ActorRef,
            system=system,
            oversee=oversee,
            inline=False,
        )
        self.scheduler.context.run(HOST.set, Inline())
        self.scheduler.ready = ReadyQueue(self)
        self.timers = NotedTimers(self.note, self.now)
        self.scheduler.timers = self.timers
        self.scheduler.observed = True
        self.root = root_cell(self.scheduler)
        self.dead_letters: Topic[DeadLetter] = Topic(self.scheduler, "dead_letters")
        self.events: Topic[LifecycleEvent] = Topic(self.scheduler, "events")
        system._parts = Parts(self, self.root)

    # -- the run -------------------------------------------------------------------------------

    def run(self) -> None:
        """Do all that can be done now."""
        scheduler = self.scheduler
        most = self.handled() + MOST
        while scheduler.ready or self.actions:
            if self.handled() > most:
                raise AssertionError(f"the actor is never at rest: it handled {MOST:,} messages")
            while self.actions:
                self.actions.popleft()()
            suspension = scheduler.run_slice()
            if suspension is not None:
                self.suspend(suspension)
        self.calls = [call for call in self.calls if not (call.done or call.gone)]
        self.owed = [call for call in self.owed if not (call.done or call.gone)]
        error, self.fatal_error = self.fatal_error, None
        if error is not None:
            raise error

    def handled(self) -> int:
        """How many messages the actor has handled."""
        return self.subject.handled if self.subject is not None else 0

    def suspend(self, suspension: Suspension) -> None:
        """A handler waits."""

        def over(result: Any, error: BaseException | None) -> None:
            self.scheduler.finish(suspension, result, error)

        cell = suspension.cell
        task = Task(self, suspension.coro, suspension.context, cell, over)
        suspension.scope = task
        task.pause(suspension.yielded)

    def advance(self, seconds: float) -> None:
        """Let time go by, and everything happen that is due, in order."""
        self.run()
        end = round(self.time + seconds, 9)
        # sums of decimal fractions differ by less than this
        while (due := next_due(self.scheduler)) is not None and due <= end + 1e-9:
            self.time = max(self.time, due)
            on_time(self.scheduler)
            self.run()
        self.time = max(self.time, end)

    # -- what is written down --------------------------------------------------------------------

    def note(self, effect: Effect) -> None:
        """Write an effect down; what the end of the actor entails goes without saying."""
        rich = self.subject.rich if self.subject is not None else None
        if rich is None or rich.ending is None or isinstance(effect, AT_THE_END):
            self.effects.append(effect)

    def spawned(self, cell: Cell) -> None:
        """A cell is new."""
        self.note(replace_child(cell))

    def sent(self, cell: Cell, msg: Any) -> None:
        """A stand-in was sent a message."""
        adopt_all(self.scheduler, self.root, msg)
        self.note(Sent(ActorRef[Any](cell), msg))

    def stop_sent(self, cell: Cell) -> None:
        """A stand-in was told to stop, if the actor did it."""
        if self.scheduler.current is self.subject:
            self.note(StopSent(ActorRef[Any](cell)))

    def asked(self, cell: Cell, call: Call) -> None:
        """A stand-in was asked."""
        adopt_all(self.scheduler, self.root, call.msg)
        mine = any(call is known for known in self.calls)
        self.note((Forwarded if mine else Asked)(ActorRef[Any](cell), call.msg))
        self.owed.append(call)
        self.settle(call)

    def settle(self, call: Call) -> None:
        """Answer a request to a stand-in, if it is known how."""
        msg: object = call.msg
        answer = self.answers.get(type(msg))
        if answer is None or call.done:
            return
        try:
            reply = answer(call.msg)
        except Exception as error:  # the answer of the test's own
            call.fail(error)
        else:
            self.scheduler.answer(call, reply)

    # -- the port --------------------------------------------------------------------------------

    def unpark(self) -> None:
        """Nobody sleeps here."""

    def arm(self, deadline: float) -> None:
        """Nor does anybody look at a clock."""

    async def wait(self, wait: Wait) -> None:
        """Be put aside until the wait is done."""
        await Pause(wait)

    async def checkpoint(self) -> None:
        """There is nobody to let run."""

    def start_job(self, job: Job) -> None:
        """Step a job when the present handler is over."""
        self.note(Piped(getattr(job.coro, "__qualname__", repr(job.coro))))

        def over(result: Any, error: BaseException | None) -> None:
            foreign = self.loopless(error)
            job.finished(result, error if foreign is None else foreign)

        task = Task(self, job.coro, self.scheduler.context.copy(), None, over)
        job.scope = task
        self.soon(task.step)

    def loopless(self, error: BaseException | None) -> ForeignAwait | None:
        """The error for one that says that no event loop is there."""
        where = needs_loop(error) if error is not None else ""
        if not where or error is None:
            return None
        subject = self.subject.label if self.subject is not None else "the actor"
        found = foreign(subject, f"an event loop ({error})", where)
        found.__cause__ = error
        self.foreign = found
        return found

    def fatal(self, error: BaseException) -> None:
        """Raise it in the test."""
        self.fatal_error = error

    def soon(self, action: Callable[[], object]) -> None:
        """Do something with the next run."""
        self.actions.append(action)

    def stack(self, cell: Cell) -> str:
        """Where a suspended handler is."""
        return place(cell.suspension.coro) if cell.suspension is not None else ""

    def failure(self, cell: Cell, error: BaseException, doing: str) -> None:
        """Keep what a handler, or a hook, raised, for the test."""
        if self.loopless(error) is None:
            self.failures.append(error)

    def dead_letter(self, letter: DeadLetter) -> None:
        """Write it down, and publish it."""
        self.scheduler.buried += 1
        self.note(letter)
        self.dead_letters.spread(letter)

    def event(self, event: LifecycleEvent) -> None:
        """Publish it; the end of the actor is an effect."""
        if isinstance(event, Ended) and event.ref == self.subject_ref:
            self.note(Stopped(event.reason))
        self.events.spread(event)

    @property
    def subject_ref(self) -> ActorRef[Any] | None:
        """The ref of the actor under test."""
        return ActorRef[Any](self.subject) if self.subject is not None else None
