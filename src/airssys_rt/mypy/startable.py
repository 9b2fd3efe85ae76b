"""actor-missing: a class that says nowhere in which behaviour it starts.

A class without `initial` may be a base, or bring handlers to others: it is reported only if its
handlers are all that its union needs, and its own module spawns it, or neither extends it nor calls
it a base.
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
    first = " | ".join(handlers[key] for key in actor.members)
    use = use_of(actor.api.tree, info)
    if use == "spawned":
        actor.fail(
            f'"{info.name}" is spawned, but says nowhere in which behaviour it starts; write'
            f" initial = {first}",
            info.defn,
            codes.MISSING,
        )
    elif use is None and not is_base(info):
        actor.fail(
            f'"{info.name}" handles its whole union, but says nowhere in which behaviour it'
            f" starts, so it cannot be spawned; write initial = {first}, or derive a base for"
            " others from abc.ABC",
            info.defn,
            codes.MISSING,
        )


def is_base(info: n.TypeInfo) -> bool:
    """Whether a class says of itself that it is a base for others."""
    metaclass = info.metaclass_type
    abstract = metaclass is not None and metaclass.type.fullname == "abc.ABCMeta"
    named = info.name.startswith("_") or info.name.endswith(("Base", "Mixin"))
    return abstract or named or info.name.startswith(("Base", "Abstract"))


def use_of(tree: n.MypyFile, info: n.TypeInfo) -> str | None:
    """What a module does with a class of its own: it is "spawned", "extended", or "set" up."""
    use: str | None = None
    for node in (part for statement in tree.defs for part in (*all_nodes(statement), statement)):
        match node:
            case n.CallExpr() if takes_actors(node.callee):
                if any(isinstance(a, n.RefExpr) and a.node is info for a in node.args):
                    use = "spawned"
            case n.AssignmentStmt() if any(is_initial(target, info) for target in node.lvalues):
                return "set"  # from outside
            case n.ClassDef() if node.info is not info and node.info.has_base(info.fullname):
                use = use or "extended"
            case _:
                pass
    return use


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
