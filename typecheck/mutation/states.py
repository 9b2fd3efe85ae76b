"""Mistakes in transitions between behaviours, and in the refs that states hand out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from typecheck.mutation.operators import operator
from typecheck.mutation.parts import ActorClass, Edit, Handler, Mutation, self_call
from typecheck.mutation.protocol import without
from typecheck.mutation.replies import own
from typecheck.mutation.source import Source

GROUP = "states"


def becoming(actor: ActorClass) -> Iterator[tuple[Handler | None, ast.Call, str, bool]]:
    """Each `self.become(self.x)` of a class: its handler, the call, x, and whether it pushes."""
    for item in actor.node.body:
        if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        handler = next((h for h in actor.handlers if h.node is item), None)
        for node in own(item):
            call = self_call(node, "become")
            if call is not None and isinstance(call.args[0], ast.Attribute):
                yield handler, call, call.args[0].attr, bool(call.keywords)


def statement_of(source: Source, call: ast.Call) -> ast.Expr | None:
    """The statement that is just this call."""
    for node in source.statements:
        if isinstance(node, ast.Expr) and node.value is call:
            return node
    return None


def without_targets(source: Source, actor: ActorClass, gone: set[tuple[str, str]]) -> Edit:
    """`flow` without some of its transitions, each named by its origin and target."""
    flow = actor.flow
    assert flow is not None
    assert isinstance(flow.value, ast.Tuple)
    calls: list[str] = []
    for call in flow.value.elts:
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Attribute)
        origin = source.of(call.func.value)
        kept = [source.of(arg) for arg in call.args if (origin, source.of(arg)) not in gone]
        if kept:
            calls.append(f"{source.of(call.func)}({', '.join(kept)})")
    comma = "," if len(calls) == 1 else ""
    return source.replace(flow.value, f"({', '.join(calls)}{comma})")


@operator(GROUP, 9)
def undeclared_become(source: Source) -> Iterator[Mutation]:
    """`flow` lacks a transition that a handler makes."""
    for actor in source.actors:
        edges = list(actor.edges())
        for origin, how, target, call in edges:
            made = any(
                handler is not None
                and origin in actor.states_of(handler.name)
                and (name, push) == (target, how == "push")
                for handler, _, name, push in becoming(actor)
            )
            if made and len(edges) > 1:  # an empty `flow` allows all
                edit = without_targets(source, actor, {(origin, target)})
                yield Mutation(call.lineno, (edit,))


@operator(GROUP, 7)
def wrong_target(source: Source) -> Iterator[Mutation]:
    """A handler enters a behaviour that `flow` does not lead to from where it is."""
    for actor in source.actors:
        edges = {(origin, target) for origin, _, target, _ in actor.edges()}
        for handler, call, name, push in becoming(actor):
            states = actor.states_of(handler.name) if handler else []
            for other in actor.behaviours:
                fits = any((state, other) in edges for state in states)
                if edges and states and other != name and not fits and not push:
                    edit = source.replace(call.args[0], f"self.{other}")
                    yield Mutation(call.lineno, (edit,))


@operator(GROUP, 5)
def dynamic_become(source: Source) -> Iterator[Mutation]:
    """A behaviour is looked up by its name as a text."""
    for actor in source.actors:
        for _, call, name, _ in becoming(actor):
            if actor.flow is not None:
                edit = source.replace(call.args[0], f'getattr(self, "{name}")')
                yield Mutation(call.lineno, (edit,))


@operator(GROUP, 6)
def push_forgotten(source: Source) -> Iterator[Mutation]:
    """A behaviour is entered without `push=True`, and left with `unbecome`."""
    for actor in source.actors:
        if not any(self_call(node, "unbecome") for node in ast.walk(actor.node)):
            continue
        for _, call, name, push in becoming(actor):
            if push:
                edit = source.replace(call, f"self.become(self.{name})")
                flows = [
                    Edit(source.start(f.value), source.end(f), f"{source.of(f.value)}.to")
                    for _, how, target, edge in actor.edges()
                    if how == "push"
                    and target == name
                    and isinstance(f := edge.func, ast.Attribute)
                ]
                yield Mutation(call.lineno, (edit,))
                if len(flows) == 1:
                    yield Mutation(call.lineno, (edit, *flows))


@operator(GROUP, 6)
def unbecome_with_nothing_below(source: Source) -> Iterator[Mutation]:
    """`unbecome` in a class that never pushes."""
    for actor in source.actors:
        calls = list(becoming(actor))
        if any(push for *_, push in calls):
            continue
        for _, call, name, _ in calls:
            if name == "initial":
                yield Mutation(call.lineno, (source.replace(call, "self.unbecome()"),))


@operator(GROUP, 7)
def state_never_entered(source: Source) -> Iterator[Mutation]:
    """The handler that should enter a state does not, and nobody else does."""
    for actor in source.actors:
        calls = list(becoming(actor))
        for _, call, name, _ in calls:
            statement = statement_of(source, call)
            if sum(other == name for _, _, other, _ in calls) == 1 and statement is not None:
                if name == "initial":
                    continue
                gone = {(origin, t) for origin, _, t, _ in actor.edges() if t == name}
                edits = [source.drop(statement)]
                if gone:
                    edits.append(without_targets(source, actor, gone))
                yield Mutation(call.lineno, tuple(edits))


@operator(GROUP, 7)
def dead_end(source: Source) -> Iterator[Mutation]:
    """A state is never left: neither do its handlers, nor does `flow` say so."""
    for actor in source.actors:
        for state in actor.behaviours:
            out = {(origin, target) for origin, _, target, _ in actor.edges() if origin == state}
            if state == "initial" or not out:
                continue
            leaving = [
                (handler, statement_of(source, call))
                for handler, call, _, _ in becoming(actor)
                if handler is not None and state in actor.states_of(handler.name)
            ]
            if any(actor.states_of(handler.name) != [state] for handler, _ in leaving):
                continue
            statements = [statement for _, statement in leaving if statement is not None]
            if len(statements) == len(leaving) and statements:
                edits = [source.drop(statement) for statement in statements]
                edits.append(without_targets(source, actor, out))
                yield Mutation(actor.behaviours[state].lineno, tuple(edits))


@operator(GROUP, 6)
def timeout_outside_of_state(source: Source) -> Iterator[Mutation]:
    """A state sets a timeout, and does not take its message."""
    for actor in source.actors:
        for item in actor.node.body:
            if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            states = [
                arg.id
                for decorator in item.decorator_list
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "on_enter"
                for arg in decorator.args
                if isinstance(arg, ast.Name) and arg.id != "initial"
            ]
            for node in own(item):
                call = self_call(node, "state_timeout")
                if call is None or len(call.args) < 2 or not isinstance(call.args[1], ast.Call):
                    continue
                message = ast.unparse(call.args[1].func)
                for state in states:
                    parts = actor.parts(state)
                    for index, part in enumerate(parts):
                        name = part.id if isinstance(part, ast.Name) else ""
                        if actor.message_of(name) == message and len(parts) > 1:
                            edit = without(source, actor, state, index)
                            yield Mutation(call.lineno, (edit,))


# -- refs that states hand out --------------------------------------------------------------


def narrowed(source: Source) -> Iterator[tuple[ActorClass, Handler, list[str]]]:
    """Handlers that return a ref to their own actor, and the messages it is for."""
    for actor, handler in source.handlers:
        match handler.node.returns:
            case ast.Subscript(value=ast.Name("ActorRef"), slice=union):
                returned = [n for n in own(handler.node) if isinstance(n, ast.Return)]
                if all(n.value is not None and source.of(n.value) == "self.ref" for n in returned):
                    yield actor, handler, source.members(union)
            case _:
                pass


@operator(GROUP, 5)
def ref_before_become(source: Source) -> Iterator[Mutation]:
    """A handler hands out the ref of a state that it does not enter."""
    for actor, handler, members in narrowed(source):
        states = actor.states_of(handler.name)
        for other, call, _, _ in becoming(actor):
            statement = statement_of(source, call)
            lacking = any(set(members) - actor.messages(state) for state in states)
            if other is handler and lacking and statement is not None:
                yield Mutation(call.lineno, (source.drop(statement),))


@operator(GROUP, 5)
def ref_of_other_state(source: Source) -> Iterator[Mutation]:
    """A handler enters another state than the one whose ref it hands out."""
    for actor, handler, members in narrowed(source):
        for other, call, name, _ in becoming(actor):
            for state in actor.behaviours:
                lacking = set(members) - actor.messages(state)
                if other is handler and state != name and lacking:
                    edit = source.replace(call.args[0], f"self.{state}")
                    yield Mutation(call.lineno, (edit,))


@operator(GROUP, 6)
def ref_for_more_than_state(source: Source) -> Iterator[Mutation]:
    """The state whose ref is handed out does not take one of the messages promised."""
    for actor, handler, members in narrowed(source):
        for other, _, name, _ in becoming(actor):
            if other is not handler:
                continue
            for index, part in enumerate(actor.parts(name)):
                if name != "initial" and isinstance(part, ast.Name):
                    message = actor.message_of(part.id)
                    if message in members and len(actor.parts(name)) > 1:
                        edit = without(source, actor, name, index)
                        yield Mutation(handler.node.lineno, (edit,))


@operator(GROUP, 5)
def ref_promises_all(source: Source) -> Iterator[Mutation]:
    """A reply is a ref for the whole union, where the state takes a part."""
    for actor, handler, _ in narrowed(source):
        message = source.messages.get(handler.message)
        whole = source.of(actor.union)
        for other, _, name, _ in becoming(actor):
            lacking = set(source.members(actor.union)) - actor.messages(name)
            if other is handler and lacking and message is not None and handler.node.returns:
                assert message.reply is not None
                edits = (
                    source.replace(message.reply, f'"ActorRef[{whole}]"'),
                    source.replace(handler.node.returns, f"ActorRef[{whole}]"),
                )
                yield Mutation(handler.node.lineno, edits)
