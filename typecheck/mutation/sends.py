"""Mistakes where messages are sent, refs handed out and actors started."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from typecheck.mutation.operators import operator
from typecheck.mutation.parts import ActorClass, Edit, Handler, Mutation, call_of, in_order
from typecheck.mutation.source import Source

GROUP = "sends"


def new_message(source: Source, base: str = "Message") -> Edit:
    """A message class before the first one of the module."""
    nodes = [m.node for m in source.messages.values()] or [a.node for a in source.actors]
    at = source.line_start(nodes[0]) if nodes else len(source.text)
    return source.new_message(at, base=base)


@operator(GROUP, 8)
def wrong_tell(source: Source) -> Iterator[Mutation]:
    """A message is told to an actor that does not take it."""
    for call in source.calls("tell", "send", "tell_from_thread"):
        if call.args and isinstance(call.args[0], ast.Call):
            edits = (new_message(source), *source.needs("Message"))
            yield Mutation(call.lineno, (*edits, source.replace(call.args[0], "Audit()")))


@operator(GROUP, 4)
def private_told(source: Source) -> Iterator[Mutation]:
    """A private message is told through the public ref."""
    private = [m for m in source.messages if m.startswith("_")]
    for call in source.calls("tell"):
        is_self = source.of(call).startswith("self.")
        inside = any(
            a.node.lineno <= call.lineno <= (a.node.end_lineno or 0) for a in source.actors
        )
        if call.args and private and not is_self and not inside:
            required = source.messages[private[0]].required
            values = {"str": '""', "int": "0", "float": "0.0"}
            given = ", ".join(values.get(ast.unparse(f.annotation), "None") for f in required)
            edit = source.replace(call.args[0], f"{private[0]}({given})")
            yield Mutation(call.lineno, (edit,))


@operator(GROUP, 6)
def wrong_ask(source: Source) -> Iterator[Mutation]:
    """A request is asked of an actor that does not take it."""
    for call in source.calls("ask"):
        if call.args and isinstance(call.args[0], ast.Call):
            edits = (new_message(source, "Request[int]"), *source.needs("Request"))
            yield Mutation(call.lineno, (*edits, source.replace(call.args[0], "Audit()")))


@operator(GROUP, 4)
def message_asked(source: Source) -> Iterator[Mutation]:
    """A message that nobody answers is asked."""
    for node in in_order(source.tree):
        call = call_of(node, "tell")
        if call is not None and isinstance(call.func, ast.Attribute):
            for function in ast.walk(source.tree):
                if isinstance(function, ast.AsyncFunctionDef):
                    for statement in function.body:
                        if isinstance(statement, ast.Expr) and statement.value is call:
                            new = (
                                f"await {source.of(call.func.value)}.ask({source.of(call.args[0])})"
                            )
                            yield Mutation(call.lineno, (source.replace(call, new),))


@operator(GROUP, 8)
def ask_not_awaited(source: Source) -> Iterator[Mutation]:
    """The `await` before an ask is missing."""
    for node in in_order(source.tree):
        if isinstance(node, ast.Await) and call_of(node.value, "ask"):
            yield Mutation(node.lineno, (source.replace(node, source.of(node.value)),))


@operator(GROUP, 4)
def wait_not_awaited(source: Source) -> Iterator[Mutation]:
    """The `await` before `send`, `started` or `resize` is missing."""
    for node in in_order(source.tree):
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            name = ast.unparse(node.value.func).rpartition(".")[2]
            if name in {"send", "started", "stopped", "resize"}:
                yield Mutation(node.lineno, (source.replace(node, source.of(node.value)),))


@operator(GROUP, 4)
def helper_not_awaited(source: Source) -> Iterator[Mutation]:
    """A coroutine method of the actor itself is called and not awaited."""
    for node in in_order(source.tree):
        match node:
            case ast.Await(value=ast.Call(func=ast.Attribute(value=ast.Name("self"))) as call) if (
                ast.unparse(call.func).count(".") == 1
            ):
                yield Mutation(node.lineno, (source.replace(node, source.of(call)),))
            case _:
                pass


@operator(GROUP, 6)
def told_for_asked(source: Source) -> Iterator[Mutation]:
    """A request is told, and its reply used."""
    for node in in_order(source.tree):
        if isinstance(node, ast.Await) and (call := call_of(node.value, "ask")):
            assert isinstance(call.func, ast.Attribute)
            new = f"{source.of(call.func.value)}.tell({source.of(call.args[0])})"
            yield Mutation(node.lineno, (source.replace(node, new),))


@operator(GROUP, 5)
def reply_unwrapped(source: Source) -> Iterator[Mutation]:
    """The asker takes the reply for an object with a `result`."""
    for node in in_order(source.tree):
        if isinstance(node, ast.Await) and call_of(node.value, "ask"):
            used = any(isinstance(s, ast.Expr) and s.value is node for s in source.statements)
            if not used:
                yield Mutation(node.lineno, (source.replace(node, f"({source.of(node)}).result"),))


@operator(GROUP, 5)
def class_told(source: Source) -> Iterator[Mutation]:
    """The class of a message is told and not an instance."""
    for call in source.calls("tell", "ask"):
        match call.args:
            case [ast.Call(func=ast.Name(name), args=[], keywords=[]), *_] if name in source.known:
                yield Mutation(call.lineno, (source.replace(call.args[0], name),))
            case _:
                pass


@operator(GROUP, 6)
def self_for_ref(source: Source) -> Iterator[Mutation]:
    """The actor itself is handed out in the place of its ref."""
    for node in in_order(source.tree):
        if isinstance(node, ast.Call):
            for argument in node.args:
                if source.of(argument) == "self.ref":
                    yield Mutation(argument.lineno, (source.replace(argument, "self"),))


@operator(GROUP, 5)
def ref_taken_too_wide(source: Source) -> Iterator[Mutation]:
    """A ref is taken for one to which more may be sent."""
    for node in in_order(source.tree):
        annotation = None
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list:
            annotation = node.returns
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            annotation = node.annotation
        match annotation:
            case ast.Subscript(value=ast.Name("ActorRef"), slice=union):
                end = source.end(union)
                edits = (new_message(source), source.insert(end, " | Audit"))
                yield Mutation(annotation.lineno, (*edits, *source.needs("Message")))
            case _:
                pass


@operator(GROUP, 6)
def asks_itself(source: Source) -> Iterator[Mutation]:
    """A handler waits for a reply of its own actor."""
    for actor, handler in source.handlers:
        if not handler.is_async:
            continue
        for other in actor.handlers:
            message = source.messages.get(other.message)
            generic = message is not None and "[" in source.of(message.node).partition("(")[0]
            if generic:
                continue
            if message is not None and message.base == "Request" and not message.required:
                code = f'self.log.debug("%r", await self.ref.ask({message.name}()))'
                if other is not handler:
                    yield Mutation(handler.node.lineno, (source.first(handler.node, code),))
                    break


def ref_unions(source: Source, actor: ActorClass, handler: Handler) -> dict[str, ast.expr]:
    """The refs that a handler has: `self.x` of the constructor's `x`, and fields of its message."""
    found: dict[str, ast.expr] = {}
    method = actor.method("__init__")
    for argument in method.args.args if method is not None else ():
        match argument.annotation:
            case ast.Subscript(value=ast.Name("ActorRef"), slice=union):
                found[f"self.{argument.arg}"] = union
            case _:
                pass
    message = source.messages.get(handler.message)
    for field in message.fields if message is not None else ():
        match field.annotation:
            case ast.Subscript(value=ast.Name("ActorRef"), slice=union):
                found[f"msg.{ast.unparse(field.target)}"] = union
            case _:
                pass
    return {ref: union for ref, union in found.items() if ref in source.text}


@operator(GROUP, 4)
def asks_in_a_circle(source: Source) -> Iterator[Mutation]:
    """An actor waits for a reply of the one that waits for its own."""
    for asker, asking in source.handlers:
        asked = {
            ast.unparse(call.args[0].func)
            for node in ast.walk(asking.node)
            if (call := call_of(node, "ask")) and isinstance(call.args[0], ast.Call)
        }
        for actor, handler in source.handlers:
            if actor is asker or handler.message not in asked or not handler.is_async:
                continue
            for ref, union in ref_unions(source, actor, handler).items():
                for name in source.members(union):
                    message = source.messages.get(name)
                    mine = name in {h.message for h in asker.handlers}
                    if message is None or message.base != "Request" or message.required:
                        continue
                    if mine:
                        code = f'self.log.debug("%r", await {ref}.ask({name}()))'
                        yield Mutation(handler.node.lineno, (source.first(handler.node, code),))


@operator(GROUP, 4)
def waits_for_own_end(source: Source) -> Iterator[Mutation]:
    """A handler stops its actor, and waits there until it has stopped."""
    for _, handler in source.handlers:
        if handler.is_async:
            code = "self.ref.stop()\nawait self.ref.stopped()"
            yield Mutation(handler.node.lineno, (source.first(handler.node, code),))


def spawns(source: Source) -> Iterator[tuple[ast.Call, str, list[ast.expr]]]:
    """Calls of spawn, and of props, for classes of this module."""
    names = {actor.name for actor in source.actors}
    for node in in_order(source.tree):
        match node:
            case ast.Call(
                func=ast.Name("props") | ast.Attribute(attr="spawn"), args=[ast.Name(name), *rest]
            ) if name in names:
                yield node, name, rest
            case _:
                pass


@operator(GROUP, 6)
def wrong_spawn_arguments(source: Source) -> Iterator[Mutation]:
    """An actor is started with an argument more or less than its constructor takes."""
    for call, name, rest in spawns(source):
        head = source.of(call.func)
        if rest and not call.keywords:
            kept = ", ".join([name, *(source.of(arg) for arg in rest[:-1])])
            yield Mutation(call.lineno, (source.replace(call, f"{head}({kept})"),))
        elif not rest and not call.keywords:
            yield Mutation(call.lineno, (source.replace(call, f"{head}({name}, 0)"),))


@operator(GROUP, 6)
def made_not_spawned(source: Source) -> Iterator[Mutation]:
    """An actor is made by calling its class, and used like a ref."""
    for call, name, rest in spawns(source):
        if isinstance(call.func, ast.Attribute):
            given = ", ".join(
                [*(source.of(arg) for arg in rest), *(ast.unparse(k) for k in call.keywords)]
            )
            yield Mutation(call.lineno, (source.replace(call, f"{name}({given})"),))


@operator(GROUP, 3)
def child_without_props(source: Source) -> Iterator[Mutation]:
    """A supervisor's child is declared by its class."""
    for node in in_order(source.tree):
        match node:
            case ast.Assign(targets=[ast.Name("children")], value=ast.Tuple(elts=children)):
                for child in children:
                    for part in ast.walk(child):
                        match part:
                            case ast.Call(func=ast.Name("props"), args=[ast.Name(name)]):
                                yield Mutation(child.lineno, (source.replace(child, name),))
                            case _:
                                pass
            case _:
                pass


@operator(GROUP, 4)
def name_of_other_protocol(source: Source) -> Iterator[Mutation]:
    """A name promises messages that its holder does not take."""
    for node in in_order(source.tree):
        match node:
            case ast.Call(func=ast.Subscript(value=ast.Name("Name"), slice=union)):
                at = source.line_start(next(s for s in source.tree.body if s.lineno == node.lineno))
                edits = (source.new_message(at), source.append(union, " | Audit"))
                yield Mutation(node.lineno, (*edits, *source.needs("Message")))
            case _:
                pass


@operator(GROUP, 4)
def wrong_event(source: Source) -> Iterator[Mutation]:
    """Something else is published or broadcast than the name says."""
    for call in source.calls("publish", "broadcast"):
        if call.args and isinstance(call.args[0], ast.Call):
            edits = (new_message(source), *source.needs("Message"))
            yield Mutation(call.lineno, (*edits, source.replace(call.args[0], "Audit()")))
