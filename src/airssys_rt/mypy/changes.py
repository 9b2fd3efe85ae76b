"""What a piece of code changes of its actor: attributes set, and containers changed in place."""

from __future__ import annotations

from collections.abc import Iterator

from mypy import nodes as n

from airssys_rt.mypy.capture import made_by

__all__ = ["MUTATORS", "changed", "own"]

MUTATORS = frozenset(
    {
        "append",
        "appendleft",
        "add",
        "clear",
        "update",
        "pop",
        "popleft",
        "remove",
        "extend",
        "extendleft",
        "insert",
        "discard",
        "setdefault",
        "popitem",
        "sort",
        "reverse",
        "rotate",
        "intersection_update",
        "difference_update",
        "symmetric_difference_update",
        "subtract",
    }
)


def own(value: n.Expression, me: n.Var | None) -> str | None:
    """The attribute in `self.attribute`."""
    if me is None or not isinstance(value, n.MemberExpr) or not isinstance(value.expr, n.NameExpr):
        return None
    return value.name if value.expr.node is me else None


def changed(node: n.Node, me: n.Var | None) -> Iterator[tuple[str, n.Context, bool]]:
    """The attributes that a node changes, where, and whether in place."""
    match node:
        case n.AssignmentStmt():
            if not isinstance(node.rvalue, n.TempNode):
                for target in node.lvalues:
                    yield from assigned(target, me)
        case n.OperatorAssignmentStmt():
            for name, where, inside in assigned(node.lvalue, me):
                # `self.items += [1]` extends the list
                yield name, where, inside or made_by(node.rvalue) is not None
        case n.DelStmt():
            yield from assigned(node.expr, me)
        case n.CallExpr(callee=n.MemberExpr() as callee) if callee.name in MUTATORS:
            owner = callee.expr.base if isinstance(callee.expr, n.IndexExpr) else callee.expr
            attribute = own(owner, me)
            if attribute is not None:
                yield attribute, node, True
        case _:
            pass


def assigned(target: n.Expression, me: n.Var | None) -> Iterator[tuple[str, n.Context, bool]]:
    """The attributes that an assignment to, or a deletion of, `target` changes."""
    match target:
        case n.TupleExpr() | n.ListExpr():
            for item in target.items:
                yield from assigned(item, me)
        case n.StarExpr():
            yield from assigned(target.expr, me)
        case n.MemberExpr():
            attribute = own(target, me)
            if attribute is not None:
                yield attribute, target, False
        case n.IndexExpr():
            attribute = own(target.base, me)
            if attribute is not None:
                yield attribute, target, True
        case _:
            pass
