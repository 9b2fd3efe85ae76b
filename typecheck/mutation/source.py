"""A corpus module as the operators see it: messages, actors, handlers, behaviours, and edits.

Laws: an operator never parses text by itself and never changes more than its edits say; positions
are those of the text as it stands, also where the syntax is newer than the interpreter.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

ALIAS = re.compile(r"^type (\w+)(\[[^\]]*\])?(?= =)", re.MULTILINE)
PARAMETERS = re.compile(r"^(class \w+)(\[[^\]]*\])", re.MULTILINE)


def parse(text: str) -> ast.Module:
    """The syntax tree; PEP 695 declarations are read as the older ones, in the same places."""
    text = ALIAS.sub(lambda m: m[1] + " " * (len(m[0]) - len(m[1])), text)
    return ast.parse(PARAMETERS.sub(lambda m: m[1] + " " * len(m[2]), text))


@dataclass(frozen=True)
class Edit:
    """Replaces `text[start:end]`."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Mutation:
    """One place where an operator applies: the line it is about, and what it changes."""

    line: int
    edits: tuple[Edit, ...]
    beside: str = ""  # the text of a second module beside this one, which imports it


@dataclass(frozen=True)
class Handler:
    """A method under `@on(T)`."""

    name: str
    message: str
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def returns(self) -> str:
        return ast.unparse(self.node.returns) if self.node.returns else ""

    @property
    def is_async(self) -> bool:
        return isinstance(self.node, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class MessageClass:
    """A class below `Message` or `Request`."""

    name: str
    base: str
    node: ast.ClassDef
    reply: ast.expr | None = None

    @property
    def fields(self) -> list[ast.AnnAssign]:
        return [item for item in self.node.body if isinstance(item, ast.AnnAssign)]

    @property
    def required(self) -> list[ast.AnnAssign]:
        return [item for item in self.fields if item.value is None]


@dataclass(frozen=True)
class ActorClass:
    """A class below `Actor[...]`."""

    name: str
    node: ast.ClassDef
    union: ast.expr
    handlers: tuple[Handler, ...]
    behaviours: dict[str, ast.Assign | ast.AnnAssign] = field(default_factory=dict)

    def value(self, behaviour: str) -> ast.expr:
        value = self.behaviours[behaviour].value
        assert value is not None
        return value

    def parts(self, behaviour: str) -> list[ast.expr]:
        """The operands of `a | b | c`."""
        return operands(self.value(behaviour))

    def names(self, behaviour: str) -> set[str]:
        """The handlers of a behaviour, through `replace` and other behaviours."""
        found: set[str] = set()
        for part in self.parts(behaviour):
            match part:
                case ast.Name(name) if name in self.behaviours:
                    found |= self.names(name)
                case ast.Name(name) | ast.Attribute(attr=name):
                    found.add(name)
                case ast.Call(func=ast.Attribute(value=ast.Name(base), attr="replace"), args=args):
                    new = {arg.id for arg in args if isinstance(arg, ast.Name)}
                    taken = {h.message for h in self.handlers if h.name in new}
                    old = self.names(base)
                    found |= new | {n for n in old if self.message_of(n) not in taken}
                case _:
                    pass
        return found

    def message_of(self, name: str) -> str:
        return next((h.message for h in self.handlers if h.name == name), name)

    def messages(self, behaviour: str) -> set[str]:
        return {self.message_of(name) for name in self.names(behaviour)}

    def states_of(self, handler: str) -> list[str]:
        return [name for name in self.behaviours if handler in self.names(name)]

    @cached_property
    def flow(self) -> ast.Assign | None:
        for item in self.node.body:
            if isinstance(item, ast.Assign) and ast.unparse(item.targets[0]) == "flow":
                return item
        return None

    def edges(self) -> Iterator[tuple[str, str, str, ast.Call]]:
        """Origin, `to` or `push`, target, and the call that declares it."""
        if self.flow is not None and isinstance(self.flow.value, ast.Tuple):
            for call in self.flow.value.elts:
                match call:
                    case ast.Call(func=ast.Attribute(value=ast.Name(origin), attr=how)):
                        for target in call.args:
                            yield origin, how, ast.unparse(target), call
                    case _:
                        pass

    def method(self, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        for item in self.node.body:
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name == name:
                return item
        return None

    def uses(self, name: str) -> int:
        """How often the class names a handler outside of its definition."""
        return sum(
            (isinstance(n, ast.Name) and n.id == name)
            or (isinstance(n, ast.Attribute) and n.attr == name)
            for n in ast.walk(self.node)
        )


def operands(value: ast.expr) -> list[ast.expr]:
    """`a | b | c` taken apart."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr):
        return [*operands(value.left), *operands(value.right)]
    return [value]


def call_of(node: ast.AST, *names: str) -> ast.Call | None:
    """The node, if it is a call of a method of one of these names."""
    match node:
        case ast.Call(func=ast.Attribute(attr=attr)) if attr in names:
            return node
        case _:
            return None


def self_call(node: ast.AST, *names: str) -> ast.Call | None:
    """The node, if it is `self.name(...)`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name("self"), attr=attr)) if attr in names:
            return node
        case _:
            return None


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

    @property
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
        for other in self.others.values():
            if PurePosixPath(other.path).parent == PurePosixPath(self.path).parent != ROOT:
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

    def members(self, union: ast.expr) -> list[str]:
        """The class names of a union, aliases resolved."""
        found: list[str] = []
        for part in operands(union):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found += self.members(ast.parse(part.value, mode="eval").body)
                continue
            name = ast.unparse(part.value if isinstance(part, ast.Subscript) else part)
            value = self.alias(name)
            for other in self.others.values():
                if value is None and other.folder == self.folder and other.folder:
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
        assert node.end_lineno is not None and node.end_col_offset is not None
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
            if isinstance(item, ast.ImportFrom) and item.module == "airssys_rt":
                if any(alias.name == name for alias in item.names):
                    return ()
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


ROOT = PurePosixPath()


def in_order(tree: ast.AST) -> list[ast.AST]:
    """All nodes that have a place, in the order of the text."""
    nodes = [node for node in ast.walk(tree) if hasattr(node, "lineno")]
    return sorted(nodes, key=place)


def place(node: ast.AST) -> tuple[int, int]:
    """Line and column."""
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def handlers_of(node: ast.ClassDef) -> Iterator[Handler]:
    """The `@on(T)` methods of a class body."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in item.decorator_list:
                match decorator:
                    case ast.Call(func=ast.Name("on"), args=[kind]):
                        kind = kind.value if isinstance(kind, ast.Subscript) else kind
                        yield Handler(item.name, ast.unparse(kind), item)
                    case _:
                        pass


def behaviours_of(node: ast.ClassDef) -> dict[str, ast.Assign | ast.AnnAssign]:
    """The named behaviours of a class body."""
    handlers = {handler.name for handler in handlers_of(node)}
    found: dict[str, ast.Assign | ast.AnnAssign] = {}
    for item in node.body:
        match item:
            case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)):
                value = item.value
                if value is None or name == "flow":
                    continue
                names = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
                if name == "initial" or names & (handlers | found.keys()):
                    found[name] = item
            case _:
                pass
    return found
