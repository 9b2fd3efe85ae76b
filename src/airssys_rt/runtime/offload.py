"""`offload`: work for another core, by worker threads, processes or interpreters.

`@offload("process")` makes a coroutine function of a plain one; below `@on(T)` it makes a handler
that runs off the event loop.  Who awaits it is suspended, and nobody else: an actor still handles
one message at a time, in order.

Laws: what is cancelled while it waits for a worker has not begun; a worker counts as busy until its
work is really over; no more than `limit` workers of one `Workers` are busy in one event loop.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from functools import update_wrapper
from importlib import import_module
from inspect import iscoroutinefunction
from os import cpu_count
from types import FunctionType
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypeVar,
    cast,
    get_args,
)

from airssys_rt.errors import BadArgument, ProtocolError, Unsendable, WorkersFull, WrongThread
from airssys_rt.runtime.inworker import Bare, Place, dump

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell

__all__ = ["HOST", "Host", "Offload", "Where", "Work", "Workers", "offload"]

P = ParamSpec("P")
R = TypeVar("R")

Where: TypeAlias = Literal["thread", "process", "interpreter"]


class Workers:
    """So many workers of one kind, for all functions that are offloaded to them.

    `where` is "thread", "process" or "interpreter".  `limit`: how many work at a time, in one event
    loop; without it as many as there are cores, of threads four more.  `queue`: how many calls may
    wait for a worker; without it any number, of actors one each.  A call beyond it raises
    `WorkersFull`.  Raises `BadArgument`.
    """

    def __init__(
        self, where: Where, /, *, limit: int | None = None, queue: int | None = None
    ) -> None:
        check_where(where)
        if limit is not None and (limit < 1 or limit != int(limit)):
            raise BadArgument(
                f"Workers(limit={limit!r}) could never do anything",
                mend="give a number of 1 or more; None takes as many as there are cores",
            )
        if queue is not None and (queue < 0 or queue != int(queue)):
            raise BadArgument(
                f"Workers(queue={queue!r}) is no number of calls that may wait",
                mend="give a number of 0 or more; None sets no bound",
            )
        self.where: Where = where
        self.limit = limit if limit is not None else default_limit(where)
        self.queue = queue

    async def run(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function in a worker, and wait for what it returns or raises.

        Raises `WorkersFull`, `Unsendable` if a process or an interpreter cannot be given it, and
        `WorkerDied`.
        """
        return cast("R", await host().offload(Work(self, function, args, kwargs)))

    def __repr__(self) -> str:
        bound = "" if self.queue is None else f", queue={self.queue}"
        return f"Workers({self.where!r}, limit={self.limit}{bound})"


# Any throughout: the function's arguments and result
class Work:
    """One call for a worker."""

    __slots__ = ("arguments", "function", "keywords", "place", "workers")

    def __init__(
        self,
        workers: Workers,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
        place: Place | None = None,
    ) -> None:
        self.workers = workers
        self.function = function
        self.arguments = arguments
        self.keywords = keywords
        self.place = place  # under which a worker finds the function

    @property
    def name(self) -> str:
        """What is called, for people."""
        return getattr(self.function, "__qualname__", None) or repr(self.function)

    def call(self) -> Any:
        """Call it here."""
        return self.function(*self.arguments, **self.keywords)

    def pickled(self) -> bytes:
        """The call as it is sent.  Raises `Unsendable`."""
        arguments: tuple[Any, ...] = self.arguments  # Any: of whatever types
        if arguments and is_actor(arguments[0]):
            arguments = (Bare(arguments[0].__class__), *arguments[1:])
        function: object = self.place or named_place(self.function)
        if isinstance(function, Place) and self.workers.where == "interpreter":
            function = function._replace(path=tuple(sys.path))
        try:
            return dump((function, arguments, self.keywords))
        except Exception as error:
            raise self._unsendable(error) from error

    def _unsendable(self, error: Exception) -> Unsendable:
        named: dict[str, object] = {
            f"argument {n}": value for n, value in enumerate(self.arguments) if not is_actor(value)
        }
        named.update({f"argument {name!r}": value for name, value in self.keywords.items()})
        if self.place is None:
            named["the function"] = self.function
        bad = [f"{label} ({type(v).__name__})" for label, v in named.items() if not sendable(v)]
        return Unsendable(
            f"{', '.join(bad) or 'an argument'} of {self.name} cannot be sent to a worker"
            f" {self.workers.where}",
            why=f"{type(error).__name__}: {error}",
            mend="send what pickle can write: messages, plain values, classes and functions at the"
            " top of a module; a ref, an open file or a lock stays with the actor",
        )


class Host(Protocol):
    """Who runs the calls: a system, the test tools, or nobody but the caller."""

    async def offload(self, work: Work) -> Any:
        """Do the work, and give or raise its outcome."""
        ...


HOST: ContextVar[Host] = ContextVar("airssys_rt_offload")


def host() -> Host:
    """Who runs the calls of the code that runs now."""
    found = HOST.get(None)
    # by name: the two modules need each other, and an interpreter needs only this one
    return import_module("airssys_rt.runtime.workers").DIRECT if found is None else found


def offload(
    where: Where | Workers, /, *, limit: int | None = None, queue: int | None = None
) -> Offload:
    """Have a function, or a handler, run in a worker: a decorator.

    The function becomes a coroutine function with the same parameters and result; what it raises
    is raised where it is awaited.  `where` is the kind of worker, or the `Workers` to share with
    others; `limit` and `queue` are those of workers of its own.  Below `@on(T)`, it decorates a
    handler:

        @on(Digest)
        @offload("process")
        def digest(self, msg: Digest) -> str: ...

    In a thread, such a handler has its actor to itself, but not the verbs.  In a process or an
    interpreter, `self` has no state.  If the workers' queue is full, a request is refused with
    `WorkersFull`, and a told message is a dead letter with the reason `overflow`.  Raises
    `BadArgument`, and `ProtocolError` for a function that workers cannot run.
    """
    if not isinstance(where, Workers):
        check_where(where)
        own = limit is not None or queue is not None
        workers = Workers(where, limit=limit, queue=queue) if own else shared(where)
        return Offload(workers)
    if limit is not None or queue is not None:
        raise BadArgument(
            f"offload({where!r}) is given a limit or a queue of its own",
            why="these workers are shared, and have theirs",
            mend="give the numbers to Workers(...)",
        )
    return Offload(where)


class Offload:
    """What `offload(...)` gives: the decorator."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    def __call__(self, function: Callable[P, R], /) -> Callable[P, Coroutine[Any, Any, R]]:
        """Make a coroutine function that runs `function` in a worker.  Raises `ProtocolError`."""
        workers = self._workers
        check_function(function, workers)
        place = Place(function.__module__, getattr(function, "__qualname__", ""))

        async def off_loop(*args: P.args, **kwargs: P.kwargs) -> R:
            work = Work(workers, function, args, kwargs, place)
            if not (args and is_actor(args[0])):
                return cast("R", await host().offload(work))
            actor: Any = args[0]
            cell: Cell = actor.__engine__()
            told = len(args) == 2 and cell.msg is args[1]  # not asked: nobody can be refused
            if workers.where == "thread":
                actor.__dict__["__engine__"] = Away(cell)
            try:
                result = await host().offload(work)
            except Exception as error:
                actor.__dict__.pop("__engine__", None)
                if not told or not isinstance(error, WorkersFull):
                    raise
                cell.scheduler.refuse(cell.msg, cell, "overflow")
                return cast("R", None)
            # not after a cancellation: a thread that is left to itself never gets the verbs back
            actor.__dict__.pop("__engine__", None)
            return cast("R", result)

        return update_wrapper(off_loop, function)


class Away:
    """Stands for an actor's engine while a worker thread has the actor: no verb is to be used."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    def __call__(self) -> Cell:
        """Raise `WrongThread` in any thread but the system's."""
        cell = self._cell
        raise WrongThread(
            f"a verb of {cell.path} was used while its handler runs in a worker thread",
            where=cell.path,
            why="the engine runs in one thread and takes no locks",
            mend="use self.ref.tell_from_thread(msg); or await an offloaded function in a handler"
            " that is not offloaded itself, and use the verbs there",
        )


def check_where(where: object) -> None:
    """Raise unless there are such workers here."""
    if where not in get_args(Where):
        raise BadArgument(
            f"there are no workers of the kind {where!r}",
            mend='use "thread", "process" or "interpreter"',
        )
    if where == "interpreter" and not has_interpreters():
        raise BadArgument(
            'there are no workers of the kind "interpreter" on this Python',
            why="interpreters of their own need CPython 3.13 and anyio 4.11",
            mend='use "process"; to choose: "interpreter" if sys.version_info >= (3, 13) else'
            ' "process"',
        )


def check_function(function: Any, workers: Workers) -> None:
    """Raise if workers could never run the function."""
    name = getattr(function, "__qualname__", None) or repr(function)
    if not callable(function) or iscoroutinefunction(function):
        raise ProtocolError(
            f"{name} is offloaded, and "
            + ("is a coroutine function" if callable(function) else "cannot be called"),
            where=getattr(function, "__module__", None) or "",
            why="a worker has no event loop: it calls a plain function",
            mend="decorate a `def`; below @on(T), not above it",
        )
    if workers.where != "thread" and ("<locals>" in name or "<lambda>" in name):
        raise ProtocolError(
            f"{name} is offloaded to a worker {workers.where}, which cannot find it",
            where=function.__module__,
            why="a worker imports the module and looks the function up by its name",
            mend="define it, or its class, at the top of a module",
        )


def has_interpreters() -> bool:
    """Whether this Python, and this anyio, have interpreters as workers."""
    found = sys.version_info >= (3, 13) and sys.implementation.name == "cpython"
    return found and importlib.util.find_spec("anyio.to_interpreter") is not None


def default_limit(where: Where) -> int:
    """As many as there are cores; threads mostly wait."""
    cores = cpu_count() or 1
    return cores + 4 if where == "thread" else cores


SHARED: dict[Where, Workers] = {}


def shared(where: Where) -> Workers:
    """The workers of those who name only the kind."""
    if where not in SHARED:
        SHARED[where] = Workers(where)
    return SHARED[where]


def named_place(function: Callable[..., Any]) -> object:
    """Under which name a worker finds a function; the function itself if it has none."""
    if isinstance(function, FunctionType) and "<" not in function.__qualname__:
        return Place(function.__module__, function.__qualname__)
    return function


def is_actor(value: object) -> bool:
    """Whether it is an actor, without the import of what actors need."""
    return getattr(type(value), "__protocol__", None) is not None and hasattr(value, "__cell__")


def sendable(value: object) -> bool:
    """Whether pickle can write it."""
    try:
        dump(value)
    except Exception:
        return False
    return True
