"""What runs beside an actor's handlers: functions given to threads, coroutines given to `pipe`.

From syntax alone, within one module.  Laws: a function counts if it is handed to something that is
known to run it elsewhere, or if such a function calls it directly; what a thread hands on in its
turn does not count, nor does a coroutine that it only makes: a loop runs that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mypy import nodes as n
from mypy.types import Instance, get_proper_type

from airssys_rt.mypy.onloop import APART, WRITTEN
from airssys_rt.mypy.untyped import Scope
from airssys_rt.mypy.walk import all_nodes, children, live_nodes

__all__ = [
    "PROCESS",
    "TIMER",
    "Reached",
    "Start",
    "Starts",
    "coroutines_in",
    "local_function",
    "own_method",
    "pools",
    "reached",
    "self_of",
    "unlocked",
]

THREAD, TIMER, PROCESS = "thread", "timer", "process"
PACKAGES = frozenset({"threading", "_thread", "asyncio", "anyio", "trio", "multiprocessing"})
# public name -> what runs the function, its keyword and position
STARTERS = {
    "threading.Thread": (THREAD, "target", 1),
    "threading.Timer": (TIMER, "function", 1),
    "_thread.start_new_thread": (THREAD, "function", 0),
    "asyncio.to_thread": (THREAD, "func", 0),
    "asyncio.threads.to_thread": (THREAD, "func", 0),
    "anyio.to_thread.run_sync": (THREAD, "func", 0),
    "trio.to_thread.run_sync": (THREAD, "sync_fn", 0),
    "trio._threads.to_thread_run_sync": (THREAD, "sync_fn", 0),
    "anyio.to_process.run_sync": (PROCESS, "func", 0),
    "multiprocessing.Process": (PROCESS, "target", 1),
    "multiprocessing.context.Process": (PROCESS, "target", 1),
    "multiprocessing.process.BaseProcess": (PROCESS, "target", 1),
}
EXECUTOR = "concurrent.futures._base.Executor"
PROCESSES = "concurrent.futures.process.ProcessPoolExecutor"


@dataclass(frozen=True)
class Start:
    """A call that has a function run elsewhere."""

    call: n.CallExpr
    target: n.Expression
    kind: str

    @property
    def apart(self) -> bool:
        """Whether it starts something of its own, that nobody waits for by itself."""
        callee = self.call.callee
        return isinstance(callee, (n.NameExpr, n.MemberExpr)) and callee.name in APART


class Starts:
    """Finds such calls in a module."""

    def __init__(self, tree: n.MypyFile) -> None:
        self.scope = Scope(tree, PACKAGES)

    def within(self, function: n.Node, executors: dict[str, str]) -> Iterator[Start]:
        """The calls in a function, those in its nested functions as well."""
        known = {**executors, **pools([function])}
        for node in all_nodes(function):
            if isinstance(node, n.CallExpr):
                start = self.of(node, known)
                if start is not None:
                    yield start

    def of(self, call: n.CallExpr, executors: dict[str, str]) -> Start | None:
        """What a call starts, if it does."""
        callee = call.callee
        if not isinstance(callee, (n.NameExpr, n.MemberExpr)) or callee.name not in WRITTEN:
            return None
        for full in self.scope.names_of(callee):
            if full in STARTERS:
                kind, keyword, place = STARTERS[full]
                return made(call, kind, keyword, place)
        if not isinstance(callee, n.MemberExpr):
            return None
        if callee.name == "run_in_executor":
            kind = executors.get(written(call.args[0]) or "", THREAD) if call.args else THREAD
            return made(call, kind, "func", 1)
        if callee.name in ("submit", "map"):
            executor = executors.get(written(callee.expr) or "") or pool_of(callee.expr)
            return None if executor is None else made(call, executor, "fn", 0)
        return None


def made(call: n.CallExpr, kind: str, keyword: str, place: int) -> Start | None:
    """The call with the function that it is given; that of a `partial` is what it wraps."""
    positions = 0
    for value, name, how in zip(call.args, call.arg_names, call.arg_kinds, strict=True):
        if how.is_star():
            return None
        if name == keyword or (name is None and positions == place):
            return Start(call, unwrapped(value), kind)
        positions += name is None
    return None


def unwrapped(value: n.Expression) -> n.Expression:
    """The function in `partial(function, ...)`."""
    match value:
        case n.CallExpr(callee=n.RefExpr(fullname="functools.partial"), args=[function, *_]):
            return unwrapped(function)
        case _:
            return value


def written(value: n.Expression) -> str | None:
    """`pool`, `self.pool`."""
    match value:
        case n.NameExpr():
            return value.name
        case n.MemberExpr(expr=n.NameExpr(name=owner)):
            return f"{owner}.{value.name}"
        case _:
            return None


def pools(places: list[n.Node]) -> dict[str, str]:
    """The names under which functions make executors, and what runs their work."""
    found: dict[str, str] = {}
    for place in places:
        for node in all_nodes(place):
            pairs: list[tuple[n.Expression, n.Expression | None]] = []
            if isinstance(node, n.AssignmentStmt):
                pairs = [(node.rvalue, target) for target in node.lvalues]
            elif isinstance(node, n.WithStmt):
                pairs = list(zip(node.expr, node.target, strict=True))
            for value, target in pairs:
                name = None if target is None else written(target)
                kind = pool_of(value)
                if name is not None and kind is not None:
                    found[name] = kind
    return found


def pool_of(value: n.Expression) -> str | None:
    """What runs the work of an executor: one that is made, or a variable that is declared."""
    info = None
    if isinstance(value, n.CallExpr) and isinstance(value.callee, n.RefExpr):
        info = value.callee.node
    elif isinstance(value, n.NameExpr) and isinstance(value.node, n.Var):
        kind = get_proper_type(value.node.type) if value.node.type is not None else None
        info = kind.type if isinstance(kind, Instance) else None
    if isinstance(info, n.TypeInfo) and info.has_base(EXECUTOR):
        return PROCESS if info.has_base(PROCESSES) else THREAD
    return None


# ---------------------------------------------------------------- functions


def local_function(value: n.Expression, module: str) -> n.FuncDef | None:
    """The function of this module, or the nested one, that a name stands for."""
    if not isinstance(value, n.NameExpr):
        return None
    node = value.node.func if isinstance(value.node, n.Decorator) else value.node
    if not isinstance(node, n.FuncDef):
        return None
    nested = value.kind == n.LDEF
    return node if nested or node.fullname.rpartition(".")[0] == module else None


def own_method(value: n.Expression, info: n.TypeInfo | None, me: n.Var | None) -> n.FuncDef | None:
    """The method that `self.name` stands for, if the class's own body defines it."""
    if info is None or me is None or not isinstance(value, n.MemberExpr):
        return None
    if not isinstance(value.expr, n.NameExpr) or value.expr.node is not me:
        return None
    symbol = info.names.get(value.name)
    node = symbol.node if symbol is not None else None
    node = node.func if isinstance(node, n.Decorator) else node
    return node if isinstance(node, n.FuncDef) else None


def self_of(function: n.FuncItem) -> n.Var | None:
    """A method's first parameter."""
    return function.arguments[0].variable if function.arguments else None


@dataclass(frozen=True)
class Reached:
    """A function that runs elsewhere: `me` is the actor in it, `root` what was handed over."""

    function: n.FuncItem
    me: n.Var | None
    root: str


def reached(
    target: n.Expression | n.FuncItem,
    info: n.TypeInfo | None,
    me: n.Var | None,
    module: str,
    *,
    coroutines: bool,
) -> Iterator[Reached]:
    """What runs when `target` is run, as far as the module's own code tells."""
    first = resolved(target, info, me, module)
    if first is None or (first[0].is_coroutine and not coroutines):
        return
    root = first[0].name if isinstance(first[0], n.FuncDef) else "a lambda"
    seen: set[int] = set()
    todo = [first]
    while todo:
        function, owner = todo.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        yield Reached(function, owner, root)
        for node in live_nodes(function):
            if isinstance(node, n.CallExpr):
                called = resolved(node.callee, info, owner, module)
                if called is None or called[0].is_generator:
                    continue
                if coroutines or not called[0].is_coroutine:
                    todo.append(called)


def resolved(
    value: n.Expression | n.FuncItem, info: n.TypeInfo | None, me: n.Var | None, module: str
) -> tuple[n.FuncItem, n.Var | None] | None:
    """A function, and what the actor is called in it."""
    if isinstance(value, (n.LambdaExpr, n.FuncDef)):
        return value, me
    assert isinstance(value, n.Expression)
    method = own_method(value, info, me)
    if method is not None:
        return method, self_of(method)
    function = local_function(value, module)
    return None if function is None else (function, me)


def coroutines_in(
    value: n.Expression, info: n.TypeInfo | None, me: n.Var | None, module: str
) -> Iterator[n.FuncItem]:
    """The coroutine functions whose calls an expression holds: `work()`, `gather(a(), b())`."""
    if not isinstance(value, n.CallExpr):
        return
    found = resolved(value.callee, info, me, module)
    if found is not None:
        if found[0].is_coroutine:
            yield found[0]
        return
    for argument in value.args:
        yield from coroutines_in(argument, info, me, module)


def unlocked(node: n.Node) -> Iterator[n.Node]:
    """The live nodes of a function that no lock guards: `with self.lock:` is left out."""
    for child in children(node):
        if isinstance(child, n.Block) and child.is_unreachable:
            continue
        if isinstance(child, n.WithStmt) and not all(
            isinstance(value, n.CallExpr) for value in child.expr
        ):
            continue
        if not isinstance(child, (n.FuncDef, n.LambdaExpr, n.Decorator, n.ClassDef)):
            yield from unlocked(child)
        yield child
