"""Which methods of an actor run on the thread of the event loop, from syntax alone.

Handlers, hooks, and what they call directly on the actor itself, and so on.  A method that is only
passed by reference may run elsewhere, and a nested function as well: neither counts.
"""

from __future__ import annotations

from mypy import nodes as n

from airssys_rt.mypy.bodies import statements
from airssys_rt.mypy.facts import Facts, facts_of
from airssys_rt.mypy.walk import live_nodes

__all__ = ["APART", "HANDLER", "HELPER", "HOOK", "WRITTEN", "offloaded", "on_loop"]

HANDLER, HOOK, HELPER, OFF = "handler", "hook", "helper", "off"
HOOKS = ("__init__", "pre_start", "post_stop")
MARKS = {
    "airssys_rt.core.handler.on": HANDLER,
    "airssys_rt.core.behaviour.on_enter": HOOK,
}
OFFLOAD = "airssys_rt.runtime.offload.offload"
# those that start threads and processes, and how the calls that do it are written, for a quick look
APART = frozenset({"Thread", "Timer", "start_new_thread", "Process"})
WRITTEN = frozenset({"to_thread", "run_sync", "run_in_executor", "submit", "map"}) | APART
# verbs whose callables run as a step of the actor
STEPS = frozenset({"adapter", "monitor", "link", "pipe"})


def on_loop(cls: n.ClassDef, methods: Facts) -> tuple[Facts, bool]:
    """For each such method, its kind, and for a helper the method that it is reached from.

    `methods` are the facts of the class's own methods.  What a base reaches counts here as well,
    under the same names: a subclass may have overridden it.  Also whether a method is offloaded.
    """
    own: dict[str, n.FuncDef | n.Decorator] = {}
    for statement in statements(cls.defs):
        if type(statement) is n.Decorator:
            own[statement.func.name] = statement
        elif type(statement) is n.FuncDef:
            own[statement.name] = statement
    inherited = [known for base in cls.info.mro[1:] if (known := facts_of(base)) is not None]
    found: Facts = {}
    for known in reversed(inherited):
        found.update(known.get("on_loop", {}))
    off: set[str] = set()
    for name, node in own.items():
        role = role_of(node)
        if role == OFF:
            off.add(name)
        if name in HOOKS:
            role = HOOK
        if role is not None and role != OFF:
            found[name] = [role, name]
        elif name in found and found[name][0] == HANDLER:
            del found[name]  # overridden by something that is no handler
    helpers = {name for name in own if name not in found or found[name][0] == HELPER}
    for known in inherited:
        helpers.update(known.get("methods", {}))
    helpers -= off
    if not helpers:
        return found, bool(off)  # most actors have handlers and hooks alone
    todo = [name for name in found if name in own]
    while todo:
        name = todo.pop()
        if helpers.isdisjoint(methods.get(name, {}).get("mentions", ())):
            continue
        for called in sorted(calls(own[name], own)):
            if called in helpers and called not in found:
                found[called] = [HELPER, found[name][1]]
                if called in own:
                    todo.append(called)
    return found, bool(off)


def role_of(node: n.FuncDef | n.Decorator) -> str | None:
    """What the decorators of a method make of it: a handler, a hook, or `OFF` the loop's thread."""
    if type(node) is not n.Decorator:
        return None
    role: str | None = None
    for decorator in node.original_decorators:
        if isinstance(decorator, n.CallExpr) and isinstance(decorator.callee, n.RefExpr):
            name = decorator.callee.fullname
            if name == OFFLOAD:
                return OFF
            role = role or MARKS.get(name)
    return role


def offloaded(node: n.Node) -> n.CallExpr | None:
    """The `offload(...)` that decorates a function, if one does."""
    if isinstance(node, n.Decorator):
        for made in node.original_decorators:
            match made:
                case n.CallExpr(callee=n.RefExpr(fullname=name)) if name == OFFLOAD:
                    return made
                case _:
                    continue
    return None


def calls(node: n.FuncDef | n.Decorator, own: dict[str, n.FuncDef | n.Decorator]) -> set[str]:
    """What a method calls on the actor itself; properties are called by their mention."""
    function = node.func if isinstance(node, n.Decorator) else node
    me = function.arguments[0].variable.name if function.arguments else None
    found: set[str] = set()
    for part in live_nodes(function):
        if isinstance(part, n.CallExpr) and isinstance(part.callee, n.MemberExpr):
            name = on_self(part.callee, me)
            if name is not None:
                found.add(name)
            if name in STEPS:
                found.update(step for arg in part.args if (step := on_self(arg, me)) is not None)
        elif isinstance(part, n.MemberExpr):
            name = on_self(part, me)
            target = None if name is None else own.get(name)
            if name is not None and isinstance(target, n.Decorator) and target.func.is_property:
                found.add(name)
    return found


def on_self(value: n.Expression, me: str | None) -> str | None:
    """The name in `self.name`."""
    if isinstance(value, n.MemberExpr) and isinstance(value.expr, n.NameExpr):
        return value.name if value.expr.name == me else None
    return None
