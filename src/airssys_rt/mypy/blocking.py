"""actor-blocking: calls that keep the event loop's thread waiting, in what runs on that thread.

Functions are found by their names when a class is checked, also those of libraries without types;
methods by their receiver's type while mypy checks the call.  Laws: a call that is told not to wait
is not reported; nor is one in a nested function, or in a method that is only passed by reference,
for it may run in a thread; a method that a user's class overrides is the user's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from mypy import nodes as n
from mypy.plugin import MethodContext
from mypy.types import Type

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import functions
from airssys_rt.mypy.blocking_calls import HOME_MODULES, HOMES, THREAD, Blocking
from airssys_rt.mypy.blocking_libraries import FUNCTIONS, METHODS
from airssys_rt.mypy.facts import facts_of
from airssys_rt.mypy.guard import guarded
from airssys_rt.mypy.mentioned import references
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.onloop import HELPER
from airssys_rt.mypy.options import Options
from airssys_rt.mypy.untyped import Origins, Scope
from airssys_rt.mypy.walk import live_of

__all__ = ["BlockingCheck"]

FLAGS = frozenset({"block", "blocking", "wait"})
# flags that make a call return at once
WITHOUT_WAITING = frozenset({"LOCK_NB", "LOCK_UN", "WNOHANG", "MSG_DONTWAIT"})


class BlockingCheck:
    """The list, with the user's additions and removals."""

    def __init__(self, options: Options) -> None:
        off, self._off = split(options.not_blocking)
        self._off_names = frozenset(map(public, off))
        self.functions = {
            name: entry for name, entry in FUNCTIONS.items() if not self._is_off(name)
        }
        self.methods: dict[str, dict[str, Blocking]] = {}
        for name, owners in METHODS.items():
            for owner, entry in owners.items():
                if not self._is_off(f"{owner}.{name}"):
                    self.methods.setdefault(name, {})[owner] = entry
        added, self._on = split(options.blocking)
        for full in added:
            owner, _, name = full.rpartition(".")
            entry = Blocking(full, THREAD)
            self.functions[full] = entry
            self.methods.setdefault(name, {})[public(owner)] = entry
        names = [*self.functions, *(owner for owners in self.methods.values() for owner in owners)]
        self.packages = frozenset(name.partition(".")[0] for name in (*names, *self._on))

        self._scope: Scope | None = None
        self._imports: list[n.ImportBase] = []

    @property
    def has_prefixes(self) -> bool:
        """Whether the user has added all names below one, so that any call may be on the list."""
        return bool(self._on)

    def _is_off(self, full: str) -> bool:
        """Whether the user has taken a name off the list."""
        return full in self._off_names or full.startswith(self._off)

    def _is_on(self, full: str) -> bool:
        """Whether the user has added all names below one that this name is below."""
        return full.startswith(self._on) and not self._is_off(full)

    # -- methods, by the receiver's type -----------------------------------------------------

    def method_hook(
        self, owner: str, name: str, find: Callable[[str], n.TypeInfo | None]
    ) -> Callable[[MethodContext], Type] | None:
        """The hook for a method call, if it is one of the list; None quickly, if it is not."""
        owners = self.methods.get(name)
        if owners is None and not self._on:
            return None
        if owner.startswith("builtins."):
            return None
        info = find(owner)
        entry = None if info is None else self._method(info, name, owners or {})
        if entry is None:
            return None
        return guarded(
            partial(method_checked, entry=entry),
            lambda ctx: ctx.default_return_type,
            lambda ctx: ctx.context,
        )

    def _method(self, info: n.TypeInfo, name: str, owners: dict[str, Blocking]) -> Blocking | None:
        defined = False
        for base in info.mro:
            entry = owners.get(HOMES.get(base.fullname, base.fullname))
            if not defined and name in base.names:
                defined = True
                if entry is not None:
                    return entry
                full = f"{base.fullname}.{name}"
                if self._is_on(full):
                    return Blocking(full, THREAD)
            elif entry is not None and entry.received:
                return entry
        return None

    def scope(self, tree: n.MypyFile) -> Scope:
        """The imports of a module; kept for the module that was last asked for."""
        # mypy's daemon keeps the tree and replaces what is in it
        if self._scope is None or self._imports is not tree.imports:
            self._scope, self._imports = Scope(tree, self.packages), tree.imports
        return self._scope

    # -- functions, by name ------------------------------------------------------------------

    def check(self, actor: ActorModel) -> None:
        """Check the class's own methods."""
        reached = actor.own.get("on_loop")
        if not reached:
            return
        scope = self.scope(actor.api.tree)
        origins = Origins(scope, actor) if scope.imported else None
        untyped = origins is not None and origins.untyped
        if not untyped and not self._mentions(actor.words, actor.full_names, scope):
            return
        for name, function in functions(actor.info.defn):
            if name not in reached or not (untyped or self._mentioned_by(function, scope)):
                continue
            if origins is not None and untyped:
                origins.enter(function)
            for node in live_of(function, n.CallExpr):
                entry = self._function(node.callee, scope)
                if entry is None and origins is not None and untyped:
                    entry = self._untyped(node.callee, origins)
                if entry is not None and not returns_at_once(node, entry):
                    report(actor.api, node, entry, function, reached[name])

    def _mentioned_by(self, function: n.FuncDef, scope: Scope) -> bool:
        """Whether a method mentions anything of the list, quickly."""
        found = references(function)
        full_names = [ref.fullname for ref in (*found.names, *found.members)]
        return self._mentions(found.words, full_names, scope)

    def _mentions(self, names: Iterable[str], full_names: Iterable[str], scope: Scope) -> bool:
        if not scope.imported.keys().isdisjoint(names):
            return True
        if not self.functions.keys().isdisjoint(full_names):
            return True
        return bool(self._on) and any(full.startswith(self._on) for full in full_names)

    def _function(self, callee: n.Expression, scope: Scope) -> Blocking | None:
        for full in scope.names_of(callee):
            entry = self.functions.get(full) or self.functions.get(public(full))
            if entry is not None:
                return entry
            if self._is_on(full):
                return Blocking(full, THREAD)
        return None

    def _untyped(self, callee: n.Expression, origins: Origins) -> Blocking | None:
        if not isinstance(callee, n.MemberExpr):
            return None
        owner = origins.of(callee.expr)
        return None if owner is None else self.methods.get(callee.name, {}).get(owner)

    # -- for functions outside of the class --------------------------------------------------

    def entry_by_name(self, callee: n.Expression, scope: Scope) -> Blocking | None:
        """The entry of a function, if it is one of the list."""
        return self._function(callee, scope)

    def entry_by_type(self, receiver: n.TypeInfo, name: str) -> Blocking | None:
        """The entry of a method, if it is one of the list."""
        return self._method(receiver, name, self.methods.get(name, {}))


def split(names: Iterable[str]) -> tuple[list[str], tuple[str, ...]]:
    """Full names, and the prefixes of those that end in `.*`."""
    exact = [name for name in names if not name.endswith(".*")]
    return exact, tuple(f"{public(name[:-2])}." for name in names if name.endswith(".*"))


def public(full: str) -> str:
    """The name that users know, of a class, a method or a function."""
    if full in HOMES:
        return HOMES[full]
    owner, _, name = full.rpartition(".")
    owner = HOMES.get(owner) or HOME_MODULES.get(owner, owner)
    return f"{owner}.{name}" if owner else name


def method_checked(ctx: MethodContext, entry: Blocking) -> Type:
    """A method of the list is called somewhere; report it, if that is on the loop's thread."""
    # Any: where mypy is at the moment is known to the checker alone
    checker: Any = ctx.api
    stack = checker.scope.stack
    if len(stack) < 3:
        return ctx.default_return_type
    info, function = stack[-2:]
    if not isinstance(function, n.FuncDef) or not isinstance(info, n.TypeInfo):
        return ctx.default_return_type
    reached = (facts_of(info) or {}).get("on_loop", {})
    if function.name in reached and not told_not_to_wait(ctx):
        report(checker, ctx.context, entry, function, reached[function.name])
    return ctx.default_return_type


def told_not_to_wait(ctx: MethodContext) -> bool:
    """Whether a flag or a timeout of 0 makes the call return at once, wherever it stands."""
    for name, values in zip(ctx.callee_arg_names, ctx.args, strict=False):
        if any(is_no(name, value) or mentions_no_wait(value) for value in values):
            return True
    return False


def returns_at_once(call: n.CallExpr, entry: Blocking) -> bool:
    """The same for a call whose signature is not known."""
    for place, (name, value) in enumerate(zip(call.arg_names, call.args, strict=True)):
        known = name or ("wait" if place == entry.free_at else None)
        if is_no(known, value) or mentions_no_wait(value):
            return True
    return False


def is_no(name: str | None, value: n.Expression) -> bool:
    """`block=False`, `timeout=0`."""
    match value:
        case n.NameExpr(name="False"):
            return name in FLAGS
        case n.IntExpr(value=0) | n.FloatExpr(value=0.0):
            return name == "timeout" or name in FLAGS
        case _:
            return False


def mentions_no_wait(value: n.Expression) -> bool:
    """`os.WNOHANG`, `LOCK_EX | LOCK_NB`."""
    if isinstance(value, n.OpExpr):
        return mentions_no_wait(value.left) or mentions_no_wait(value.right)
    return isinstance(value, (n.NameExpr, n.MemberExpr)) and value.name in WITHOUT_WAITING


# Any: mypy's checker
def report(
    api: Any, where: n.Context, entry: Blocking, function: n.FuncDef, reached: list[str]
) -> None:
    """Report a call: what it is, why it matters, what to write."""
    kind, root = reached
    name = function.name
    place = f'{kind} "{name}"' if kind != HELPER else f'"{name}", which "{root}" calls,'
    mend = entry.mend
    if not function.is_coroutine and "await " in mend:
        if mend.startswith(("await ", "async ")):
            first = "do it in an async pre_start" if name == "__init__" else f'make "{name}" async'
            mend = f"{first}: {mend}"
        else:
            mend += " in an async pre_start" if name == "__init__" else " in an async method"
    shown = entry.name.removeprefix("builtins.")
    api.fail(
        f'"{shown}" in {place} blocks the event loop, so all actors of the system wait; {mend}',
        where,
        code=codes.BLOCKING,
    )
