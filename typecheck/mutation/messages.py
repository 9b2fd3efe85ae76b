"""Mistakes in messages: what they are made of, and how they are made."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from typecheck.mutation.operators import operator
from typecheck.mutation.parts import Edit, MessageClass, Mutation, call_of, in_order
from typecheck.mutation.source import Source

GROUP = "messages"
MUTABLE = {"frozenset": "set", "Mapping": "dict", "Sequence": "list", "AbstractSet": "set"}
SHAREABLE = ("tuple", "frozenset", "dict", "list")
FIELDS = (
    ("callback: Callable[[int], None] | None = None", "from collections.abc import Callable"),
    ("semaphore: threading.Semaphore | None = None", "import threading"),
    ("file: IO[str] | None = None", "from typing import IO"),
    ("pattern: re.Pattern[str] | None = None", "import re"),
    ("future: asyncio.Future[int] | None = None", "import asyncio"),
    ("connection: socket.socket | None = None", "import socket"),
    ("rows: Iterator[str] | None = None", "from collections.abc import Iterator"),
    ("kind: type[Exception] | None = None", ""),
    ("event: threading.Event | None = None", "import threading"),
    ("where: Path | None = None", "from pathlib import Path"),
)
ADDED = (
    "tags: list[str] = []",
    "options: dict[str, str] = {}",
    "seen: set[str] = set()",
    "buffer: bytearray = bytearray()",
    "parts: tuple[list[int], ...] = ()",
    "more: list[tuple[str, int]] | None = None",
)


def keyword_arguments(message: MessageClass) -> str:
    """The text of the class's keyword arguments, each with a comma before it."""
    return "".join(f", {ast.unparse(keyword)}" for keyword in message.node.keywords)


def in_union(source: Source) -> Iterator[MessageClass]:
    """The messages that some actor of the module handles."""
    handled = {handler.message for _, handler in source.handlers}
    yield from (m for m in source.messages.values() if m.name in handled)


def with_field(source: Source, message: MessageClass, line: str) -> Edit:
    """A field behind the others; a class of `...` gets a body."""
    last = message.node.body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant) and not message.fields:
        return source.replace(last, f"\n    {line}")
    return source.insert(source.line_end(last), f"    {line}\n")


@operator(GROUP, 7)
def field_turned_mutable(source: Source) -> Iterator[Mutation]:
    """A field's immutable type becomes the mutable one."""
    for message in source.messages.values():
        for field in message.fields:
            for node in ast.walk(field.annotation):
                match node:
                    case ast.Subscript(value=ast.Name(name) as outer) if name in MUTABLE:
                        edit = source.replace(outer, MUTABLE[name])
                        yield Mutation(field.lineno, (edit,))
                    case ast.Subscript(
                        value=ast.Name("tuple"),
                        slice=ast.Tuple(elts=[element, ast.Constant(value=value)]),
                    ) if value is ...:
                        new = f"list[{source.of(element)}]"
                        yield Mutation(field.lineno, (source.replace(node, new),))
                    case ast.Name("bytes") if node is field.annotation:
                        yield Mutation(field.lineno, (source.replace(node, "bytearray"),))
                    case _:
                        pass


@operator(GROUP, 9)
def mutable_field(source: Source) -> Iterator[Mutation]:
    """A message gets a field that can be changed behind the sender's back."""
    for number, message in enumerate(in_union(source)):
        line = ADDED[(message.node.lineno + number) % len(ADDED)]
        yield Mutation(message.node.lineno, (with_field(source, message, line),))


@operator(GROUP, 5)
def mutable_record(source: Source) -> Iterator[Mutation]:
    """A message carries a dataclass that is not frozen."""
    for message in in_union(source):
        record = '@dataclass\nclass Details:\n    note: str = ""\n\n\n'
        edits = (
            source.imports("from dataclasses import dataclass"),
            source.insert(source.line_start(message.node), record),
            with_field(source, message, "details: Details | None = None"),
        )
        yield Mutation(message.node.lineno, edits)


@operator(GROUP, 2)
def record_not_frozen(source: Source) -> Iterator[Mutation]:
    """A record within messages is no longer frozen."""
    for node in in_order(source.tree):
        match node:
            case ast.Call(func=ast.Name("dataclass")):
                yield Mutation(node.lineno, (source.replace(node, "dataclass"),))
            case ast.ClassDef(bases=[base], keywords=[keyword]) if (
                ast.unparse(base) == "msgspec.Struct"
            ):
                yield Mutation(node.lineno, (source.replace(keyword.value, "False"),))
            case _:
                pass


@operator(GROUP, 9)
def unencodable_field(source: Source) -> Iterator[Mutation]:
    """A message gets a field that means nothing outside of its process."""
    for number, message in enumerate(in_union(source)):
        line, needed = FIELDS[(message.node.lineno + number) % len(FIELDS)]
        edits = [with_field(source, message, line)]
        if needed:
            edits.append(source.imports(needed))
        yield Mutation(message.node.lineno, tuple(edits))


@operator(GROUP, 6)
def unfrozen_message(source: Source) -> Iterator[Mutation]:
    """A message class can be changed after it was sent."""
    for message in in_union(source):
        if message.fields:
            edit = source.append(message.node.bases[-1], ", frozen=False")
            yield Mutation(message.node.lineno, (edit,))


@operator(GROUP, 4)
def untagged_message(source: Source) -> Iterator[Mutation]:
    """A member of the union has no tag."""
    for message in in_union(source):
        if not message.node.keywords:
            edit = source.append(message.node.bases[-1], ", tag=False")
            yield Mutation(message.node.lineno, (edit,))


@operator(GROUP, 4)
def plain_message(source: Source) -> Iterator[Mutation]:
    """A member of the union is a dataclass and no message."""
    for message in in_union(source):
        if message.base == "Message" and not message.node.keywords:
            start = source.line_start(message.node)
            head_end = source.end(message.node.bases[0]) + 1
            text = f"@dataclass(frozen=True)\nclass {message.name}"
            edit = Edit(start, head_end, text)
            imports = source.imports("from dataclasses import dataclass")
            yield Mutation(message.node.lineno, (imports, edit))


@operator(GROUP, 7)
def tag_clash(source: Source) -> Iterator[Mutation]:
    """Two members of a union have one tag."""
    for actor in source.actors:
        members = [n for n in source.members(actor.union) if n in source.messages]
        for one, other in pairwise(members):
            message = source.messages[one]
            if not message.node.keywords and not source.messages[other].node.keywords:
                edit = source.append(message.node.bases[-1], f', tag="{other}"')
                yield Mutation(message.node.lineno, (edit,))


@operator(GROUP, 3)
def same_message_twice(source: Source) -> Iterator[Mutation]:
    """A union has one message class with two type arguments."""
    for actor in source.actors:
        end = source.union_end(actor)
        union = source.alias(actor.union.id) if isinstance(actor.union, ast.Name) else actor.union
        for part in ast.walk(union) if union is not None else ():
            match part:
                case ast.Subscript(value=ast.Name(name)) if end is not None:
                    others = [m for m in source.messages if m not in source.of(part)]
                    kinds = ["int", "str", *others]
                    several = isinstance(part.slice, ast.Tuple)
                    new = f"{name}[{', '.join(kinds[:2]) if several else kinds[0]}]"
                    yield Mutation(part.lineno, (source.insert(end, f" | {new}"),))
                case _:
                    pass


@operator(GROUP, 6)
def subclass_elsewhere(source: Source) -> Iterator[Mutation]:
    """Another module derives from a message, which dispatch by exact class will not find."""
    for message in in_union(source):
        if "Generic" not in ast.unparse(message.node) and not message.node.keywords:
            name = f"Urgent{message.name.lstrip('_')}"
            text = (
                f'"""Derives from a message of its neighbour."""\n\n'
                f"from .{source.stem} import {message.name}\n\n\n"
                f"class {name}({message.name}):\n    level: int = 1\n"
            )
            if not message.name.startswith("_"):
                yield Mutation(message.node.lineno, (), beside=text)


@operator(GROUP, 5)
def field_renamed(source: Source) -> Iterator[Mutation]:
    """A field has another name in the class than where it is read."""
    for message in source.messages.values():
        for field in message.fields:
            used = source.text.count(f".{ast.unparse(field.target)}")
            if used and isinstance(field.target, ast.Name):
                edit = source.replace(field.target, f"the_{field.target.id}")
                yield Mutation(field.lineno, (edit,))


@operator(GROUP, 6)
def field_assigned(source: Source) -> Iterator[Mutation]:
    """A handler changes the message that it was given."""
    values = {"int": "0", "str": '""', "float": "0.0", "bytes": 'b""', "bool": "False"}
    for _, handler in source.handlers:
        message = source.known.get(handler.message)
        for field in message.fields if message is not None else ():
            value = values.get(ast.unparse(field.annotation))
            if value is not None:
                code = f"msg.{ast.unparse(field.target)} = {value}"
                yield Mutation(handler.node.lineno, (source.first(handler.node, code),))


def constructions(source: Source) -> Iterator[tuple[ast.Call, MessageClass]]:
    """Calls that make messages."""
    for node in in_order(source.tree):
        match node:
            case ast.Call(func=ast.Name(name)) if name in source.known:
                yield node, source.known[name]
            case _:
                pass


@operator(GROUP, 4)
def argument_missing(source: Source) -> Iterator[Mutation]:
    """A message is made without one of its fields."""
    for call, message in constructions(source):
        if call.args and len(call.args) == len(message.required):
            kept = ", ".join(source.of(arg) for arg in call.args[:-1])
            new = f"{message.name}({kept})"
            yield Mutation(call.lineno, (source.replace(call, new),))


@operator(GROUP, 4)
def argument_of_other_type(source: Source) -> Iterator[Mutation]:
    """A message is made with a field of another type."""
    for call, message in constructions(source):
        for argument, field in zip(call.args, message.fields, strict=False):
            kind = ast.unparse(field.annotation)
            if kind in {"int", "float", "str", "bool"}:
                other = "0" if kind == "str" else f"str({source.of(argument)})"
                yield Mutation(call.lineno, (source.replace(argument, other),))


def copy_of_attribute(source: Source, node: ast.expr) -> str | None:
    """`self.x`, if the expression is a copy of it."""
    match node:
        case ast.Call(func=ast.Name(name), args=[ast.Attribute(value=ast.Name("self")) as own]):
            return source.of(own) if name in SHAREABLE else None
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(value=ast.Name("self")) as own, attr="copy")
        ):
            return source.of(own)
        case _:
            return None


@operator(GROUP, 8)
def state_in_message(source: Source) -> Iterator[Mutation]:
    """A list, dict or set of the actor itself goes into a message."""
    for call, _ in constructions(source):
        for argument in call.args:
            if own := copy_of_attribute(source, argument):
                yield Mutation(argument.lineno, (source.replace(argument, own),))


@operator(GROUP, 7)
def state_in_reply(source: Source) -> Iterator[Mutation]:
    """A list or dict of the actor itself is the reply."""
    for node in in_order(source.tree):
        value = node.value if isinstance(node, ast.Return) else None
        if value is not None and (own := copy_of_attribute(source, value)):
            yield Mutation(value.lineno, (source.replace(value, own),))


@operator(GROUP, 4)
def callback_in_message(source: Source) -> Iterator[Mutation]:
    """A message carries a bound method of its sender."""
    for _, handler in source.handlers:
        message = source.messages.get(handler.message)
        if message is None or message.node.keywords:
            continue
        for call in source.calls("tell"):
            match call.args:
                case [ast.Call(func=ast.Name(name)) as made] if name == message.name:
                    inner = call_of(call, "tell")
                    if inner is not None and source.of(inner).startswith("self."):
                        line = "done: Callable[[], None] | None = None"
                        comma = ", " if made.args or made.keywords else ""
                        end = source.end(made) - 1
                        edits = (
                            source.imports("from collections.abc import Callable"),
                            with_field(source, message, line),
                            source.insert(end, f"{comma}done=self.stop"),
                        )
                        yield Mutation(call.lineno, edits)
                case _:
                    pass
