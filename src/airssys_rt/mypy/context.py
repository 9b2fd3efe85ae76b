"""What becomes of a call's value: the expressions and the statement around it."""

from __future__ import annotations

from typing import Any

from mypy import nodes as n

from airssys_rt.mypy.walk import children

__all__ = ["around", "scope_of", "wholly"]


def scope_of(checker: Any) -> n.Node | None:
    """The function, class body or module that mypy checks at the moment."""
    # Any: where mypy is at the moment is known to the checker alone
    here: object = checker.scope.stack[-1]
    if isinstance(here, n.TypeInfo):
        return here.defn
    return here if isinstance(here, n.Node) else None


def around(root: n.Node, target: n.Node) -> list[n.Node]:
    """What encloses a node, the innermost first, up to a root; empty if it is not found."""
    path: list[n.Node] = []
    _find(root, target, path)
    return path


def _find(node: n.Node, target: n.Node, path: list[n.Node]) -> bool:
    for child in children(node):
        if child is target or (_may_hold(child, target) and _find(child, target, path)):
            path.append(node)
            return True
    return False


def _may_hold(node: n.Node, target: n.Node) -> bool:
    """Whether a node may enclose another one; statements are told apart by their lines."""
    if isinstance(node, n.Block) or not isinstance(node, n.Statement):
        return True
    if isinstance(node, (n.Decorator, n.OverloadedFuncDef, n.ClassDef)):
        return True  # their decorators stand before them
    return node.line <= target.line and (node.end_line is None or target.line <= node.end_line)


def wholly(value: n.Node, parent: n.Node) -> bool:
    """Whether a parent's value is, or holds, the value itself, and is not made of it."""
    match parent:
        case n.TupleExpr() | n.ListExpr() | n.SetExpr() | n.StarExpr():
            return True
        case n.DictExpr():
            return any(item is value for _, item in parent.items)
        case n.ConditionalExpr():
            return value is not parent.cond
        case n.OpExpr(op="and"):
            return value is parent.right
        case n.OpExpr(op="or"):
            return True
        case n.ListComprehension() | n.SetComprehension():
            return True
        case n.GeneratorExpr():
            return value is parent.left_expr
        case n.DictionaryComprehension():
            return value is parent.value
        case _:
            return False
