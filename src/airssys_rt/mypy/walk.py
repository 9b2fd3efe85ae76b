"""A walk over mypy's syntax tree, by a table: its visitors cannot be subclassed by plain Python.

The prefilter uses a compiled visitor of mypy's, so that a method which says nothing of interest
costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mypy import nodes as n
from mypy.traverser import all_name_and_member_expressions

__all__ = ["NESTED", "all_nodes", "children", "own_nodes", "references", "statements"]

# node class -> attributes that hold a child, a list of children (None allowed) or lists of lists
CHILDREN: dict[type[n.Node], tuple[str, ...]] = {
    n.MypyFile: ("defs",),
    n.Block: ("body",),
    n.ExpressionStmt: ("expr",),
    n.AssignmentStmt: ("rvalue", "lvalues"),
    n.OperatorAssignmentStmt: ("rvalue", "lvalue"),
    n.WhileStmt: ("expr", "body", "else_body"),
    n.ForStmt: ("expr", "index", "body", "else_body"),
    n.ReturnStmt: ("expr",),
    n.AssertStmt: ("expr", "msg"),
    n.DelStmt: ("expr",),
    n.IfStmt: ("expr", "body", "else_body"),
    n.RaiseStmt: ("expr", "from_expr"),
    n.TryStmt: ("body", "types", "vars", "handlers", "else_body", "finally_body"),
    n.WithStmt: ("expr", "target", "body"),
    n.MatchStmt: ("subject", "guards", "bodies"),
    n.StarExpr: ("expr",),
    n.MemberExpr: ("expr",),
    n.CallExpr: ("callee", "args"),
    n.YieldFromExpr: ("expr",),
    n.YieldExpr: ("expr",),
    n.IndexExpr: ("base", "index"),
    n.UnaryExpr: ("expr",),
    n.AssignmentExpr: ("value", "target"),
    n.OpExpr: ("left", "right"),
    n.ComparisonExpr: ("operands",),
    n.SliceExpr: ("begin_index", "end_index", "stride"),
    n.CastExpr: ("expr",),
    n.AssertTypeExpr: ("expr",),
    n.RevealExpr: ("expr",),
    n.SuperExpr: ("call",),
    n.LambdaExpr: ("body",),
    n.ListExpr: ("items",),
    n.DictExpr: ("items",),
    n.TupleExpr: ("items",),
    n.SetExpr: ("items",),
    n.GeneratorExpr: ("sequences", "indices", "condlists", "left_expr"),
    n.ListComprehension: ("generator",),
    n.SetComprehension: ("generator",),
    n.DictionaryComprehension: ("sequences", "indices", "condlists", "key", "value"),
    n.ConditionalExpr: ("cond", "if_expr", "else_expr"),
    n.TypeApplication: ("expr",),
    n.AwaitExpr: ("expr",),
    n.FuncDef: ("body",),
    n.Decorator: ("decorators", "func"),
    n.OverloadedFuncDef: ("items",),
    n.ClassDef: ("defs",),
}
NESTED = (n.FuncDef, n.LambdaExpr, n.Decorator, n.OverloadedFuncDef, n.ClassDef)
NOTHING: tuple[str, ...] = ()


def children(node: n.Node) -> Iterator[n.Node]:
    """The node's children, in the order of evaluation as far as that matters."""
    for name in CHILDREN.get(type(node), NOTHING):
        yield from _flat(getattr(node, name))


# Any: a node, None, or lists of such
def _flat(value: Any) -> Iterator[n.Node]:
    if isinstance(value, n.Node):
        yield value
    elif value is not None:
        for part in value:
            yield from _flat(part)


def own_nodes(node: n.Node) -> Iterator[n.Node]:
    """All nodes below, operands before what uses them, but not those of nested functions."""
    for child in children(node):
        if not isinstance(child, NESTED):
            yield from own_nodes(child)
        yield child


def all_nodes(node: n.Node) -> Iterator[n.Node]:
    """All nodes below, those of nested functions as well."""
    for child in children(node):
        yield from all_nodes(child)
        yield child


def references(function: n.FuncItem) -> tuple[list[n.NameExpr], list[n.MemberExpr]]:
    """Every name and every attribute that a function's body mentions, quickly."""
    return all_name_and_member_expressions(n.LambdaExpr([], function.body))


def statements(block: n.Block) -> Iterator[n.Statement]:
    """The statements of a class body, those under `if` and `try` as well."""
    for statement in block.body:
        if isinstance(statement, n.IfStmt):
            for body in statement.body:
                yield from statements(body)
            if statement.else_body is not None:
                yield from statements(statement.else_body)
        elif isinstance(statement, n.TryStmt):
            yield from statements(statement.body)
        else:
            yield statement
