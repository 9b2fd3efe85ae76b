"""What the methods in a class's own body mention, of whatever it is, and what that stands for."""

from __future__ import annotations

from mypy import nodes as n

from airssys_rt.mypy.actors import functions
from airssys_rt.mypy.mentioned import Mentioned, references
from airssys_rt.mypy.once import once

__all__ = ["Vocabulary"]


class Vocabulary:
    """The words of one actor class; most checks look for words that a class has not."""

    def __init__(self, info: n.TypeInfo) -> None:
        self.info = info
        self.kept: dict[str, object] = {}  # see once.py

    @once
    def references(self) -> tuple[Mentioned, ...]:
        """What each of the class's own methods mentions."""
        return tuple([references(function) for _, function in functions(self.info.defn)])

    @once
    def names(self) -> list[n.NameExpr]:
        """Every name that they mention."""
        return [name for found in self.references for name in found.names]

    @once
    def attributes(self) -> frozenset[str]:
        """Every attribute that they mention, of whatever it is."""
        nothing: frozenset[str] = frozenset()
        return nothing.union(*[found.attributes for found in self.references])

    @once
    def words(self) -> frozenset[str]:
        """And every name; most checks look for words that a class has not."""
        return self.attributes.union(*[found.words for found in self.references])

    def count(self, attribute: str) -> int:
        """How often they mention an attribute of this name."""
        if attribute not in self.attributes:
            return 0
        return sum([found.attributes.count(attribute) for found in self.references])

    @once
    def symbols(self) -> frozenset[n.SymbolNode | None]:
        """What the names alone are bound to."""
        return frozenset([x.node for found in self.references for x in found.names])

    @once
    def full_names(self) -> frozenset[str]:
        """What the names and attributes stand for, as far as they are bound."""
        full = frozenset([node.fullname for node in self.symbols if node is not None])
        if n.MypyFile not in map(type, self.symbols):
            return full  # of attributes, only those of modules have full names
        return full.union([x.fullname for found in self.references for x in found.members])
