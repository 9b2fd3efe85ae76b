"""actor-signal: what monitors, links and timers bring is in the union of the actor that gets it.

A timer's message is looked at with all others that are sent: sending.py.  Laws: a signal that the
union has, and that nobody seems to ask for, is reported only if the class and its bases neither
ask for it nor hand the actor itself to other code, which may ask in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mypy import nodes as n
from mypy.maptype import map_instance_to_supertype
from mypy.plugin import MethodSigContext
from mypy.types import CallableType, get_proper_type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import functions, has_via, self_name, verb_call
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.names import ACTOR, DOWN, EXIT
from airssys_rt.mypy.sending import changed, receiver_of
from airssys_rt.mypy.table import is_closed, members_of
from airssys_rt.mypy.walk import all_nodes

__all__ = ["check_signals", "monitor_signature"]


def monitor_signature(ctx: MethodSigContext) -> CallableType:
    """The signature of `monitor`; one without `via`, if that it is missing is reported."""
    signature, call = ctx.default_signature, ctx.context
    if "via" not in signature.arg_names or not isinstance(call, n.CallExpr):
        return signature
    via = signature.arg_names.index("via")
    if not signature.arg_kinds[via].is_required() or call.arg_kinds != [n.ARG_POS]:
        return signature
    actor = receiver_of(get_proper_type(ctx.type))
    if actor is None:
        return signature
    root = next(base for base in actor.type.mro if base.fullname == ACTOR)
    union = map_instance_to_supertype(actor, root).args[0]
    if DOWN in [member.type.fullname for member in members_of(union)] or not is_closed(union):
        return signature
    api: Any = ctx.api  # mypy's checker, whose plugin interface lacks what is needed
    if not api.msg.errors.is_error_code_enabled(codes.SIGNAL):
        return signature
    api.fail(
        f'"{actor.type.name}" cannot get the Down of this monitor: its union lacks it; add Down to'
        " the union, or make a message of your own of it: self.monitor(ref, via=...)",
        call,
        code=codes.SIGNAL,
    )
    kinds = list(signature.arg_kinds)
    kinds[via] = n.ARG_OPT
    return changed(signature, arg_kinds=kinds)


def check_signals(actor: ActorModel) -> None:
    """Compare the class's union with its links, monitors and `trap_exits`."""
    if not actor.closed:
        return
    if actor.setting("trap_exits") is True and EXIT not in actor.members:
        _check_links(actor)
    # a class without `initial` is a base, and leaves the rest to those that derive from it
    if "initial" not in actor.places and not any(
        "initial" in facts[part] for facts in actor.lineage() for part in ("behaviours", "methods")
    ):
        return
    if DOWN in actor.members and not _asks_for(actor, "monitor"):
        actor.fail(
            f'The union of "{actor.info.name}" has Down, but nothing in the class monitors an'
            " actor, so none comes; call self.monitor(ref), or take Down out of the union",
            actor.info.defn,
            codes.SIGNAL,
        )
    if EXIT in actor.members and actor.setting("trap_exits") in (None, False):
        actor.fail(
            f'The union of "{actor.info.name}" has Exit, but the class does not trap exits, so none'
            " comes; set trap_exits = True, or take Exit out of the union",
            actor.info.defn,
            codes.SIGNAL,
        )


def _check_links(actor: ActorModel) -> None:
    """Links without `via`, in a class that traps exits and does not accept `Exit`."""
    text = (
        f'"{actor.info.name}" traps exits, but its union has no Exit for this link; add Exit to the'
        " union, or make a message of your own of it: self.link(ref, via=...)"
    )
    own = list(_plain_links(actor))
    for call in own:
        actor.fail(text, call, codes.SIGNAL)
    if own or not any(not doing[1] for doing in actor.does("link")) or _base_is_reported(actor):
        return
    actor.fail(text.replace("for this link", "for its links"), actor.info.defn, codes.SIGNAL)


def _plain_links(actor: ActorModel) -> Iterator[n.CallExpr]:
    for name, function in functions(actor.info.defn):
        if "link" not in actor.doings(name)["mentions"]:
            continue
        me = self_name(function)
        for node in all_nodes(function):
            if not isinstance(node, n.CallExpr) or verb_call(node, me) != "link":
                continue
            if node.args and not has_via(node):
                yield node


def _base_is_reported(actor: ActorModel) -> bool:
    """Whether a base has the same fault, and gets the report."""
    for base in actor.info.bases:
        if base.type.fullname != ACTOR and base.type.has_base(ACTOR):
            below = ActorModel(base.type, actor.api)
            if below.closed and below.setting("trap_exits") is True:
                return True
    return False


def _asks_for(actor: ActorModel, verb: str) -> bool:
    if verb in actor.mentioned or actor.shared:
        return True
    # those that are overridden count as well
    return any(
        verb in doings["mentions"]
        for facts in actor.lineage()
        for doings in facts["methods"].values()
    )
