"""actor-unused: a method that has the name of another library's hook, and that nobody calls.

Laws: it overrides nothing, has no decorator, and its name is mentioned nowhere in its module; the
actor itself is not handed to other code, which might call it.
"""

from __future__ import annotations

from collections.abc import Iterator

from mypy import nodes as n

from airssys_rt.mypy import codes
from airssys_rt.mypy.bodies import statements
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.walk import all_nodes

__all__ = ["check_hooks"]

START = 'what comes before the first message is "pre_start"'
STOP = 'what comes at the end is "post_stop(self, reason)"'
RESTART = (
    'a restart calls "post_stop(self, reason)" of the old instance, then "__init__" and "pre_start"'
    " of a new one"
)
FAILURE = 'a failure is the reason that "post_stop(self, reason)" gets'
MESSAGE = "messages come to methods under @on(...) that the behaviour lists"
# the hooks of other actor libraries, and ours
HOOKS = {
    **dict.fromkeys(("on_start", "on_started", "started", "preStart", "aroundPreStart"), START),
    **dict.fromkeys(("init", "setup", "on_init", "on_startup", "before_start"), START),
    **dict.fromkeys(("on_stop", "on_stopped", "stopped", "postStop", "aroundPostStop"), STOP),
    **dict.fromkeys(("terminate", "teardown", "on_shutdown", "on_terminate", "after_stop"), STOP),
    **dict.fromkeys(("pre_restart", "preRestart", "aroundPreRestart", "on_restart"), RESTART),
    **dict.fromkeys(("post_restart", "postRestart", "aroundPostRestart"), RESTART),
    **dict.fromkeys(("on_failure", "on_error", "on_exception"), FAILURE),
    **dict.fromkeys(("receive", "on_receive", "aroundReceive", "receiveMessage"), MESSAGE),
    **dict.fromkeys(("handle_call", "handle_cast", "handle_info", "handle_message"), MESSAGE),
    **dict.fromkeys(("on_message", "receive_message", "createReceive"), MESSAGE),
}


def check_hooks(actor: ActorModel) -> None:
    """Check the names of the class's own plain methods."""
    for function in plain_methods(actor.info.defn):
        mend = HOOKS.get(function.name)
        if (
            mend is None
            or actor.info.fallback_to_any
            or any(function.name in base.names for base in actor.info.mro[1:])
            or any(
                doings.get("hands_on")
                for facts in actor.lineage()
                for doings in facts["methods"].values()
            )
            or is_mentioned(actor.api.tree, function.name)
        ):
            continue
        actor.fail(
            f'Nobody calls "{function.name}": it is no hook of an actor; {mend}',
            function,
            codes.UNUSED,
        )


def plain_methods(cls: n.ClassDef) -> Iterator[n.FuncDef]:
    """The methods without a decorator in a class body."""
    return (node for node in statements(cls.defs) if isinstance(node, n.FuncDef))


def is_mentioned(tree: n.MypyFile, name: str) -> bool:
    """Whether a module names a method of that name anywhere but where it is defined."""
    for statement in tree.defs:
        for node in all_nodes(statement):
            if isinstance(node, (n.NameExpr, n.MemberExpr, n.SuperExpr)) and node.name == name:
                return True
            if isinstance(node, n.StrExpr) and node.value == name:
                return True
    return False
