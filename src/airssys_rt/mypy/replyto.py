"""Which types are a `ReplyTo`, or hold one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mypy import nodes as n
from mypy.nodes import TypeAlias
from mypy.types import Instance, TupleType, Type, TypeAliasType, UnionType, get_proper_type

from airssys_rt.mypy.names import REPLY_TO

__all__ = ["generic", "holds_reply_to", "is_reply_to"]


def is_reply_to(kind: Type | None) -> bool:
    """Whether a type is a `ReplyTo`, perhaps None."""
    proper = None if kind is None else get_proper_type(kind)
    if isinstance(proper, Instance):
        return proper.type.fullname == REPLY_TO
    if isinstance(proper, UnionType):
        return any(map(is_reply_to, proper.items))
    return False


def holds_reply_to(kind: Type | None, seen: tuple[TypeAlias | None, ...] = ()) -> bool:
    """Whether a type is a `ReplyTo`, or holds one; asked of every attribute, so told quickly."""
    if isinstance(kind, TypeAliasType) and kind.is_recursive:
        if kind.alias in seen:
            return False  # it holds itself
        seen = (*seen, kind.alias)
    proper = None if kind is None else get_proper_type(kind)
    parts: Sequence[Type] = ()
    if type(proper) is Instance:
        parts = proper.args
        if not parts or proper.type.fullname.startswith("airssys_rt."):
            return proper.type.fullname == REPLY_TO
    elif isinstance(proper, (UnionType, TupleType)):
        parts = proper.items
    return True in [holds_reply_to(part, seen) for part in parts]


def generic(info: n.TypeInfo) -> Iterator[tuple[str, Type | None]]:
    """The attributes whose types have arguments, as a ReplyTo has: most have none."""
    for name, symbol in info.names.items():
        node = symbol.node
        if type(node) is n.Var:
            kind = node.type
            if type(kind) is not Instance or kind.args:
                yield name, kind
