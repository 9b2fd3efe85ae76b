"""Behaviours: which messages an actor accepts in a state, and with which handlers.

A behaviour is a value.  `a | b` is the behaviour that accepts what either accepts; `b.replace(h)`
has some handlers exchanged; `x.to(y)` and `x.push(y)` declare transitions for `flow`, and
`x.final()` that none leads on.  Laws: a behaviour has one handler per message type; composition
never changes its operands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import UnionType
from typing import Any, Generic, NamedTuple, TypeGuard, TypeVar, Union, get_origin

from airssys_rt.errors import ProtocolError

__all__ = ["Accepts", "Behaviour", "Edge", "Entry", "members_text", "message_key", "on_enter"]

M = TypeVar("M")
M2 = TypeVar("M2")
M_co = TypeVar("M_co", covariant=True)
F = TypeVar("F", bound=Callable[..., object])


class Entry(NamedTuple):
    """One row of a behaviour's table: the handler's function, its name in the class, its kind."""

    # Any: the function takes the user's own actor and message classes, whatever they are
    function: Callable[[Any, Any], Any]
    name: str
    is_async: bool


# Any: entries are keyed by message classes of every kind
Table = Mapping[type[Any], Entry]


def message_key(message_type: object) -> type[Any]:
    """The class that dispatch looks up: `Get` for `Get[int]`."""
    key = get_origin(message_type) or message_type
    if not isinstance(key, type) or key in (Union, UnionType):
        raise ProtocolError(
            f"{message_type!r} is not a message class",
            where="@on(...)",
            why="dispatch is by the exact class of a message",
            mend="give one subclass of Message or Request; write a handler for each member",
        )
    return key


def is_behaviour(value: object) -> TypeGuard[Accepts[Any]]:
    """Whether a class attribute is a behaviour."""
    return isinstance(value, Accepts)


# Any: what stands in a class body where a behaviour should
def checked(value: Any) -> Accepts[Any]:
    """The value, if it is a behaviour.  Raises `ProtocolError`."""
    if is_behaviour(value):
        return value
    raise ProtocolError(
        f"{getattr(value, '__name__', None) or repr(value)} is no behaviour",
        where=getattr(value, "__qualname__", "a class body"),
        why="behaviours are made of methods under @on(T) and compositions of them",
        mend="put @on(T) above the method, or name a behaviour of the class",
    )


def places(entries: Iterable[Entry]) -> str:
    """Where handlers are defined, for error texts."""
    return ", ".join(sorted({getattr(e.function, "__qualname__", e.name) for e in entries}))


def members_text(keys: Iterable[type[Any]]) -> str:
    """The names of message classes, sorted, for error texts."""
    return ", ".join(sorted(key.__name__ for key in keys))


class Accepts(Generic[M_co]):
    """A behaviour seen from `become`: it accepts some subset of the actor's union."""

    __slots__ = ("_table",)

    def __init__(self, table: Table) -> None:
        self._table = table

    @property
    def table(self) -> Table:
        """Message class to handler; do not change it."""
        return self._table

    @property
    def source(self) -> Accepts[Any]:
        """The behaviour as the class declares it (a bound handler stands for its handler)."""
        return self

    def __repr__(self) -> str:
        return f"<behaviour {members_text(self._table)}>"


class Behaviour(Accepts[M]):
    """A behaviour seen from `initial`: it accepts exactly `M`."""

    __slots__ = ()

    def __or__(self, other: Behaviour[M2], /) -> Behaviour[M | M2]:
        """The behaviour that accepts what either accepts."""
        added = checked(other).table
        twice = {
            key
            for key in self._table.keys() & added.keys()
            if self._table[key].function is not added[key].function
        }
        if twice:
            raise ProtocolError(
                f"two handlers for {members_text(twice)} in one behaviour",
                where=places(table[key] for key in twice for table in (self._table, added)),
                why="a behaviour has one handler per message type",
                mend="leave one out, or exchange it with behaviour.replace(handler)",
            )
        return Behaviour({**self._table, **added})

    def replace(self, *handlers: Accepts[M]) -> Behaviour[M]:
        """The same behaviour with the given handlers in the place of its own."""
        new: dict[type[Any], Entry] = {}
        for handler in handlers:
            new.update(checked(handler).table)
        if foreign := new.keys() - self._table.keys():
            raise ProtocolError(
                f"replace() got a handler for {members_text(foreign)}, which is not accepted here",
                where=places(new[key] for key in foreign),
                why="replace exchanges handlers, it adds none",
                mend="add it with behaviour | handler",
            )
        return Behaviour({**self._table, **new})

    # Any: the target's union may be any subset of the actor's; `flow` is checked by identity
    def to(self, *targets: Accepts[Any]) -> Edge:
        """Declare, for `flow`, that `become` may lead from here to each of the targets."""
        return Edge(self.source, tuple(checked(t).source for t in targets), push=False)

    def push(self, *targets: Accepts[Any]) -> Edge:
        """Declare, for `flow`, that `become(push=True)` may lead from here to the targets."""
        return Edge(self.source, tuple(checked(t).source for t in targets), push=True)

    def final(self) -> Edge:
        """Declare, for `flow`, that nothing leads on from here.

        It changes nothing at run time, where `flow` has no transition from here anyway; it tells
        the reader, the checks and the diagram that there is none on purpose.
        """
        return Edge(self.source, (), push=False, final=True)

    def _exactly(self, message: M, /) -> M:
        """Typing only: makes `M` invariant."""
        return message


class Edge(NamedTuple):
    """Declared transitions: from `origin` to each of `targets`, by `become` or by a push.

    With `final`, there are no targets: `origin` is where the actor stays until it ends.
    """

    origin: Accepts[Any]
    targets: tuple[Accepts[Any], ...]
    push: bool
    final: bool = False


ENTER_MARK = "__airssys_on_enter__"


# Any: behaviours of whatever union
def on_enter(*behaviours: Accepts[Any]) -> Callable[[F], F]:
    """Run the method when the actor has entered one of the behaviours.

    It runs after the handler that called `become` has returned, before the next message, for
    the behaviour that the actor is then in; for `initial`, after `pre_start`.  Sync or async,
    without arguments (OTP: `gen_statem` state enter calls).
    """

    def mark(method: F) -> F:
        setattr(method, ENTER_MARK, sources + getattr(method, ENTER_MARK, ()))
        return method

    sources = tuple(checked(behaviour).source for behaviour in behaviours)
    return mark
