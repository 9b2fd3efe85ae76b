"""actor-capture: an actor that another actor's method makes by hand, and uses as a plain object.

Looked at while mypy checks the constructor's call.  Laws: only the body of a method counts, not a
function inside of it; what is returned or handed on may be a factory's, and is not reported.
"""

from __future__ import annotations

from typing import Any

from mypy import nodes as n
from mypy.plugin import FunctionContext
from mypy.types import Type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import last_name
from airssys_rt.mypy.context import around
from airssys_rt.mypy.names import ACTOR
from airssys_rt.mypy.walk import all_nodes

__all__ = ["actor_made"]


def actor_made(ctx: FunctionContext) -> Type:
    """An actor is made; report it, if a method of another one keeps it for its own use."""
    # Any: where mypy is at the moment is known to the checker alone
    checker: Any = ctx.api
    stack: list[object] = checker.scope.stack
    if len(stack) < 2 or not isinstance(ctx.context, n.CallExpr):
        return ctx.default_return_type
    owner, function = stack[-2:]
    if (
        isinstance(owner, n.TypeInfo)
        and owner.has_base(ACTOR)
        and isinstance(function, n.FuncDef)
        and not function.is_static
        and is_used(ctx.context, function)
    ):
        name = last_name(ctx.context.callee) or "an actor"
        ctx.api.fail(
            f'"{name}" made by hand has no mailbox and runs inside of "{owner.name}": its state is'
            f" reached without a message; spawn it, self.spawn({name}, ...), and tell or ask its"
            " ref",
            ctx.context,
            code=codes.CAPTURE,
        )
    return ctx.default_return_type


def is_used(call: n.CallExpr, function: n.FuncDef) -> bool:
    """Whether the method itself uses the instance, and surely gives it to nobody."""
    match around(function, call)[:1]:
        case [n.ExpressionStmt()] | [n.MemberExpr()]:
            return True
        case [n.AssignmentStmt() as statement]:
            return not any(is_handed_on(target, function) for target in statement.lvalues)
        case _:
            return False


def is_handed_on(target: n.Lvalue, function: n.FuncDef) -> bool:
    """Whether a variable is used for more than its attributes; an attribute of self is kept."""
    if not isinstance(target, n.NameExpr):
        return not isinstance(target, n.MemberExpr)
    attributes = {
        id(node.expr)
        for node in all_nodes(function)
        if isinstance(node, n.MemberExpr) and isinstance(node.expr, n.NameExpr)
    }
    return any(
        isinstance(node, n.NameExpr)
        and node.name == target.name
        and node is not target
        and id(node) not in attributes
        for node in all_nodes(function)
    )
