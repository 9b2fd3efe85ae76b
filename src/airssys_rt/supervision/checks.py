"""What may be said of a supervisor, and what is wrong with it, in its users' words.

Law: what a supervisor is given either has an effect or is an error, also for users of no checker;
and it is found before a child is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

from airssys_rt.core.protocol import is_handler
from airssys_rt.core.union import place
from airssys_rt.errors import BadArgument, ProtocolError
from airssys_rt.kernel.props import Props

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = [
    "begins",
    "check_choice",
    "check_limits",
    "check_most",
    "check_no_handlers",
    "check_props",
    "check_unused",
    "declared",
    "uses_own_constructor",
]

# Any throughout: children of every protocol, and the class of a hook's supervisor
Hook: TypeAlias = Callable[[Any], "Coroutine[Any, Any, None] | None"]


def check_props(name: str, child: Props[Any]) -> None:
    """Raise unless a child is given as what makes it."""
    if not is_a(child, Props):
        raise BadArgument(
            f"{name} was given {child!r} as a child",
            why="a supervisor makes its children, and makes them again",
            mend="give props(Worker, 1), not the class, an instance or a ref",
        )


def declared(name: str, children: Iterable[Props[Any]]) -> list[Props[Any]]:
    """The declared children, each of them a `Props`."""
    if is_a(children, str) or not hasattr(children, "__iter__"):
        raise BadArgument(
            f"{name} cannot have children={children!r}",
            why="children are a list of props, in the order in which they start",
            mend="write children = (props(Worker),), with its comma,"
            " or props(Supervisor, [props(Worker)])",
        )
    found = list(children)
    for child in found:
        check_props(name, child)
    return found


def check_limits(name: str, intensity: int, period: float) -> None:
    """Raise unless so many restarts in so many seconds can be counted."""
    if not (is_a(intensity, (int, float)) and is_a(period, (int, float))) or not (
        intensity >= 0 and period > 0
    ):
        raise BadArgument(
            f"{name} cannot allow {intensity!r} restarts in {period!r} seconds",
            mend="give an intensity of 0 or more, and a period greater than 0",
        )


def check_most(name: str, most: int | None) -> None:
    """Raise unless there can be so many dynamic children."""
    if most is not None and not (is_a(most, (int, float)) and most >= 1):
        raise BadArgument(
            f"{name} cannot have max_children={most!r}",
            why="" if is_a(most, int) else "it starts without children, and is asked for each",
            mend="give a number of 1 or more, or None"
            + ("" if is_a(most, int) else ", and ask it StartChild(props(...))"),
        )


def check_choice(name: str, what: str, value: str, known: tuple[str, ...]) -> None:
    """Raise unless the value is one of the known ones."""
    if value not in known:
        raise BadArgument(
            f"{name} cannot have {what}={value!r}",
            mend=f"give one of {', '.join(map(repr, known))}",
        )


def check_no_handlers(cls: type[Any], known: Collection[type[Any]]) -> None:
    """Raise if the class handles more than the control protocol."""
    for base in cls.__mro__:
        for name, value in vars(base).items():
            if is_handler(value) and value.key not in known:
                raise ProtocolError(
                    f"{cls.__name__}.{name} handles {value.key.__name__} in a supervisor",
                    where=place(cls),
                    why="a supervisor takes the control protocol and nothing else, so that no"
                    " handler can take the tree down",
                    mend="put the handler into an actor that is its child; or write an Actor, which"
                    " can spawn and restart children, too",
                )


def check_unused(cls: type[Any], names: Iterable[str]) -> None:
    """Raise if the class of a dynamic supervisor sets what means nothing in it."""
    for name in names:
        if hasattr(cls, name):
            raise ProtocolError(
                f"{cls.__name__}.{name} means nothing in a DynamicSupervisor",
                where=place(cls),
                why="it starts without children, and restarts each for itself",
                mend="write a Supervisor; or leave it out, and ask it StartChild(props(...))",
            )


def uses_own_constructor(cls: type[Any]) -> ProtocolError:
    """The error for a subclass whose `__init__` does not call that of the supervisor."""
    return ProtocolError(
        f"{cls.__name__}.__init__ does not call super().__init__()",
        where=place(cls),
        why="the supervisor's constructor takes the children, the strategy and the limits",
        mend="call super().__init__([props(...), ...]) in it, or super().__init__() for the"
        " attributes of the class",
    )


def begins(pre_start: Hook) -> Hook:
    """A subclass's `pre_start`, which has to call that of the supervisor."""

    @wraps(pre_start)
    def guarded(self: Any, /) -> Coroutine[Any, Any, None] | None:
        result = pre_start(self)
        if result is not None:
            return rest(self, result)
        check_begun(self)
        return None

    async def rest(self: Any, result: Coroutine[Any, Any, None]) -> None:
        await result
        check_begun(self)

    return guarded


def check_begun(supervisor: Any) -> None:
    """Raise if the supervisor's own `pre_start` has not run, so that it supervises nobody."""
    if not supervisor._begun:
        cls = supervisor.__class__
        raise ProtocolError(
            f"{cls.__name__}.pre_start does not call super().pre_start()",
            where=place(cls),
            why="the supervisor's pre_start starts its declared children",
            mend="write `await super().pre_start()` in a Supervisor's async def pre_start,"
            " `super().pre_start()` in a DynamicSupervisor's",
        )


def is_a(value: object, kind: type[Any] | tuple[type[Any], ...]) -> bool:
    """Whether users of no checker gave what they should."""
    return isinstance(value, kind)
