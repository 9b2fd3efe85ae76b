"""An actor that does as its messages say, and ways to look at the engine from outside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, cast

import anyio

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    AnyRef,
    DeadLetter,
    ExitReason,
    Later,
    Message,
    Request,
    on,
    props,
)
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.props import ShutdownTime
from airssys_rt.kernel.ref import cell_of
from airssys_rt.kernel.scheduler import Scheduler

# Any: what a test's function returns is the test's own matter


class Do(Message):
    """Call `fn(actor)` in a sync handler."""

    fn: Callable[[Any], Any]


class DoAsync(Message):
    """Await `fn(actor)` in an async handler."""

    fn: Callable[[Any], Awaitable[Any]]


class Get(Request[object]):
    """Reply with `fn(actor)`, from a sync handler."""

    fn: Callable[[Any], Any]


class GetAsync(Request[object]):
    """Reply with what `fn(actor)` gives, from an async handler."""

    fn: Callable[[Any], Awaitable[Any]]


class Note(Message):
    """Write `text` down."""

    text: object


class Nobody(Request[int]):
    """Accepted by no script."""


ScriptMsg: TypeAlias = Do | DoAsync | Get | GetAsync | Note


Ref: TypeAlias = ActorRef[ScriptMsg]


class Script(Actor[ScriptMsg]):
    """Does as its messages say; `stopping` and `starting` are run by its hooks."""

    def __init__(
        self,
        log: list[object] | None = None,
        *,
        making: Callable[[Any], Any] | None = None,
        starting: Callable[[Any], Any] | None = None,
        stopping: Callable[[Any, ExitReason], Any] | None = None,
    ) -> None:
        self.seen: list[object] = [] if log is None else log
        self.starting = starting
        self.stopping = stopping
        if making is not None:
            making(self)

    def pre_start(self) -> Any:
        return self.starting(self) if self.starting is not None else None

    def post_stop(self, reason: ExitReason) -> Any:
        return self.stopping(self, reason) if self.stopping is not None else None

    @on(Do)
    def do(self, msg: Do) -> None:
        # a sync-looking handler: what it returns may be a coroutine
        return cast("None", msg.fn(self))

    @on(DoAsync)
    async def do_async(self, msg: DoAsync) -> None:
        await msg.fn(self)

    @on(Get)
    def get(self, msg: Get) -> object | Later:
        reply: object | Later = msg.fn(self)
        return reply

    @on(GetAsync)
    async def get_async(self, msg: GetAsync) -> object | Later:
        reply: object | Later = await msg.fn(self)
        return reply

    @on(Note)
    def note(self, msg: Note) -> None:
        self.seen.append(msg.text)

    initial = do | do_async | get | get_async | note


def raises(error: BaseException) -> Callable[..., Any]:
    """A function for a message: raise."""

    def fail(*_args: object) -> Any:
        raise error.with_traceback(None)  # which would grow each time

    return fail


async def hang(_actor: object = None) -> None:
    """A function for an async message: never end."""
    await anyio.sleep_forever()


async def child_of(parent: Ref, shutdown: ShutdownTime, **hooks: Any) -> Ref:
    """A child of a script, with a shutdown time of its own."""
    make = props(Script, **hooks).shutdown(shutdown)
    child: Any = await parent.ask(Get(lambda actor: actor.spawn(make)))
    spawned: Ref = child
    return spawned


def engine(system: ActorSystem) -> Scheduler:
    """The system's scheduler."""
    parts = system._parts
    assert parts is not None
    return parts.scheduler


def cell(ref: AnyRef) -> Cell:
    """The cell that a ref names."""
    return cell_of(ref)


def collect(system: ActorSystem) -> list[DeadLetter]:
    """The dead letters from now on, as they come."""
    found: list[DeadLetter] = []
    port: Any = engine(system).port
    publish = port.dead_letter

    def dead_letter(letter: DeadLetter) -> None:
        found.append(letter)
        publish(letter)

    port.dead_letter = dead_letter
    return found


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Let the loop turn until the condition holds."""
    with anyio.fail_after(seconds):
        while not condition():
            await anyio.sleep(0.001)


async def turns(count: int = 5) -> None:
    """Let the loop turn a few times."""
    for _ in range(count):
        await anyio.lowlevel.checkpoint()


async def assert_at_rest(system: ActorSystem) -> None:
    """Nothing is queued, handled or about to be looked at."""
    scheduler = engine(system)
    await until(lambda: not scheduler.awake)
    assert not scheduler.busy()
    assert (scheduler.awake, scheduler.suspended, len(scheduler.ready)) == (0, 0, 0)
    assert scheduler.current is None
