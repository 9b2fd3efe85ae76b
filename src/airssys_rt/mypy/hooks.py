"""Which hook runs which check.

Laws: additive, for correct code type-checks without the plugin; every hook is guarded.  A class is
checked when mypy checks its statement, through the call of `__init_subclass__` that it makes up for
each class: there is no other hook at that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from mypy import nodes as n
from mypy.plugin import (
    ClassDefContext,
    FunctionContext,
    MethodContext,
    MethodSigContext,
)
from mypy.types import FunctionLike, Instance, Type, get_proper_type

from airssys_rt.mypy.actors import collect_actor
from airssys_rt.mypy.answers import check_answers
from airssys_rt.mypy.blocking import BlockingCheck
from airssys_rt.mypy.called import CalledCheck
from airssys_rt.mypy.capture import check_shared_replies, message_made
from airssys_rt.mypy.compose import or_signature
from airssys_rt.mypy.coverage import check_coverage
from airssys_rt.mypy.flow import check_flow
from airssys_rt.mypy.fromthread import SENDS, ThreadCode
from airssys_rt.mypy.guard import guarded, report_defect
from airssys_rt.mypy.handmade import actor_made
from airssys_rt.mypy.memory import remembering
from airssys_rt.mypy.messages import is_inert, is_message, struct_analyzed
from airssys_rt.mypy.misnamed import check_hooks
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.names import (
    ACTOR,
    ANY_REF,
    BEHAVIOUR,
    BOUND_HANDLER,
    HANDLER,
    LIBRARY,
    PLAIN,
    REF,
    REPLY_TO,
    STABLE,
    STRUCT,
)
from airssys_rt.mypy.options import Options
from airssys_rt.mypy.owed import check_owed
from airssys_rt.mypy.replies import check_replies
from airssys_rt.mypy.rests import Resting
from airssys_rt.mypy.sealed import check_union
from airssys_rt.mypy.sending import OWNERS, sent_signature
from airssys_rt.mypy.sharing import check_beside, check_class_state
from airssys_rt.mypy.signals import check_signals, monitor_signature
from airssys_rt.mypy.startable import check_startable
from airssys_rt.mypy.states import Flow
from airssys_rt.mypy.typestate import check_typestate
from airssys_rt.mypy.unawaited import WAITS, wait_made
from airssys_rt.mypy.unsent import check_unsent
from airssys_rt.mypy.waiting import check_waiting
from airssys_rt.mypy.walk import all_nodes

__all__ = ["Hooks"]

# what is checked at the statement of an actor class, in this order
CLASS_CHECKS: tuple[Callable[[ActorModel], None], ...] = (
    check_union,
    check_coverage,
    check_replies,
    check_answers,
    check_owed,
    check_signals,
    check_shared_replies,
    check_startable,
    check_hooks,
    check_unsent,
    check_class_state,
    check_beside,
    check_waiting,
)
# those that follow the class's methods through its states
FLOW_CHECKS: tuple[Callable[[Flow], None], ...] = (check_flow, check_typestate)


T = TypeVar("T")


class Hooked(dict[str, T | None]):
    """The hooks by the full name of what is called.

    mypy asks twice for every call of a program, and nearly every answer is None: a dictionary gives
    it without running Python.  `find` says whether an answer stays right whatever is edited; if no
    class can change any more (`steady`), all of them do.
    """

    def __init__(
        self, find: Callable[[str, str], tuple[T | None, bool]], *, steady: bool = False
    ) -> None:
        super().__init__()
        self._find = find
        self._steady = steady

    def __missing__(self, fullname: str) -> T | None:
        name = fullname[fullname.rfind(".") + 1 :]
        hook, kept = self._find(fullname, name)
        if kept or self._steady:
            self[fullname] = hook
        return hook


class Hooks:
    """The hooks, for a plugin with these options; `find` looks up a name in the whole program.

    `steady` says that a module is checked once, with all that it needs analyzed: not so in mypy's
    daemon.
    """

    def __init__(
        self, own: Options, find: Callable[[str], n.SymbolTableNode | None], *, steady: bool
    ) -> None:
        self._find = find
        self.blocking = BlockingCheck(own)
        self.called = CalledCheck(self.blocking, own)
        self.threads = ThreadCode()
        self._method_names = WAITS.keys() | SENDS | {"__init_subclass__", "reply"}
        self._method_names |= self.blocking.methods.keys()
        self._signature_names = frozenset({"__or__", "monitor", *OWNERS})
        self.classes = Hooked(self._for_base)  # asked while classes are being analyzed
        self.methods = Hooked(self._for_method, steady=steady)
        self.functions = Hooked(self._for_function, steady=steady)
        self.signatures = Hooked(self._for_signature, steady=steady)
        # the same for all of a program, and so not made anew for each call
        self._struct = guarded_class(partial(struct_analyzed, own))
        self._actor = guarded_class(collect_actor)
        self._actor_made = guarded(actor_made, made_type, lambda ctx: ctx.context)
        self._message_made = guarded(message_made, made_type, lambda ctx: ctx.context)
        self._reply_made = guarded(message_made, default_type, lambda ctx: ctx.context)
        self._waited = guarded(wait_made, default_type, lambda ctx: ctx.context)
        self._sent = guarded(self.threads.sent, default_type, lambda ctx: ctx.context)
        self._asked = guarded(self._wait_or_send, default_type, lambda ctx: ctx.context)
        self._or = guarded_signature(or_signature)

    def _for_base(
        self, fullname: str, name: str
    ) -> tuple[Callable[[ClassDefContext], None] | None, bool]:
        """Structs and actors are remembered when they are analyzed."""
        if fullname.startswith(PLAIN):
            return None, True  # most bases of a first run
        info = self._class(fullname) or self._aliased(fullname)
        if info is None:
            return None, False
        # the library's own bases stay what they are, once they are known
        if info.has_base(STRUCT):
            return self._struct, fullname.startswith(LIBRARY)
        if info.has_base(ACTOR):
            return self._actor, fullname.startswith(LIBRARY)
        return None, False

    def _for_method(
        self, fullname: str, name: str
    ) -> tuple[Callable[[MethodContext], Type] | None, bool]:
        """The made-up call of `__init_subclass__` stands for the class."""
        if name not in self._method_names and not self.blocking.has_prefixes:
            return None, True  # nearly every call of a program
        hook = self._method(fullname, name)
        return hook, name != "__init_subclass__" and fullname.startswith(STABLE)

    def _method(self, fullname: str, name: str) -> Callable[[MethodContext], Type] | None:
        owner = fullname[: -len(name) - 1]
        if name == "__init_subclass__" and self._has_base(owner, ACTOR):
            check = partial(class_checked, further=(self.blocking.check, self.called.check))
            return guarded(check, default_type, lambda ctx: ctx.context)
        if name == "reply" and owner == REPLY_TO:
            return self._reply_made
        waits = name in WAITS and self._has_base(owner, ANY_REF)
        if name in SENDS and self._has_base(owner, REF):
            return self._asked if waits else self._sent
        if waits:
            return self._waited
        return self.blocking.method_hook(owner, name, self._class)

    def _wait_or_send(self, ctx: MethodContext) -> Type:
        """A call that both waits and sends."""
        wait_made(ctx)
        return self.threads.sent(ctx)

    def _for_function(
        self, fullname: str, name: str
    ) -> tuple[Callable[[FunctionContext], Type] | None, bool]:
        """A message or an actor is made somewhere."""
        if not name[:1].isupper() or fullname.startswith(PLAIN):
            return None, True
        info = self._class(fullname)
        if info is None:
            return None, False
        if is_inert(info):
            return None, False  # nearly all messages
        if is_message(info):
            return self._message_made, False
        return (self._actor_made if info.has_base(ACTOR) else None), False

    def _for_signature(
        self, fullname: str, name: str
    ) -> tuple[Callable[[MethodSigContext], FunctionLike] | None, bool]:
        """Signatures that depend on more than annotations can say."""
        if name not in self._signature_names:
            return None, True  # nearly every call of a program
        return self._signature(fullname, name), fullname.startswith(STABLE)

    def _signature(
        self, fullname: str, name: str
    ) -> Callable[[MethodSigContext], FunctionLike] | None:
        owner = fullname[: -len(name) - 1]
        if name == "__or__" and owner in (BEHAVIOUR, HANDLER, BOUND_HANDLER):
            return self._or
        if name in OWNERS and any(self._has_base(owner, base) for base in OWNERS[name]):
            return guarded_signature(partial(sent_signature, name))
        if name == "monitor" and self._has_base(owner, ACTOR):
            return guarded_signature(monitor_signature)
        return None

    def _class(self, fullname: str) -> n.TypeInfo | None:
        symbol = self._find(fullname)
        node = symbol.node if symbol is not None else None
        return node if isinstance(node, n.TypeInfo) else None

    def _aliased(self, fullname: str) -> n.TypeInfo | None:
        """The class that an alias stands for: a base is asked for by the name that it is given."""
        symbol = self._find(fullname)
        alias = symbol.node if symbol is not None else None
        if not isinstance(alias, n.TypeAlias) or alias._is_recursive:
            return None
        target = get_proper_type(alias.target)
        return target.type if isinstance(target, Instance) else None

    def _has_base(self, fullname: str, base: str) -> bool:
        info = self._class(fullname)
        return info is not None and info.has_base(base)


def default_type(ctx: MethodContext) -> Type:
    """What the call has without the plugin."""
    return ctx.default_return_type


def made_type(ctx: FunctionContext) -> Type:
    """What a message's constructor returns without the plugin."""
    return ctx.default_return_type


def guarded_class(check: Callable[[ClassDefContext], None]) -> Callable[[ClassDefContext], None]:
    """A hook of semantic analysis, which returns nothing."""

    def analyzed(ctx: ClassDefContext) -> None:
        with Resting(ctx.api):
            check(ctx)

    return guarded(analyzed, lambda ctx: None, lambda ctx: ctx.cls)


def guarded_signature(
    check: Callable[[MethodSigContext], FunctionLike],
) -> Callable[[MethodSigContext], FunctionLike]:
    """A hook that gives the signature of a call."""
    return guarded(check, lambda ctx: ctx.default_signature, lambda ctx: ctx.context)


def class_checked(ctx: MethodContext, further: tuple[Callable[[ActorModel], None], ...]) -> Type:
    """Run every check of the class whose statement mypy checks now."""
    info = statement_of(ctx)
    if info is not None:
        with remembering(info.fullname), Resting(ctx.api):
            check_class(ActorModel(info, ctx.api), further)
    return ctx.default_return_type


def check_class(actor: ActorModel, further: tuple[Callable[[ActorModel], None], ...]) -> None:
    """Run the checks; one that fails leaves the others their findings."""
    for check in (*CLASS_CHECKS, *further):
        try:
            check(actor)
        except Exception as error:
            report_defect(actor.api, actor.info.defn, error)
    flow = Flow(actor)
    for follow in FLOW_CHECKS:
        try:
            follow(flow)
        except Exception as error:
            report_defect(actor.api, actor.info.defn, error)


def statement_of(ctx: MethodContext) -> n.TypeInfo | None:
    """The class whose statement the made-up call stands for; None for a call that is real."""
    call = ctx.context
    if not isinstance(call, n.CallExpr) or not isinstance(call.callee, n.MemberExpr):
        return None
    owner = call.callee.expr
    if not isinstance(owner, n.NameExpr) or not isinstance(owner.node, n.TypeInfo):
        return None
    # Any: what mypy checks at the moment is known to the checker alone
    checker: Any = ctx.api
    classes: list[n.TypeInfo] = checker.tscope.classes
    if classes and classes[-1].name == owner.name and classes[-1].line == call.line:
        return classes[-1]
    function = checker.scope.current_function()
    if function is None:
        return None
    return local_class(function, owner.name, call.line)


def local_class(function: n.FuncItem, name: str, line: int) -> n.TypeInfo | None:
    """A class that a function's body defines."""
    for node in all_nodes(function):
        if isinstance(node, n.ClassDef) and node.name == name and node.line == line:
            return node.info
    return None
