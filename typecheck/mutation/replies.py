"""Mistakes in how requests are answered."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from typecheck.mutation.operators import operator
from typecheck.mutation.parts import Edit, Handler, Mutation, call_of, in_order, self_call
from typecheck.mutation.source import Source

GROUP = "replies"
OTHER_TYPE = {"int": "str", "str": "int", "float": "str", "bool": "str", "bytes": "str"}
DEFAULT = {"int": "0", "str": '""', "float": "0.0", "bool": "False", "bytes": 'b""'}


@cache
def own(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[ast.AST, ...]:
    """The nodes of a function without those of functions in it."""
    inner = [n for n in ast.walk(function) if n is not function and isinstance(n, FUNCTIONS)]
    hidden = {id(node) for one in inner for node in ast.walk(one)}
    return tuple(node for node in in_order(function) if id(node) not in hidden)


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def returns_of(handler: Handler) -> list[ast.Return]:
    return [node for node in own(handler.node) if isinstance(node, ast.Return)]


def requests(source: Source) -> Iterator[Handler]:
    """The handlers that answer, plainly."""
    for _, handler in source.handlers:
        message = source.known.get(handler.message)
        if message is not None and message.base == "Request":
            yield handler


@operator(GROUP, 6)
def reply_type_changed(source: Source) -> Iterator[Mutation]:
    """A request wants another reply than its handler gives."""
    for message in source.messages.values():
        if message.reply is not None and (other := OTHER_TYPE.get(ast.unparse(message.reply))):
            yield Mutation(message.node.lineno, (source.replace(message.reply, other),))


@operator(GROUP, 7)
def reply_wrapped(source: Source) -> Iterator[Mutation]:
    """The reply has another shape: a value in a tuple with a word."""
    for handler in requests(source):
        for statement in returns_of(handler):
            if statement.value is not None and "Later" not in handler.returns:
                new = f'("ok", {source.of(statement.value)})'
                yield Mutation(statement.lineno, (source.replace(statement.value, new),))


@operator(GROUP, 8)
def forgot_reply(source: Source) -> Iterator[Mutation]:
    """The handler computes the reply and does not return it."""
    for handler in requests(source):
        statements = returns_of(handler)
        if not statements or statements[-1].value is None or "None" in handler.returns:
            continue
        value = source.of(statements[-1].value)
        new = f'self.log.debug("%r", {value})'
        yield Mutation(statements[-1].lineno, (source.replace(statements[-1], new),))


@operator(GROUP, 5)
def no_answer_on_error(source: Source) -> Iterator[Mutation]:
    """Where it should refuse, the handler just returns."""
    for handler in requests(source):
        for node in own(handler.node):
            match node:
                case ast.Raise(exc=ast.Call(func=ast.Name("Refused"))):
                    yield Mutation(node.lineno, (source.replace(node, "return"),))
                case _:
                    pass


def deferring(handler: Handler) -> tuple[ast.stmt, str] | None:
    """The statement `to = self.defer(msg)` of a handler, and the name."""
    for node in own(handler.node):
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=value) if self_call(value, "defer"):
                return node, name
            case _:
                pass
    return None


@operator(GROUP, 7)
def drop_defer(source: Source) -> Iterator[Mutation]:
    """The right to reply is made and dropped on the spot."""
    for handler in requests(source):
        if any(self_call(node, "defer") for node in own(handler.node)):
            code = "self.defer(msg)\nreturn Later()"
            yield Mutation(
                handler.node.lineno, (source.body(handler.node, code), *source.needs("Later"))
            )


@operator(GROUP, 5)
def defer_not_kept(source: Source) -> Iterator[Mutation]:
    """The right to reply is returned, and kept nowhere."""
    for handler in requests(source):
        found = deferring(handler)
        if found is None:
            continue
        statement, name = found
        edits = [
            source.drop(node)
            for node in own(handler.node)
            if isinstance(node, ast.Expr | ast.Assign)
            and node is not statement
            and any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node))
        ]
        if edits:
            yield Mutation(statement.lineno, tuple(edits))


@operator(GROUP, 8)
def answer_forgotten(source: Source) -> Iterator[Mutation]:
    """The handler that should answer an earlier request does not."""
    for node in in_order(source.tree):
        if isinstance(node, ast.Expr) and call_of(node.value, "reply"):
            yield Mutation(node.lineno, (source.drop(node),))


@operator(GROUP, 6)
def failure_forgotten(source: Source) -> Iterator[Mutation]:
    """When the work fails, the asker is not told."""
    for node in in_order(source.tree):
        if isinstance(node, ast.Expr) and call_of(node.value, "fail"):
            yield Mutation(node.lineno, (source.drop(node),))


@operator(GROUP, 4)
def answered_twice(source: Source) -> Iterator[Mutation]:
    """One request is answered two times in a row."""
    for node in in_order(source.tree):
        if isinstance(node, ast.Expr) and call_of(node.value, "reply"):
            text = " " * node.col_offset + source.of(node) + "\n"
            yield Mutation(node.lineno, (source.insert(source.line_end(node), text),))


@operator(GROUP, 5)
def never_later(source: Source) -> Iterator[Mutation]:
    """The handler is declared to answer later, and answers a default at once."""
    for handler in requests(source):
        kind = handler.returns.partition(" | Later")[0]
        if kind == handler.returns or kind not in DEFAULT:
            continue
        later = [
            node
            for node in returns_of(handler)
            if node.value is not None and self_call(node.value, "stash", "forward")
        ]
        others = any(self_call(node, "defer") for node in own(handler.node))
        if later and not others:
            edits = tuple(source.replace(node, f"return {DEFAULT[kind]}") for node in later)
            yield Mutation(later[0].lineno, edits)


@operator(GROUP, 7)
def only_raises(source: Source) -> Iterator[Mutation]:
    """A request handler can do nothing but raise."""
    for handler in requests(source):
        if "Later" not in handler.returns and handler.name:
            code = f'raise NotImplementedError("{handler.name}")'
            yield Mutation(handler.node.lineno, (source.body(handler.node, code),))


@operator(GROUP, 4)
def told_not_forwarded(source: Source) -> Iterator[Mutation]:
    """A request is told on, so that its asker is lost."""
    for handler in requests(source):
        for node in returns_of(handler):
            call = self_call(node.value, "forward") if node.value is not None else None
            if call is not None:
                indent = " " * node.col_offset
                ref, msg = (source.of(arg) for arg in call.args)
                new = f"{ref}.tell({msg})\n{indent}return Later()"
                yield Mutation(node.lineno, (source.replace(node, new), *source.needs("Later")))


@operator(GROUP, 4)
def defer_in_callback(source: Source) -> Iterator[Mutation]:
    """The right to reply is made in a callback that runs when another message is handled."""
    for handler in requests(source):
        found = deferring(handler)
        if found is None:
            continue
        statement, name = found
        uses = [
            node
            for part in ast.walk(handler.node)
            if isinstance(part, ast.Lambda)
            for node in ast.walk(part.body)
            if isinstance(node, ast.Name) and node.id == name
        ]
        ends = [
            node
            for node in returns_of(handler)
            if isinstance(node.value, ast.Name) and node.value.id == name
        ]
        if uses and ends:
            edits: list[Edit] = [source.replace(node, "self.defer(msg)") for node in uses]
            edits += [source.replace(node, "return Later()") for node in ends]
            edits += [source.drop(statement), *source.needs("Later")]
            yield Mutation(statement.lineno, tuple(edits))


@operator(GROUP, 3)
def stashed_and_handled(source: Source) -> Iterator[Mutation]:
    """A request is stashed, and then handled all the same."""
    for handler in requests(source):
        for node in returns_of(handler):
            is_last = node is handler.node.body[-1]
            if node.value is not None and self_call(node.value, "stash") and not is_last:
                yield Mutation(node.lineno, (source.replace(node, "self.stash()"),))


@operator(GROUP, 5)
def answer_of_other_type(source: Source) -> Iterator[Mutation]:
    """A later answer has another type than the request wants."""
    for call in source.calls("reply"):
        if len(call.args) == 1:
            new = f"[{source.of(call.args[0])}]"
            yield Mutation(call.lineno, (source.replace(call.args[0], new),))


@operator(GROUP, 4)
def reply_to_of_other_type(source: Source) -> Iterator[Mutation]:
    """Rights to reply are kept as those of another request's type."""
    for node in in_order(source.tree):
        match node:
            case ast.AnnAssign(target=ast.Attribute()):
                for part in ast.walk(node.annotation):
                    match part:
                        case ast.Subscript(value=ast.Name("ReplyTo"), slice=kind):
                            other = OTHER_TYPE.get(ast.unparse(kind), "int")
                            yield Mutation(node.lineno, (source.replace(kind, other),))
                        case _:
                            pass
            case _:
                pass
