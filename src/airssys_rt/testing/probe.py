"""`TestProbe`: an actor that a test holds, in a live system.

It accepts every message and keeps it until the test expects it; a request waits for the test's
reply.  Everything else about it is an actor: its messages go through its mailbox, in order, it is
monitored and stopped.  Times are those of the system, so a probe works on virtual and real time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeGuard, cast, overload

from typing_extensions import TypeVar

from airssys_rt.core.behaviour import Behaviour
from airssys_rt.core.message import Message, Replies
from airssys_rt.core.name import Name, check_text
from airssys_rt.core.protocol import State
from airssys_rt.core.ref import AnyRef
from airssys_rt.core.signals import DeadLetter, Down, LifecycleEvent
from airssys_rt.kernel.actor import Actor
from airssys_rt.kernel.life import later
from airssys_rt.kernel.mailbox import Control
from airssys_rt.kernel.props import props
from airssys_rt.kernel.ref import ActorRef, cell_of
from airssys_rt.kernel.reply import ReplyTo, defer
from airssys_rt.kernel.spawn import spawn
from airssys_rt.kernel.stash import current_item
from airssys_rt.kernel.steps import STEPS
from airssys_rt.kernel.waits import Call, Wait

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.props import Props
    from airssys_rt.runtime.system import ActorSystem

__all__ = ["ProbeActor", "TestProbe"]

# Any throughout: messages and replies of every protocol
M = TypeVar("M")
T = TypeVar("T")
R = TypeVar("R")

WITHIN = 3.0
SILENCE = 0.1


class Received(NamedTuple):
    """A message, and the right to answer it if it was asked."""

    message: Any
    reply: ReplyTo[Any] | None


class Watch(Message):
    """Told by the probe to its actor: monitor this one."""

    ref: AnyRef


class OpenTable(dict[type[Any], Callable[[Any, Any], Any]]):
    """A dispatch table that knows each class but those of the engine's own items."""

    def get(self, key: Any, default: Any = None, /) -> Any:
        """As dict's."""
        if key in STEPS or issubclass(key, Control):
            return default
        return take


def take(actor: ProbeActor[Any], msg: Any) -> ReplyTo[Any] | None:
    """Handle a message: keep it for the test."""
    cell = actor.__engine__()
    if isinstance(msg, Watch):
        actor.monitor(msg.ref)
        return None
    item = current_item(cell)
    reply = defer(cell, item) if isinstance(item, Call) else None
    actor.receive(Received(msg, reply))
    return reply


NOTHING = Behaviour[Any]({})


class ProbeActor(Actor[M], Generic[M]):
    """The actor of a probe."""

    def __init__(self, receive: Callable[[Received], None]) -> None:
        self.receive = receive
        self.__engine__().state = OPEN

    # a class with a type variable declares no union that this could be checked against;
    # it is never in this behaviour
    initial = cast("Any", NOTHING)


OPEN = State("probe", NOTHING, {}, None)
OPEN.sync = OpenTable()  # `find` stays that of no handlers: who defers a reply needs the whole step


class TestProbe(Generic[M]):
    """An actor of a live system whose messages the test expects: `TestProbe[BankMsg](system)`.

    `name` is a text, or a `Name[M]` that is registered in the system.  What an expectation waits
    for is limited by `within`, in seconds of the system's time; one that is not met raises
    `AssertionError`.
    """

    __test__: ClassVar[bool] = False  # pytest would take it for a class of tests

    def __init__(self, system: ActorSystem, name: Name[M] | str | None = None) -> None:
        parts = system._running()
        self._scheduler = parts.scheduler
        self._queue: deque[Received] = deque()
        self._waits: list[Wait] = []
        self._history: list[Any] = []
        self._last: Received | None = None
        self._answers: dict[type[Any], Callable[[Any], Any]] = {}
        self._pilot: Callable[[Any], object] | None = None
        self._wanted: Callable[[Any], bool] = lambda _: True
        made: Props[Any] = props(ProbeActor[Any], self._receive)
        label = None
        if name is None:
            label = f"probe-{self._scheduler.serial + 1}"
        else:
            check_text(name if isinstance(name, str) else name.text)
            made = made.named(name)
        self._ref: ActorRef[M] = spawn(parts.root, made, (), {}, label)

    @classmethod
    def dead_letters(cls, system: ActorSystem) -> TestProbe[DeadLetter]:
        """A probe that gets the dead letters of the system from now on."""
        probe: TestProbe[DeadLetter] = TestProbe(system)
        system.dead_letters.subscribe(probe.ref)
        return probe

    @classmethod
    def events(cls, system: ActorSystem) -> TestProbe[LifecycleEvent]:
        """A probe that gets the events of the system's other actors from now on."""
        probe: TestProbe[LifecycleEvent] = TestProbe(system)
        probe._wanted = lambda event: not is_probe(cell_of(event.ref)) if has_ref(event) else True
        system.events.subscribe(probe.ref)
        return probe

    @property
    def ref(self) -> ActorRef[M]:
        """The probe's address."""
        return self._ref

    @property
    def received(self) -> list[M]:
        """All messages so far, expected or not."""
        return list(self._history)

    # -- what is expected --------------------------------------------------------------------------

    @overload
    async def expect_message(self, /, *, within: float = WITHIN) -> M: ...
    @overload
    async def expect_message(self, what: type[T], /, *, within: float = WITHIN) -> T: ...
    @overload
    async def expect_message(
        self, what: Callable[[M], TypeGuard[T]], /, *, within: float = WITHIN
    ) -> T: ...
    @overload
    async def expect_message(
        self, what: Callable[[M], bool], /, *, within: float = WITHIN
    ) -> M: ...
    async def expect_message(self, what: Any = None, /, *, within: float = WITHIN) -> Any:
        """The next message, which must be of the class, or satisfy the predicate."""
        __tracebackhide__ = True
        found = await self._next(self._scheduler.now() + within)
        if found is None:
            raise AssertionError(f"expected {text_of(what)} within {within:g} s: {self._seen()}")
        if not fits(what, found.message):
            raise AssertionError(f"expected {text_of(what)}, but got {found.message!r}")
        return found.message

    @overload
    async def fish(self, what: type[T], /, *, within: float = WITHIN) -> T: ...
    @overload
    async def fish(self, what: Callable[[M], TypeGuard[T]], /, *, within: float = WITHIN) -> T: ...
    @overload
    async def fish(self, what: Callable[[M], bool], /, *, within: float = WITHIN) -> M: ...
    async def fish(self, what: Any, /, *, within: float = WITHIN) -> Any:
        """The first message that fits; those before it are passed over."""
        __tracebackhide__ = True
        end = self._scheduler.now() + within
        passed: list[Any] = []
        while (found := await self._next(end)) is not None:
            if fits(what, found.message):
                return found.message
            passed.append(found.message)
        raise AssertionError(f"fished for {text_of(what)} within {within:g} s and got {passed!r}")

    async def expect_none(self, *, within: float = SILENCE) -> None:
        """No message, for so long."""
        __tracebackhide__ = True
        found = await self._next(self._scheduler.now() + within)
        if found is not None:
            raise AssertionError(f"expected no message for {within:g} s, but got {found.message!r}")

    # -- replies -----------------------------------------------------------------------------------

    def reply(self, reply: object, /) -> None:
        """Answer the last message that was expected, or fished."""
        self._due().reply(reply)

    def fail(self, error: BaseException, /) -> None:
        """Answer it with an exception, which the asker gets."""
        self._due().fail(error)

    def answer(self, kind: type[Replies[R]], reply: R, /) -> None:
        """Answer all requests of this class, from now on, as soon as they come."""
        self._answers[kind] = lambda _: reply

    def answer_with(self, kind: type[T], reply: Callable[[T], Any], /) -> None:
        """As `answer`, with the function's result, or with what it raises."""
        self._answers[kind] = reply

    def autopilot(self, pilot: Callable[[M], object] | None, /) -> None:
        """Have a function called with each message as it comes; None ends it.

        What it returns is the reply to a request, unless that is `NotImplemented`.
        """
        self._pilot = pilot

    # -- others ------------------------------------------------------------------------------------

    def watch(self, ref: AnyRef, /) -> None:
        """Monitor an actor: its end arrives as a `Down`."""
        cast("ActorRef[Watch]", self._ref).tell(Watch(ref))

    async def expect_down(self, ref: AnyRef, /, *, within: float = WITHIN) -> Down:
        """The next message, which must be the last `Down` of an actor that is watched."""
        __tracebackhide__ = True

        def last(msg: object) -> TypeGuard[Down]:
            return isinstance(msg, Down) and msg.ref == ref and not msg.restarting

        last.__name__ = f"the end of {ref.path}"
        return await self.expect_message(last, within=within)

    def stop(self) -> None:
        """Stop the probe's actor."""
        self._ref.stop()

    # -- inside ------------------------------------------------------------------------------------

    def _receive(self, received: Received) -> None:
        """A message came, in the actor's own step."""
        msg, reply = received
        if not self._wanted(msg):
            return
        message: object = msg
        answer = self._answers.get(type(message))
        if answer is None and self._pilot is not None:
            answer = self._pilot
        if answer is not None:
            try:
                result = answer(msg)
            except Exception as error:
                if reply is None:
                    raise
                reply.fail(error)
            else:
                if reply is not None and result is not NotImplemented:
                    reply.reply(result)
        self._history.append(msg)
        self._queue.append(received)
        for wait in self._waits:
            wait.settle(None)

    async def _next(self, end: float) -> Received | None:
        """The next message; None if none comes before `end`."""
        scheduler = self._scheduler
        while not self._queue:
            left = end - scheduler.now()
            if left <= 0:
                return None
            wait = Wait(None, None)
            self._waits.append(wait)
            alarm = later(scheduler, left, partial(over, wait))
            try:
                await scheduler.wait(wait)
            finally:
                self._waits.remove(wait)
                if alarm.live:
                    alarm.disarm()
                    scheduler.timers.dropped(alarm)
        self._last = self._queue.popleft()
        return self._last

    def _due(self) -> ReplyTo[Any]:
        last = self._last
        if last is None:
            raise AssertionError("there is no request to answer: expect_message comes before")
        if last.reply is None:
            raise AssertionError(f"{last.message!r} was told, not asked: nobody waits for a reply")
        return last.reply

    def _seen(self) -> str:
        return f"before came {self._history!r}" if self._history else "nothing came"

    def __repr__(self) -> str:
        return f"<TestProbe {self._ref.path}: {len(self._queue)} messages>"


def over(wait: Wait) -> None:
    """The time of an expectation has passed."""
    wait.settle(None)


def fits(what: Any, msg: object) -> bool:
    """Whether the message is the one expected."""
    if what is None:
        return True
    return isinstance(msg, what) if isinstance(what, type) else bool(what(msg))


def text_of(what: Any) -> str:
    """What is expected."""
    return "a message" if what is None else getattr(what, "__name__", repr(what))


def has_ref(event: object) -> bool:
    """Whether the event is of one actor."""
    return hasattr(event, "ref")


def is_probe(cell: Cell) -> bool:
    """Whether a probe's actor is in the cell."""
    factory: Any = cell.factory
    return getattr(factory, "__origin__", factory) is ProbeActor
