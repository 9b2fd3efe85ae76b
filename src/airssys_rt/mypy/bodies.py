"""The statements of a body, without a walk of their expressions."""

from __future__ import annotations

from mypy import nodes as n
from mypy.traverser import all_return_statements

__all__ = ["returns", "statements"]

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
