"""actor-blocking: functions of the module that block, called where a thread should call them.

Plain functions that make a call of the list themselves, and nested functions that run on the event
loop: those that a method calls, and coroutines that it awaits, pipes or makes a task of.  Laws: one
level of calls within the module; a decorated function is whatever its decorator makes of it; what
`not_blocking` names is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from mypy import nodes as n
from mypy.types import Instance, get_proper_type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import functions, last_name
from airssys_rt.mypy.beside import coroutines_in, local_function, self_of
from airssys_rt.mypy.blocking import BlockingCheck, report, returns_at_once, split
from airssys_rt.mypy.blocking_calls import Blocking
from airssys_rt.mypy.changes import own
from airssys_rt.mypy.declared import type_of
from airssys_rt.mypy.mentioned import references
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.onloop import HELPER
from airssys_rt.mypy.options import Options
from airssys_rt.mypy.untyped import Scope
from airssys_rt.mypy.walk import live_nodes, live_of

__all__ = ["CalledCheck"]

FUNCTIONS = (n.FuncDef, n.Decorator)
KINDS = frozenset(FUNCTIONS)
TASKS = frozenset({"create_task", "ensure_future"})


class CalledCheck:
    """The check, by the list of blocking calls."""

    def __init__(self, blocking: BlockingCheck, options: Options) -> None:
        self.blocking = blocking
        exact, self._off = split(options.not_blocking)
        self._exact = frozenset(exact)

    def check(self, actor: ActorModel) -> None:
        """Check the class's own methods."""
        if KINDS.isdisjoint(map(type, actor.symbols)):
            return
        reached = actor.own.get("on_loop", {})
        module: str = actor.api.tree.fullname
        if not any(is_near(ref, module) for ref in actor.names):
            return  # functions of other modules, such as len, are not looked into
        scope: Scope | None = None
        for name, function in functions(actor.info.defn):
            if name not in reached:
                continue
            names = references(function).names
            if not any(isinstance(ref.node, n.FuncDef) for ref in names):
                continue
            if not any(is_near(ref, module) for ref in names):
                continue
            if scope is None:
                scope = self.blocking.scope(actor.api.tree)
            self._calls(actor, function, function, scope, reached[name])
            for nested in dict.fromkeys(nested_on_loop(function, actor)):
                me = self_of(function)
                for call, entry in self._blocking(actor, nested, scope, me.name if me else None):
                    report(actor.api, call, entry, nested, [HELPER, name])
                self._calls(actor, nested, function, scope, [HELPER, name])

    def _calls(
        self,
        actor: ActorModel,
        part: n.FuncDef,
        method: n.FuncDef,
        scope: Scope,
        reached: list[str],
    ) -> None:
        """Check the calls of module functions in a method, or in a function nested in it."""
        module: str = actor.api.tree.fullname
        for call in live_of(part, n.CallExpr):
            if not isinstance(call.callee, n.NameExpr):
                continue
            if not isinstance(call.callee.node, n.FuncDef) or call.callee.kind == n.LDEF:
                continue
            called = local_function(call.callee, module)
            if called is None or called.is_coroutine or called.is_generator:
                continue
            if self._off_list(called) or is_told(called):
                continue
            found = next(self._blocking(actor, called, scope, None), None)
            if found is not None:
                self._report(actor, call, called, found[1], part, method, reached)

    def _report(
        self,
        actor: ActorModel,
        call: n.CallExpr,
        called: n.FuncDef,
        entry: Blocking,
        part: n.FuncDef,
        method: n.FuncDef,
        reached: list[str],
    ) -> None:
        kind, root = reached
        if kind == HELPER:
            place = f'"{part.name}", which "{root}" calls,'
        else:
            place = f'{kind} "{method.name}"'
        mend = f"await anyio.to_thread.run_sync({called.name}, ...)"
        if not part.is_coroutine:
            first = (
                "do it in an async pre_start"
                if part.name == "__init__"
                else "call it in an async method"
            )
            mend = f"{first}: {mend}"
        shown = entry.name.removeprefix("builtins.")
        actor.fail(
            f'"{called.name}" in {place} blocks the event loop, for it calls "{shown}", so all'
            f" actors of the system wait; {mend}",
            call,
            codes.BLOCKING,
        )

    def _off_list(self, function: n.FuncDef) -> bool:
        """Whether the options say of a function what it does."""
        full = function.fullname
        if full in self.blocking.functions or full in self._exact:
            return True
        return full.startswith(self._off)

    def _blocking(
        self, actor: ActorModel, function: n.FuncDef, scope: Scope, me: str | None
    ) -> Iterator[tuple[n.CallExpr, Blocking]]:
        """The calls in a function that are of the list."""
        for node in live_nodes(function):
            if isinstance(node, n.CallExpr):
                entry = self.blocking.entry_by_name(node.callee, scope)
                if entry is None:
                    entry = self._by_type(actor, node.callee, me)
                if entry is not None and not returns_at_once(node, entry):
                    yield node, entry

    def _by_type(self, actor: ActorModel, callee: n.Expression, me: str | None) -> Blocking | None:
        if not isinstance(callee, n.MemberExpr) or callee.name not in self.blocking.methods:
            return None
        owner = type_of(actor, callee.expr, me)
        proper = get_proper_type(owner) if owner is not None else None
        if not isinstance(proper, Instance) or proper.type.module_name == "builtins":
            return None
        return self.blocking.entry_by_type(proper.type, callee.name)


def is_near(ref: n.NameExpr, module: str) -> bool:
    """Whether a name stands for a function of this module, or for a nested one."""
    node = ref.node
    if not isinstance(node, FUNCTIONS):
        return False
    return ref.kind == n.LDEF or node.fullname.rpartition(".")[0] == module


def is_told(function: n.FuncDef) -> bool:
    """Whether a function's arguments may tell it not to block: `if wait:`, `mode == "fast"`."""
    arguments = {argument.variable for argument in function.arguments}
    for node in live_nodes(function):
        tests: list[n.Expression] = []
        if isinstance(node, n.IfStmt):
            tests = node.expr
        elif isinstance(node, n.ConditionalExpr):
            tests = [node.cond]
        elif isinstance(node, n.MatchStmt):
            tests = [node.subject]
        if any(is_flag(test, arguments) for test in tests):
            return True
    return False


def is_flag(test: n.Expression, arguments: set[n.Var]) -> bool:
    """Whether a test looks at an argument itself."""
    match test:
        case n.NameExpr():
            return isinstance(test.node, n.Var) and test.node in arguments
        case n.UnaryExpr():
            return is_flag(test.expr, arguments)
        case n.OpExpr():
            return is_flag(test.left, arguments) or is_flag(test.right, arguments)
        case n.ComparisonExpr():
            return any(is_flag(operand, arguments) for operand in test.operands)
        case _:
            return False


def nested_on_loop(function: n.FuncDef, actor: ActorModel) -> Iterator[n.FuncDef]:
    """The nested functions that run on the event loop, as far as the method tells."""
    me = self_of(function)
    for waited in live_of(function, n.AwaitExpr):
        yield from nested_coroutines(waited.expr, actor)
    for call in live_of(function, n.CallExpr):
        if own(call.callee, me) == "pipe" or last_name(call.callee) in TASKS:
            for argument in call.args[:1]:
                yield from nested_coroutines(argument, actor)
        elif isinstance(call.callee, n.NameExpr) and call.callee.kind == n.LDEF:
            called = call.callee.node
            if (
                isinstance(called, n.FuncDef)
                and not called.is_coroutine
                and not called.is_generator
            ):
                yield called


def nested_coroutines(value: n.Expression, actor: ActorModel) -> Iterator[n.FuncDef]:
    """The nested coroutine functions whose calls an expression holds."""
    module: str = actor.api.tree.fullname
    for found in coroutines_in(value, None, None, module):
        if isinstance(found, n.FuncDef) and found.fullname.rpartition(".")[0] != module:
            yield found
