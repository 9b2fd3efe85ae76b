"""What a function mentions: its names and attributes, by a compiled visitor of mypy's.

Nearly every check asks first for words that a function has not, so these are made once.
"""

from __future__ import annotations

from collections.abc import Collection

from mypy import nodes as n
from mypy.traverser import all_name_and_member_expressions

from airssys_rt.mypy.memory import kept

__all__ = ["Mentioned", "lines_of", "mentioned_in", "references"]


class Mentioned:
    """Every name and every attribute below a node, in the order in which it mentions them."""

    __slots__ = ("attributes", "members", "names", "words")

    def __init__(self, names: list[n.NameExpr], members: list[n.MemberExpr]) -> None:
        self.names = names
        self.members = members
        self.words = [name.name for name in names]  # of the names alone
        self.attributes = [member.name for member in members]


def references(function: n.FuncItem) -> Mentioned:
    """What a function's body mentions, that of nested functions included."""
    return kept(function, _references)


def _references(function: n.FuncItem) -> Mentioned:
    return mentioned_in(function.body)


def mentioned_in(block: n.Block) -> Mentioned:
    """What a block mentions."""
    return Mentioned(*all_name_and_member_expressions(n.LambdaExpr([], block)))


def lines_of(function: n.FuncItem, attributes: Collection[str]) -> set[int]:
    """The lines on which a function mentions attributes of these names, or `super()`."""
    found = references(function)
    lines = {member.line for member in found.members if member.name in attributes}
    if "super" in found.words:
        lines.update([name.line for name in found.names if name.name == "super"])
    return lines
