"""actor-blocking: a loop that waits for what only another message can change.

Laws: the loop's test reads attributes of the actor, locals and constants only; its body only
sleeps; the attributes are changed by handlers, hooks and what they call, and by nothing else in
the class; the actor is handed to nobody who might change them.
"""

from __future__ import annotations

from collections.abc import Iterator

from mypy import nodes as n

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import functions
from airssys_rt.mypy.beside import self_of
from airssys_rt.mypy.capture import made_by
from airssys_rt.mypy.changes import changed, own
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.onloop import HANDLER, HELPER
from airssys_rt.mypy.walk import all_nodes, live_nodes, loops_of

__all__ = ["check_waiting"]

PACKAGES = frozenset({"anyio", "asyncio", "trio", "time"})
SLEEPS = frozenset({"sleep", "checkpoint", "cancel_shielded_checkpoint"})
# calls in a test that depend on nothing else
PURE = frozenset({"len", "bool", "any", "all", "sum", "min", "max"})
CONSTANTS = (n.IntExpr, n.FloatExpr, n.StrExpr, n.BytesExpr, n.EllipsisExpr)
# to what a call may be given a container that it leaves as it is, and keeps no hold of
READERS = PURE | {"list", "tuple", "dict", "set", "frozenset", "sorted", "str", "repr", "enumerate"}


def check_waiting(actor: ActorModel) -> None:
    """Check the methods that run as the actor's steps."""
    if n.WhileStmt not in actor.statements:
        return
    reached = actor.own.get("on_loop", {})
    changes: Changes | None = None
    for name, function in functions(actor.info.defn):
        if name not in reached or name == "post_stop":
            continue
        me = self_of(function)
        for loop, live in loops_of(function):
            if not live or not isinstance(loop, n.WhileStmt) or not only_sleeps(loop.body):
                continue
            read = attributes_read(loop.expr, me)
            if not read:
                continue
            changes = Changes(actor, reached) if changes is None else changes
            if all(changes.by_messages(attribute) for attribute in read):
                shown = " and ".join(f'"self.{attribute}"' for attribute in sorted(read))
                kind = reached[name][0]
                place = f'{kind} "{name}"' if kind != HELPER else f'"{name}"'
                mend = "return, and go on in that message's handler"
                if kind == HANDLER:
                    mend = "self.stash() the message, or self.defer(msg) a request, and go on in"
                    mend += " the other one's handler; self.state_timeout limits the time"
                actor.fail(
                    f"This loop in {place} waits for {shown} to change, which only another message"
                    f" does, and none is handled before the loop ends; {mend}",
                    loop,
                    codes.BLOCKING,
                )


def only_sleeps(body: n.Block) -> bool:
    """Whether a loop's body does nothing but let time pass."""
    return bool(body.body) and all(
        isinstance(statement, n.PassStmt)
        or (isinstance(statement, n.ExpressionStmt) and is_sleep(statement.expr))
        for statement in body.body
    )


def is_sleep(value: n.Expression) -> bool:
    """`await anyio.sleep(0.1)`, `time.sleep(1)`, `...`."""
    match value:
        case n.EllipsisExpr() | n.StrExpr():
            return True
        case n.AwaitExpr():
            return is_sleep(value.expr)
        case n.CallExpr(callee=(n.NameExpr() | n.MemberExpr()) as callee):
            package = (callee.fullname or "").partition(".")[0]
            return callee.name in SLEEPS and package in PACKAGES
        case _:
            return False


def attributes_read(test: n.Expression, me: n.Var | None) -> set[str]:
    """The attributes that a test depends on; none if it may depend on more than these."""
    found: set[str] = set()
    todo: list[n.Node] = [test]
    while todo:
        node = todo.pop()
        match node:
            case n.MemberExpr():
                attribute = own(node, me)
                if attribute is not None:
                    found.add(attribute)
                elif not is_constant(node):
                    return set()
            case n.NameExpr():
                if node.kind != n.LDEF and node.name not in ("True", "False", "None"):
                    return set()
            case n.CallExpr(callee=n.NameExpr(name=name)) if name in PURE:
                todo += node.args
            case n.UnaryExpr():
                todo.append(node.expr)
            case n.OpExpr():
                todo += [node.left, node.right]
            case n.ComparisonExpr():
                todo += node.operands
            case n.IndexExpr():
                todo += [node.base, node.index]
            case n.TupleExpr():
                todo += node.items
            case _:
                if not isinstance(node, CONSTANTS):
                    return set()
    return found


def is_constant(value: n.MemberExpr) -> bool:
    """`Color.RED`."""
    owner = value.expr
    return (
        isinstance(owner, n.RefExpr) and isinstance(owner.node, n.TypeInfo) and owner.node.is_enum
    )


class Changes:
    """What changes the attributes of a class."""

    def __init__(self, actor: ActorModel, reached: dict[str, list[str]]) -> None:
        self.actor = actor
        self.inside: set[str] = set()  # changed by steps of the actor, after it has started
        self.outside: set[str] = set()  # perhaps by others as well
        loose = set(not_awaited(actor))
        for name, function in functions(actor.info.defn):
            me = self_of(function)
            step = name in reached and not (function.is_coroutine and name in loose)
            live = {id(node) for node in live_nodes(function)}
            for node in all_nodes(function):
                for attribute, _, _ in changed(node, me):
                    if not step or id(node) not in live:
                        self.outside.add(attribute)
                    elif name != "__init__":
                        self.inside.add(attribute)
                if isinstance(node, n.AssignmentStmt):
                    self.outside.update(given(node, me))
                elif isinstance(node, n.CallExpr):
                    self.outside.update(handed_over(node, me))
        self.free = any(known.get("hands_on") for known in actor.own["methods"].values())

    def by_messages(self, attribute: str) -> bool:
        """Whether an attribute is changed by the actor's steps, and nothing else."""
        if self.free or attribute not in self.inside or attribute in self.outside:
            return False
        symbol = self.actor.info.get(attribute)
        node = symbol.node if symbol is not None else None
        return isinstance(node, n.Var) and not node.is_property and node.info is self.actor.info


def not_awaited(actor: ActorModel) -> Iterator[str]:
    """The names that methods use on the actor in another way than `await self.name(...)`."""
    for _, function in functions(actor.info.defn):
        me = self_of(function)
        awaited: set[int] = set()
        for node in all_nodes(function):
            if isinstance(node, n.AwaitExpr) and isinstance(node.expr, n.CallExpr):
                awaited.add(id(node.expr.callee))
        for node in all_nodes(function):
            if isinstance(node, n.MemberExpr) and id(node) not in awaited:
                name = own(node, me)
                if name is not None:
                    yield name


def given(statement: n.AssignmentStmt, me: n.Var | None) -> Iterator[str]:
    """The attributes that an assignment makes something whose inside others may change."""
    for target in statement.lvalues:
        attribute = own(target, me)
        declares = isinstance(statement.rvalue, n.TempNode)
        if attribute is not None and not declares and not is_closed(statement.rvalue):
            yield attribute
    # `items = self.items`, `other.items = self.items`
    attribute = own(statement.rvalue, me)
    if attribute is not None:
        yield attribute


def is_closed(value: n.Expression) -> bool:
    """Whether a value has no inside that somebody else holds."""
    match value:
        case n.NameExpr(name="True" | "False" | "None"):
            return True
        case n.OpExpr() | n.UnaryExpr() | n.ComparisonExpr():
            return True
        case n.MemberExpr():
            return is_constant(value)
        case _:
            return isinstance(value, CONSTANTS) or made_by(value) is not None


def handed_over(call: n.CallExpr, me: n.Var | None) -> Iterator[str]:
    """The attributes that a call is given."""
    if isinstance(call.callee, n.NameExpr) and call.callee.name in READERS:
        return
    for argument in call.args:
        attribute = own(argument, me)
        if attribute is not None:
            yield attribute
