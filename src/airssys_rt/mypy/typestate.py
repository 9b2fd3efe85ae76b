"""actor-state: a ref to oneself in a reply takes no more than the next state accepts.

`class Close(Request[ActorRef[ClosedMsg]])` tells the asker what it may send from now on.  The check
follows the handler's paths to each `return` of `self.ref` and compares the ref's union with the
behaviour that the actor is in there (typestate: Strom and Yemini 1986).  A ref for the whole union
is how an actor gives its address: it counts only behind a transition of the handler itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from mypy import nodes as n
from mypy.types import Instance, TupleType, Type, UnionType, get_proper_type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import self_name
from airssys_rt.mypy.bodies import returns
from airssys_rt.mypy.mentioned import references
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.names import REF
from airssys_rt.mypy.paths import UNKNOWN, Place
from airssys_rt.mypy.states import Flow
from airssys_rt.mypy.table import is_closed, listed, members_of
from airssys_rt.mypy.walk import own_of

__all__ = ["check_typestate"]


def check_typestate(flow: Flow) -> None:
    """Check the refs to the actor itself in its handlers' replies."""
    actor = flow.actor
    for method in actor.methods if "ref" in actor.words else ():
        if method.message is None:
            continue
        reply = actor.reply_of(method.name)
        if reply is None or not any(True for _ in refs_in(reply)):
            continue
        me = self_name(method.function)
        if not any(is_own_ref(member, me) for member in references(method.function).members):
            continue
        local = own_ref_names(method.function, me)
        seen = flow.paths.trace.returns
        for statement in returns_of(method.function):
            if statement.expr is None or statement not in seen:
                continue
            for narrowed in narrowed_refs(statement.expr, reply, me, local):
                _check_return(flow, method.function, statement, narrowed, seen[statement])


def _check_return(
    flow: Flow, function: n.FuncDef, statement: n.ReturnStmt, ref: Instance, places: set[Place]
) -> None:
    actor = flow.actor
    union = ref.args[0]
    wanted = members_of(union)
    if not is_closed(union):
        return
    if {i.type.fullname for i in wanted} >= set(actor.members):
        # nothing is narrowed, but the handler may have left the state that takes it all
        if actor.setting("unhandled") == "stash":
            return
        places = left(flow, function, statement)
    states = {state for state, _ in places}
    if UNKNOWN in states:
        return
    # what is postponed is not refused, if a later state takes it
    if actor.setting("unhandled") == "stash":
        tables = [actor.table(state) for state in flow.reached]
        accepted = {key for table in tables for key in table.handlers}
        refused = [i for i in wanted if i.type.fullname not in accepted]
        if refused and all(table.known for table in tables):
            _fail(actor, function, statement, refused, sorted(flow.reached))
        return
    for state in sorted(states):
        table = actor.table(state)
        refused = [i for i in wanted if i.type.fullname not in table.handlers]
        if refused and table.known:
            _fail(actor, function, statement, refused, [state])


def left(flow: Flow, function: n.FuncDef, statement: n.ReturnStmt) -> set[Place]:
    """The places at a return that a handler's own `become` leads to, from another state."""
    moves = (d for d in flow.actor.doings(function.name)["does"] if d[0] == "become")
    entered = {flow.canon(target) for move in moves for target in move[2] if target is not None}
    found: set[Place] = set()
    for start in flow.places(flow.sources(function.name)) if entered else ():
        paths = flow.new_paths()
        paths.run(function, frozenset({start}))
        ends = paths.trace.returns.get(statement, set())
        found |= {end for end in ends if end[0] in entered and end[0] != start[0]}
    return found


def _fail(
    actor: ActorModel,
    function: n.FuncDef,
    statement: n.ReturnStmt,
    refused: list[Instance],
    states: list[str],
) -> None:
    names = listed(i.type.name for i in refused)
    actor.fail(
        f'"{function.name}" replies with a ref that takes {names}, but the actor is then in'
        f" {listed(states)}, which does not; become a behaviour that does, or narrow the ref",
        statement,
        codes.STATE,
    )


def refs_in(kind: Type) -> Iterator[Instance]:
    """The refs in a reply type, also in a union or a tuple."""
    proper = get_proper_type(kind)
    if isinstance(proper, (UnionType, TupleType)):
        for item in proper.items:
            yield from refs_in(item)
    elif isinstance(proper, Instance) and proper.type.fullname == REF:
        yield proper


def is_own_ref(value: n.Node, me: str | None) -> bool:
    """Whether an expression is `self.ref`."""
    return (
        isinstance(value, n.MemberExpr)
        and value.name == "ref"
        and isinstance(value.expr, n.NameExpr)
        and value.expr.name == me
    )


def own_ref_names(function: n.FuncDef, me: str | None) -> frozenset[str]:
    """Local variables that hold `self.ref`."""
    return frozenset(
        lvalue.name
        for node in own_of(function, n.AssignmentStmt)
        if is_own_ref(node.rvalue, me)
        for lvalue in node.lvalues
        if isinstance(lvalue, n.NameExpr)
    )


def narrowed_refs(
    value: n.Expression, reply: Type, me: str | None, local: frozenset[str]
) -> Iterator[Instance]:
    """The ref types that a returned expression gives to the actor's own ref."""
    proper = get_proper_type(reply)
    if isinstance(value, n.ConditionalExpr):
        yield from narrowed_refs(value.if_expr, reply, me, local)
        yield from narrowed_refs(value.else_expr, reply, me, local)
    elif isinstance(value, n.TupleExpr):
        options = proper.items if isinstance(proper, UnionType) else [proper]
        for option in map(get_proper_type, options):
            if isinstance(option, TupleType) and len(option.items) == len(value.items):
                for item, kind in zip(value.items, option.items, strict=True):
                    yield from narrowed_refs(item, kind, me, local)
    elif not isinstance(proper, TupleType) and (
        is_own_ref(value, me) or (isinstance(value, n.NameExpr) and value.name in local)
    ):
        yield from refs_in(proper)


def returns_of(function: n.FuncDef) -> Iterator[n.ReturnStmt]:
    """The function's own return statements."""
    yield from returns(function)
