"""actor-signal: what an actor waits for in vain, and a timer that it cannot cancel.

A private message (`class _Tick(Message)`) is its module's own: if the module never makes one, its
handler is never called, mostly because a timer is not started.  A timer is cancelled by the key
that it was started with.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from mypy import nodes as n

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import self_name, verb_call
from airssys_rt.mypy.bodies import statements
from airssys_rt.mypy.mentioned import mentioned_in
from airssys_rt.mypy.model import ActorModel, Method
from airssys_rt.mypy.table import listed
from airssys_rt.mypy.walk import all_nodes

__all__ = ["check_unsent"]


def check_unsent(actor: ActorModel) -> None:
    """Check the class's private messages and the keys of its timers."""
    handlers: dict[str, list[Method]] = {}
    for method in actor.methods:
        message = None if method.message is None else method.message.type
        if (
            message is not None
            and message.name.startswith("_")
            and message.module_name == actor.info.module_name
            and message.fullname in actor.members
        ):
            handlers.setdefault(message.fullname, []).append(method)
    for fullname, methods in handlers.items():
        message = actor.members[fullname].type
        if not is_made(actor, methods, message):
            actor.fail(
                f'Nothing in this module makes a "{message.name}", so "{methods[0].name}" is never'
                f" called: send one, such as with self.after(..., {message.name}(...)), or take it"
                " out of the union",
                methods[0].function,
                codes.SIGNAL,
            )
    check_keys(actor)


# -- private messages ----------------------------------------------------------------------------


def is_made(actor: ActorModel, methods: list[Method], message: n.TypeInfo) -> bool:
    """Whether the module may make a message: by whatever mention that is no declaration."""
    tree: n.MypyFile = actor.api.tree
    found = mentions(n.Block(list(tree.defs)), message.name)
    if any(message in info.mro[1:] for info in classes(tree)):
        return True
    without = {id(node) for part in declarations(tree) for node in (*all_nodes(part), part)}
    for method in methods:
        if not any(method.name in actor.doings(m)["mentions"] for m in actor.method_names):
            # what only the message itself brings about
            without |= {id(node) for node in mentions(method.function.body, message.name)}
    return any(id(node) not in without for node in found)


def mentions(block: n.Block, name: str) -> list[n.NameExpr | n.MemberExpr]:
    """The expressions below that name a class."""
    found = mentioned_in(block)
    every: list[n.NameExpr | n.MemberExpr] = [*found.names, *found.members]
    return [node for node in every if node.name == name]


def classes(tree: n.MypyFile) -> Iterator[n.TypeInfo]:
    """The classes that a module defines at its top."""
    return (node.info for node in statements(n.Block(tree.defs)) if isinstance(node, n.ClassDef))


def declarations(tree: n.MypyFile) -> Iterator[n.Node]:
    """Expressions that say what a class takes: aliases, bases, decorators."""
    for statement in statements(n.Block(tree.defs)):
        match statement:
            case n.AssignmentStmt():
                if any(is_alias(lvalue, tree) for lvalue in statement.lvalues):
                    yield statement.rvalue
            case n.ClassDef():
                yield from statement.base_type_exprs
                for part in statements(statement.defs):
                    if isinstance(part, n.Decorator):
                        yield from part.original_decorators
            case n.TypeAliasStmt():
                yield statement.value.body
            case _:
                pass


def is_alias(lvalue: n.Lvalue, tree: n.MypyFile) -> bool:
    """Whether an assignment at a module's top defines a name for a type."""
    symbol = tree.names.get(lvalue.name) if isinstance(lvalue, n.NameExpr) else None
    return symbol is not None and isinstance(symbol.node, n.TypeAlias)


# -- keys of timers ------------------------------------------------------------------------------


def check_keys(actor: ActorModel) -> None:
    """A key to cancel by is one that some timer of the class is started with."""
    if "cancel_timer" not in actor.attributes:
        return  # nothing is cancelled
    if not any("initial" in facts["behaviours"] for facts in actor.lineage()):
        return  # those that derive from it may start the timers
    keys: set[object] = set()
    for facts in actor.lineage():
        for doings in facts["methods"].values():
            if doings.get("hands_on"):
                return
            for key in doings.get("timer_keys", ()):
                if key is None:
                    return
                keys.add(key)
    if not keys:
        return
    for method in actor.methods:
        if "cancel_timer" not in actor.doings(method.name)["mentions"]:
            continue
        me = self_name(method.function)
        for node in all_nodes(method.function):
            if verb_call(node, me) == "cancel_timer" and isinstance(node, n.CallExpr):
                for argument in node.args[:1]:
                    if isinstance(argument, n.StrExpr) and argument.value not in keys:
                        _wrong_key(actor, argument, sorted(map(str, keys)))


def _wrong_key(actor: ActorModel, argument: n.StrExpr, keys: list[str]) -> None:
    near = get_close_matches(argument.value, keys, n=1)
    mend = f'did you mean "{near[0]}"?' if near else f"the keys are {listed(keys)}"
    actor.fail(
        f'No timer of "{actor.info.name}" has the key "{argument.value}", so this cancels nothing;'
        f" {mend}",
        argument,
        codes.SIGNAL,
    )
