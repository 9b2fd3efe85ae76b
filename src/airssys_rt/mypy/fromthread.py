"""actor-capture: `tell` and `ask` in code that another thread runs.

Looked at while mypy checks the call, so that the ref's type is known however it is written.  Laws:
a function counts if its own module hands it to a thread, or if such a function calls it; who deals
with threads itself (`WrongThread`, `current_thread`), or makes a system, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mypy import nodes as n
from mypy.plugin import MethodContext
from mypy.types import Type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import functions
from airssys_rt.mypy.beside import PROCESS, Starts, pools, reached, self_of
from airssys_rt.mypy.bodies import statements
from airssys_rt.mypy.capture import source
from airssys_rt.mypy.facts import facts_of
from airssys_rt.mypy.mentioned import mentioned_in, references
from airssys_rt.mypy.onloop import WRITTEN, offloaded
from airssys_rt.mypy.walk import all_nodes

__all__ = ["SENDS", "ThreadCode"]

SENDS = frozenset({"tell", "send", "ask"})
AWARE = frozenset({"WrongThread", "ActorSystem", "current_thread", "main_thread", "get_ident"})
MARKED = WRITTEN | {"offload"}
RUNS = frozenset({"asyncio.run", "asyncio.runners.run"})


class ThreadCode:
    """The functions of a module that threads run; kept for the module that was last asked for."""

    def __init__(self) -> None:
        # mypy's daemon keeps the tree and replaces what is in it
        self._defs: list[n.Statement] | None = None
        self._found: dict[int, str] = {}

    def sent(self, ctx: MethodContext) -> Type:
        """A ref is used somewhere; report it, if a thread runs that."""
        # Any: where mypy is at the moment is known to the checker alone
        checker: Any = ctx.api
        found = self.of(checker.tree)
        call = ctx.context
        if not found or not isinstance(call, n.CallExpr):
            return ctx.default_return_type
        around = [node for node in checker.scope.stack if isinstance(node, n.FuncItem)]
        if not around:
            return ctx.default_return_type
        root = found.get(id(around[-1]))
        callee = call.callee
        if root is None or not isinstance(callee, n.MemberExpr) or any(map(aware, around)):
            return ctx.default_return_type
        ref = source(callee.expr) or "ref"
        if callee.name == "tell":
            mend = f"use {ref}.tell_from_thread(msg)"
        elif runs(around[-1], call):
            mend = (
                "start the system with blocking(ActorSystem(...)), whose refs ask from any thread"
            )
        else:
            return ctx.default_return_type
        checker.fail(
            f'"{ref}.{callee.name}" is called in another thread than the system\'s (by {root}),'
            f" where it may raise WrongThread; {mend}",
            call,
            code=codes.CAPTURE,
        )
        return ctx.default_return_type

    def of(self, tree: n.MypyFile) -> dict[int, str]:
        """The functions, by identity, and which of them the thread was given."""
        defs = tree.defs
        if self._defs is not defs:
            self._found = dict(in_threads(tree)) if mentions_threads(tree) else {}
            self._defs = defs
        return self._found


def mentions_threads(tree: n.MypyFile) -> bool:
    """Whether a module may start threads, quickly; of an actor class, its facts tell."""
    rest: list[n.Statement] = []
    for statement in tree.defs:
        facts = facts_of(statement.info) if isinstance(statement, n.ClassDef) else None
        if facts is None or "methods" not in facts:
            rest.append(statement)
        elif facts.get("threads"):
            return True
    found = mentioned_in(n.Block(rest))
    return not (MARKED.isdisjoint(found.words) and MARKED.isdisjoint(found.attributes))


def in_threads(tree: n.MypyFile) -> Iterator[tuple[int, str]]:
    """The functions of a module that its own code has threads run."""
    starts = Starts(tree)
    for function, info in in_worker_threads(tree):
        me = self_of(function) if info is not None else None
        for found in reached(function, info, me, tree.fullname, coroutines=False):
            yield id(found.function), f'"{found.root}"'
    for statement in tree.defs:
        parts: list[tuple[n.Node, n.TypeInfo | None, n.Var | None]] = [(statement, None, None)]
        if isinstance(statement, n.ClassDef):
            methods = [function for _, function in functions(statement)]
            parts = [(function, statement.info, self_of(function)) for function in methods]
        executors = pools([part for part, _, _ in parts])
        for part, info, me in parts:
            for start in starts.within(part, executors):
                if start.kind != PROCESS:
                    for found in reached(start.target, info, me, tree.fullname, coroutines=False):
                        root = found.root if found.root.startswith("a ") else f'"{found.root}"'
                        yield id(found.function), root


def in_worker_threads(tree: n.MypyFile) -> Iterator[tuple[n.FuncDef, n.TypeInfo | None]]:
    """The functions and handlers under `offload("thread")`, with the class of a handler."""
    for statement in tree.defs:
        inner = statements(statement.defs) if isinstance(statement, n.ClassDef) else [statement]
        for part in inner:
            made = offloaded(part)
            if made is None or not isinstance(part, n.Decorator):
                continue
            if made.args and isinstance(made.args[0], n.StrExpr) and made.args[0].value == "thread":
                yield part.func, statement.info if isinstance(statement, n.ClassDef) else None


def aware(function: n.FuncItem) -> bool:
    """Whether a function deals with threads, or systems, itself."""
    found = references(function)
    return not (AWARE.isdisjoint(found.words) and AWARE.isdisjoint(found.attributes))


def runs(function: n.FuncItem, call: n.CallExpr) -> bool:
    """Whether a coroutine is run in a loop that is made for it."""
    return any(
        isinstance(node, n.CallExpr)
        and isinstance(node.callee, n.RefExpr)
        and node.callee.fullname in RUNS
        and any(argument is call for argument in node.args)
        for node in all_nodes(function)
    )
