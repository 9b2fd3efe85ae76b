"""The paths through a method: in which behaviour the actor can be at each `become` and `return`.

An abstract interpretation of statements.  A place is a behaviour and whether another one is kept
below it; a state is the set of places that are possible, empty where no path leads.  Laws: both
branches of a choice are possible; loops run to a fixpoint; what is not read leads anywhere
(`ANYWHERE`), and nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mypy import nodes as n

from airssys_rt.mypy.actors import pushes, self_name, target_name, targets, verb_call
from airssys_rt.mypy.mentioned import references
from airssys_rt.mypy.walk import OWN, calls_of, is_at, own_of

__all__ = ["ANYWHERE", "NOWHERE", "UNKNOWN", "Paths", "Place", "State", "Trace"]

Place = tuple[str, bool]
State = frozenset[Place]

NOWHERE: State = frozenset()
UNKNOWN = "?"
ANYWHERE: State = frozenset({(UNKNOWN, True)})
NEVER_RETURN = frozenset({"typing.assert_never", "typing_extensions.assert_never", "sys.exit"})


@dataclass
class Trace:
    """What the paths through methods came by; each node once, with every state seen there."""

    becomes: dict[n.CallExpr, set[Place]] = field(default_factory=dict[n.CallExpr, set[Place]])
    unbecomes: dict[n.CallExpr, set[Place]] = field(default_factory=dict[n.CallExpr, set[Place]])
    returns: dict[n.ReturnStmt, set[Place]] = field(default_factory=dict[n.ReturnStmt, set[Place]])
    raises: list[n.RaiseStmt] = field(default_factory=list[n.RaiseStmt])
    visited: set[str] = field(default_factory=set[str])


class Paths:
    """Follows methods of one actor class.

    `method` gives the body of an own method by name, None if it is not at hand; `canon` the
    behaviour that a name stands for; `below` the places that an unbecome may lead to; `effect`
    what a method that is not at hand makes of a state; `counts` whether a method has any.
    """

    def __init__(
        self,
        *,
        method: Callable[[str], n.FuncDef | None],
        canon: Callable[[str], str | None],
        below: Callable[[str], State],
        effect: Callable[[str, State], State],
        counts: Callable[[str], bool],
    ) -> None:
        self.trace = Trace()
        self._counts = counts
        self._method = method
        self._canon = canon
        self._below = below
        self._effect = effect
        self._running: list[str] = []
        self._counted: dict[n.FuncDef, list[n.CallExpr]] = {}
        self._done: dict[tuple[str, State], State] = {}

    def counts(self, verb: str) -> bool:
        """Whether a call of a method of the actor may have an effect on its state."""
        return verb in ("become", "unbecome") or self._counts(verb)

    def counted(self, function: n.FuncDef) -> list[n.CallExpr]:
        """The calls in a method that may have an effect; looked up once for all its starts."""
        if function not in self._counted:
            me = self_name(function)
            mentioned = {*references(function).attributes}
            self._counted[function] = [
                call
                for call in calls_of(function, list(filter(self.counts, mentioned)), OWN)
                if (verb := verb_call(call, me)) is not None and self.counts(verb)
            ]
        return self._counted[function]

    def run(self, function: n.FuncDef, start: State) -> State:
        """Follow a method from its first statement; the state in which it ends normally."""
        key = (function.name, start)
        if key in self._done:
            return self._done[key]
        if function.name in self._running:  # recursion adds nothing new
            return start
        self._running.append(function.name)
        self.trace.visited.add(function.name)
        body = Body(self, function)
        end = body.block(function.body, start) | body.ended
        self._running.pop()
        self._done[key] = end
        return end

    def call(self, node: n.CallExpr, verb: str, state: State) -> State:
        """The state after a call of a method of the actor itself."""
        if verb == "become":
            self._note(self.trace.becomes, node, state)
            return self._become(node, state)
        if verb == "unbecome":
            self._note(self.trace.unbecomes, node, state)
            after: State = NOWHERE
            for behaviour, kept in state:
                if behaviour == UNKNOWN:
                    after |= ANYWHERE
                elif kept:
                    after |= self._below(behaviour)
            return after or ANYWHERE
        function = self._method(verb)
        return self._effect(verb, state) if function is None else self.run(function, state)

    def _become(self, node: n.CallExpr, state: State) -> State:
        after: State = NOWHERE
        for target in targets(node):
            name = target_name(target)
            behaviour = None if name is None else self._canon(name)
            if behaviour is None:
                return ANYWHERE
            after |= {(behaviour, pushes(node) or kept) for _, kept in state}
        return after

    @staticmethod
    def _note(notes: dict[n.CallExpr, set[Place]], node: n.CallExpr, state: State) -> None:
        notes.setdefault(node, set()).update(state)


class Body:
    """The statements of one method."""

    def __init__(self, paths: Paths, function: n.FuncDef) -> None:
        self.paths = paths
        self.me = self_name(function)
        counted = paths.counted(function)
        self.calls = {id(call) for call in counted}
        self.lines = {call.line for call in counted}  # most statements hold none of them
        self.ended: State = NOWHERE
        self.broken: list[State] = []
        self.continued: list[State] = []

    def block(self, block: n.Block | None, state: State) -> State:
        """The state after a block's last statement."""
        for statement in block.body if block is not None else ():
            if not state:
                break
            state = self.statement(statement, state)
        return state

    def expressions(self, node: n.Node | None, state: State) -> State:
        """The state after the calls that an expression makes."""
        if node is None or not state:
            return state
        if not is_at(node, self.lines):
            return state
        calls = own_of(node, n.CallExpr)
        if isinstance(node, n.CallExpr):
            calls = [*calls, node]
        for call in calls:
            if id(call) in self.calls and (verb := verb_call(call, self.me)) is not None:
                state = self.paths.call(call, verb, state)
        return state

    def statement(self, statement: n.Statement, state: State) -> State:
        """The state after a statement; empty if nothing follows it."""
        if isinstance(statement, n.AssignmentStmt):  # the most frequent one
            return self.expressions(statement, state)
        match statement:
            case n.ReturnStmt():
                state = self.expressions(statement.expr, state)
                self.paths.trace.returns.setdefault(statement, set()).update(state)
                self.ended |= state
                return NOWHERE
            case n.RaiseStmt():
                self.expressions(statement.expr, state)
                self.paths.trace.raises.append(statement)
                return NOWHERE
            case n.IfStmt():
                return self._if(statement, state)
            case n.WhileStmt():
                endless = isinstance(statement.expr, n.NameExpr) and statement.expr.name == "True"
                return self._loop(statement.expr, statement, state, leaves=not endless)
            case n.ForStmt():
                state = self.expressions(statement.expr, state)
                return self._loop(None, statement, state, leaves=True)
            case n.TryStmt():
                return self._try(statement, state)
            case n.WithStmt():
                for manager in statement.expr:
                    state = self.expressions(manager, state)
                inside = self.block(statement.body, state)
                # a context manager may swallow what the body raises
                return inside or (state if any(leaves(statement.body)) else NOWHERE)
            case n.MatchStmt():
                return self._match(statement, state)
            case n.BreakStmt():
                if self.broken:
                    self.broken[-1] |= state
                return NOWHERE
            case n.ContinueStmt():
                if self.continued:
                    self.continued[-1] |= state
                return NOWHERE
            case n.Block():
                return self.block(statement, state)
            case n.FuncDef() | n.Decorator() | n.ClassDef() | n.OverloadedFuncDef():
                return state
            case n.ExpressionStmt(expr=n.CallExpr(callee=n.RefExpr() as callee)) if (
                callee.fullname in NEVER_RETURN
            ):
                return NOWHERE
            case n.AssertStmt(expr=n.NameExpr(name="False")):
                return NOWHERE
            case _:
                return self.expressions(statement, state)

    def _if(self, statement: n.IfStmt, state: State) -> State:
        after: State = NOWHERE
        for test, body in zip(statement.expr, statement.body, strict=True):
            state = self.expressions(test, state)
            after |= self.block(body, state)
        return after | self.block(statement.else_body, state)

    def _loop(
        self,
        test: n.Expression | None,
        statement: n.WhileStmt | n.ForStmt,
        state: State,
        *,
        leaves: bool,
    ) -> State:
        self.broken.append(NOWHERE)
        self.continued.append(NOWHERE)
        index = statement.index if isinstance(statement, n.ForStmt) else None
        while True:
            entered = self.expressions(index, self.expressions(test, state))
            again = self.block(statement.body, entered) | self.continued[-1]
            if again <= state:
                break
            state |= again
        self.continued.pop()
        broken = self.broken.pop()
        after = self.expressions(test, state) if leaves else NOWHERE
        return self.block(statement.else_body, after) | broken

    def _try(self, statement: n.TryStmt, state: State) -> State:
        inside = self.block(statement.body, state)
        if statement.finally_body is not None and own_of(statement.finally_body, n.CallExpr):
            # what the last block does happens before a reply leaves
            for answer in own_of(statement, n.ReturnStmt):
                self.paths.trace.returns.setdefault(answer, set()).update(ANYWHERE)
        # an exception may come before, between and behind the body's transitions
        thrown = state | inside | self._transitions(statement.body, state)
        after = self.block(statement.else_body, inside)
        for handler in statement.handlers:
            after |= self.block(handler, thrown)
        if statement.finally_body is None:
            return after
        if not after:
            self.block(statement.finally_body, thrown)
            return NOWHERE
        return self.block(statement.finally_body, after)

    def _transitions(self, block: n.Block, state: State) -> State:
        found: State = NOWHERE
        for call in own_of(block, n.CallExpr):
            verb = verb_call(call, self.me)
            if verb in ("become", "unbecome"):
                found |= self.paths.call(call, verb, state)
        return found

    def _match(self, statement: n.MatchStmt, state: State) -> State:
        state = self.expressions(statement.subject, state)
        after: State = NOWHERE
        exhausted = False
        for pattern, guard, body in zip(
            statement.patterns, statement.guards, statement.bodies, strict=True
        ):
            after |= self.block(body, self.expressions(guard, state))
            exhausted = exhausted or (guard is None and is_wildcard(pattern))
        return after if exhausted else after | state


def is_wildcard(pattern: object) -> bool:
    """Whether a pattern matches everything: `case _`, `case name`."""
    return getattr(pattern, "pattern", pattern) is None


def leaves(block: n.Block) -> Iterator[n.RaiseStmt]:
    """The raise statements in a block."""
    yield from own_of(block, n.RaiseStmt)
