"""A walk over mypy's syntax tree, by a table: its visitors cannot be subclassed by plain Python."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar, cast

from mypy import nodes as n

from airssys_rt.mypy.bodies import BLOCKS, find_statements, flatten
from airssys_rt.mypy.memory import below, kept, remembered
from airssys_rt.mypy.mentioned import lines_of

__all__ = [
    "ALL",
    "LIVE",
    "NESTED",
    "OWN",
    "all_nodes",
    "all_of",
    "calls_of",
    "children",
    "is_at",
    "live_nodes",
    "loops_of",
    "live_of",
    "nodes_at",
    "own_nodes",
    "own_of",
    "own_statements",
]

# node class -> attributes that hold a child, a list of children (None allowed) or lists of lists
CHILDREN: dict[type[n.Node], tuple[str, ...]] = {
    n.MypyFile: ("defs",),
    n.Block: ("body",),
    n.ExpressionStmt: ("expr",),
    n.AssignmentStmt: ("rvalue", "lvalues"),
    n.OperatorAssignmentStmt: ("rvalue", "lvalue"),
    n.WhileStmt: ("expr", "body", "else_body"),
    n.ForStmt: ("expr", "index", "body", "else_body"),
    n.ReturnStmt: ("expr",),
    n.AssertStmt: ("expr", "msg"),
    n.DelStmt: ("expr",),
    n.IfStmt: ("expr", "body", "else_body"),
    n.RaiseStmt: ("expr", "from_expr"),
    n.TryStmt: ("body", "types", "vars", "handlers", "else_body", "finally_body"),
    n.WithStmt: ("expr", "target", "body"),
    n.MatchStmt: ("subject", "guards", "bodies"),
    n.StarExpr: ("expr",),
    n.MemberExpr: ("expr",),
    n.CallExpr: ("callee", "args"),
    n.YieldFromExpr: ("expr",),
    n.YieldExpr: ("expr",),
    n.IndexExpr: ("base", "index"),
    n.UnaryExpr: ("expr",),
    n.AssignmentExpr: ("value", "target"),
    n.OpExpr: ("left", "right"),
    n.ComparisonExpr: ("operands",),
    n.SliceExpr: ("begin_index", "end_index", "stride"),
    n.CastExpr: ("expr",),
    n.AssertTypeExpr: ("expr",),
    n.RevealExpr: ("expr",),
    n.SuperExpr: ("call",),
    n.LambdaExpr: ("body",),
    n.ListExpr: ("items",),
    n.DictExpr: ("items",),
    n.TupleExpr: ("items",),
    n.SetExpr: ("items",),
    n.GeneratorExpr: ("sequences", "indices", "condlists", "left_expr"),
    n.ListComprehension: ("generator",),
    n.SetComprehension: ("generator",),
    n.DictionaryComprehension: ("sequences", "indices", "condlists", "key", "value"),
    n.ConditionalExpr: ("cond", "if_expr", "else_expr"),
    n.TypeApplication: ("expr",),
    n.AwaitExpr: ("expr",),
    n.FuncDef: ("body",),
    n.Decorator: ("decorators", "func"),
    n.OverloadedFuncDef: ("items",),
    n.ClassDef: ("defs",),
}
NESTED = (n.FuncDef, n.LambdaExpr, n.Decorator, n.OverloadedFuncDef, n.ClassDef)
NESTED_KINDS = frozenset(NESTED)
NOTHING: tuple[str, ...] = ()


# parts of what lies below: each is what the one before has, or less
ALL, OWN, LIVE = 0, 1, 2
Nodes = list[n.Node]
Kinds = dict[type[n.Node], Nodes]


class Below:
    """What lies below one node, in the order of evaluation; and the same by kind of node."""

    __slots__ = ("_kinds", "node", "nodes")

    def __init__(self, node: n.Node, nodes: Nodes) -> None:
        self.node = node  # lives as long as its identity is used as a key
        self.nodes = nodes
        self._kinds: Kinds | None = None

    @property
    def kinds(self) -> Kinds:
        """The nodes by their class."""
        if self._kinds is None:
            kinds: Kinds = {}
            for node in self.nodes:
                kinds.setdefault(type(node), []).append(node)
            self._kinds = kinds
        return self._kinds

    def has_more_than(self, part: int) -> bool:
        """Whether some of the nodes are left out in a narrower part."""
        if part == OWN:
            return not NESTED_KINDS.isdisjoint(self.kinds)
        return any(
            isinstance(block, n.Block) and block.is_unreachable
            for block in self.kinds.get(n.Block, ())
        )


def children(node: n.Node) -> Nodes:
    """The node's children, in the order of evaluation as far as that matters."""
    found: Nodes = []
    for name in CHILDREN.get(type(node), NOTHING):
        flatten(getattr(node, name), found)
    return found


def all_nodes(node: n.Node) -> Nodes:
    """All nodes below, operands before what uses them; those of nested functions as well."""
    return _below(node, ALL).nodes


def own_nodes(node: n.Node) -> Nodes:
    """All nodes below, but not those of nested functions."""
    return _below(node, OWN).nodes


def live_nodes(node: n.Node) -> Nodes:
    """The nodes that run with a function's body: no nested functions, no unreachable blocks."""
    return _below(node, LIVE).nodes


N = TypeVar("N", bound=n.Node)


def all_of(node: n.Node, kind: type[N]) -> list[N]:
    """All nodes of just this class below."""
    return cast("list[N]", _below(node, ALL).kinds.get(kind, []))


def own_of(node: n.Node, kind: type[N]) -> list[N]:
    """The nodes of just this class below, but not those of nested functions."""
    return cast("list[N]", _below(node, OWN).kinds.get(kind, []))


def live_of(node: n.Node, kind: type[N]) -> list[N]:
    """The nodes of just this class that run with a function's body."""
    return cast("list[N]", _below(node, LIVE).kinds.get(kind, []))


def _below(node: n.Node, part: int) -> Below:
    memo: dict[tuple[int, int], Below] | None = below()
    if memo is None:
        found: Nodes = []
        _collect(node, found, part)
        return Below(node, found)
    key = (id(node), part)
    known = memo.get(key)
    if known is not None:
        return known
    # most functions have nothing nested and nothing unreachable: one walk serves all
    wider = None if part == ALL else _below(node, part - 1)
    if wider is not None and not wider.has_more_than(part):
        known = wider
    else:
        found = []
        _collect(node, found, part)
        known = Below(node, found)
    memo[key] = known
    return known


# Any: as in flatten
def _collect(node: Any, found: Nodes, part: int) -> None:
    for name in CHILDREN.get(node.__class__, NOTHING):
        value = getattr(node, name)
        if value is not None:
            kind = value.__class__
            several = value if kind is list or kind is tuple else (value,)
            _collect_all(several, found, part)


def _collect_all(values: Any, found: Nodes, part: int) -> None:
    for value in values:
        if value is None:
            continue
        kind = value.__class__
        if kind is list or kind is tuple:
            _collect_all(value, found, part)
            continue
        if part:
            if kind is n.Block and part == LIVE and value.is_unreachable:
                continue
            if kind in NESTED_KINDS:
                found.append(value)
                continue
        if kind in CHILDREN:
            _collect(value, found, part)
        found.append(value)


# statements whose lines do not tell where their parts are: decorators stand before them
ANYWHERE = frozenset({n.Block, n.FuncDef, n.Decorator, n.OverloadedFuncDef, n.ClassDef})
FAR = 1 << 31
COMPOUND = ANYWHERE.union(BLOCKS)


def nodes_at(node: n.Node, lines: Collection[int], part: int = ALL) -> Nodes:
    """Of the nodes below, those of the statements that are on some of the lines.

    What a check looks for is in few statements of a function, and the compiled visitor tells where.
    """
    found: Nodes = []
    if lines:
        _collect_at(node, found, lines, part)
    return found


def _collect_at(node: n.Node, found: Nodes, lines: Collection[int], part: int) -> None:
    for child in node.body if isinstance(node, n.Block) else children(node):
        kind = type(child)
        if kind in CHILDREN and not (part and kind in NESTED_KINDS):
            if kind not in ANYWHERE and not is_at(child, lines):
                continue
            if part == LIVE and isinstance(child, n.Block) and child.is_unreachable:
                continue
            if kind in COMPOUND:
                _collect_at(child, found, lines, part)
            else:
                _collect(child, found, part)
        found.append(child)


def is_at(node: n.Node, lines: Collection[int]) -> bool:
    """Whether a node is on some of the lines."""
    first, last = node.line, node.end_line or FAR
    for line in lines:  # noqa: SIM110 - any() takes three times as long
        if first <= line <= last:
            return True
    return False


def calls_of(
    function: n.FuncItem, attributes: Collection[str], part: int = ALL
) -> list[n.CallExpr]:
    """The calls of attributes of these names, and some others beside them."""
    nodes = nodes_at(function, lines_of(function, attributes), part)
    return [node for node in nodes if isinstance(node, n.CallExpr)]


def own_statements(function: n.FuncItem) -> list[n.Statement]:
    """The function's own statements, without a walk of their expressions; not blocks, in order."""
    return kept(function, find_statements)


Loop = n.WhileStmt | n.ForStmt
LOOPS: frozenset[type[n.Node]] = frozenset({n.WhileStmt, n.ForStmt})


def loops_of(function: n.FuncItem) -> list[tuple[Loop, bool]]:
    """The function's own loops, and whether they are reachable, quickly: by statements alone."""
    return remembered(function, _loops)


def _loops(function: n.FuncItem) -> list[tuple[Loop, bool]]:
    found: list[tuple[Loop, bool]] = []
    if LOOPS.isdisjoint(map(type, own_statements(function))):
        return found  # most functions
    _find_loops(function.body, found, live=True)
    return found


def _find_loops(node: n.Node, found: list[tuple[Loop, bool]], *, live: bool) -> None:
    if isinstance(node, n.Block):
        live = live and not node.is_unreachable
        for statement in node.body:
            if type(statement) in BLOCKS:
                _find_loops(statement, found, live=live)
        return
    if isinstance(node, (n.WhileStmt, n.ForStmt)):
        found.append((node, live))
    for name in BLOCKS[type(node)]:
        parts: Nodes = []
        flatten(getattr(node, name), parts)
        for part in parts:
            _find_loops(part, found, live=live)
