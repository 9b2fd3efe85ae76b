"""An actor class's protocol, read from its declaration and checked at import.

The same mistakes that type checkers report are errors here for users of no checker.  Checks read
`__struct_config__` only: a decoder could not resolve the annotations of a local class.  Laws: the
behaviours of a class are compiled once; a subclass's handler of the same name and message takes
the place of its base's in every inherited behaviour.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import UnionType
from typing import Any, ForwardRef, Generic, TypeGuard, TypeVar, Union, get_args, get_origin

import msgspec

from airssys_rt.core.behaviour import ENTER_MARK, Accepts, Edge, Entry, members_text
from airssys_rt.core.handler import Handler
from airssys_rt.errors import ProtocolError

__all__ = ["ActorProtocol", "State", "union_members"]

# Any throughout: message classes, handler functions and behaviours of every protocol
Enter = Callable[[Any], Any]


class State:
    """A behaviour compiled for one actor class: dispatch tables by exact message class."""

    __slots__ = ("coro", "enter", "name", "source", "sync")

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
        "has_post_stop",
        "has_pre_start",
        "initial",
        "members",
    )

    def __init__(self, cls: type[Any], root: type[Any]) -> None:
        self.cls = cls
        self.arguments = _protocol_arguments(cls, root)
        self.members = None if self.arguments is None else _checked_members(cls, self.arguments)
        self._states: dict[Accepts[Any], State] = {}
        self.edges: frozenset[tuple[Accepts[Any], Accepts[Any], bool]] | None = None
        self.initial: State | None = None
        self.has_pre_start = cls.pre_start is not root.pre_start
        self.has_post_stop = cls.post_stop is not root.post_stop
        self._read_behaviours()

    def state(self, behaviour: Accepts[Any]) -> State:
        """The compiled form of a behaviour, declared in the class or made on the spot."""
        source = behaviour.source
        known = self._states.get(source)
        return known if known is not None else self._compile(members_text(source.table), source)

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
        enters = self._enter_methods(declared)
        for behaviour, name in declared.items():
            self._states[behaviour] = self._compile(name, behaviour, enters.get(behaviour))
        initial = inspect.getattr_static(self.cls, "initial", None)
        if initial is not None:
            self._check_initial(initial)
            self.initial = self._states[initial]
            if declared[initial] != "initial":
                self.initial.name = "initial"
        self._read_flow(declared)

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
                where=_place(self.cls),
                why=f"messages of type {key.__name__} would still go to the base's handler",
                mend=f"decorate it with @on({key.__name__}), or give it another name",
            )
        return entry

    def _enter_methods(self, declared: dict[Accepts[Any], str]) -> dict[Accepts[Any], Enter]:
        found: dict[Accepts[Any], Enter] = {}
        for name in _attribute_names(self.cls):
            function = inspect.getattr_static(self.cls, name)
            for behaviour in getattr(function, ENTER_MARK, ()):
                if behaviour not in declared or behaviour in found:
                    twice = behaviour in found
                    raise ProtocolError(
                        f"@on_enter of {self.cls.__name__}.{name} names "
                        + ("a behaviour that has one" if twice else f"unknown {behaviour!r}"),
                        where=_place(self.cls),
                        mend="name each of the class's own behaviours in one @on_enter at most",
                    )
                found[behaviour] = function
        return found

    def _check_initial(self, initial: Any) -> None:
        if not is_behaviour(initial):
            raise ProtocolError(
                f"{self.cls.__name__}.initial is {type(initial).__name__}, not a behaviour",
                where=_place(self.cls),
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
                where=_place(self.cls),
                why="initial accepts exactly the members of the actor's union",
                mend="add the handler with |, or change the union in Actor[...]",
            )

    def _read_flow(self, declared: dict[Accepts[Any], str]) -> None:
        # Any: `flow` may hold anything until it is checked here
        flow: Any = getattr(self.cls, "flow", ())
        if isinstance(flow, Edge) or not all(isinstance(edge, Edge) for edge in flow):
            raise ProtocolError(
                f"{self.cls.__name__}.flow is not a tuple of transitions",
                where=_place(self.cls),
                mend="write flow = (initial.to(other), initial.push(third))",
            )
        if not flow:
            return
        edges: set[tuple[Accepts[Any], Accepts[Any], bool]] = set()
        for edge in flow:
            for behaviour in (edge.origin, *edge.targets):
                if behaviour not in declared:
                    raise ProtocolError(
                        f"{self.cls.__name__}.flow names {behaviour!r}, which is no behaviour"
                        " of the class",
                        where=_place(self.cls),
                        why="a transition is between behaviours that the class names",
                        mend="give the behaviour a name in the class body and use that",
                    )
            edges.update((edge.origin, target, edge.push) for target in edge.targets)
        self.edges = frozenset(edges)


def is_behaviour(value: object) -> TypeGuard[Accepts[Any]]:
    """Whether a class attribute is a behaviour."""
    return isinstance(value, Accepts)


def is_handler(value: object) -> TypeGuard[Handler[Any, Any]]:
    """Whether a class attribute is a handler."""
    return isinstance(value, Handler)


def union_members(union: Any) -> frozenset[type[Any]] | None:
    """The classes of a union, an alias of one, or a single class; None if not known yet."""
    members: set[type[Any]] = set()
    for member in _flatten(union):
        if isinstance(member, (TypeVar, ForwardRef, str)):
            return None
        key = get_origin(member) or member
        if not isinstance(key, type):
            raise ProtocolError(
                f"{member!r} cannot be a member of a message union",
                mend="use classes derived from Message or Request",
            )
        members.add(key)
    return frozenset(members)


def _flatten(union: Any) -> Iterator[Any]:
    while hasattr(union, "__value__"):  # a PEP 695 alias
        union = union.__value__
    if get_origin(union) in (Union, UnionType):
        for member in get_args(union):
            yield from _flatten(member)
    else:
        yield union


def _protocol_arguments(cls: type[Any], root: type[Any]) -> Any:
    """What stands in `Actor[...]`, for the nearest class of the MRO that says it."""
    for base in cls.__mro__:
        for parent in base.__dict__.get("__orig_bases__", ()):
            if get_origin(parent) is root:
                return get_args(parent)[0]
    return None


def _checked_members(cls: type[Any], union: Any) -> frozenset[type[Any]] | None:
    members = union_members(union)
    if members is None:
        return None
    tags: dict[object, type[Any]] = {}
    for member in sorted(members, key=lambda m: m.__name__):
        if not issubclass(member, msgspec.Struct):
            raise ProtocolError(
                f"{member.__name__} in the union of {cls.__name__} is no message class",
                where=_place(cls),
                why="messages are frozen, tagged msgspec Structs",
                mend=f"derive {member.__name__} from Message or Request",
            )
        config = member.__struct_config__
        if not config.frozen or config.tag is None:
            lacks = "frozen" if not config.frozen else "tagged"
            raise ProtocolError(
                f"message class {member.__name__} is not {lacks}",
                where=_place(cls),
                why="a message is shared by its sender and receiver and told apart by its tag",
                mend=f"derive {member.__name__} from Message or Request",
            )
        if config.tag in tags:
            raise ProtocolError(
                f"{tags[config.tag].__qualname__} and {member.__qualname__} have the same tag"
                f" {config.tag!r}",
                where=_place(cls),
                why="the tag tells the members of a union apart when they are decoded",
                mend="rename one class, or give it a tag: class X(Message, tag='x')",
            )
        tags[config.tag] = member
    return members


def _attribute_names(cls: type[Any]) -> list[str]:
    """The names defined below `object` and `Generic`, bases first, in order of definition."""
    names: dict[str, None] = {}
    for base in reversed(cls.__mro__):
        if base is not object and base is not Generic:
            names.update(dict.fromkeys(base.__dict__))
    return list(names)


def _place(cls: type[Any]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
