"""State that is no longer one actor's own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from typecheck.mutation.operators import operator
from typecheck.mutation.parts import Edit, Mutation, self_call
from typecheck.mutation.replies import own
from typecheck.mutation.source import Source

GROUP = "sharing"


@operator(GROUP, 6)
def class_level_state(source: Source) -> Iterator[Mutation]:
    """A list, dict or set of each actor becomes one of the class."""
    for actor in source.actors:
        method = actor.method("__init__")
        for item in method.body if method is not None else ():
            match item:
                case ast.AnnAssign(
                    target=ast.Attribute(value=ast.Name("self"), attr=name), value=value
                ) if value is not None and source.of(value) in {"[]", "{}", "set()"}:
                    if method is not None and len(method.body) > 1:
                        line = f"    {name}: {source.of(item.annotation)} = {source.of(value)}\n\n"
                        at = source.insert(source.line_start(method), line)
                        yield Mutation(item.lineno, (source.drop(item), at))
                case _:
                    pass


def changes_state(statement: ast.AST) -> bool:
    """Whether a statement changes an attribute of the actor."""
    match statement:
        case ast.AugAssign(target=ast.Attribute(value=ast.Name("self"))):
            return True
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Attribute(value=ast.Name("self")), attr=verb)
            )
        ):
            return verb in {"append", "add", "clear", "discard", "update"}
        case _:
            return False


def nested(source: Source, statement: ast.AugAssign | ast.Expr, last: str) -> Edit:
    """The statement in a function of its own, and what becomes of that function."""
    indent = " " * statement.col_offset
    text = f"def change() -> None:\n{indent}    {source.of(statement)}\n\n{indent}{last}"
    return source.replace(statement, text)


@operator(GROUP, 6)
def state_changed_in_thread(source: Source) -> Iterator[Mutation]:
    """A thread changes an attribute of the actor."""
    for _, handler in source.handlers:
        for node in handler.node.body:
            if isinstance(node, ast.AugAssign | ast.Expr) and changes_state(node):
                last = "threading.Thread(target=change).start()"
                edits = (nested(source, node, last), source.imports("import threading"))
                yield Mutation(node.lineno, edits)


@operator(GROUP, 5)
def state_changed_beside(source: Source) -> Iterator[Mutation]:
    """Work in a pipe changes an attribute of the actor."""
    for _, handler in source.handlers:
        counts = [
            node
            for node in own(handler.node)
            if isinstance(node, ast.AugAssign) and changes_state(node)
        ]
        for node in own(handler.node):
            call = self_call(node, "pipe")
            if call is None or not isinstance(node, ast.Call):
                continue
            statement = next(
                (s for s in handler.node.body if isinstance(s, ast.Expr) and s.value is call), None
            )
            match call.args[0]:
                case ast.Call(func=ast.Attribute(attr="ask")) as ask if statement and counts:
                    indent = " " * statement.col_offset
                    text = (
                        f"async def work() -> object:\n{indent}    {source.of(counts[0])}\n"
                        f"{indent}    return await {source.of(ask)}\n\n{indent}"
                    )
                    reply = "object"
                    for message in source.messages.values():
                        if message.reply is not None and f"{message.name}(" in source.of(ask):
                            reply = source.of(message.reply)
                    text = text.replace("object", reply)
                    edits = (
                        source.insert(source.start(statement), text),
                        source.replace(ask, "work()"),
                        source.drop(counts[0]),
                    )
                    yield Mutation(call.lineno, edits)
                case _:
                    pass


@operator(GROUP, 3)
def become_beside(source: Source) -> Iterator[Mutation]:
    """A callback of a thread changes the behaviour."""
    for _, handler in source.handlers:
        for node in handler.node.body:
            if isinstance(node, ast.Expr) and self_call(node.value, "become"):
                indent = " " * node.col_offset
                new = f"threading.Timer(1.0, lambda: {source.of(node)}).start()"
                edits = (source.replace(node, new), source.imports("import threading"))
                if indent:
                    yield Mutation(node.lineno, edits)


@operator(GROUP, 3)
def told_from_thread(source: Source) -> Iterator[Mutation]:
    """A thread uses `tell`."""
    for call in source.calls("tell_from_thread"):
        if isinstance(call.func, ast.Attribute):
            ref, given = source.of(call.func.value), source.of(call.args[0])
            yield Mutation(call.lineno, (source.replace(call, f"{ref}.tell({given})"),))
    for _, handler in source.handlers:
        for node in handler.node.body:
            match node:
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="tell")) as told):
                    code = f"threading.Thread(target=lambda: {source.of(told)}).start()"
                    edits = (source.replace(node, code), source.imports("import threading"))
                    yield Mutation(node.lineno, edits)
                case _:
                    pass


@operator(GROUP, 3)
def callback_on_others_state(source: Source) -> Iterator[Mutation]:
    """An actor keeps another actor's instance and calls its handler."""
    for actor in source.actors:
        method = actor.method("__init__")
        for other in source.actors:
            simple = other.method("__init__")
            plain = simple is None or len(simple.args.args) == 1
            told = [h for h in other.handlers if h.returns == "None" and not h.is_async]
            if other is actor or method is None or not told or not plain:
                continue
            message = source.messages.get(told[0].message)
            if message is None or message.required:
                continue
            code = f"{other.name}().{told[0].name}({message.name}())"
            for handler in actor.handlers[:1]:
                yield Mutation(handler.node.lineno, (source.first(handler.node, code),))
