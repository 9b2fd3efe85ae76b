"""actor-reply: a request is answered.

Three ways to forget: a `ReplyTo` that is dropped, which fails its asker; a handler that says it
may answer later and never does; a handler that can only raise.  By syntax and declared types alone,
for mypy checks bodies after the class: where something is not known, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mypy import nodes as n
from mypy.types import Instance, Type, UnionType, get_proper_type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import mentions_of, plain_calls, self_name, verb_call
from airssys_rt.mypy.bodies import returns
from airssys_rt.mypy.declared import awaited, returned, type_of
from airssys_rt.mypy.mentioned import lines_of, references
from airssys_rt.mypy.model import ActorModel, Method
from airssys_rt.mypy.names import LATER, REFUSED, REQUEST
from airssys_rt.mypy.paths import ANYWHERE, NOWHERE, Paths, State
from airssys_rt.mypy.walk import OWN, nodes_at, own_statements

__all__ = ["check_replies"]

LATER_VERBS = frozenset({"stash", "forward", "defer"})
# expressions whose value is made on the spot and is no Later
VALUES = (
    n.IntExpr,
    n.StrExpr,
    n.BytesExpr,
    n.FloatExpr,
    n.ComplexExpr,
    n.TupleExpr,
    n.ListExpr,
    n.DictExpr,
    n.SetExpr,
    n.ListComprehension,
    n.SetComprehension,
    n.DictionaryComprehension,
    n.GeneratorExpr,
    n.ComparisonExpr,
    n.UnaryExpr,
    n.LambdaExpr,
)


def check_replies(actor: ActorModel) -> None:
    """Check the class's own methods."""
    for method in actor.methods:
        does = actor.doings(method.name)["does"]
        if does and "defer" in [doing[0] for doing in does]:
            _check_dropped(actor, method)
        message = method.message
        if message is None or not message.type.has_base(REQUEST):
            continue
        if _check_only_raises(actor, method):
            continue
        result = declared_result(method.function)
        if result is not None and names_later(result):
            _check_never_later(actor, method)


# -- a ReplyTo that is dropped -------------------------------------------------------------------


def _check_dropped(actor: ActorModel, method: Method) -> None:
    me = self_name(method.function)
    for node in statements_with(actor, method.function, "defer"):
        if isinstance(node, n.ExpressionStmt) and verb_call(node.expr, me) == "defer":
            _dropped(actor, method, node)
        elif isinstance(node, n.AssignmentStmt) and verb_call(node.rvalue, me) == "defer":
            names = [lvalue for lvalue in node.lvalues if isinstance(lvalue, n.NameExpr)]
            if len(names) == len(node.lvalues) and not any(
                is_read(method.function, name) for name in names
            ):
                _dropped(actor, method, node)


def statements_with(actor: ActorModel, function: n.FuncDef, verb: str) -> Sequence[n.Node]:
    """The statements that are a call of a method of the actor, and perhaps some other nodes."""
    plain = [statement for statement, called, _ in plain_calls(function) if called == verb]
    if actor.calls_plainly(verb) or len(plain) == mentions_of(function, (verb,)):
        return plain
    return nodes_at(function, lines_of(function, (verb,)))


def _dropped(actor: ActorModel, method: Method, where: n.Context) -> None:
    actor.fail(
        f'"{method.name}" makes a ReplyTo and drops it, which fails its asker; keep it in an'
        " attribute or a message, and answer with .reply(...), or return it to whoever does",
        where,
        codes.REPLY,
    )


def is_read(function: n.FuncDef, name: n.NameExpr) -> bool:
    """Whether a local variable is used for more than to be returned or assigned."""
    if is_handed_on(function, name.name):
        return True  # what is mostly done with it
    lines = {node.line for node in references(function).names if node.name == name.name}
    nodes = nodes_at(function, lines)
    written: set[int] = set()
    for node in nodes:
        if isinstance(node, n.AssignmentStmt):
            written |= {id(lvalue) for lvalue in node.lvalues}
        elif isinstance(node, n.ReturnStmt):
            # returning it says Later, but nobody can answer any more
            written.add(id(node.expr))
    return any(
        isinstance(node, n.NameExpr) and node.name == name.name and id(node) not in written
        for node in nodes
    )


def is_handed_on(function: n.FuncDef, name: str) -> bool:
    """Whether a statement does nothing but give a local variable to a call; told quickly."""
    for statement in own_statements(function):
        if isinstance(statement, n.ExpressionStmt) and isinstance(statement.expr, n.CallExpr):
            for argument in statement.expr.args:
                if isinstance(argument, n.NameExpr) and argument.name == name:
                    return True
    return False


# -- R | Later that is never Later ---------------------------------------------------------------


def _check_never_later(actor: ActorModel, method: Method) -> None:
    answers = returns(method.function)
    if is_stub(method.function) or not answers:
        return
    if any(may_be_later(actor, method.function, r.expr, set()) for r in answers):
        return
    actor.fail(
        f'"{method.name}" is declared to return Later, but always answers at once; take Later'
        " out of its return type, or return what stash(), forward() or defer() returns",
        method.function,
        codes.REPLY,
    )


def may_be_later(
    actor: ActorModel, function: n.FuncDef, value: n.Expression | None, seen: set[str]
) -> bool:
    """Whether an expression may be a Later, by what is declared; True if that is not known."""
    me = self_name(function)
    match value:
        case None:
            return False
        case n.ConditionalExpr():
            return any(
                may_be_later(actor, function, part, seen)
                for part in (value.if_expr, value.else_expr)
            )
        case n.OpExpr(op="and" | "or"):
            return any(
                may_be_later(actor, function, part, seen) for part in (value.left, value.right)
            )
        case n.OpExpr():
            return False
        case n.CallExpr() if verb_call(value, me) in LATER_VERBS:
            return True
        case n.AwaitExpr() | n.CallExpr() | n.IndexExpr() | n.MemberExpr():
            return says_later(type_of(actor, value, me))
        case n.NameExpr(node=n.Var() as var):
            if value.name in ("True", "False", "None"):
                return False
            if var.type is not None and not var.is_inferred:
                return says_later(var.type)
            if value.name in seen:
                return False
            return any(
                may_be_later(actor, function, assigned, seen | {value.name})
                for assigned in assigned_to(function, value.name)
            )
        case n.AssignmentExpr():
            return may_be_later(actor, function, value.value, seen)
        case _:
            return not isinstance(value, VALUES)


def assigned_to(function: n.FuncDef, name: str) -> Iterator[n.Expression]:
    """What is assigned to a local variable; a Later might be, if it is bound in another way."""
    for statement in own_statements(function):
        if isinstance(statement, n.AssignmentStmt):
            for lvalue in statement.lvalues:
                if isinstance(lvalue, n.NameExpr) and lvalue.name == name:
                    yield statement.rvalue
    lines = {node.line for node in references(function).names if node.name == name}
    for node in nodes_at(function, lines, OWN):
        if isinstance(node, n.AssignmentExpr) and node.target.name == name:
            yield node.value
    # a loop, a with statement or a pattern binds parts of things: those are no Later


def says_later(kind: Type | None) -> bool:
    """Whether a type includes Later; True if it is not known."""
    if kind is None:
        return True
    proper = get_proper_type(kind)
    if isinstance(proper, UnionType):
        return any(says_later(item) for item in proper.items)
    if isinstance(proper, Instance):
        return proper.type.has_base(LATER) or proper.type.fullname == "builtins.object"
    return type(proper).__name__ in ("AnyType", "TypeVarType", "PartialType")


def names_later(kind: Type) -> bool:
    """Whether a type surely includes Later; a type variable may, which is no promise."""
    proper = get_proper_type(kind)
    if isinstance(proper, UnionType):
        return True in [names_later(item) for item in proper.items]
    return isinstance(proper, Instance) and proper.type.has_base(LATER)


def declared_result(function: n.FuncDef) -> Type | None:
    """The declared result, out of its coroutine."""
    kind = returned(function.type)
    return awaited(kind) if function.is_coroutine else kind


# -- a handler that can only raise ---------------------------------------------------------------


def _check_only_raises(actor: ActorModel, method: Method) -> bool:
    """Report a handler without a path to an answer; whether it is one."""
    function = method.function
    if any(isinstance(statement, n.ReturnStmt) for statement in function.body.body):
        return False
    if actor.info.is_abstract or function.abstract_status != n.NOT_ABSTRACT:
        return False
    paths = Paths(
        method=lambda name: None,
        canon=lambda name: None,
        below=lambda state: NOWHERE,
        effect=unchanged,
        counts=lambda verb: False,
    )
    if paths.run(function, ANYWHERE) or not paths.trace.raises:
        return False
    if any(is_refusal(r) for r in paths.trace.raises):
        return False
    actor.fail(
        f'"{method.name}" can only raise, which fails the actor and every asker; answer, or raise'
        " Refused(...) to say no",
        function,
        codes.REPLY,
    )
    return True


def unchanged(method: str, state: State) -> State:
    """Other methods have no effect on whether this one ends."""
    return state


def is_refusal(statement: n.RaiseStmt) -> bool:
    """Whether a raise is an answer: `Refused`, a subclass of it, or what cannot be told."""
    value = statement.expr
    if isinstance(value, n.CallExpr):
        value = value.callee
    if isinstance(value, n.RefExpr) and isinstance(value.node, n.TypeInfo):
        return value.node.has_base(REFUSED)
    return True


def is_stub(function: n.FuncDef) -> bool:
    """Whether a body is a stand-in."""
    return function.is_trivial_body
