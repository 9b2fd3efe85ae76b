"""The statements of a body, without a walk of their expressions."""

from __future__ import annotations

from typing import Any

from mypy import nodes as n
from mypy.traverser import all_return_statements

__all__ = ["BLOCKS", "find_statements", "flatten", "returns", "statements"]

BLOCKS: dict[type[n.Node], tuple[str, ...]] = {
    n.Block: ("body",),
    n.IfStmt: ("body", "else_body"),
    n.WhileStmt: ("body", "else_body"),
    n.ForStmt: ("body", "else_body"),
    n.TryStmt: ("body", "handlers", "else_body", "finally_body"),
    n.WithStmt: ("body",),
    n.MatchStmt: ("bodies",),
}
CHOICES: frozenset[type[n.Node]] = frozenset({n.IfStmt, n.TryStmt})


def returns(function: n.FuncItem) -> list[n.ReturnStmt]:
    """The function's own return statements, quickly."""
    return all_return_statements(function)


def statements(block: n.Block) -> list[n.Statement]:
    """The statements of a class body, those under `if` and `try` as well."""
    if CHOICES.isdisjoint(map(type, block.body)):  # nearly every class
        return block.body
    found: list[n.Statement] = []
    for statement in block.body:
        if isinstance(statement, n.IfStmt):
            for body in statement.body:
                found += statements(body)
            if statement.else_body is not None:
                found += statements(statement.else_body)
        elif isinstance(statement, n.TryStmt):
            found += statements(statement.body)
        else:
            found.append(statement)
    return found


# Any: a node, None, or lists of such
def flatten(value: Any, found: list[n.Node]) -> None:
    """Add the nodes in lists of lists."""
    kind = value.__class__
    if kind is list or kind is tuple:
        for part in value:
            flatten(part, found)
    elif value is not None:
        found.append(value)


def find_statements(function: n.FuncItem) -> list[n.Statement]:
    """The function's own statements; not blocks, in order."""
    found: list[n.Statement] = []
    _find_statements(function.body, found)
    return found


def _find_statements(block: n.Block, found: list[n.Statement]) -> None:
    body = block.body
    if BLOCKS.keys().isdisjoint(map(type, body)):
        found += body
        return
    for statement in body:
        found.append(statement)
        if type(statement) is n.IfStmt:  # the most frequent one
            for part in statement.body:
                _find_statements(part, found)
            if statement.else_body is not None:
                _find_statements(statement.else_body, found)
        elif type(statement) is n.Block:
            _find_statements(statement, found)
        elif type(statement) in BLOCKS:
            parts: list[Any] = []
            for name in BLOCKS[type(statement)]:
                flatten(getattr(statement, name), parts)
            for inner in parts:
                _find_statements(inner, found)
