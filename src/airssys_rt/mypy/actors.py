"""The facts of an actor class, from its syntax: behaviours, flow, and what its methods do.

    {"behaviours": {name: expression}, "flow": [[from, to, kind]] | null, "final": [name],
     "methods": {name: {"does": [[verb, ...]], "calls": [name]}}, "traps": bool | null, ...}

An expression is a JSON tree: a name; ["of", class name, name]; ["|", a, b];
["replace", a, [handlers]]; null for anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, TypeGuard

from mypy import nodes as n
from mypy.plugin import ClassDefContext
from mypy.types import Instance, Type, UnboundType, UnionType, get_proper_type

from airssys_rt.mypy.bodies import statements
from airssys_rt.mypy.facts import Facts, remember
from airssys_rt.mypy.memory import kept, remembering
from airssys_rt.mypy.mentioned import Mentioned, references
from airssys_rt.mypy.onloop import WRITTEN, on_loop
from airssys_rt.mypy.walk import all_of, calls_of, own_statements

__all__ = [
    "Tree",
    "collect_actor",
    "functions",
    "instances",
    "last_name",
    "mentions_of",
    "plain_calls",
    "pushes",
    "self_name",
    "target_name",
    "targets",
    "verb_call",
]

# verbs whose use in a method is a fact that other classes may need
VERBS = frozenset({"become", "unbecome", "monitor", "link", "stop", "defer"})
TIMERS = frozenset({"after", "every"})
NOTED = VERBS | TIMERS
EDGES = {"to": "to", "push": "push"}


def collect_actor(ctx: ClassDefContext) -> None:
    """Remember what an actor class declares.  Idempotent; needs no types."""
    cls = ctx.cls
    facts: Facts = {
        "behaviours": {},
        "flow": None,
        "flow_unread": False,
        "final": [],
        "methods": {},
        "settings": {},
    }
    decorated: dict[str, n.Decorator] = {}
    for statement in statements(cls.defs):
        if type(statement) is n.AssignmentStmt:
            _collect_assignment(statement, facts)
        elif type(statement) is n.Decorator:
            # of several methods of a name, the last one counts
            decorated[statement.func.name] = statement
    methods: Facts = facts["methods"]
    with remembering(cls.info.fullname, keep=True):
        threads = False
        for name, function in functions(cls):
            mentioned = references(function)
            doings = methods[name] = _doings(function, mentioned)
            if name == "pre_start":
                doings["leaves"] = becomes_at_once(function)
            enters = enter_targets(decorated[name]) if function.is_decorated else []
            if enters:
                doings["enters"] = enters
            if not (
                WRITTEN.isdisjoint(mentioned.attributes) and WRITTEN.isdisjoint(mentioned.words)
            ):
                threads = True
        facts["on_loop"], offloads = on_loop(cls, methods)
        if threads or offloads:
            facts["threads"] = True
    remember(ctx, facts)


def _collect_assignment(statement: n.AssignmentStmt, facts: Facts) -> None:
    for lvalue in statement.lvalues:
        if type(lvalue) is not n.NameExpr:
            continue
        name, value = lvalue.name, statement.rvalue
        if name == "flow":
            facts["flow"], facts["final"] = edges(value)
            facts["flow_unread"] = facts["flow"] is None
            if not facts["flow"]:  # an empty one declares nothing
                facts["flow"] = None
        elif name == "trap_exits" and not isinstance(value, n.TempNode):
            known = {"True": True, "False": False}
            facts["settings"][name] = known.get(last_name(value) or "", "computed")
        elif name == "unhandled" and isinstance(value, n.StrExpr):
            facts["settings"][name] = value.value
        elif not isinstance(value, n.TempNode):
            facts["behaviours"][name] = expression(value)


# Any: JSON, see the head
Tree = Any


def expression(value: n.Expression) -> Tree:
    """A behaviour's expression as a JSON tree; None if it is none that the plugin reads."""
    if isinstance(value, n.NameExpr):  # the most frequent one
        return value.name
    if isinstance(value, n.OpExpr):  # and the next one
        if value.op != "|":
            return None
        left, right = expression(value.left), expression(value.right)
        return None if left is None or right is None else ["|", left, right]
    match value:
        case n.MemberExpr():
            # Base.initial, package.Base.initial
            owner = last_name(value.expr)
            return None if owner is None else ["of", owner, value.name]
        case n.CallExpr(callee=n.MemberExpr(name="replace") as callee):
            base = expression(callee.expr)
            given = [expression(argument) for argument in value.args]
            return None if base is None or None in given else ["replace", base, given]
        case _:
            return None


def edges(value: n.Expression) -> tuple[list[list[str]] | None, list[str]]:
    """The transitions and final states that `flow` declares; None if it cannot be read."""
    if not isinstance(value, n.TupleExpr):
        return None, []
    found: list[list[str]] = []
    final: list[str] = []
    for item in value.items:
        if not isinstance(item, n.CallExpr) or not isinstance(item.callee, n.MemberExpr):
            return None, []
        origin, verb = last_name(item.callee.expr), item.callee.name
        targets = [last_name(argument) for argument in item.args]
        if origin is None or None in targets:
            return None, []
        if verb == "final":
            final.append(origin)
        elif verb in EDGES:
            found += [[origin, target, EDGES[verb]] for target in targets if target is not None]
        else:
            return None, []
    return found, final


def last_name(value: n.Expression) -> str | None:
    """The name that an expression ends in."""
    if isinstance(value, n.NameExpr) or isinstance(value, n.MemberExpr):  # noqa: SIM101 - quicker
        return value.name
    return None


def functions(cls: n.ClassDef) -> list[tuple[str, n.FuncDef]]:
    """The methods in a class body, by name."""
    return kept(cls, _functions)


def _functions(cls: n.ClassDef) -> list[tuple[str, n.FuncDef]]:
    found: list[tuple[str, n.FuncDef]] = []
    for statement in statements(cls.defs):
        if type(statement) is n.Decorator:
            function = statement.func
            found.append((function.name, function))
        elif type(statement) is n.FuncDef:
            found.append((statement.name, statement))
    return found


def enter_targets(node: n.Decorator) -> list[str]:
    """The behaviours that `@on_enter(...)` names."""
    return [
        name
        for decorator in node.original_decorators
        if isinstance(decorator, n.CallExpr) and last_name(decorator.callee) == "on_enter"
        for argument in decorator.args
        if (name := last_name(argument)) is not None
    ]


def self_name(function: n.FuncItem) -> str | None:
    """The name of a method's first parameter."""
    return function.arguments[0].variable.name if function.arguments else None


def verb_call(node: n.Node, me: str | None) -> str | None:
    """The name of the method that a call makes on the actor itself."""
    if not isinstance(node, n.CallExpr):
        return None
    callee = node.callee
    if isinstance(callee, n.MemberExpr):
        owner = callee.expr
        if isinstance(owner, n.NameExpr):
            return callee.name if owner.name == me else None
        # super().method(...)
        if isinstance(owner, n.CallExpr) and last_name(owner.callee) == "super":
            return callee.name
    return callee.name if isinstance(callee, n.SuperExpr) else None


def _doings(function: n.FuncDef, mentioned: Mentioned) -> Facts:
    """What a method does with its actor: verbs, targets of become, own methods it calls."""
    me = self_name(function)
    # by the class itself, here and below: `isinstance` that fails takes twice as long
    used = [m.name for m in mentioned.members if type(on := m.expr) is n.NameExpr and on.name == me]
    on_self = {*used}
    found: Facts = {"does": [], "mentions": sorted(on_self)}
    if not on_self.isdisjoint(NOTED):
        calls = verb_calls(function, NOTED)
        if not on_self.isdisjoint(VERBS):
            found["does"] = [_doing(verb, call) for verb, call in calls if verb in VERBS]
        if "become" in on_self:
            becomes = [call for verb, call in calls if verb == "become"]
            if used.count("become") > len(becomes):
                found["does"].append(["become", "to", [None]])  # other code may call it
            entered = targets_only(becomes, me, used)
            if entered:
                found["entered"] = entered
        if not on_self.isdisjoint(TIMERS):
            timers = [call for verb, call in calls if verb in TIMERS]
            found["timer_keys"] = timer_keys(timers, sum(name in TIMERS for name in used))
    if mentioned.words.count(me or "") > len(used):
        found["hands_on"] = True  # other code gets the actor itself
    return found


def verb_calls(function: n.FuncDef, verbs: frozenset[str]) -> list[tuple[str, n.CallExpr]]:
    """The calls of these methods of the actor itself, also those in nested functions."""
    plain = [(verb, call) for _, verb, call in plain_calls(function) if verb in verbs]
    if len(plain) == mentions_of(function, verbs):
        return plain
    me = self_name(function)
    found = ((verb_call(call, me), call) for call in calls_of(function, verbs))
    return [(verb, call) for verb, call in found if verb in verbs]


def mentions_of(function: n.FuncDef, verbs: Collection[str]) -> int:
    """How often a method mentions attributes of these names, or `super()`, whosever they are."""
    mentioned = references(function)
    count = mentioned.words.count("super")
    for name in mentioned.attributes:
        if name in verbs:
            count += 1
    return count


PlainCall = tuple[n.Statement, str, n.CallExpr]


def plain_calls(function: n.FuncDef) -> list[PlainCall]:
    """The method's own statements that are one call of the actor, with the called method.

    `self.stop()`, `x = self.defer(msg)`, `return await self.name(...)`: most calls are of this
    kind, and are found without a walk of expressions.  What they are given is not looked into.
    """
    return kept(function, _plain_calls)


def _plain_calls(function: n.FuncDef) -> list[PlainCall]:
    me = self_name(function)
    found: list[PlainCall] = []
    for statement in own_statements(function):
        # by the class itself: `isinstance` with several classes takes ten times as long
        value: n.Expression | None = None
        if type(statement) is n.ExpressionStmt:
            value = statement.expr
        elif type(statement) is n.AssignmentStmt:
            value = statement.rvalue
        elif type(statement) is n.ReturnStmt:
            value = statement.expr
        if type(value) is n.AwaitExpr:
            value = value.expr
        if type(value) is n.CallExpr:
            callee = value.callee
            if type(callee) is n.MemberExpr:
                owner = callee.expr
                if type(owner) is n.NameExpr and owner.name == me:
                    found.append((statement, callee.name, value))
    return found


def targets_only(becomes: list[n.CallExpr], me: str | None, used: list[str]) -> list[str]:
    """What a method names on its actor as a target of `become` alone: it does not call that.

    `used` is what it names of the actor, as often as it does.
    """
    named: list[str] = []
    for call in becomes:
        for argument in call.args:
            parts = () if is_on(argument, me) else all_of(argument, n.MemberExpr)
            named += [part.name for part in (argument, *parts) if is_on(part, me)]
    return sorted(name for name in set(named) if used.count(name) == named.count(name))


def is_on(value: n.Node, me: str | None) -> TypeGuard[n.MemberExpr]:
    """Whether an expression is `self.name`."""
    return (
        isinstance(value, n.MemberExpr)
        and isinstance(value.expr, n.NameExpr)
        and value.expr.name == me
    )


def timer_keys(calls: list[n.CallExpr], uses: int) -> list[str | None]:
    """The keys under which a method starts timers; None for one that is not read."""
    keys: list[str | None] = []
    for call in calls:
        if n.ARG_STAR in call.arg_kinds or n.ARG_STAR2 in call.arg_kinds:
            keys.append(None)
        for place, (name, value) in enumerate(zip(call.arg_names, call.args, strict=True)):
            if name == "key" or (name is None and place == 2):
                keys.append(value.value if isinstance(value, n.StrExpr) else None)
    return [*keys, None] if uses > len(calls) else keys


def becomes_at_once(function: n.FuncDef) -> bool:
    """Whether every path through a method makes a `become`, by its outermost statements."""
    me = self_name(function)
    return any(
        isinstance(statement, n.ExpressionStmt) and verb_call(statement.expr, me) == "become"
        for statement in function.body.body
    )


def _doing(verb: str, call: n.CallExpr) -> list[Tree]:
    if verb == "become":
        kind = "push" if pushes(call) else "to"
        return [verb, kind, [target_name(t) for t in targets(call)]]
    if verb in ("monitor", "link"):
        return [verb, has_via(call)]
    return [verb]


def pushes(call: n.CallExpr) -> bool:
    """Whether a `become` keeps the present behaviour below."""
    if len(call.args) == 1:
        return False
    for argument, name in zip(call.args[1:], call.arg_names[1:], strict=True):
        if name in (None, "push"):
            return not (isinstance(argument, n.NameExpr) and argument.name == "False")
    return False


def has_via(call: n.CallExpr) -> bool:
    """Whether a `monitor` or `link` adapts its signal."""
    return len(call.args) > 1


def targets(call: n.CallExpr) -> list[n.Expression]:
    """What a `become` may lead to: several expressions for `a if x else b`."""
    if not call.args:
        return []
    found: list[n.Expression] = []
    todo = [call.args[0]]
    while todo:
        value = todo.pop()
        if isinstance(value, n.ConditionalExpr):
            todo += [value.else_expr, value.if_expr]
        elif isinstance(value, n.AssignmentExpr):
            todo.append(value.value)
        else:
            found.append(value)
    return found


def target_name(value: n.Expression) -> str | None:
    """The behaviour that is named as `self.name` or `Class.name`; None for anything else."""
    if isinstance(value, n.MemberExpr) and isinstance(value.expr, n.RefExpr):
        return value.name
    return None


def instances(kind: Type) -> Iterator[Instance]:
    """The instances in a union, as far as they are known."""
    if isinstance(kind, UnboundType):
        return
    proper = get_proper_type(kind)
    if isinstance(proper, UnionType):
        for item in proper.items:
            yield from instances(item)
    elif isinstance(proper, Instance):
        yield proper
