"""actor-reply, continued: a `ReplyTo` that was kept is used by whoever takes it out again.

Three places where it gets lost: a local variable that is only tested, an attribute that is
overwritten, a message's field that a path of the handler leaves alone.  By declared types: where a
type is not known, nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from mypy import nodes as n
from mypy.types import TupleType, Type, get_proper_type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import self_name
from airssys_rt.mypy.declared import iterated, type_of
from airssys_rt.mypy.duty import NOBODY, OWED, Duty, Seen
from airssys_rt.mypy.memory import remembered
from airssys_rt.mypy.mentioned import references
from airssys_rt.mypy.model import ActorModel, Method
from airssys_rt.mypy.replies import is_stub
from airssys_rt.mypy.replyto import generic, holds_reply_to, is_reply_to
from airssys_rt.mypy.walk import (
    all_nodes,
    all_of,
    loops_of,
    own_of,
    own_statements,
)

__all__ = ["bindings", "check_owed"]

STARTS = frozenset({"__init__", "pre_start"})
LIBRARIES = ("airssys_rt.", "msgspec.", "builtins.", "typing.")
TESTERS: frozenset[type[n.Node]] = frozenset(
    {n.ComparisonExpr, n.UnaryExpr, n.IfStmt, n.WhileStmt, n.OpExpr}
)
TAKES = frozenset({"pop", "popleft", "popitem"})


def check_owed(actor: ActorModel) -> None:
    """Check the class's own methods."""
    holders, single = attributes(actor)
    for method in actor.methods:
        names_one = bool(holders) and names_any(actor, method, holders)
        if is_given_one(method) or (names_one and takes_any(actor, method)):
            _check_taken(actor, method)
        if single and names_any(actor, method, single):
            _check_overwritten(actor, method, single)
        if method.message is not None:
            _check_message(actor, method)


def names_any(actor: ActorModel, method: Method, attributes: set[str]) -> bool:
    """Whether a method mentions one of these attributes of the actor."""
    return not attributes.isdisjoint(actor.doings(method.name)["mentions"])


def takes_any(actor: ActorModel, method: Method) -> bool:
    """Whether a method may take something out of a container: told quickly."""
    if n.ForStmt in method.kinds:
        return True
    return not TAKES.isdisjoint(actor.attributes) and not TAKES.isdisjoint(method.attributes)


def is_given_one(method: Method) -> bool:
    """Whether a parameter is a ReplyTo; that of a handler is its message."""
    given = method.function.arguments[1:] if method.message is None else ()
    return any(is_reply_to(argument.variable.type) for argument in given)


def attributes(actor: ActorModel) -> tuple[set[str], set[str]]:
    """The attributes that are a ReplyTo or hold some; those that are one."""
    holders: set[str] = set()
    single: set[str] = set()
    for base in actor.info.mro:
        if base.fullname.startswith(LIBRARIES):
            break
        for name, kind in generic(base):
            if holds_reply_to(kind):
                holders.add(name)
                if is_reply_to(kind):
                    single.add(name)
    return holders, single


# -- taken out and not used ----------------------------------------------------------------------


def bindings(
    actor: ActorModel, function: n.FuncDef, me: str | None
) -> Iterator[tuple[n.NameExpr, Type | None]]:
    """The local variables that a method binds, with the types of what they are bound to."""
    for statement in own_of(function, n.AssignmentStmt):
        for target, value in assigned(statement):
            yield from unpacked(actor, target, type_of(actor, value, me))
    for loop in own_of(function, n.ForStmt):
        yield from unpacked(actor, loop.index, iterated(type_of(actor, loop.expr, me)))
    for walrus in own_of(function, n.AssignmentExpr):
        yield walrus.target, type_of(actor, walrus.value, me)


def assigned(statement: n.AssignmentStmt) -> Iterator[tuple[n.Expression, n.Expression]]:
    """Each target with its value: `a, b = x, y` is two assignments."""
    value = statement.rvalue
    for target in statement.lvalues:
        if isinstance(target, n.NameExpr):  # nearly all of them
            yield target, value
            continue
        parts = target.items if isinstance(target, n.TupleExpr) else []
        values = value.items if isinstance(value, n.TupleExpr) else []
        if parts and len(parts) == len(values):
            yield from zip(parts, values, strict=True)
        else:
            yield target, value


def unpacked(
    actor: ActorModel, target: n.Expression, kind: Type | None
) -> Iterator[tuple[n.NameExpr, Type | None]]:
    """The names in the target of an assignment, with their types."""
    if isinstance(target, n.NameExpr):
        yield target, kind
    elif isinstance(target, n.TupleExpr):
        proper = None if kind is None else get_proper_type(kind)
        parts = proper.items if isinstance(proper, TupleType) else []
        for number, item in enumerate(target.items):
            yield from unpacked(
                actor, item, parts[number] if len(parts) == len(target.items) else None
            )


def _check_taken(actor: ActorModel, method: Method) -> None:
    function, me = method.function, self_name(method.function)
    for name, kind in taken(actor, function, me):
        if name.name == "_" or not is_reply_to(kind):
            continue
        _check_local(actor, method, name.name, name, partial(holds, name=name), NOBODY)
    for argument in function.arguments[1:]:
        if is_reply_to(argument.variable.type) and method.message is None:
            given = argument.variable.name
            _check_local(actor, method, given, function, lambda node: False, OWED)


def _check_local(
    actor: ActorModel,
    method: Method,
    name: str,
    where: n.Context,
    binds: Callable[[n.Node], bool],
    start: Seen,
) -> None:
    if is_stub(method.function):
        return
    lines = lines_naming(method.function, name)
    if Duty(local_use(name), binds, local_named(name), lines).unpaid(method.function, start):
        actor.fail(
            f'"{method.name}" takes a ReplyTo, "{name}", and drops it on some path, which fails its'
            " asker; answer with .reply(...) or .fail(...), or keep it",
            where,
            codes.REPLY,
        )


def taken(
    actor: ActorModel, function: n.FuncDef, me: str | None
) -> Iterator[tuple[n.NameExpr, Type | None]]:
    """The variables that are bound to what is taken out of a container, or to each part of one."""
    for statement in own_statements(function):
        if type(statement) is n.AssignmentStmt:
            for target, value in assigned(statement):
                if takes(value):
                    yield from unpacked(actor, target, type_of(actor, value, me))
    for loop, _ in loops_of(function):
        if isinstance(loop, n.ForStmt) and not is_used_at_once(loop):
            yield from unpacked(actor, loop.index, iterated(type_of(actor, loop.expr, me)))


def is_used_at_once(loop: n.ForStmt) -> bool:
    """Whether a loop's first statement calls a method of its variable: what is mostly done."""
    first, index = loop.body.body[0] if loop.body.body else None, loop.index
    if not isinstance(index, n.NameExpr) or not isinstance(first, n.ExpressionStmt):
        return False
    return is_method_call(first.expr, index.name)


def takes(value: n.Expression) -> bool:
    """Whether an expression takes something out of a container."""
    return (
        isinstance(value, n.CallExpr)
        and isinstance(value.callee, n.MemberExpr)
        and value.callee.name in TAKES
    )


def holds(target: n.Node, name: n.NameExpr) -> bool:
    """Whether the target of an assignment binds this very name."""
    if isinstance(target, n.TupleExpr):
        return any(holds(item, name) for item in target.items)
    return target is name


def tests_among(nodes: Iterable[n.Node]) -> frozenset[int]:
    """The nodes that others of them only compare, negate or test, by identity."""
    found: set[int] = set()
    for node in nodes:
        if type(node) not in TESTERS:  # nearly all nodes
            continue
        match node:
            case n.ComparisonExpr():
                found |= {id(operand) for operand in node.operands}
            case n.UnaryExpr(op="not"):
                found.add(id(node.expr))
            case n.IfStmt():
                found |= {id(test) for test in node.expr}
            case n.WhileStmt():
                found.add(id(node.expr))
            case n.OpExpr(op="and" | "or"):
                found |= {id(node.left)}
            case _:
                pass
    return frozenset(found)


def targets_in(function: n.FuncDef) -> Iterator[n.Expression]:
    """The targets of assignments and loops, unpacked."""
    for node in all_nodes(function):
        found: list[n.Expression] = []
        match node:
            case n.AssignmentStmt():
                found += node.lvalues
            case n.ForStmt():
                found = [node.index]
            case n.AssignmentExpr():
                found = [node.target]
            case n.DelStmt():
                found = [node.expr]
            case _:
                continue
        while found:
            target = found.pop()
            yield target
            if isinstance(target, n.TupleExpr):
                found += target.items


# -- an attribute that is overwritten -------------------------------------------------------------


def _check_overwritten(actor: ActorModel, method: Method, single: set[str]) -> None:
    """`if self.asked is not None: ...; self.asked = None`, and nobody was answered."""
    if method.name in STARTS:
        return
    me = self_name(method.function)
    tested = tests_among(all_nodes(method.function))
    bound = {id(target) for target in targets_in(method.function)}
    returned = {id(x.expr) for x in all_of(method.function, n.ReturnStmt)}
    uses: dict[str, list[n.MemberExpr]] = {}
    for node in all_of(method.function, n.MemberExpr):
        if node.name in single and isinstance(node.expr, n.NameExpr) and node.expr.name == me:
            uses.setdefault(node.name, []).append(node)
    for name, members in uses.items():
        written = [member for member in members if id(member) in bound]
        # returning it says Later, and answers nobody
        read = [m for m in members if id(m) not in bound and id(m) not in returned]
        if written and read and all(id(member) in tested for member in read):
            of_me = field_named(me or "", name)
            lines = lines_naming(method.function, me or "")
            duty = Duty(lambda node: False, of_me, of_me, lines)
            duty.unpaid(method.function, OWED)
            if not duty.lost:
                continue  # it is written only where there is none
            actor.fail(
                f'"{method.name}" replaces the ReplyTo in "self.{name}" without an answer, which'
                " fails its asker; answer it first, with .reply(...) or .fail(...)",
                written[0],
                codes.REPLY,
            )


# -- a ReplyTo in a message ----------------------------------------------------------------------


def _check_message(actor: ActorModel, method: Method) -> None:
    message, function = method.message, method.function
    if message is None or len(function.arguments) < 2:
        return
    fields = remembered(message.type, reply_fields)
    if not fields:
        return
    given = function.arguments[1].variable.name
    lines = lines_naming(function, given)
    for name in fields:
        duty = Duty(field_use(given, name), lambda target: False, field_named(given, name), lines)
        if duty.unpaid(function, OWED):
            actor.fail(
                f'"{method.name}" does not answer "{given}.{name}" on every path, which fails the'
                " asker; answer with .reply(...) or .fail(...), or pass it on",
                function,
                codes.REPLY,
            )


def reply_fields(message: n.TypeInfo) -> list[str]:
    """The fields of a message that are a ReplyTo."""
    found: list[str] = []
    for base in message.mro:
        if not base.fullname.startswith(LIBRARIES):
            found += [name for name, kind in generic(base) if is_reply_to(kind)]
    return found


def lines_naming(function: n.FuncDef, name: str) -> set[int]:
    """The lines on which a function mentions a local variable."""
    return {node.line for node in references(function).names if node.name == name}


def field_named(message: str, field: str) -> Callable[[n.Node], bool]:
    """Whether an expression is the message's field."""
    return lambda node: (
        isinstance(node, n.MemberExpr)
        and node.name == field
        and isinstance(node.expr, n.NameExpr)
        and node.expr.name == message
    )


def field_use(message: str, field: str) -> Callable[[n.Node], bool]:
    """Whether a node uses the field, for more than a test, or passes its message on."""
    is_field = field_named(message, field)

    def uses(node: n.Node) -> bool:
        nodes = [*all_nodes(node), node]
        tested = tests_among(nodes)
        owners = {id(part.expr) for part in nodes if isinstance(part, n.MemberExpr)}
        return any(
            (is_field(part) and id(part) not in tested)
            or (isinstance(part, n.NameExpr) and part.name == message and id(part) not in owners)
            for part in nodes
        )

    return uses


def local_use(name: str) -> Callable[[n.Node], bool]:
    """Whether a node uses a local variable for more than a test."""

    def uses(node: n.Node) -> bool:
        if isinstance(node, n.ExpressionStmt) and is_method_call(node.expr, name):
            return True  # what is mostly done with it
        nodes = [*all_nodes(node), node]
        tested = tests_among(nodes)
        return any(
            isinstance(part, n.NameExpr) and part.name == name and id(part) not in tested
            for part in nodes
        )

    return uses


def is_method_call(value: n.Expression, name: str) -> bool:
    """Whether an expression calls a method of a local variable."""
    if not isinstance(value, n.CallExpr) or not isinstance(value.callee, n.MemberExpr):
        return False
    owner = value.callee.expr
    return isinstance(owner, n.NameExpr) and owner.name == name


def local_named(name: str) -> Callable[[n.Node], bool]:
    """Whether an expression is a local variable."""
    return lambda node: isinstance(node, n.NameExpr) and node.name == name
