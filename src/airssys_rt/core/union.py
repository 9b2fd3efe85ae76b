"""The union in `Actor[...]`: finding it, taking it apart, and checking its members.

Laws: a union that is not known yet - it has a type variable, or names what is not defined yet - is
not checked; checks read `__struct_config__` only, for a decoder could not resolve the annotations
of a local class.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Any, ForwardRef, TypeVar, Union, get_args, get_origin

import msgspec

from airssys_rt.errors import ProtocolError

__all__ = ["checked_members", "place", "protocol_argument", "same_union", "union_members"]

# Any throughout: message classes and type arguments of every kind


def union_members(union: Any, where: str = "") -> frozenset[type[Any]] | None:
    """The classes of a union, an alias of one, or a single class; None if not known yet."""
    members: set[type[Any]] = set()
    try:
        for member in _flatten(union):
            if isinstance(member, (TypeVar, ForwardRef, str)):
                return None
            key = get_origin(member) or member
            if not isinstance(key, type):
                raise ProtocolError(
                    f"{member!r} cannot be a member of a message union",
                    where=where,
                    why="messages are told apart by their class",
                    mend="use classes derived from Message or Request",
                )
            members.add(key)
    except NameError:  # an alias of what is defined below
        return None
    return frozenset(members)


def same_union(one: Any, other: Any) -> bool:
    """Whether two type arguments stand for the same union, as far as they are known."""
    try:
        parts, others = set(_flatten(one)), set(_flatten(other))
    except NameError:  # an alias of what is defined below
        return True
    except TypeError:  # what cannot be hashed
        return bool(one == other)
    unknown = (TypeVar, ForwardRef, str)
    if any(part is Any or isinstance(part, unknown) for part in parts | others):
        return True
    return parts == others


def _flatten(union: Any) -> Iterator[Any]:
    while hasattr(union, "__value__"):  # a PEP 695 alias
        union = union.__value__
    if get_origin(union) in (Union, UnionType):
        for member in get_args(union):
            yield from _flatten(member)
    else:
        yield union


def protocol_argument(cls: type[Any], root: type[Any]) -> Any:
    """What stands in `Actor[...]`, for the nearest class of the MRO that says it.

    What a generic base leaves open (`class Base(Actor[M], Generic[M])`) is filled in by the
    arguments that the subclass gives to it.
    """
    for base in cls.__mro__:
        for parent in base.__dict__.get("__orig_bases__", ()):
            origin = get_origin(parent)
            if origin is root:
                return get_args(parent)[0]
            if isinstance(origin, type) and issubclass(origin, root):
                return _filled_in(protocol_argument(origin, root), origin, get_args(parent))
    return None


def _filled_in(union: Any, origin: Any, arguments: tuple[Any, ...]) -> Any:
    given = dict(zip(origin.__parameters__, arguments, strict=False))
    if isinstance(union, TypeVar):
        return given.get(union, union)
    parameters = getattr(union, "__parameters__", ())
    if not parameters or hasattr(union, "__value__"):
        return union
    return union[tuple(given.get(parameter, parameter) for parameter in parameters)]


def checked_members(cls: type[Any], union: Any) -> frozenset[type[Any]] | None:
    """The members of an actor class's union; None if not known yet.  Raises `ProtocolError`."""
    members = union_members(union, place(cls))
    if members is None:
        return None
    tags: dict[object, type[Any]] = {}
    for member in sorted(members, key=lambda m: m.__name__):
        if not issubclass(member, msgspec.Struct):
            raise ProtocolError(
                f"{member.__name__} in the union of {cls.__name__} is no message class",
                where=place(cls),
                why="messages are frozen, tagged msgspec Structs",
                mend=f"derive {member.__name__} from Message or Request",
            )
        config = member.__struct_config__
        if not config.frozen or config.tag is None:
            lacks = "frozen" if not config.frozen else "tagged"
            raise ProtocolError(
                f"message class {member.__name__} is not {lacks}",
                where=place(cls),
                why="a message is shared by its sender and receiver and told apart by its tag",
                mend=f"derive {member.__name__} from Message or Request",
            )
        if config.tag in tags:
            raise ProtocolError(
                f"{tags[config.tag].__qualname__} and {member.__qualname__} have the same tag"
                f" {config.tag!r}",
                where=place(cls),
                why="the tag tells the members of a union apart when they are decoded",
                mend="rename one class, or give it a tag: class X(Message, tag='x')",
            )
        tags[config.tag] = member
    return members


def place(cls: type[Any]) -> str:
    """Where a class is defined, for error texts."""
    return f"{cls.__module__}.{cls.__qualname__}"
