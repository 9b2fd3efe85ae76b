"""Names as they are written, for libraries without types: there mypy knows a name, and no more.

A name is followed through the module's imports; the class of a value through the calls that make
it: `self.conn = psycopg2.connect(...)`, `with self.conn.cursor() as cursor`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mypy import nodes as n
from mypy.types import CallableType, Type, UnboundType, UnionType

from airssys_rt.mypy.actors import functions, self_name
from airssys_rt.mypy.blocking_calls import HOMES
from airssys_rt.mypy.blocking_libraries import PRODUCTS
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.walk import own_nodes

__all__ = ["Origins", "Scope"]


class Scope:
    """The imports of a module, as far as they are of the given packages."""

    def __init__(self, tree: n.MypyFile, packages: frozenset[str]) -> None:
        self.tree = tree
        self.prefix = f"{tree.fullname}."
        self.imported: dict[str, str] = {}
        for node in tree.imports:
            if isinstance(node, n.Import):
                for full, local in node.ids:
                    if full.partition(".")[0] in packages:
                        if local is None:
                            full = local = full.partition(".")[0]  # noqa: PLW2901 - import a.b
                        self.imported[local] = full
            elif (
                isinstance(node, n.ImportFrom)
                and not node.relative
                and node.id.partition(".")[0] in packages
            ):
                for name, local in node.names:
                    self.imported[local or name] = f"{node.id}.{name}"

    def names_of(self, value: n.Expression) -> Iterator[str]:
        """The full names of a function or class: where it is defined, and as it was imported."""
        if not isinstance(value, (n.NameExpr, n.MemberExpr)):
            return
        if value.fullname:
            yield value.fullname
        elif (
            isinstance(value, n.MemberExpr)
            and isinstance(value.expr, n.RefExpr)
            and isinstance(value.expr.node, n.TypeInfo)
        ):
            yield f"{value.expr.fullname}.{value.name}"
        written = self.written(value)
        if written is not None:
            yield written

    def written(self, value: n.Expression) -> str | None:
        """The full name through the imports; None for a name that is not imported."""
        match value:
            case n.NameExpr():
                full = self.imported.get(value.name)
                return full if full is not None and self.is_import(value.node) else None
            case n.MemberExpr():
                owner = self.written(value.expr)
                return None if owner is None else f"{owner}.{value.name}"
            case _:
                return None

    def is_import(self, node: n.SymbolNode | None) -> bool:
        """Whether a name's node comes from elsewhere: locals may have the name of an import."""
        if node is None or is_untyped(node):
            return True
        if isinstance(node, n.Var) and not node.fullname.count("."):
            return False
        return not node.fullname.startswith(self.prefix)


def is_untyped(node: object) -> bool:
    """Whether a name's node stands for a module, or a thing of it, that mypy has not found."""
    return isinstance(node, n.Var) and node.is_suppressed_import


def has_untyped(nodes: Iterable[n.SymbolNode | None]) -> bool:
    """Whether one of the nodes is such, quickly."""
    return True in [x.is_suppressed_import for x in nodes if type(x) is n.Var]


class Origins:
    """The classes of values that untyped libraries make, in one actor class."""

    def __init__(self, scope: Scope, actor: ActorModel) -> None:
        self.scope = scope
        self.made: dict[str, str] = {}
        self.me: str | None = None
        self.untyped = self._is_untyped(actor)
        if not self.untyped:
            return
        methods = [function for _, function in functions(actor.info.defn)]
        for statement in scope.tree.defs:
            if isinstance(statement, n.AssignmentStmt):
                self._assigned(statement.rvalue, statement.lvalues)
        for _ in "12":  # a cursor is made of a connection, which may be made further below
            for function in methods:
                self._begin(function)
                for node in own_nodes(function):
                    if isinstance(node, n.AssignmentStmt):
                        self._assigned(node.rvalue, node.lvalues, attributes=True)

    def _is_untyped(self, actor: ActorModel) -> bool:
        imported, names = self.scope.imported, self.scope.tree.names
        known = [names[name].node for name in imported if name in names]
        if has_untyped(known):
            return True
        if has_untyped(actor.symbols):
            return has_untyped([x.node for x in actor.names if x.name in imported])
        return False

    def enter(self, function: n.FuncDef) -> None:
        """Look at a method: its locals, and what it calls itself."""
        self._begin(function)
        for node in own_nodes(function):
            if isinstance(node, n.AssignmentStmt):
                self._assigned(node.rvalue, node.lvalues)
            elif isinstance(node, n.AssignmentExpr):
                self._assigned(node.value, [node.target])
            elif isinstance(node, n.WithStmt):
                for value, target in zip(node.expr, node.target, strict=True):
                    if target is not None:
                        self._assigned(value, [target])

    def _begin(self, function: n.FuncDef) -> None:
        """Forget another method's locals, and take this one's parameters by their annotations."""
        self.me = self_name(function)
        self.made = {name: made for name, made in self.made.items() if not name.startswith("=")}
        signature = function.unanalyzed_type
        if isinstance(signature, CallableType):
            for argument, kind in zip(function.arguments, signature.arg_types, strict=False):
                made = self._annotated(kind)
                if made is not None:
                    self.made[f"={argument.variable.name}"] = made

    def _annotated(self, kind: Type) -> str | None:
        """The class that an annotation names, if it is imported from an untyped library."""
        if isinstance(kind, UnionType):
            found = {made for item in kind.items if (made := self._annotated(item)) is not None}
            return found.pop() if len(found) == 1 else None
        if not isinstance(kind, UnboundType):
            return None
        first, _, rest = kind.name.partition(".")
        full = self.scope.imported.get(first)
        if full is None:
            return None
        full = f"{full}.{rest}" if rest else full
        owner = HOMES.get(full, full)
        return owner if PRODUCTS.get(owner) == owner else None

    def _assigned(
        self, value: n.Expression, targets: list[n.Lvalue], *, attributes: bool = False
    ) -> None:
        for target in targets:
            key = self._key(target)
            if key is None or (attributes and not key.startswith(".")):
                continue
            made = self.of(value)
            if made is not None:
                self.made[key] = made
            elif not key.startswith("."):
                self.made.pop(key, None)

    def _key(self, value: n.Expression) -> str | None:
        """`.name` for `self.name`, `=name` for a local, the full name for a global."""
        match value:
            case n.MemberExpr(expr=n.NameExpr() as owner) if owner.name == self.me:
                return f".{value.name}"
            case n.NameExpr():
                return value.fullname if value.kind == n.GDEF else f"={value.name}"
            case _:
                return None

    def of(self, value: n.Expression) -> str | None:
        """The class of an expression's value, if an untyped library has made it."""
        key = self._key(value)
        if key is not None:
            return self.made.get(key)
        if not isinstance(value, n.CallExpr):
            return None
        written = self.scope.written(value.callee)
        if written is not None:
            return PRODUCTS.get(HOMES.get(written, written))
        if isinstance(value.callee, n.MemberExpr):
            owner = self.of(value.callee.expr)
            return None if owner is None else PRODUCTS.get(f"{owner}.{value.callee.name}")
        return None
