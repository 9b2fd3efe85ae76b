"""What is known of a type before it is drawn: does it lead back to itself, how deep is it at least.

A value of a recursive type has to come to an end, so each is drawn with a budget of classes that it
may still enter.  Law: where the budget is at least a type's depth, there is a value within it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec.inspect as mi

from airssys_rt.testing.defaults import Classy, good_defaults

__all__ = ["Shapes"]


def parts(info: mi.Type) -> Iterator[mi.Type]:
    """The types that a type is made of, one level down."""
    match info:
        case mi.Metadata():
            yield info.type
        case mi.UnionType():
            yield from info.types
        case mi.TupleType():
            yield from info.item_types
        case mi.DictType():
            yield info.key_type
            yield info.value_type
        case mi.CollectionType():
            yield info.item_type
        case mi.StructType() | mi.DataclassType() | mi.NamedTupleType() | mi.TypedDictType():
            for field in info.fields:
                yield field.type
        case _:
            pass


class Shapes:
    """Facts of every type that can be reached from one."""

    def __init__(self, root: mi.Type) -> None:
        self._nodes: dict[int, mi.Type] = {}
        self._collect(root)
        below = {key: {id(part) for part in parts(info)} for key, info in self._nodes.items()}
        self._reach = {key: closure(key, below) for key in below}
        self._cyclic = {
            key
            for key, info in self._nodes.items()
            if isinstance(info, Classy) and key in self._reach[key]
        }
        self._depths = dict.fromkeys(self._nodes, math.inf)
        self._settle()

    def is_cyclic(self, info: mi.Type) -> bool:
        """Whether values of the class may hold values of the class."""
        return id(info) in self._cyclic

    def leads_to_cycle(self, info: mi.Type) -> bool:
        """Whether values of the type may be of any size."""
        return id(info) in self._cyclic or bool(self._reach[id(info)] & self._cyclic)

    def depth(self, info: mi.Type) -> float:
        """How many classes that lead to themselves the shallowest value goes through."""
        return self._depths[id(info)]

    def _collect(self, root: mi.Type) -> None:
        waiting = [root]
        while waiting:
            info = waiting.pop()
            if id(info) not in self._nodes:
                self._nodes[id(info)] = info
                waiting += parts(info)

    def _settle(self) -> None:
        changed = True
        while changed:
            changed = False
            for key, info in self._nodes.items():
                depth = self._shallowest(info)
                if depth < self._depths[key]:
                    self._depths[key] = depth
                    changed = True

    def _shallowest(self, info: mi.Type) -> float:
        match info:
            case mi.UnionType():
                return min((self.depth(part) for part in info.types), default=0)
            case mi.DictType() | mi.CollectionType() if not info.min_length:
                return 0
            case mi.StructType() | mi.DataclassType() | mi.NamedTupleType() | mi.TypedDictType():
                typed = isinstance(info, mi.TypedDictType)
                needed = [
                    self.depth(field.type)
                    for field in info.fields
                    if field.required or not (typed or field.name in good_defaults(info))
                ]
                return self.is_cyclic(info) + max(needed, default=0)
            case _:
                return max((self.depth(part) for part in parts(info)), default=0)


def closure(key: int, below: dict[int, set[int]]) -> set[int]:
    """All that can be reached from a node, itself only by a way that leads back."""
    found: set[int] = set()
    waiting = [*below[key]]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += below[node]
    return found
