"""actor-become: transitions against the declared `flow`."""

from __future__ import annotations

from mypy import nodes as n

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import Tree, pushes, target_name, targets
from airssys_rt.mypy.model import HOOKS
from airssys_rt.mypy.paths import UNKNOWN
from airssys_rt.mypy.states import Flow
from airssys_rt.mypy.table import listed

__all__ = ["check_flow"]


def check_flow(flow: Flow) -> None:
    """Report transitions that cannot be, and states that lead nowhere."""
    if flow.declared is not None:
        _check_graph(flow)
    _check_reached(flow)
    if flow.moving and not flow.is_simple:
        _check_moves(flow)


def _check_graph(flow: Flow) -> None:
    """States without a way on, and final states with one."""
    actor = flow.actor
    if "flow" not in actor.places:
        return
    where = actor.places["flow"]
    going = {a for a, _, _ in flow.declared or ()}
    if not actor.final and flow.states <= going:
        return  # what most are like
    final = {flow.canon(name) or name for name in actor.final}
    for state in sorted(s for s in flow.states & flow.reached if flow.canon(s) is not None):
        if state in final and state in going:
            actor.fail(
                f'State "{state}" is final, but flow has a transition from it; leave one of the'
                " two out",
                where,
                codes.BECOME,
            )
        if state in going or state in final:
            continue
        called = [actor.doings(m)["does"] for m in flow.called(state)]
        if any(doing[0] in ("unbecome", "stop") for does in called for doing in does):
            continue
        actor.fail(
            f'State "{state}": no path leads on from it; add a transition to flow, or mark it'
            f" with {state}.final()",
            where,
            codes.BECOME,
        )


def _check_reached(flow: Flow) -> None:
    """Behaviours that nothing leads to, and that are no part of another one."""
    actor = flow.actor
    names = [name for name in actor.own_behaviours if name != "initial"]
    if not names:
        return  # there is nothing to report
    if actor.flow_unread or not actor.is_behaviour("initial") or actor.shared:
        return
    named = {target and flow.canon(target) for doing in actor.does("become") for target in doing[2]}
    if None in named:
        return
    parts: set[str] = set()
    for facts in actor.lineage():
        for tree in facts["behaviours"].values():
            add_names(tree, parts)
    states = {name: flow.canon(name) for name in names if name not in parts}
    states = {name: state for name, state in states.items() if state not in (None, "initial")}
    if not states:
        return
    suspects = {*states.values()}
    if flow.declared is None:
        suspects -= flow.reached
    for _, target, _ in flow.taking():
        suspects.discard(target)
        if not suspects:
            break
    if suspects and _offers(flow):
        suspects -= named
    for name, state in states.items():
        if state not in suspects and (flow.declared is None or state in flow.reached):
            continue
        missing = (
            "nothing becomes it; leave it out, or become it"
            if state in flow.reached or flow.declared is None
            else "flow has no path to it from initial; add a transition, or leave it out"
        )
        actor.fail(f'Behaviour "{name}": {missing}', actor.places[name], codes.BECOME)


def _offers(flow: Flow) -> bool:
    """Whether a method that the class itself does not call, but others may, changes its state."""
    actor = flow.actor
    methods = [method for method in flow.movers if not _is_entry(flow, method)]
    if not methods:
        return False  # only what the engine calls changes it
    others = frozenset(methods)
    entries = {method for method in actor.method_names if _is_entry(flow, method)}
    called = {name for method in entries for name in actor.with_called(method)}
    return any(True for method in others - called for _ in flow.moves(method))


def _is_entry(flow: Flow, method: str) -> bool:
    """Whether the engine calls a method."""
    actor = flow.actor
    return method in HOOKS or actor.is_handler(method) or "enters" in actor.doings(method)


def add_names(tree: Tree, found: set[str]) -> None:
    """Add the names that a behaviour's expression is made of."""
    if isinstance(tree, str):
        found.add(tree)
    elif tree and tree[0] == "|":
        add_names(tree[1], found)
        add_names(tree[2], found)
    elif tree and tree[0] == "replace":
        add_names(tree[1], found)
        for part in tree[2]:
            add_names(part, found)


def _check_moves(flow: Flow) -> None:
    trace = flow.paths.trace
    for call, places in trace.becomes.items():
        for target in targets(call):
            _check_become(flow, call, target, {state for state, _ in places})
    for call, places in trace.unbecomes.items():
        empty = sorted(state for state, kept in places if not kept and state != UNKNOWN)
        if empty:
            flow.actor.fail(
                f"unbecome() has nothing to go back to when the actor is in {listed(empty)};"
                " enter the state with become(..., push=True), or become another one",
                call,
                codes.BECOME,
            )


def _check_become(flow: Flow, call: n.CallExpr, target: n.Expression, origins: set[str]) -> None:
    actor, name = flow.actor, target_name(target)
    state = None if name is None else flow.canon(name)
    if state is None:
        if name is not None or (flow.declared is None and is_composed(target)):
            return  # mypy knows the attribute better; a composition of named parts is readable
        actor.fail(
            "become() with a target that is not named: nothing can be said of this transition;"
            " write self.<behaviour>",
            target,
            codes.BECOME,
        )
        return
    if flow.declared is None:
        return
    kind = "push" if pushes(call) else "to"
    for origin in sorted(origins - {UNKNOWN}):
        if (origin, state, kind) not in flow.declared:
            actor.fail(
                f"become(): flow does not have {origin}.{kind}({name}), so this raises"
                f" IllegalTransition in {origin}; add it to flow",
                call,
                codes.BECOME,
            )


def is_composed(value: n.Expression) -> bool:
    """Whether a target is made of named behaviours on the spot."""
    match value:
        case n.OpExpr(op="|"):
            return is_composed(value.left) and is_composed(value.right)
        case n.CallExpr(callee=n.MemberExpr(name="replace") as callee):
            return is_composed(callee.expr) and all(is_composed(a) for a in value.args)
        case _:
            return target_name(value) is not None
