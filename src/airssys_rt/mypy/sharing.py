"""actor-capture: state that is not one actor's own any more.

Containers of the class that actors change; attributes and verbs of the actor used by what runs
beside its handlers, in threads and in pipes.  Laws: a container of the class is reported only if
actors change it in place; reading is never reported; a thread that the handler waits for may
change attributes, for no message is handled meanwhile; what a lock guards is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from mypy import nodes as n
from mypy.types import Instance, UnboundType, get_proper_type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import functions, last_name
from airssys_rt.mypy.beside import (
    PROCESS,
    TIMER,
    Reached,
    Start,
    Starts,
    coroutines_in,
    pools,
    reached,
    self_of,
    unlocked,
)
from airssys_rt.mypy.bodies import statements
from airssys_rt.mypy.capture import MENDS, attributes, declared, made_by
from airssys_rt.mypy.changes import MUTATORS, changed, own
from airssys_rt.mypy.declared import type_of
from airssys_rt.mypy.mentioned import references
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.names import REF
from airssys_rt.mypy.onloop import WRITTEN
from airssys_rt.mypy.walk import all_nodes, live_nodes

__all__ = ["check_beside", "check_class_state"]

# what a thread must not call: the engine takes no locks
VERBS = frozenset(
    {
        "become",
        "unbecome",
        "state_timeout",
        "receive_timeout",
        "stash",
        "unstash_all",
        "next",
        "spawn",
        "stop",
        "monitor",
        "demonitor",
        "link",
        "unlink",
        "after",
        "every",
        "cancel_timer",
        "forward",
        "defer",
        "adapter",
        "pipe",
    }
)
TURN = "one of them may be in the middle of its work, in the old behaviour"
CURRENT = "it is about the message being handled, which is another one by then, or none"
# what handlers alone should call, and why
OUT_OF_TURN = {
    "become": TURN,
    "unbecome": TURN,
    "stash": CURRENT,
    "forward": CURRENT,
    "defer": CURRENT,
}
# a deque's methods that its documentation calls thread-safe
DEQUE_SAFE = frozenset({"append", "appendleft", "pop", "popleft"})
NOT_STATE = frozenset({"flow", "children"})
# calls that keep work going which nobody waits for
KEPT = frozenset({"create_task", "ensure_future", "add_done_callback", "pipe"})


# ---------------------------------------------------------------- containers of the class


def check_class_state(actor: ActorModel) -> None:
    """Check what the class body assigns."""
    changes: set[str] | None = None
    for statement in statements(actor.info.defn.defs):
        if not isinstance(statement, n.AssignmentStmt) or made_by(statement.rvalue) is None:
            continue
        for target in statement.lvalues:
            if not isinstance(target, n.NameExpr) or not is_state(target, statement):
                continue
            if changes is None:
                changes = changed_in_place(actor)
            if target.name in changes:
                what = (made_by(statement.rvalue) or "").rpartition(".")[2]
                actor.fail(
                    f'"{target.name}" is a {what} of the class "{actor.info.name}": all its actors'
                    " share it, and a restart keeps what is in it; make it in __init__"
                    f" (self.{target.name} = ...), or declare it a ClassVar if they should",
                    statement,
                    codes.CAPTURE,
                )


def is_state(target: n.NameExpr, statement: n.AssignmentStmt) -> bool:
    """Whether a class attribute is written like an attribute of each actor."""
    var = target.node
    if target.name.isupper() or target.name in NOT_STATE or not isinstance(var, n.Var):
        return False
    if var.is_classvar or var.is_final or target.name.startswith("__"):
        return False
    written = statement.unanalyzed_type
    return not (isinstance(written, UnboundType) and written.name.endswith(("ClassVar", "Final")))


def changed_in_place(actor: ActorModel) -> set[str]:
    """The attributes that the class's methods change in place, and do not first make anew."""
    found: set[str] = set()
    fresh: set[str] = set()
    for name, function in functions(actor.info.defn):
        me = self_of(function)
        for node in all_nodes(function):
            for attribute, _, inside in changed(node, me):
                if inside:
                    found.add(attribute)
            if isinstance(node, n.CallExpr) and last_name(node.callee) in ("insort", "heappush"):
                found.update(a for arg in node.args[:1] if (a := own(arg, me)) is not None)
        if name in ("__init__", "pre_start"):
            for statement in function.body.body:
                fresh.update(
                    attribute for attribute, _, inside in changed(statement, me) if not inside
                )
    return found - fresh


# ---------------------------------------------------------------- threads and pipes


def check_beside(actor: ActorModel) -> None:
    """Check what the class's methods have run beside the handlers."""
    if "pipe" not in actor.words and WRITTEN.isdisjoint(actor.words):
        return
    beside = Beside(actor)
    for _, function in functions(actor.info.defn):
        beside.check(function)


class Beside:
    """The checks of one class."""

    def __init__(self, actor: ActorModel) -> None:
        self.actor = actor
        self.module: str = actor.api.tree.fullname
        self.seen: set[tuple[int, str]] = set()
        self._made: dict[str, str] | None = None
        self._pools: dict[str, str] | None = None

    @cached_property
    def starts(self) -> Starts:
        """What starts something in the module; most classes do not ask."""
        return Starts(self.actor.api.tree)

    def check(self, function: n.FuncDef) -> None:
        """Check one method."""
        found = references(function)
        mentioned = {*found.words, *found.attributes}
        me = self_of(function)
        if "pipe" in mentioned:
            for node in all_nodes(function):
                if isinstance(node, n.CallExpr) and own(node.callee, me) == "pipe" and node.args:
                    for work in coroutines_in(node.args[0], self.actor.info, me, self.module):
                        self.piped(work, me)
        if not WRITTEN.isdisjoint(mentioned):
            if self._pools is None:
                self._pools = pools([f for _, f in functions(self.actor.info.defn)])
            left = set(map(id, left_running(function)))
            joined = any(
                m.name == "join" and not isinstance(m.expr, n.StrExpr) for m in found.members
            )
            for start in self.starts.within(function, self._pools):
                state = not joined if start.apart else id(start.call) in left
                self.started(start, me, state=state)

    def piped(self, work: n.FuncItem, me: n.Var | None) -> None:
        """Check a coroutine function that a pipe runs."""
        owner = self_of(work) if own_function(work, self.actor) else me
        for part in reached(work, self.actor.info, owner, self.module, coroutines=True):
            place = f'"{part.root}", which self.pipe runs beside the handlers'
            for attribute, where in self.changes(part):
                self.report(
                    where,
                    f'"self.{attribute}" is changed in {place}: one of them may be in the middle of'
                    " using it; return the value, and change it in the handler of the message that"
                    " pipe sends",
                )
            for verb, where in self.verbs(part, frozenset(OUT_OF_TURN)):
                self.report(
                    where,
                    f'"self.{verb}" is called in {place}: {OUT_OF_TURN[verb]}; call it in the'
                    " handler of the message that pipe sends",
                )
            for start in self.starts.within(part.function, {}):
                self.started(start, part.me, state=True)

    def started(self, start: Start, me: n.Var | None, *, state: bool) -> None:
        """Check what a thread or a process runs."""
        place = "another process" if start.kind == PROCESS else "another thread"
        if isinstance(start.target, n.MemberExpr):
            self.bound(start, start.target, me, state=state)
        for part in reached(start.target, self.actor.info, me, self.module, coroutines=False):
            inside = part.root if part.root.startswith("a ") else f'"{part.root}"'
            for attribute, where in self.changes(part) if state or start.kind == PROCESS else ():
                self.report(where, changed_in_thread(attribute, f"{place} (by {inside})", start))
            for verb, where in self.verbs(part, VERBS):
                self.report(where, verb_in_thread(verb, f"{place} (by {inside})", start))

    def bound(self, start: Start, target: n.MemberExpr, me: n.Var | None, *, state: bool) -> None:
        """Check a verb of the actor or of a ref, or a container's, that is handed over itself."""
        place = "another process" if start.kind == PROCESS else "another thread"
        verb = own(target, me)
        if verb in VERBS and self.is_verb(verb):
            self.report(target, verb_in_thread(verb, place, start))
        elif target.name in MUTATORS and start.kind != PROCESS:
            attribute = own(target.expr, me)
            if state and attribute is not None and self.is_unsafe(attribute, target):
                self.report(target, changed_in_thread(attribute, place, start))
        elif target.name == "tell" and start.kind != PROCESS:
            name = me.name if me is not None else None
            kind = type_of(self.actor, target.expr, name)
            proper = get_proper_type(kind) if kind is not None else None
            if isinstance(proper, Instance) and proper.type.has_base(REF):
                self.report(
                    target,
                    '"tell" is called in another thread than the system\'s, where it may raise'
                    " WrongThread; hand over tell_from_thread instead",
                )

    def changes(self, part: Reached) -> Iterator[tuple[str, n.Context]]:
        """The attributes that a function changes."""
        for node in unlocked(part.function):
            for attribute, where, inside in changed(node, part.me):
                if not inside or self.is_unsafe(attribute, where):
                    yield attribute, where

    def is_unsafe(self, attribute: str, where: n.Context) -> bool:
        """Whether an attribute is a container that is not meant to be changed in two threads."""
        if self._made is None:
            self._made = attributes(self.actor)
        container = declared(attribute, self.actor, self._made) or self._made.get(attribute)
        called = where.callee if isinstance(where, n.CallExpr) else where
        if container == "collections.deque" and isinstance(called, n.MemberExpr):
            return called.name not in DEQUE_SAFE
        return container in MENDS

    def verbs(self, part: Reached, verbs: frozenset[str]) -> Iterator[tuple[str, n.Context]]:
        """The verbs of the actor that a function calls."""
        for node in live_nodes(part.function):
            if isinstance(node, n.CallExpr):
                verb = own(node.callee, part.me)
                if verb in verbs and self.is_verb(verb):
                    yield verb, node

    def is_verb(self, name: str) -> bool:
        """Whether a verb is the library's, not one that a user's class defines."""
        home = next((base for base in self.actor.info.mro if name in base.names), None)
        return home is not None and home.module_name.startswith("airssys_rt.")

    def report(self, where: n.Context, text: str) -> None:
        """Report a finding once, by whatever way its place is reached."""
        key = (id(where), text[:20])
        if key not in self.seen:
            self.seen.add(key)
            self.actor.fail(text, where, codes.CAPTURE)


def changed_in_thread(attribute: str, place: str, start: Start) -> str:
    """What is wrong with a change elsewhere."""
    if start.kind == PROCESS:
        why = "on a copy of the actor; return the result, and change it in a handler"
    elif start.kind == TIMER:
        why = "while a handler may be using it; use self.after(seconds, msg), and change it in"
        why += " that message's handler"
    else:
        why = "while a handler may be using it; "
        why += "send the result" if start.apart else "return the result, or send it"
        why += " with self.ref.tell_from_thread(msg), and change it in a handler"
    return f'"self.{attribute}" is changed in {place}, {why}'


def verb_in_thread(verb: str, place: str, start: Start) -> str:
    """What is wrong with a verb of the actor elsewhere."""
    if start.kind == TIMER:
        mend = "use self.after(seconds, msg), and call it in that message's handler"
    elif start.kind == PROCESS:
        mend = "return the result, and call it in a handler"
    else:
        mend = "send a message with self.ref.tell_from_thread(msg), and call it in its handler"
    return (
        f'"self.{verb}" is called in {place}, but the engine runs in one thread and takes no'
        f" locks; {mend}"
    )


def own_function(function: n.FuncItem, actor: ActorModel) -> bool:
    """Whether a function is a method of the class."""
    return any(method is function for _, method in functions(actor.info.defn))


def left_running(function: n.FuncDef) -> Iterator[n.CallExpr]:
    """The calls whose work goes on without anybody who waits for it in this method."""
    for node in all_nodes(function):
        if isinstance(node, n.ExpressionStmt):
            yield from kept(node.expr)
        elif isinstance(node, n.AssignmentStmt) and any(
            isinstance(target, n.MemberExpr) for target in node.lvalues
        ):
            yield from kept(node.rvalue)


def kept(value: n.Expression) -> Iterator[n.CallExpr]:
    """The call itself, or the one that a task is made of."""
    if not isinstance(value, n.CallExpr):
        return
    yield value
    if last_name(value.callee) in KEPT:
        for argument in value.args:
            yield from kept(argument)
        if isinstance(value.callee, n.MemberExpr):
            yield from kept(value.callee.expr)
