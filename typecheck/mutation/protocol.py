"""Mistakes in what an actor's behaviours handle."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from typecheck.mutation.operators import operator
from typecheck.mutation.parts import ActorClass, Edit, Handler, Mutation
from typecheck.mutation.source import Source

GROUP = "protocol"


def without(source: Source, actor: ActorClass, behaviour: str, index: int) -> Edit:
    """A behaviour without one of its operands."""
    parts = actor.parts(behaviour)
    kept = [source.of(part) for number, part in enumerate(parts) if number != index]
    return source.replace(actor.value(behaviour), " | ".join(kept))


@operator(GROUP, 8)
def drop_handler_from_initial(source: Source) -> Iterator[Mutation]:
    """`initial` lacks a handler that the class has."""
    for actor in source.actors:
        if "initial" not in actor.behaviours:
            continue
        parts = actor.parts("initial")
        for index, part in enumerate(parts):
            if len(parts) > 1:
                yield Mutation(part.lineno, (without(source, actor, "initial", index),))


@operator(GROUP, 8)
def add_union_member(source: Source) -> Iterator[Mutation]:
    """A message is added to the union, and no handler."""
    for actor in source.actors:
        end = source.union_end(actor)
        if end is not None:
            edits = (
                source.new_message(source.before_union(actor)),
                source.insert(end, " | Audit"),
                *source.needs("Message"),
            )
            yield Mutation(actor.node.lineno, edits)


@operator(GROUP, 5)
def foreign_handler(source: Source) -> Iterator[Mutation]:
    """`initial` has a handler of a message that is not in the union."""
    for actor in source.actors:
        if "initial" in actor.behaviours:
            where = actor.behaviours["initial"]
            method = "    @on(Audit)\n    def audit(self, msg: Audit) -> None: ...\n\n"
            yield Mutation(
                where.lineno,
                (
                    source.new_message(source.before_union(actor)),
                    source.insert(source.line_start(where), method),
                    source.append(where, " | audit"),
                    *source.needs("Message"),
                ),
            )


@operator(GROUP, 5)
def handler_without_on(source: Source) -> Iterator[Mutation]:
    """A method in `initial` lacks its `@on(T)`."""
    for _, handler in source.handlers:
        if len(handler.node.decorator_list) == 1:
            decorator = handler.node.decorator_list[0]
            edit = Edit(source.line_start(decorator), source.line_end(decorator), "")
            yield Mutation(decorator.lineno, (edit,))


@operator(GROUP, 6)
def handler_on_other_message(source: Source) -> Iterator[Mutation]:
    """`@on` names another message of the union than the method takes."""
    for actor, handler in source.handlers:
        others = sorted({h.message for h in actor.handlers} - {handler.message})
        decorator = handler.node.decorator_list[0]
        if others and isinstance(decorator, ast.Call):
            yield Mutation(decorator.lineno, (source.replace(decorator.args[0], others[0]),))


def copy_of(source: Source, handler: Handler, name: str) -> str:
    """The text of a handler under another name."""
    text = source.text[source.line_start(handler.node) : source.line_end(handler.node)]
    return text.replace(f"def {handler.name}(", f"def {name}(", 1) + "\n"


@operator(GROUP, 7)
def duplicate_handler(source: Source) -> Iterator[Mutation]:
    """`initial` has two handlers of one message."""
    for actor, handler in source.handlers:
        if "initial" in actor.behaviours and handler.name in actor.names("initial"):
            where = actor.behaviours["initial"]
            name = f"{handler.name}_too"
            edit = source.insert(source.line_start(where), copy_of(source, handler, name))
            yield Mutation(handler.node.lineno, (edit, source.append(where, f" | {name}")))


@operator(GROUP, 6)
def unused_handler(source: Source) -> Iterator[Mutation]:
    """A handler was written that no behaviour has."""
    for actor, handler in source.handlers:
        if "initial" in actor.behaviours and len(handler.node.decorator_list) == 1:
            where = actor.behaviours["initial"]
            text = copy_of(source, handler, f"{handler.name}_quickly")
            yield Mutation(handler.node.lineno, (source.insert(source.line_start(where), text),))


@operator(GROUP, 8)
def forgotten_in_state(source: Source) -> Iterator[Mutation]:
    """A state lacks the handler that was written for it."""
    for actor in source.actors:
        for behaviour in actor.behaviours:
            parts = actor.parts(behaviour)
            for index, part in enumerate(parts):
                name = part.id if isinstance(part, ast.Name) else ""
                alone = name in {h.name for h in actor.handlers} and actor.uses(name) == 1
                if behaviour != "initial" and alone and len(parts) > 1:
                    yield Mutation(part.lineno, (without(source, actor, behaviour, index),))


@operator(GROUP, 3)
def no_initial(source: Source) -> Iterator[Mutation]:
    """The class says nowhere in which behaviour it starts."""
    for actor in source.actors:
        used = actor.uses("initial")
        if "initial" in actor.behaviours and used == 1:
            yield Mutation(actor.node.lineno, (source.drop(actor.behaviours["initial"]),))


@operator(GROUP, 4)
def verb_redefined(source: Source) -> Iterator[Mutation]:
    """A handler has the name of one of the actor's verbs."""
    for actor, handler in source.handlers:
        if actor.uses(handler.name) != 1 or actor.behaviours.keys() != {"initial"}:
            continue
        for part in actor.parts("initial"):
            if isinstance(part, ast.Name) and part.id == handler.name:
                at = source.text.index(f"def {handler.name}(", source.line_start(handler.node))
                name = "stop" if handler.returns == "None" else "now"
                if actor.uses(name) == 0:
                    edit = Edit(at + 4, at + 4 + len(handler.name), name)
                    yield Mutation(handler.node.lineno, (edit, source.replace(part, name)))


@operator(GROUP, 4)
def become_foreign(source: Source) -> Iterator[Mutation]:
    """`become` takes a behaviour over a message that is not in the union."""
    for actor, handler in source.handlers:
        if handler.returns == "None" and "initial" in actor.behaviours:
            where = actor.behaviours["initial"]
            method = "    @on(Audit)\n    def audit(self, msg: Audit) -> None: ...\n\n"
            yield Mutation(
                handler.node.lineno,
                (
                    source.new_message(source.before_union(actor)),
                    source.first(handler.node, "self.become(self.audit)"),
                    source.insert(source.line_start(where), method),
                    *source.needs("Message"),
                ),
            )


@operator(GROUP, 4)
def hook_misnamed(source: Source) -> Iterator[Mutation]:
    """A hook has the name that another library gives it, and is never called."""
    names = {"pre_start": "on_start", "post_stop": "on_stop"}
    for actor in source.actors:
        for item in actor.node.body:
            if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if item.name in names:
                at = source.text.index(f"def {item.name}", source.line_start(item)) + 4
                edits = [Edit(at, at + len(item.name), names[item.name])]
                for decorator in item.decorator_list:
                    if ast.unparse(decorator) == "override":
                        start, end = source.line_start(decorator), source.line_end(decorator)
                        edits.append(Edit(start, end, ""))
                yield Mutation(item.lineno, tuple(edits))
