"""actor-missing: a class that is spawned, and says nowhere in which behaviour it starts.

A class without `initial` may be a base, or bring handlers to others: it is reported only if its
own module spawns it, or makes props of it, and its handlers are all that its union needs.
"""

from __future__ import annotations

from mypy import nodes as n

from airssys_rt.mypy import codes
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.names import ACTOR
from airssys_rt.mypy.walk import all_nodes

__all__ = ["check_startable"]

LIBRARY = "airssys_rt."


def check_startable(actor: ActorModel) -> None:
    """Check a class without `initial`."""
    info = actor.info
    symbol = info.get("initial")
    node = symbol.node if symbol is not None else None
    if not isinstance(node, n.Var) or node.info.fullname != ACTOR:
        return
    if not actor.closed or not actor.members or info.is_abstract or info.fallback_to_any:
        return
    if info.defn.decorators or any(
        "__init_subclass__" in base.names and base.fullname != ACTOR for base in info.mro[:-1]
    ):
        return  # they may set it
    handlers = {
        message.type.fullname: name
        for name in sorted(actor.method_names)
        if (message := actor.message_of(name)) is not None
    }
    if not handlers.keys() >= actor.members.keys():
        return
    if is_spawned(actor.api.tree, info):
        actor.fail(
            f'"{info.name}" is spawned, but says nowhere in which behaviour it starts; write'
            f" initial = {' | '.join(handlers[key] for key in actor.members)}",
            info.defn,
            codes.MISSING,
        )


def is_spawned(tree: n.MypyFile, info: n.TypeInfo) -> bool:
    """Whether a module gives a class to `spawn` or to a function of the library."""
    spawned = False
    for node in (part for statement in tree.defs for part in (*all_nodes(statement), statement)):
        if isinstance(node, n.CallExpr) and takes_actors(node.callee):
            spawned = spawned or any(
                isinstance(argument, n.RefExpr) and argument.node is info for argument in node.args
            )
        elif isinstance(node, n.AssignmentStmt) and any(
            is_initial(lvalue, info) for lvalue in node.lvalues
        ):
            return False  # set from outside
    return spawned


def takes_actors(callee: n.Expression) -> bool:
    """Whether a called function makes actors of a class."""
    if isinstance(callee, n.MemberExpr) and callee.name == "spawn":
        return True
    return isinstance(callee, n.RefExpr) and callee.fullname.startswith(LIBRARY)


def is_initial(target: n.Lvalue, info: n.TypeInfo) -> bool:
    """Whether `initial` is set, of the class or of what may be it or a base."""
    if not isinstance(target, n.MemberExpr) or target.name != "initial":
        return False
    owner = target.expr.node if isinstance(target.expr, n.RefExpr) else None
    return not isinstance(owner, n.TypeInfo) or owner in info.mro
