"""actor-capture: an actor's own list, dict or set that leaves it, in a message or as a reply.

Arguments are looked at while mypy checks the constructor's call, replies when it checks the class.
Laws: only what is reached from the actor itself counts (`self.items`, `self.rooms[key]`, a view
such as `self.items.values()`), and only if it is known to be a container that can change; a copy
of it does not count, nor does what the copy holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from mypy import nodes as n
from mypy.plugin import FunctionContext, MethodContext
from mypy.types import Instance, Type, get_proper_type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import functions, self_name
from airssys_rt.mypy.bodies import returns
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.names import ACTOR, REQUEST
from airssys_rt.mypy.table import members_of
from airssys_rt.mypy.walk import live_of

__all__ = ["check_shared_replies", "message_made"]

TUPLE, DICT, SET, BYTES = "tuple({})", "dict({})", "frozenset({})", "bytes({})"
# container -> what to write instead; a subclass is like its base
MENDS = {
    "builtins.list": TUPLE,
    "builtins.dict": DICT,
    "builtins.set": SET,
    "builtins.bytearray": BYTES,
    "collections.deque": TUPLE,
    "collections.UserList": TUPLE,
    "collections.UserDict": DICT,
    "collections.ChainMap": DICT,
    "array.array": TUPLE,
    "typing.MutableSequence": TUPLE,
    "typing.MutableSet": SET,
    "typing.MutableMapping": DICT,
}
OWN = {name: f"{name.rpartition('.')[2]}({{}})" for name in MENDS if name.startswith("builtins.")}
VIEWS = ("typing.KeysView", "typing.ValuesView", "typing.ItemsView")
VIEW_METHODS = frozenset({"keys", "values", "items"})
# what an expression makes, where mypy has not inferred its type yet
LITERALS: dict[type[n.Node], str] = {
    n.ListExpr: "builtins.list",
    n.ListComprehension: "builtins.list",
    n.DictExpr: "builtins.dict",
    n.DictionaryComprehension: "builtins.dict",
    n.SetExpr: "builtins.set",
    n.SetComprehension: "builtins.set",
}
MAKERS = {
    **{name: name for name in MENDS},
    "collections.defaultdict": "builtins.dict",
    "collections.OrderedDict": "builtins.dict",
    "collections.Counter": "builtins.dict",
}


# what may be a part of the actor, or have one among its alternatives
OPEN: frozenset[type[n.Node]] = frozenset(
    {n.MemberExpr, n.IndexExpr, n.CallExpr, n.ConditionalExpr, n.AssignmentExpr, n.OpExpr}
)
# those with alternatives
SEVERAL: frozenset[type[n.Node]] = frozenset({n.ConditionalExpr, n.AssignmentExpr})


# ---------------------------------------------------------------- messages


def message_made(ctx: FunctionContext | MethodContext) -> Type:
    """A message is made, or a request answered; report what it takes of the actor's own."""
    # nearly all arguments are of a kind that is surely no part of the actor
    for values in ctx.args:
        if not OPEN.isdisjoint(map(type, values)) and any(map(may_be_own, values)):
            break
    else:
        return ctx.default_return_type
    # Any: where mypy is at the moment is known to the checker alone
    checker: Any = ctx.api
    me = actor_name(checker.scope.stack)
    if me is None:
        return ctx.default_return_type
    for values, types in zip(ctx.args, ctx.arg_types, strict=True):
        for value, kind in zip(values, types, strict=True):
            if type(value) not in OPEN:
                continue
            for part in alternatives(value):
                if is_own(part, me):
                    known = kind if part is value else checker.lookup_type(part)
                    wanted = answer_of(ctx.type) if isinstance(ctx, MethodContext) else None
                    report(checker, part, container_of(known), shown_message(ctx), wanted)
    return ctx.default_return_type


def may_be_own(value: n.Expression) -> bool:
    """Whether an argument may be a part of some actor, by its outermost form."""
    kind = type(value)
    if kind not in OPEN:
        return False
    if isinstance(value, n.OpExpr):
        return value.op in ("or", "and")
    if kind in SEVERAL:
        return True
    # what nearly all begin with is not the actor: `msg.text`, `self.items`, `self.rooms[key]`
    while True:
        if isinstance(value, n.MemberExpr):
            value = value.expr
        elif isinstance(value, n.IndexExpr):
            value = value.base
        elif isinstance(value, n.CallExpr) and not value.args:  # a view, if anything
            value = value.callee
        else:
            return isinstance(value, n.NameExpr) and is_first_parameter(value.node)


def is_first_parameter(node: n.SymbolNode | None) -> bool:
    """Whether a name stands for the `self` of a method, or the `cls`."""
    return isinstance(node, n.Var) and (node.is_self or node.is_cls)


def answer_of(reply_to: Type) -> Type | None:
    """What a `ReplyTo[R]` takes."""
    proper = get_proper_type(reply_to)
    return proper.args[0] if isinstance(proper, Instance) and proper.args else None


def shown_message(ctx: FunctionContext | MethodContext) -> str:
    """Where the container is put, in words."""
    if isinstance(ctx, MethodContext):
        return "the reply"
    made = get_proper_type(ctx.default_return_type)
    name = made.type.name if isinstance(made, Instance) else "message"
    return f'the message "{name}"'


def actor_name(stack: list[object]) -> str | None:
    """What the actor is called in its method that is checked now; None outside of actors."""
    for owner, function in pairwise(stack):
        if isinstance(owner, n.TypeInfo) and owner.has_base(ACTOR):
            return self_name(function) if isinstance(function, n.FuncDef) else None
    return None


def alternatives(value: n.Expression) -> Iterator[n.Expression]:
    """The values that an argument may have."""
    match value:
        case n.ConditionalExpr():
            yield from alternatives(value.if_expr)
            yield from alternatives(value.else_expr)
        case n.AssignmentExpr():
            yield from alternatives(value.value)
        case n.OpExpr(op="or" | "and"):
            yield from alternatives(value.left)
            yield from alternatives(value.right)
        case _:
            yield value


def is_own(value: n.Expression, me: str | None) -> bool:
    """Whether an expression is part of the actor: `self.a.b`, `self.a[key]`, `self.a.values()`."""
    kind = type(value)
    if kind is n.NameExpr:  # what most expressions end in
        return False
    match value:
        case n.MemberExpr():
            return is_self(value.expr, me) or is_own(value.expr, me)
        case n.CallExpr(callee=n.MemberExpr() as callee, args=[]) if callee.name in VIEW_METHODS:
            return is_own(callee.expr, me)
        case n.IndexExpr():
            return not isinstance(value.index, n.SliceExpr) and is_own(value.base, me)
        case _:
            return False


def is_self(value: n.Expression, me: str | None) -> bool:
    """Whether an expression is the actor itself."""
    return isinstance(value, n.NameExpr) and value.name == me


def container_of(kind: Type | None) -> str | None:
    """The container that a type is, or a view; None for what cannot change, or is not known."""
    proper = get_proper_type(kind) if kind is not None else None
    if not isinstance(proper, Instance):
        return None
    for base in proper.type.mro:
        if base.fullname in MENDS or base.fullname in VIEWS:
            return base.fullname
    return None


# Any: mypy's checker
def report(
    api: Any, where: n.Expression, container: str | None, place: str, wanted: Type | None = None
) -> None:
    """Report a container that leaves its actor; `wanted` is the type that it has to have."""
    if container is None:
        return
    text = source(where) or "this"
    if container in VIEWS:
        what, mend = "a live view of the actor's own dict", TUPLE
    else:
        what, mend = f"the actor's own {container.rpartition('.')[2]}", MENDS[container]
    # a reply that is declared to be a list is a list; but its asker's own
    mend = next((OWN[i] for reply in members_of(wanted) if (i := reply.type.fullname) in OWN), mend)
    copy = "a copy that cannot change" if mend in (TUPLE, SET, BYTES) else "a copy"
    api.fail(
        f'"{text}" is {what}: {place} shares it, and sees it change; give {copy},'
        f" {mend.format(text.removesuffix('.keys()'))}",
        where,
        code=codes.CAPTURE,
    )


def source(value: n.Expression) -> str | None:
    """An expression as text, as far as it is short."""
    match value:
        case n.NameExpr():
            return value.name
        case n.MemberExpr():
            owner = source(value.expr)
            return None if owner is None else f"{owner}.{value.name}"
        case n.IndexExpr():
            owner = source(value.base)
            return None if owner is None else f"{owner}[{source(value.index) or '...'}]"
        case n.CallExpr(args=[]):
            owner = source(value.callee)
            return None if owner is None else f"{owner}()"
        case _:
            return None


# ---------------------------------------------------------------- replies


def check_shared_replies(actor: ActorModel) -> None:
    """Check what the class's own request handlers return."""
    made: dict[str, str] | None = None
    for name, function in functions(actor.info.defn):
        message = actor.message_of(name)
        if message is None or not message.type.has_base(REQUEST):
            continue
        me = self_name(function)
        for node in returns(function):
            if node.expr is None:
                continue
            for part in alternatives(node.expr):
                if is_own(part, me):
                    made = attributes(actor) if made is None else made
                    container = returned(part, actor, made, me, name)
                    report(
                        actor.api, part, container, f'the reply of "{name}"', actor.reply_of(name)
                    )


def returned(
    value: n.Expression, actor: ActorModel, made: dict[str, str], me: str | None, handler: str
) -> str | None:
    """The container that a returned part of the actor is, as far as that is declared."""
    if isinstance(value, n.MemberExpr) and is_self(value.expr, me):
        return declared(value.name, actor, made)
    if isinstance(value, n.CallExpr) and isinstance(value.callee, n.MemberExpr):
        owner = value.callee.expr
        if isinstance(owner, n.MemberExpr) and is_self(owner.expr, me):
            container = declared(owner.name, actor, made)
            if container in ("builtins.dict", "typing.MutableMapping"):
                return VIEWS[("keys", "values", "items").index(value.callee.name)]
        return None
    # a deeper part: what the handler is declared to reply tells, if that is all it can be
    replies = members_of(actor.reply_of(handler))
    containers = {container_of(reply) for reply in replies}
    return containers.pop() if len(containers) == 1 else None


def declared(name: str, actor: ActorModel, made: dict[str, str]) -> str | None:
    """The container that an attribute is declared to be, or that it is made as."""
    symbol = actor.info.get(name)
    node = symbol.node if symbol is not None else None
    if isinstance(node, n.Var) and node.type is not None:
        return container_of(node.type)
    return made.get(name) if isinstance(node, n.Var) else None


def attributes(actor: ActorModel) -> dict[str, str]:
    """Attributes that the class's own methods make as containers: `self.items = []`."""
    found: dict[str, str] = {}
    for _, function in functions(actor.info.defn):
        me = self_name(function)
        for node in live_of(function, n.AssignmentStmt):
            for target in node.lvalues:
                if isinstance(target, n.MemberExpr) and is_self(target.expr, me):
                    container = made_by(node.rvalue)
                    if container is not None:
                        found.setdefault(target.name, container)
    return found


def made_by(value: n.Expression) -> str | None:
    """The container that an expression makes."""
    if isinstance(value, n.CallExpr) and isinstance(value.callee, n.RefExpr):
        return MAKERS.get(value.callee.fullname)
    return LITERALS.get(type(value))
