"""Whether something that is owed to an asker is used on every path through a method."""

from __future__ import annotations

from collections.abc import Callable, Collection

from mypy import nodes as n

from airssys_rt.mypy.paths import is_wildcard
from airssys_rt.mypy.walk import is_at

__all__ = ["NOBODY", "OWED", "Duty", "Seen"]

# what can be true of it where a path is: it is owed, or paid, or (None) nobody has it yet
Seen = frozenset[bool | None]
NOWHERE: Seen = frozenset()
OWED: Seen = frozenset({False})
NOBODY: Seen = frozenset({None})


class Duty:
    """Follows the paths of a method.

    `pays` tells whether a node uses what is owed, `binds` whether a target takes it over, and
    `name` what a test against None has to name.  On other lines than `lines`, nothing pays.
    """

    def __init__(
        self,
        pays: Callable[[n.Node], bool],
        binds: Callable[[n.Node], bool],
        name: Callable[[n.Node], bool],
        lines: Collection[int],
    ) -> None:
        self._pays = pays
        self._binds = binds
        self._is_it = name
        self._lines = lines
        self.ended: Seen = NOWHERE
        self.lost: list[n.AssignmentStmt] = []  # where it is bound anew, and still owed
        self._broken: list[Seen] = []
        self._continued: list[Seen] = []

    def unpaid(self, function: n.FuncDef, start: Seen) -> bool:
        """Whether a path leaves the function and still owes."""
        return False in (self.block(function.body, start) | self.ended)

    def after(self, node: n.Node | None, seen: Seen) -> Seen:
        """What is true behind an expression."""
        if node is None or not seen or not is_at(node, self._lines) or not self._pays(node):
            return seen
        return frozenset(None if one is None else True for one in seen)

    def block(self, block: n.Block | None, seen: Seen) -> Seen:
        """What is true at the end of a block; empty if it is not reached."""
        for statement in block.body if block is not None else ():
            if not seen:
                break
            seen = self.statement(statement, seen)
        return seen

    def statement(self, statement: n.Statement, seen: Seen) -> Seen:
        """What is true behind a statement."""
        if isinstance(statement, n.ExpressionStmt):  # a frequent one, and the last of the cases
            return self.after(statement, seen)
        match statement:
            case n.ReturnStmt():
                self.ended |= self.after(statement.expr, seen)
                return NOWHERE
            case n.RaiseStmt():
                return NOWHERE
            case n.AssignmentStmt():
                seen = self.after(statement.rvalue, seen)
                if any(self._binds(target) for target in statement.lvalues):
                    if False in seen:
                        self.lost.append(statement)
                    return NOBODY if is_none(statement.rvalue) else OWED
                return self.after(statement, seen)
            case n.IfStmt():
                return self._if(statement, seen)
            case n.WhileStmt() | n.ForStmt():
                return self._loop(statement, seen)
            case n.BreakStmt():
                if self._broken:
                    self._broken[-1] |= seen
                return NOWHERE
            case n.ContinueStmt():
                if self._continued:
                    self._continued[-1] |= seen
                return NOWHERE
            case n.TryStmt():
                inside = self.block(statement.body, seen)
                out = self.block(statement.else_body, inside)
                for handler in statement.handlers:
                    out |= self.block(handler, seen | inside)
                return self.block(statement.finally_body, out) if out else NOWHERE
            case n.WithStmt():
                for manager in statement.expr:
                    seen = self.after(manager, seen)
                return self.block(statement.body, seen)
            case n.MatchStmt():
                seen = self.after(statement.subject, seen)
                out = NOWHERE
                for body in statement.bodies:
                    out |= self.block(body, seen)
                return out if any(map(is_wildcard, statement.patterns)) else out | seen
            case n.Block():
                return self.block(statement, seen)
            case _:
                return self.after(statement, seen)

    def _if(self, statement: n.IfStmt, seen: Seen) -> Seen:
        out = NOWHERE
        for test, body in zip(statement.expr, statement.body, strict=True):
            seen = self.after(test, seen)
            absent = self._absent(test)
            out |= self.block(body, forgiven(seen) if absent is True else seen)
            if absent is False:
                seen = forgiven(seen)
        return out | self.block(statement.else_body, seen)

    def _absent(self, test: n.Expression) -> bool | None:
        """In which branch of a test it is None: True, the first one; False, the other one."""
        match test:
            case n.ComparisonExpr(operators=[operator], operands=[one, other]):
                if self._is_it(one) and isinstance(other, n.NameExpr) and other.name == "None":
                    return {"is": True, "==": True, "is not": False, "!=": False}.get(operator)
                return None
            case n.UnaryExpr(op="not"):
                inner = self._absent(test.expr)
                return None if inner is None else not inner
            case n.OpExpr(op="and" | "or" as operator):
                # where `x is not None and y` is false, x may be there all the same
                sides = (self._absent(test.left), self._absent(test.right))
                return (operator == "and") if (operator == "and") in sides else None
            case _:
                return False if self._is_it(test) else None

    def _loop(self, statement: n.WhileStmt | n.ForStmt, seen: Seen) -> Seen:
        seen = self.after(statement.expr, seen)
        self._broken.append(NOWHERE)
        self._continued.append(NOWHERE)
        bound = isinstance(statement, n.ForStmt) and self._binds(statement.index)
        end = self.block(statement.body, OWED if bound else seen) | self._continued.pop()
        if bound:
            self.ended |= end  # the next one takes its name
        if isinstance(statement, n.WhileStmt) and is_true(statement.expr):
            return self._broken.pop()
        broken = self._broken.pop()
        return self.block(statement.else_body, (NOBODY if bound else seen) | end) | broken


def is_none(value: n.Expression) -> bool:
    """Whether an expression is None itself."""
    return isinstance(value, n.NameExpr) and value.name == "None"


def is_true(test: n.Expression) -> bool:
    """Whether a loop runs until something in it ends it."""
    return isinstance(test, n.NameExpr) and test.name == "True"


def forgiven(seen: Seen) -> Seen:
    """Where it is None, nothing is owed."""
    return frozenset(None if one is False else one for one in seen)
