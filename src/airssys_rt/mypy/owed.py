"""actor-reply, continued: a `ReplyTo` that was kept is used by whoever takes it out again.

Three places where it gets lost: a local variable that is only tested, an attribute that is
overwritten, a message's field that a path of the handler leaves alone.  By declared types: where a
type is not known, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from mypy import nodes as n
from mypy.types import Instance, TupleType, Type, UnionType, get_proper_type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import self_name
from airssys_rt.mypy.declared import iterated, type_of
from airssys_rt.mypy.model import ActorModel, Method
from airssys_rt.mypy.names import REPLY_TO
from airssys_rt.mypy.paths import is_wildcard
from airssys_rt.mypy.walk import all_nodes, own_nodes

__all__ = ["bindings", "check_owed", "is_reply_to"]

STARTS = frozenset({"__init__", "pre_start"})


def check_owed(actor: ActorModel) -> None:
    """Check the class's own methods."""
    owing = any(
        is_reply_to(kind, deep=True)
        for name in own_attributes(actor)
        if (kind := actor.attribute(name)) is not None
    )
    for method in actor.methods:
        if owing:
            _check_taken(actor, method)
            _check_overwritten(actor, method)
        if method.message is not None:
            _check_message(actor, method)


def own_attributes(actor: ActorModel) -> Iterator[str]:
    """The names that the class and its bases in Python define."""
    for base in actor.info.mro:
        if base.fullname.startswith("airssys_rt."):
            return
        yield from base.names


def is_reply_to(kind: Type | None, *, deep: bool = False) -> bool:
    """Whether a type is a `ReplyTo`, perhaps None; `deep`: or holds one."""
    if kind is None:
        return False
    proper = get_proper_type(kind)
    if isinstance(proper, UnionType):
        return any(is_reply_to(item, deep=deep) for item in proper.items)
    if isinstance(proper, TupleType):
        return deep and any(is_reply_to(item, deep=True) for item in proper.items)
    if isinstance(proper, Instance):
        if proper.type.fullname == REPLY_TO:
            return True
        return deep and any(is_reply_to(argument, deep=True) for argument in proper.args)
    return False


# -- taken out and not used ----------------------------------------------------------------------


def bindings(
    actor: ActorModel, function: n.FuncDef, me: str | None
) -> Iterator[tuple[n.NameExpr, Type | None]]:
    """The local variables that a method binds, with the types of what they are bound to."""
    for node in own_nodes(function):
        match node:
            case n.AssignmentStmt():
                kind = type_of(actor, node.rvalue, me)
                for lvalue in node.lvalues:
                    yield from unpacked(actor, lvalue, kind)
            case n.ForStmt():
                yield from unpacked(actor, node.index, iterated(type_of(actor, node.expr, me)))
            case n.AssignmentExpr():
                yield node.target, type_of(actor, node.value, me)
            case _:
                pass


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
    me = self_name(method.function)
    for name, kind in bindings(actor, method.function, me):
        if name.name == "_" or not is_reply_to(kind):
            continue
        if not is_used(method.function, name):
            actor.fail(
                f'"{method.name}" takes a ReplyTo, "{name.name}", and drops it, which fails its'
                " asker; answer with .reply(...) or .fail(...), or keep it",
                name,
                codes.REPLY,
            )


def is_used(function: n.FuncDef, name: n.NameExpr) -> bool:
    """Whether a local variable is used for more than to be compared and tested."""
    tested = tests_in(function)
    bound = {id(target) for target in targets_in(function)}
    return any(
        isinstance(node, n.NameExpr)
        and node.name == name.name
        and id(node) not in tested
        and id(node) not in bound
        for node in all_nodes(function)
    )


def tests_in(function: n.FuncDef) -> frozenset[int]:
    """The expressions that are only compared, negated or tested, by identity."""
    found: set[int] = set()
    for node in all_nodes(function):
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
        match node:
            case n.AssignmentStmt():
                found = list(node.lvalues)
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


def _check_overwritten(actor: ActorModel, method: Method) -> None:
    """`if self.asked is not None: ...; self.asked = None`, and nobody was answered."""
    if method.name in STARTS:
        return
    me = self_name(method.function)
    tested = tests_in(method.function)
    bound = {id(target) for target in targets_in(method.function)}
    returned = {id(x.expr) for x in all_nodes(method.function) if isinstance(x, n.ReturnStmt)}
    uses: dict[str, list[n.MemberExpr]] = {}
    for node in all_nodes(method.function):
        match node:
            case n.MemberExpr(name=name, expr=n.NameExpr(name=owner)) if owner == me:
                if is_reply_to(actor.attribute(name)):
                    uses.setdefault(name, []).append(node)
            case _:
                pass
    for name, members in uses.items():
        written = [member for member in members if id(member) in bound]
        # returning it says Later, and answers nobody
        read = [m for m in members if id(m) not in bound and id(m) not in returned]
        if written and read and all(id(member) in tested for member in read):
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
    fields = [
        name
        for base in message.type.mro
        for name, symbol in base.names.items()
        if isinstance(symbol.node, n.Var) and is_reply_to(symbol.node.type)
    ]
    if not fields:
        return
    given = function.arguments[1].variable.name
    for name in fields:
        owed = Owed(given, name)
        ends = owed.block(function.body, frozenset({False})) | owed.ended
        if False in ends:
            actor.fail(
                f'"{method.name}" does not answer "{given}.{name}" on every path, which fails the'
                " asker; answer with .reply(...) or .fail(...), or pass it on",
                function,
                codes.REPLY,
            )


Seen = frozenset[bool]
NONE: Seen = frozenset()


class Owed:
    """Follows the paths of a handler: whether the field is used, or its message passed on."""

    def __init__(self, message: str, field: str) -> None:
        self.message = message
        self.field = field
        self.ended: Seen = NONE

    def mentions(self, node: n.Node | None) -> bool:
        """Whether an expression or a statement uses the field or passes its message on."""
        if node is None:
            return False
        nodes = [*all_nodes(node), node]
        owners = {id(part.expr) for part in nodes if isinstance(part, n.MemberExpr)}
        return any(
            (isinstance(part, n.MemberExpr) and part.name == self.field and self.is_mine(part.expr))
            or (self.is_mine(part) and id(part) not in owners)
            for part in nodes
        )

    def is_mine(self, node: n.Node) -> bool:
        """Whether a name is the message's."""
        return isinstance(node, n.NameExpr) and node.name == self.message

    def after(self, node: n.Node | None, seen: Seen) -> Seen:
        """What has been seen after an expression."""
        return frozenset({True}) if seen and self.mentions(node) else seen

    def block(self, block: n.Block | None, seen: Seen) -> Seen:
        """What has been seen at the end of a block; empty if it is not reached."""
        for statement in block.body if block is not None else ():
            if not seen:
                break
            seen = self.statement(statement, seen)
        return seen

    def statement(self, statement: n.Statement, seen: Seen) -> Seen:
        """What has been seen after a statement."""
        match statement:
            case n.ReturnStmt():
                self.ended |= self.after(statement.expr, seen)
                return NONE
            case n.RaiseStmt():
                return NONE
            case n.IfStmt():
                out = NONE
                for test, body in zip(statement.expr, statement.body, strict=True):
                    seen = self.after(test, seen)
                    out |= self.block(body, seen)
                return out | self.block(statement.else_body, seen)
            case n.WhileStmt() | n.ForStmt():
                seen = self.after(statement.expr, seen)
                return seen | self.block(statement.body, seen)
            case n.TryStmt():
                out = self.block(statement.else_body, self.block(statement.body, seen))
                for handler in statement.handlers:
                    out |= self.block(handler, seen)
                return self.block(statement.finally_body, out)
            case n.WithStmt():
                for manager in statement.expr:
                    seen = self.after(manager, seen)
                return self.block(statement.body, seen)
            case n.MatchStmt():
                seen = self.after(statement.subject, seen)
                out = NONE
                for body in statement.bodies:
                    out |= self.block(body, seen)
                return out if any(map(is_wildcard, statement.patterns)) else out | seen
            case n.Block():
                return self.block(statement, seen)
            case _:
                return self.after(statement, seen)
