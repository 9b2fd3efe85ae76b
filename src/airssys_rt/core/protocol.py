"""An actor class's protocol, read from its declaration and checked at import.

The same mistakes that type checkers report are errors here for users of no checker.  Laws: the
behaviours of a class are compiled once; a subclass's handler of the same name and message takes
the place of its base's in every inherited behaviour; what a base says of its behaviours (`flow`,
`@on_enter`) holds for those that a subclass defines under the same names.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Generic, TypeGuard

from airssys_rt.core.behaviour import (
    ENTER_MARK,
    Accepts,
    Edge,
    Entry,
    is_behaviour,
    members_text,
)
from airssys_rt.core.handler import Handler
from airssys_rt.core.union import checked_members, place, protocol_argument
from airssys_rt.errors import ProtocolError

__all__ = ["ActorProtocol", "State"]

# Any throughout: message classes, handler functions and behaviours of every protocol
Enter = Callable[[Any], Any]


class State:
    """A behaviour compiled for one actor class: dispatch tables by exact message class."""

    __slots__ = ("coro", "enter", "find", "name", "source", "sync")

    def __init__(
        self,
        name: str,
        source: Accepts[Any],
        entries: dict[type[Any], Entry],
        enter: Enter | None,
    ) -> None:
        self.name = name
        self.source = source
        self.sync = {key: e.function for key, e in entries.items() if not e.is_async}
        self.find = self.sync.get  # the sync handler for a class, as the hot loop asks for it
        self.coro = {key: e.function for key, e in entries.items() if e.is_async}
        self.enter = enter

    def accepts(self, key: type[Any]) -> bool:
        """Whether the behaviour has a handler for messages of the class."""
        return key in self.sync or key in self.coro


class ActorProtocol:
    """What an actor class declares: its union, its behaviours, its flow."""

    __slots__ = (
        "_states",
        "arguments",
        "cls",
        "edges",
        "finals",
        "has_post_stop",
        "has_pre_start",
        "initial",
        "members",
        "plain_init",
        "plain_maker",
        "plain_start",
    )

    def __init__(self, cls: type[Any], root: type[Any]) -> None:
        self.cls = cls
        self.arguments = protocol_argument(cls, root)
        self.members = None if self.arguments is None else checked_members(cls, self.arguments)
        self._states: dict[Accepts[Any], State] = {}
        self.edges: frozenset[tuple[Accepts[Any], Accepts[Any], bool]] | None = None
        self.finals: frozenset[Accepts[Any]] = frozenset()
        self.initial: State | None = None
        # the class itself, if it is made by object.__new__ and __init__ alone
        self.plain_maker = cls if cls.__new__ is root.__new__ and type(cls) is type else None
        self.plain_init = cls.__init__ is object.__init__
        self.has_pre_start = cls.pre_start is not root.pre_start
        self.has_post_stop = cls.post_stop is not root.post_stop
        self._read_behaviours()
        self.plain_start = self._plain_start()

    def _plain_start(self) -> State | None:
        """The first behaviour, where to enter it is all that there is to a start."""
        first = self.initial
        if first is None or first.enter is not None or self.has_pre_start or self.has_post_stop:
            return None
        return first

    def state(self, behaviour: Accepts[Any]) -> State:
        """The compiled form of a behaviour, declared in the class or made on the spot."""
        source = behaviour.source
        known = self._states.get(source)
        return known if known is not None else self._compile(members_text(source.table), source)

    @property
    def named(self) -> tuple[State, ...]:
        """The behaviours that the class names, compiled, in order of definition, bases first."""
        return tuple(self._states.values())

    def allows(self, origin: State, target: State, *, push: bool) -> bool:
        """Whether `flow`, where declared, has the transition."""
        return self.edges is None or (origin.source, target.source, push) in self.edges

    def _read_behaviours(self) -> None:
        declared: dict[Accepts[Any], str] = {}
        for name in _attribute_names(self.cls):
            value: Any = inspect.getattr_static(self.cls, name)
            # a plain name for a handler (`frozen = thaw`) is the behaviour's name
            if is_behaviour(value) and (
                value not in declared or declared[value] == getattr(value, "name", None)
            ):
                declared[value] = name
        now = self._redefined(declared)
        enters = self._enter_methods(declared, now)
        for behaviour, name in declared.items():
            self._states[behaviour] = self._compile(name, behaviour, enters.get(behaviour))
        initial = inspect.getattr_static(self.cls, "initial", None)
        if initial is not None:
            self._check_initial(initial)
            self.initial = self._states[initial]
            if declared[initial] != "initial":
                self.initial.name = "initial"
        self._read_flow(declared, now)

    def _redefined(self, declared: dict[Accepts[Any], str]) -> dict[Accepts[Any], Accepts[Any]]:
        """Behaviours of the bases, and what stands under their names now."""
        now: dict[Accepts[Any], Accepts[Any]] = {}
        for base in reversed(self.cls.__mro__):
            for name, value in base.__dict__.items():
                if is_behaviour(value) and value not in declared:
                    present: Any = inspect.getattr_static(self.cls, name)
                    if is_behaviour(present):
                        now[value] = present
        return now

    def _compile(self, name: str, source: Accepts[Any], enter: Enter | None = None) -> State:
        entries = {key: self._resolve(key, entry) for key, entry in source.table.items()}
        return State(name, source, entries, enter)

    def _resolve(self, key: type[Any], entry: Entry) -> Entry:
        override: Any = inspect.getattr_static(self.cls, entry.name, None)
        if is_handler(override):
            handler = override
            return handler.table[key] if handler.key is key else entry
        if inspect.isfunction(override) and override is not entry.function:
            raise ProtocolError(
                f"{self.cls.__name__}.{entry.name} overrides a handler without being one",
                where=place(self.cls),
                why=f"messages of type {key.__name__} would still go to the base's handler",
                mend=f"decorate it with @on({key.__name__}), or give it another name",
            )
        return entry

    def _enter_methods(
        self, declared: dict[Accepts[Any], str], now: dict[Accepts[Any], Accepts[Any]]
    ) -> dict[Accepts[Any], Enter]:
        found: dict[Accepts[Any], Enter] = {}
        for name in _attribute_names(self.cls):
            function: Any = inspect.getattr_static(self.cls, name)
            if not inspect.isfunction(function):
                continue
            for marked in _enter_marks(self.cls, name):
                behaviour = now.get(marked, marked)
                if behaviour not in declared or behaviour in found:
                    twice = behaviour in found
                    raise ProtocolError(
                        f"@on_enter of {self.cls.__name__}.{name} names "
                        + ("a behaviour that has one" if twice else f"unknown {behaviour!r}"),
                        where=place(self.cls),
                        why="a behaviour of the class has one enter method, or none",
                        mend="name each of the class's own behaviours in one @on_enter at most",
                    )
                found[behaviour] = function
        return found

    def _check_initial(self, initial: Any) -> None:
        if not is_behaviour(initial):
            raise ProtocolError(
                f"{self.cls.__name__}.initial is {type(initial).__name__}, not a behaviour",
                where=place(self.cls),
                why="an actor starts in the behaviour `initial`",
                mend="write initial = first | second, with the names of @on methods",
            )
        if self.members is None:
            return
        missing = self.members - initial.table.keys()
        foreign = initial.table.keys() - self.members
        if missing or foreign:
            what = [f"has no handler for {members_text(missing)}"] if missing else []
            what += [f"handles {members_text(foreign)}, which is foreign"] if foreign else []
            raise ProtocolError(
                f"{self.cls.__name__}.initial {' and '.join(what)}",
                where=place(self.cls),
                why="initial accepts exactly the members of the actor's union",
                mend="add the handler with |, or change the union in Actor[...]",
            )

    def _read_flow(
        self, declared: dict[Accepts[Any], str], now: dict[Accepts[Any], Accepts[Any]]
    ) -> None:
        # Any: `flow` may hold anything until it is checked here
        flow: Any = getattr(self.cls, "flow", ())
        given = transitions(flow)
        if given is None:
            raise ProtocolError(
                f"{self.cls.__name__}.flow is not a tuple of transitions",
                where=place(self.cls),
                why="flow lists the transitions that become may make",
                mend="write flow = (initial.to(other), initial.push(third))",
            )
        if not given:
            return
        edges: set[tuple[Accepts[Any], Accepts[Any], bool]] = set()
        finals: set[Accepts[Any]] = set()
        for edge in given:
            origin = now.get(edge.origin, edge.origin)
            targets = [now.get(target, target) for target in edge.targets]
            for behaviour in (origin, *targets):
                if behaviour not in declared:
                    raise ProtocolError(
                        f"{self.cls.__name__}.flow names {behaviour!r}, which is no behaviour"
                        " of the class",
                        where=place(self.cls),
                        why="a transition is between behaviours that the class names",
                        mend="give the behaviour a name in the class body and use that",
                    )
            edges.update((origin, target, edge.push) for target in targets)
            if edge.final:
                finals.add(origin)
        for origin, name in declared.items():
            onward = {declared[target] for start, target, _ in edges if start is origin}
            if origin in finals and onward:
                raise ProtocolError(
                    f"{self.cls.__name__}.flow leads from {name}, which is final,"
                    f" to {', '.join(sorted(onward))}",
                    where=place(self.cls),
                    why="from a final state no transition leads on",
                    mend=f"leave out {name}.final(), or the transitions from it",
                )
        self.edges = frozenset(edges)
        self.finals = frozenset(finals)


def is_handler(value: object) -> TypeGuard[Handler[Any, Any]]:
    """Whether a class attribute is a handler."""
    return isinstance(value, Handler)


def transitions(flow: Any) -> list[Edge] | None:
    """The transitions of a `flow`; None if it is no plain tuple of them."""
    if type(flow) is not tuple:  # an edge is a tuple itself
        return None
    entries: list[Any] = [*flow]
    return entries if all(isinstance(entry, Edge) for entry in entries) else None


def _enter_marks(cls: type[Any], name: str) -> tuple[Accepts[Any], ...]:
    """The behaviours of an enter method; an override keeps those of the method it overrides."""
    for base in cls.__mro__:
        marks: tuple[Accepts[Any], ...] = getattr(base.__dict__.get(name), ENTER_MARK, ())
        if marks:
            return marks
    return ()


def _attribute_names(cls: type[Any]) -> list[str]:
    """The names defined below `object` and `Generic`, bases first, in order of definition."""
    names: dict[str, None] = {}
    for base in reversed(cls.__mro__):
        if base is not object and base is not Generic:
            names.update(dict.fromkeys(base.__dict__))
    return list(names)
