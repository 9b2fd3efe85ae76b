"""Topics: events published to whoever subscribed, actors or async iterators.

Laws: publishing never waits, nor fails by a subscriber; one that is slow, full or over hurts nobody
else; an actor's subscription ends with it; a stream has a bounded buffer and says what it drops.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, overload

from typing_extensions import TypeVar

from airssys_rt.errors import BadArgument
from airssys_rt.kernel.ref import ActorRef, cell_of
from airssys_rt.kernel.waits import Wait
from airssys_rt.naming.access import check_use, offer
from airssys_rt.naming.registry import resolved

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["Stream", "Topic"]

E = TypeVar("E")
T = TypeVar("T")


class Topic(Generic[E]):
    """Events of type `E` for whoever subscribed; made by the system only."""

    def __init__(self, scheduler: Scheduler, name: str) -> None:
        self._scheduler = scheduler
        self._name = name
        self.accepts: Any = None  # the type in `Name[...]`, once it is known; Any: of every kind
        # Any: each subscriber takes what its own `only` or `via` makes of an event
        self._actors: dict[Cell, Callable[[Any], None]] = {}
        self._streams: dict[Stream[E], None] = {}
        self.changed: Callable[[], object] = lambda: None

    @property
    def name(self) -> str:
        """The topic's name."""
        return self._name

    @property
    def subscribers(self) -> int:
        """How many actors and streams listen."""
        return len(self._actors) + len(self._streams)

    def publish(self, event: E, /) -> None:
        """Send the event to all who subscribed, in the order of their subscription.

        To nobody, if there are none.  An actor that cannot take it makes a dead letter of it.
        Raises `WrongThread`, `ActorStopped` when the system was left.
        """
        self._check()
        self.spread(event)

    def spread(self, event: E) -> None:
        """Publish what the engine itself says, also when the system ends."""
        for deliver in list(self._actors.values()):
            deliver(event)
        for stream in list(self._streams):
            stream.put(event)

    @overload
    def subscribe(self, ref: ActorRef[E], /) -> None: ...
    @overload
    def subscribe(self, ref: ActorRef[T], /, *, only: type[T]) -> None: ...
    @overload
    def subscribe(self, ref: ActorRef[T], /, *, via: Callable[[E], T]) -> None: ...
    # Any: the overloads type what the actor gets
    def subscribe(
        self,
        ref: ActorRef[Any],
        /,
        *,
        only: type[Any] | None = None,
        via: Callable[[E], Any] | None = None,
    ) -> None:
        """Send each event to the actor, until it ends or unsubscribes.

        `only` gives it just the events of one class, `via` what the function makes of each, in
        the actor's own step.  A second subscription of an actor replaces its first.  Does nothing
        for an actor that is over.  Raises as `publish`.
        """
        self._check()
        cell = cell_of(ref)
        if cell.outcome is not None:
            return
        if cell.scheduler is not self._scheduler:  # to tell it must not fail later
            check_use(cell.scheduler, cell.path)
        if cell not in self._actors:
            cell.more.when_over(self, lambda: self._forget(cell))
        target = resolved(ref) if via is None else ref.through(via)

        def deliver(event: Any) -> None:
            if only is None or isinstance(event, only):
                offer(target, event)

        self._actors[cell] = deliver
        self.changed()

    def unsubscribe(self, ref: ActorRef[Any], /) -> None:
        """End an actor's subscription; harmless if it has none.  Raises `WrongThread`."""
        if self._scheduler.open:  # else all subscriptions are over
            self._check()
        cell = cell_of(ref)
        if cell.rich is not None:
            cell.rich.not_when_over(self)
        self._forget(cell)

    def _forget(self, cell: Cell) -> None:
        self._actors.pop(cell, None)
        self.changed()

    def stream(
        self, buffer: int = 1024, *, overflow: Literal["drop_oldest", "drop_newest"] = "drop_oldest"
    ) -> Stream[E]:
        """An async iterator over the events from now on; use it in an `async with`.

        It holds `buffer` events; beyond that it drops as `overflow` says and counts in
        `dropped`.  Raises `BadArgument`, and as `publish`.
        """
        self._check()
        if buffer < 1 or overflow not in ("drop_oldest", "drop_newest"):
            raise BadArgument(
                f"a stream cannot have buffer={buffer} and overflow={overflow!r}",
                mend='give a buffer of 1 or more, and "drop_oldest" or "drop_newest"',
            )
        return Stream(self, self._scheduler, buffer, overflow)

    def attach(self, stream: Stream[E]) -> None:
        """A stream is entered."""
        self._check()
        self._streams[stream] = None
        self.changed()

    def detach(self, stream: Stream[E]) -> None:
        """A stream is left."""
        self._streams.pop(stream, None)
        self.changed()

    def close(self) -> None:
        """The system ends: so do all streams, when they have delivered what they hold."""
        for stream in list(self._streams):
            stream.end()

    def _check(self) -> None:
        check_use(self._scheduler, f"the topic {self._name!r}")

    def __repr__(self) -> str:
        return f"<topic {self._name}, {self.subscribers} subscribers>"


class Stream(Generic[E]):
    """Events of a topic, to be taken with `async for`; made by `topic.stream()`."""

    def __init__(self, topic: Topic[E], scheduler: Scheduler, buffer: int, overflow: str) -> None:
        self._topic = topic
        self._scheduler = scheduler
        self._buffer: deque[E] = deque()
        self._size = buffer
        self._overflow = overflow
        self._waiting: Wait | None = None
        self._ended = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many events found the buffer full."""
        return self._dropped

    def put(self, event: E) -> None:
        """Take an event of the topic."""
        if len(self._buffer) >= self._size:
            self._dropped += 1
            if self._overflow == "drop_newest":
                return
            self._buffer.popleft()
        self._buffer.append(event)
        self._notify()

    def end(self) -> None:
        """No more events come."""
        self._ended = True
        self._notify()

    def _notify(self) -> None:
        wait, self._waiting = self._waiting, None
        if wait is not None:
            wait.settle(None)

    async def __aenter__(self) -> Self:
        self._topic.attach(self)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._topic.detach(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> E:
        await self._scheduler.breathe()
        while not self._buffer:
            if self._ended:
                raise StopAsyncIteration
            self._waiting = Wait(None, None)
            await self._scheduler.wait(self._waiting)
        return self._buffer.popleft()
