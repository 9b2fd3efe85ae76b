"""actor-reply, continued: answers that nobody gets, and waits that cannot end.

A `Later` made by hand, a `ReplyTo` made too late, two answers to one request, a wait for oneself,
and messages that are stashed for ever.
"""

from __future__ import annotations

from mypy import nodes as n
from mypy.types import Type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import mentions_of, plain_calls, self_name, verb_call
from airssys_rt.mypy.declared import type_of
from airssys_rt.mypy.mentioned import lines_of, references
from airssys_rt.mypy.model import ActorModel, Method
from airssys_rt.mypy.names import LATER
from airssys_rt.mypy.onloop import HELPER
from airssys_rt.mypy.owed import bindings
from airssys_rt.mypy.replyto import is_reply_to
from airssys_rt.mypy.walk import (
    NESTED,
    all_nodes,
    all_of,
    nodes_at,
    own_nodes,
    own_of,
)

__all__ = ["check_answers"]

ANSWERS = frozenset({"reply", "fail"})
WAITS = {
    "ask": "asks its own actor and waits for the reply, which cannot come before the handler has"
    " ended (AskCycle); call the handler, or tell() or pipe() it",
    "stopped": "waits for the end of its own actor, which cannot come before the handler has ended;"
    " call self.stop() and return",
    "started": "waits for its own actor to start, which has happened, or waits for this method",
}


def check_answers(actor: ActorModel) -> None:
    """Check the class's own methods."""
    attributes = actor.attributes
    later = LATER in actor.full_names
    waits = "ref" in attributes and not WAITS.keys().isdisjoint(attributes)
    defers = "defer" in attributes and not actor.calls_plainly("defer")
    answers = actor.count("reply") + actor.count("fail") > 1
    for method in actor.methods if later or waits or defers or answers else ():
        used = method.attributes
        if waits and "ref" in used and not used.isdisjoint(WAITS) and is_step(actor, method):
            _check_waits(actor, method)
        if later and LATER in [x.fullname for x in references(method.function).names]:
            _check_made_later(actor, method)
        if defers and "defer" in used:
            _check_callbacks(actor, method)
        if answers and sum(map(references(method.function).attributes.count, ANSWERS)) > 1:
            _check_twice(actor, method)
    _check_stash(actor)


# -- waiting for oneself -------------------------------------------------------------------------


def is_step(actor: ActorModel, method: Method) -> bool:
    """Whether the engine waits for a method: other ones may be given to `pipe`."""
    kind = actor.own.get("on_loop", {}).get(method.name)
    return kind is not None and kind[0] != HELPER


def _check_waits(actor: ActorModel, method: Method) -> None:
    me = self_name(method.function)
    for node in own_of(method.function, n.AwaitExpr):
        match node:
            case n.AwaitExpr(
                expr=n.CallExpr(
                    callee=n.MemberExpr(
                        name=verb, expr=n.MemberExpr(name="ref", expr=n.NameExpr(name=owner))
                    )
                )
            ) if verb in WAITS and owner == me:
                actor.fail(f'"{method.name}" {WAITS[verb]}', node, codes.REPLY)
            case _:
                pass


# -- a Later made by hand, a ReplyTo made too late ------------------------------------------------


def _check_made_later(actor: ActorModel, method: Method) -> None:
    for node in all_nodes(method.function):
        match node:
            case n.CallExpr(callee=n.RefExpr(node=n.TypeInfo() as made)) if made.fullname == LATER:
                actor.fail(
                    f'"{method.name}" makes a Later itself, so nobody holds the right to reply;'
                    " return what self.defer(msg), self.forward(...) or self.stash() returns",
                    node,
                    codes.REPLY,
                )
            case _:
                pass


def _check_callbacks(actor: ActorModel, method: Method) -> None:
    me = self_name(method.function)
    plain = [called for _, called, _ in plain_calls(method.function) if called == "defer"]
    if len(plain) == mentions_of(method.function, ("defer",)):
        return  # all are the method's own
    for nested in nodes_at(method.function, lines_of(method.function, ("defer",))):
        if not isinstance(nested, (n.LambdaExpr, n.FuncDef)) or nested is method.function:
            continue
        for node in own_nodes(nested):
            if verb_call(node, me) == "defer":
                actor.fail(
                    "defer() in a function that runs later: the request is not being handled then;"
                    " defer it in the handler, and keep the ReplyTo",
                    node,
                    codes.REPLY,
                )


# -- answered twice ------------------------------------------------------------------------------


def _check_twice(actor: ActorModel, method: Method) -> None:
    me = self_name(method.function)
    for block in all_of(method.function, n.Block):
        before: str | None = None
        for statement in block.body:
            target = answered(statement)
            text = None if target is None else spelled(target)
            again = target is not None and text is not None and text == before
            if again and is_reply_to(bound_type(actor, method.function, target, me)):
                actor.fail(
                    f'"{method.name}" answers "{text}" twice; the second answer is dropped',
                    statement,
                    codes.REPLY,
                )
            before = text


def answered(statement: n.Statement) -> n.Expression | None:
    """What a statement answers: the `x` of `x.reply(...)`."""
    match statement:
        case n.ExpressionStmt(
            expr=n.CallExpr(callee=n.MemberExpr(name="reply" | "fail", expr=target))
        ):
            return target
        case _:
            return None


def spelled(value: n.Expression) -> str | None:
    """A dotted name as it is written."""
    match value:
        case n.NameExpr():
            return value.name
        case n.MemberExpr():
            owner = spelled(value.expr)
            return None if owner is None else f"{owner}.{value.name}"
        case _:
            return None


def bound_type(
    actor: ActorModel, function: n.FuncDef, value: n.Expression | None, me: str | None
) -> Type | None:
    """The type of an expression; of a local variable, that of what it is bound to."""
    known = None if value is None else type_of(actor, value, me)
    if known is not None or not isinstance(value, n.NameExpr):
        return known
    for name, kind in bindings(actor, function, me):
        if name.name == value.name and kind is not None:
            return kind
    return None


# -- stashed for ever ------------------------------------------------------------------------------


def _check_stash(actor: ActorModel) -> None:
    if "stash" not in actor.mentioned or "unstash_all" in actor.mentioned or actor.shared:
        return
    for method in actor.methods:
        if "stash" not in actor.doings(method.name)["mentions"]:
            continue
        me = self_name(method.function)
        for node in all_nodes(method.function):
            if verb_call(node, me) == "stash" and not isinstance(node, NESTED):
                actor.fail(
                    f'"{method.name}" stashes messages, and no method of "{actor.info.name}" calls'
                    " unstash_all(), so they are never handled; call it when they can be",
                    node,
                    codes.REPLY,
                )
