"""actor-reply: the coroutine of an ask, or of another wait, that is surely never awaited.

mypy itself reports one that is a statement.  Here it is part of an expression that takes anything,
and keeps nothing: `print(ref.ask(Get()))`.  Laws: looked at while mypy checks the call; what is
assigned, returned or handed to any other function may be awaited there, and is not reported.
"""

from __future__ import annotations

from typing import Any

from mypy import nodes as n
from mypy.plugin import MethodContext
from mypy.types import Instance, Type, get_proper_type

from airssys_rt.mypy import codes
from airssys_rt.mypy.bodies import find_statements
from airssys_rt.mypy.context import around, scope_of, wholly

__all__ = ["WAITS", "wait_made"]

# verb: what does not happen without `await`
WAITS = {
    "ask": "nothing is asked",
    "send": "nothing is sent",
    "started": "nobody waits for the start",
    "stopped": "nobody waits for the end",
}
# functions that look at their arguments, and keep none
LOOKS = frozenset(
    f"builtins.{name}"
    for name in ("print", "str", "repr", "ascii", "format", "len", "bool", "any", "all", "hash")
)
LOGS = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"}
)
TESTED = "it is tested instead of its result, and always true"
LOGGERS = ("logging.Logger", "logging.LoggerAdapter")


def wait_made(ctx: MethodContext) -> Type:
    """A wait is called; report it, if nobody can wait."""
    kind, call = get_proper_type(ctx.default_return_type), ctx.context
    if (
        isinstance(kind, Instance)
        and kind.type.fullname == "typing.Coroutine"
        and isinstance(call, n.CallExpr)
        and isinstance(call.callee, n.MemberExpr)
        and (root := scope_of(ctx.api)) is not None
        and not is_awaited(root, call)
        and (where := dropped_by(call, around(root, call), ctx.api)) is not None
    ):
        verb = call.callee.name
        ctx.api.fail(
            f'The coroutine of "{verb}" is never awaited: {where}, so {WAITS[verb]}; write'
            f" await ....{verb}(...)",
            call,
            code=codes.REPLY,
        )
    return ctx.default_return_type


def is_awaited(root: n.Node, call: n.CallExpr) -> bool:
    """Whether a call is awaited by a statement of its own, as nearly all are; told quickly."""
    if not isinstance(root, n.FuncItem):
        return False
    for statement in find_statements(root):
        value: n.Expression | None = None
        if type(statement) is n.AssignmentStmt:
            value = statement.rvalue
        elif type(statement) is n.ExpressionStmt or type(statement) is n.ReturnStmt:
            value = statement.expr
        if type(value) is n.AwaitExpr and value.expr is call:
            return True
    return False


# Any: mypy's checker
def dropped_by(call: n.CallExpr, path: list[n.Node], checker: Any) -> str | None:
    """What takes the coroutine, and drops it, in words; None if it may be awaited."""
    value: n.Node = call
    for parent in path:
        match parent:
            case n.ExpressionStmt():
                # mypy reports the plain statement
                return None if value is call else "the expression's value is dropped"
            case n.CallExpr() if value is not parent.callee:
                name = looker(parent, checker)
                return None if name is None else f"{name} gets it instead of its result"
            case n.ComparisonExpr():
                return "it is compared instead of its result"
            case n.UnaryExpr(op="not"):
                return TESTED
            case n.OpExpr(op="and") if value is parent.left:
                return TESTED
            case n.OpExpr(op="%") if isinstance(parent.left, n.StrExpr):
                return "it is formatted instead of its result"
            case n.IfStmt() | n.WhileStmt() | n.AssertStmt() if not is_message(value, parent):
                return TESTED
            case n.ConditionalExpr() if value is parent.cond:
                return TESTED
            case _ if wholly(value, parent):
                value = parent
            case _:
                return None
    return None


def is_message(value: n.Node, parent: n.Node) -> bool:
    """Whether a value is the text of an assertion."""
    return isinstance(parent, n.AssertStmt) and value is parent.msg


# Any: mypy's checker
def looker(call: n.CallExpr, checker: Any) -> str | None:
    """The name of a called function that keeps none of its arguments; None for any other."""
    callee = call.callee
    if isinstance(callee, n.RefExpr) and callee.fullname in LOOKS:
        return f"{callee.name}()" if isinstance(callee, n.NameExpr) else callee.fullname
    if not isinstance(callee, n.MemberExpr):
        return None
    if callee.name == "format" and isinstance(callee.expr, n.StrExpr):
        return "a text"
    if callee.name not in LOGS:
        return None
    if callee.fullname == f"logging.{callee.name}":
        return "the log"
    # the owner was checked just before the arguments
    found: Type | None = checker.lookup_type_or_none(callee.expr)
    owner = get_proper_type(found)
    if isinstance(owner, Instance) and any(map(owner.type.has_base, LOGGERS)):
        return "the log"
    return None
