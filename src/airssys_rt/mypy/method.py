"""A method of an actor class, and what is asked of it before it is looked into."""

from __future__ import annotations

from mypy import nodes as n
from mypy.types import Instance

from airssys_rt.mypy.mentioned import references
from airssys_rt.mypy.once import once
from airssys_rt.mypy.walk import own_statements

__all__ = ["Method"]


class Method:
    """A method in the class's own body."""

    def __init__(self, name: str, function: n.FuncDef, message: Instance | None) -> None:
        self.name = name
        self.kept: dict[str, object] = {}  # see once.py
        self.function = function
        self.message = message  # what it handles, if it is a handler

    @once
    def names(self) -> frozenset[str]:
        """The names that it mentions, of whatever they are."""
        return frozenset(references(self.function).words)

    @once
    def attributes(self) -> frozenset[str]:
        """The attributes that it mentions, of whatever they are."""
        return frozenset(references(self.function).attributes)

    @once
    def kinds(self) -> frozenset[type[n.Node]]:
        """Of what statements it consists, those of nested functions left out."""
        return frozenset([type(statement) for statement in own_statements(self.function)])
