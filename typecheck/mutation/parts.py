"""What a corpus module consists of, read from its syntax tree: messages, handlers, actors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property

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


@cache  # by identity: a tree is never changed
def in_order(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All nodes that have a place, in the order of the text."""
    nodes = [node for node in ast.walk(tree) if hasattr(node, "lineno")]
    return tuple(sorted(nodes, key=place))


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
