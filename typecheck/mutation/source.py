"""A corpus module as the operators see it: its parts, by name, and the making of edits.

Laws: an operator never parses text by itself and never changes more than its edits say; positions
are those of the text as it stands, also where the syntax is newer than the interpreter.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath

from typecheck.mutation.parts import (
    ActorClass,
    Edit,
    Handler,
    MessageClass,
    Mutation,
    behaviours_of,
    call_of,
    handlers_of,
    in_order,
    operands,
    parse,
    place,
)


class Source:
    """A module, its parts, and the making of edits."""

    def __init__(self, path: str, text: str, others: dict[str, Source] | None = None) -> None:
        self.path = path
        self.text = text
        self.tree = parse(text)
        self.others = {} if others is None else others
        self._starts = [0]
        for line in text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    @property
    def stem(self) -> str:
        return PurePosixPath(self.path).stem

    @cached_property
    def folder(self) -> str:
        return PurePosixPath(self.path).parent.name

    # -- parts ---------------------------------------------------------------------------------

    @cached_property
    def statements(self) -> list[ast.stmt]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)]

    @cached_property
    def messages(self) -> dict[str, MessageClass]:
        found: dict[str, MessageClass] = {}
        for node in self.tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            for base in node.bases:
                match base:
                    case ast.Name("Message"):
                        found[node.name] = MessageClass(node.name, "Message", node)
                    case ast.Subscript(value=ast.Name("Request"), slice=reply):
                        found[node.name] = MessageClass(node.name, "Request", node, reply)
                    case _:
                        pass
        return found

    @cached_property
    def known(self) -> dict[str, MessageClass]:
        """Messages of this module and of its package."""
        found: dict[str, MessageClass] = {}
        for other in self.neighbours:
            found |= other.messages
        return found | self.messages

    @cached_property
    def actors(self) -> list[ActorClass]:
        found: list[ActorClass] = []
        for node in self.tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            for base in node.bases:
                match base:
                    case ast.Subscript(value=ast.Name("Actor"), slice=union):
                        handlers = tuple(handlers_of(node))
                        actor = ActorClass(node.name, node, union, handlers, behaviours_of(node))
                        found.append(actor)
                    case _:
                        pass
        return found

    @cached_property
    def handlers(self) -> list[tuple[ActorClass, Handler]]:
        return [(actor, handler) for actor in self.actors for handler in actor.handlers]

    def alias(self, name: str) -> ast.expr | None:
        """The value of a union alias of this module or its package."""
        for item in self.tree.body:
            match item:
                case ast.AnnAssign(target=ast.Name(found), value=value) if found == name:
                    return value
                case ast.Assign(targets=[ast.Name(found)], value=value) if found == name:
                    return value
                case _:
                    pass
        return None

    @cached_property
    def neighbours(self) -> list[Source]:
        """The modules of its package (a folder of newer syntax is none)."""
        mine = self.folder
        package = bool(mine) and f"{mine}/__init__.py" in self.others
        return [source for source in self.others.values() if package and source.folder == mine]

    def members(self, union: ast.expr) -> list[str]:
        """The class names of a union, aliases resolved."""
        found: list[str] = []
        for part in operands(union):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found += self.members(ast.parse(part.value, mode="eval").body)
                continue
            name = ast.unparse(part.value if isinstance(part, ast.Subscript) else part)
            value = self.alias(name)
            for other in self.neighbours:
                if value is None:
                    value = other.alias(name)
            if value is None:
                found.append(name)
            else:
                found += self.members(value)
        return found

    def union_end(self, actor: ActorClass) -> int | None:
        """Where ` | New` widens the actor's union."""
        union = actor.union
        if isinstance(union, ast.Name):
            value = self.alias(union.id)
            if value is None or isinstance(value, ast.Constant):
                return None
            return self.end(value)
        return self.end(union)

    def before_union(self, actor: ActorClass) -> int:
        """A line before the union of an actor is written, behind the messages' bases."""
        if isinstance(actor.union, ast.Name):
            for item in self.tree.body:
                match item:
                    case ast.AnnAssign(target=ast.Name(name)) if name == actor.union.id:
                        return self.line_start(item)
                    case ast.Assign(targets=[ast.Name(name)]) if name == actor.union.id:
                        return self.line_start(item)
                    case _:
                        pass
        return self.line_start(actor.node)

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """Calls of methods of these names, in the order of the text."""
        for node in in_order(self.tree):
            if call := call_of(node, *names):
                yield call

    # -- positions -----------------------------------------------------------------------------

    def start(self, node: ast.expr | ast.stmt) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.end_lineno - 1] + node.end_col_offset

    def line_start(self, node: ast.expr | ast.stmt) -> int:
        """The start of the first line of a statement, its decorators included."""
        line = node.lineno
        for decorator in getattr(node, "decorator_list", ()):
            line = min(line, decorator.lineno)
        return self._starts[line - 1]

    def line_end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        return self._starts[node.end_lineno]

    def holds(self, outer: ast.stmt, node: ast.AST) -> bool:
        """Whether a node begins within the lines of a statement."""
        return outer.lineno <= place(node)[0] <= (outer.end_lineno or 0)

    def of(self, node: ast.expr | ast.stmt) -> str:
        return self.text[self.start(node) : self.end(node)]

    # -- edits ---------------------------------------------------------------------------------

    def replace(self, node: ast.expr | ast.stmt, new: str) -> Edit:
        return Edit(self.start(node), self.end(node), new)

    def insert(self, at: int, new: str) -> Edit:
        return Edit(at, at, new)

    def append(self, node: ast.expr | ast.stmt, new: str) -> Edit:
        return Edit(self.end(node), self.end(node), new)

    def drop(self, statement: ast.stmt) -> Edit:
        """Deletes a statement; `pass` takes the place of one that stands alone."""
        for parent in ast.walk(self.tree):
            for name in ("body", "orelse", "finalbody"):
                body = getattr(parent, name, None)
                if isinstance(body, list) and statement in body and len(body) == 1:
                    return self.replace(statement, "pass")
        return Edit(self.line_start(statement), self.line_end(statement), "")

    def first(self, function: ast.FunctionDef | ast.AsyncFunctionDef, code: str) -> Edit:
        """Code before a function's body (in the place of one that is only a docstring)."""
        body = function.body[0]
        indent = " " * body.col_offset
        lines = "".join(f"{indent}{line}\n" for line in code.splitlines())
        if isinstance(body, ast.Expr) and isinstance(body.value, ast.Constant):
            return Edit(self.line_start(body), self.line_end(body), lines)
        return self.insert(self.line_start(body), lines)

    def body(self, function: ast.FunctionDef | ast.AsyncFunctionDef, code: str) -> Edit:
        """Other code in the place of a function's body."""
        indent = " " * function.body[0].col_offset
        lines = "".join(f"{indent}{line}\n" for line in code.splitlines())
        return Edit(self.line_start(function.body[0]), self.line_end(function.body[-1]), lines)

    def imports(self, line: str) -> Edit:
        """One more import, behind the docstring and `__future__`, if the module lacks it."""
        at = 0
        if f"\n{line}\n" in self.text:
            return self.insert(at, "")
        for item in self.tree.body:
            is_future = isinstance(item, ast.ImportFrom) and item.module == "__future__"
            if isinstance(item, ast.Expr) or is_future:
                at = self.line_end(item)
            else:
                break
        return self.insert(at, f"{line}\n")

    def needs(self, name: str) -> tuple[Edit, ...]:
        """Imports a public name of the library, if the module has not done so."""
        for item in self.tree.body:
            match item:
                case ast.ImportFrom(module="airssys_rt", names=names):
                    if any(alias.name == name for alias in names):
                        return ()
                case _:
                    pass
        return (self.imports(f"from airssys_rt import {name}"),)

    def new_message(self, at: int, name: str = "Audit", base: str = "Message") -> Edit:
        """A message class that nothing else knows, defined at a line's start."""
        return self.insert(at, f"class {name}({base}): ...\n\n\n")

    def apply(self, mutation: Mutation) -> str:
        """The module with the mistake.  Raises `ValueError` if edits overlap."""
        text, last = self.text, len(self.text) + 1
        for edit in sorted(mutation.edits, key=lambda e: (e.start, e.end), reverse=True):
            if edit.end > last:
                raise ValueError(f"edits overlap in {self.path}:{mutation.line}")
            text = text[: edit.start] + edit.new + text[edit.end :]
            last = edit.start
        return text
