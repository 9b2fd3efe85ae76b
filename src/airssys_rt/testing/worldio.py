"""anyio in a simulated world: what of it runs on the world's clock, and what is foreign there.

While a world runs, its thread is one in which anyio's event loop is the world: `anyio.sleep`,
`current_time`, `move_on_after`, `fail_after`, cancel scopes and `anyio.Event` work as on any loop,
in virtual time.  Everything else of anyio needs an event loop, and says so by a `ForeignAwait`.

anyio has no public way to enter a backend, so this uses what it keeps: the table of its loaded
backends, and sniffio's name of the thread's library (or anyio's own question, where there is no
sniffio).  Should an anyio come that has these no more, `anyio.sleep` is foreign to worlds again.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

from airssys_rt.errors import ForeignAwait
from airssys_rt.kernel.waits import Wait
from airssys_rt.testing.scopes import Scope
from airssys_rt.testing.task import Cancelled, give, nap, until

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from airssys_rt.testing.net import Net

__all__ = ["WorldEvent", "in_world"]

NAME = "airssys_rt_world"


class Here(threading.local):
    """The world that runs in this thread."""

    net: Net | None = None


here = Here()


def present() -> Net:
    """The net of the world that runs in this thread."""
    assert here.net is not None
    return here.net


class WorldEvent:
    """As `anyio.Event`."""

    def __init__(self) -> None:
        self._set = False
        self._waits: list[Wait] = []

    def set(self) -> None:
        """Let go all who wait."""
        self._set = True
        waits, self._waits = self._waits, []
        for wait in waits:
            wait.settle(None)

    def is_set(self) -> bool:
        """Whether it was set."""
        return self._set

    async def wait(self) -> None:
        """Wait until it is set; at once a checkpoint if it is."""
        if self._set:
            await give(None)
            return
        wait = Wait(None, None)
        self._waits.append(wait)
        try:
            await until(wait)
        except BaseException:
            wait.give_up()
            raise

    def statistics(self) -> Any:
        """As anyio's."""
        from anyio import EventStatistics

        return EventStatistics(sum(not wait.gone for wait in self._waits))


class Foreign(type):
    """Whatever a world has not is named."""

    # Any: functions of anyio's backends, of whatever signature
    def __getattr__(cls, name: str) -> Callable[..., Any]:
        def missing(*_args: Any, **_options: Any) -> Any:
            who = getattr(present().active, "tag", "the scenario")
            raise ForeignAwait(
                f"{who} uses {name} of anyio's, which a world has not",
                why="it has anyio's sleep, current_time, cancel scopes and events, and no event"
                " loop for the rest",
                mend="start work with self.pipe, or children; keep what needs an event loop behind"
                " an actor that the scenario replaces",
            )

        return missing


class WorldBackend(metaclass=Foreign):
    """What anyio asks of an event loop, as far as a world has it."""

    @staticmethod
    def current_time() -> float:
        """The world's time."""
        return present().now

    @staticmethod
    def cancelled_exception_class() -> type[BaseException]:
        """What a cancelled coroutine gets."""
        return Cancelled

    @staticmethod
    async def sleep(delay: float) -> None:
        """Let virtual time pass."""
        if delay == inf:
            await until(Wait(None, None))
        elif delay > 0:
            await nap(present().now + delay)
        else:
            await give(None)

    @staticmethod
    async def checkpoint() -> None:
        """Let others go on."""
        await give(None)

    @staticmethod
    async def checkpoint_if_cancelled() -> None:
        """Raise if a scope around this is cancelled."""
        if Scope.pending(present().scopes) is not None:
            await give(None)

    @staticmethod
    async def cancel_shielded_checkpoint() -> None:
        """Let others go on, whatever is cancelled."""
        with Scope(present(), inf, shield=True):
            await give(None)

    @staticmethod
    def create_cancel_scope(*, deadline: float = inf, shield: bool = False) -> Scope:
        """A scope on the world's clock."""
        return Scope(present(), deadline, shield=shield)

    @staticmethod
    def current_effective_deadline() -> float:
        """When the present code is cancelled at the latest."""
        deadline = inf
        for scope in reversed(present().scopes):
            deadline = min(deadline, -inf if scope.cancel_called else scope.deadline)
            if scope.shield:
                break
        return deadline

    @staticmethod
    def create_event() -> WorldEvent:
        """An event whose waits the world steps."""
        return WorldEvent()


class Naming(Protocol):
    """Where sniffio keeps the name of the thread's library."""

    name: str | None


class Asking(threading.local):
    """Where there is no sniffio."""

    name: str | None = None


def naming() -> Naming | None:
    """Make the backend known to anyio; where to say that it is the thread's.  None: nowhere."""
    try:
        from anyio._core import _eventloop

        # Any: anyio's own table, of classes
        loaded: Any = _eventloop.loaded_backends
        loaded[NAME] = WorldBackend
    except (ImportError, AttributeError):
        return None
    try:
        from sniffio import thread_local
    except ImportError:
        return asking(_eventloop)
    found: Naming = thread_local
    return found


# Any: a module of anyio's
def asking(eventloop: Any) -> Naming | None:
    """Without sniffio anyio asks itself; it is told of worlds first."""
    ask = getattr(eventloop, "current_async_library", None)
    if ask is None:
        return None
    local = Asking()

    def current_async_library() -> str | None:
        name: str | None = local.name or ask()
        return name

    eventloop.current_async_library = current_async_library
    return local


class Known:
    """What `naming` has found, asked once."""

    asked = False
    naming: Naming | None = None


@contextmanager
def in_world(net: Net) -> Generator[None]:
    """While this lasts, the thread's event loop is the world, to anyio."""
    if not Known.asked:
        Known.asked, Known.naming = True, naming()
    known = Known.naming
    outer, here.net = here.net, net
    name = known.name if known is not None else None
    if known is not None:
        known.name = NAME
    try:
        yield
    finally:
        here.net = outer
        if known is not None:
            known.name = name
