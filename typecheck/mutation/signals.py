"""Mistakes with monitors, links, timers, pipes, adapters and the stash."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from typecheck.mutation.operators import operator
from typecheck.mutation.parts import ActorClass, Edit, Mutation, in_order, self_call
from typecheck.mutation.protocol import without
from typecheck.mutation.sends import new_message
from typecheck.mutation.source import Source

GROUP = "signals"


def calls_of(actor: ActorClass, *names: str) -> Iterator[ast.Call]:
    """Calls `self.name(...)` in a class."""
    for node in in_order(actor.node):
        if call := self_call(node, *names):
            yield call


def statements_of(source: Source, actor: ActorClass, *names: str) -> list[ast.stmt]:
    """The statements of a class that are, or assign, such a call."""
    calls = {id(call) for call in calls_of(actor, *names)}
    return [
        node
        for node in source.statements
        if isinstance(node, ast.Expr | ast.Assign) and id(node.value) in calls
    ]


def dropped_signal(source: Source, actor: ActorClass, signal: str) -> tuple[Edit, ...] | None:
    """The actor without a signal: not in its union, no handler of it."""
    union = source.alias(actor.union.id) if isinstance(actor.union, ast.Name) else actor.union
    if not isinstance(union, ast.BinOp) or source.of(union.right) != signal:
        return None
    handler = next((h for h in actor.handlers if h.message == signal), None)
    if handler is None or not all(isinstance(p, ast.Name) for p in actor.parts("initial")):
        return None
    index = [source.of(part) for part in actor.parts("initial")].index(handler.name)
    start, end = source.line_start(handler.node), source.line_end(handler.node)
    return (
        source.replace(union, source.of(union.left)),
        Edit(start, end, ""),
        without(source, actor, "initial", index),
    )


@operator(GROUP, 5)
def monitor_without_down(source: Source) -> Iterator[Mutation]:
    """An actor monitors, and takes no `Down`."""
    for actor in source.actors:
        for call in calls_of(actor, "monitor"):
            edits = dropped_signal(source, actor, "Down")
            if edits is not None and not call.keywords:
                yield Mutation(call.lineno, edits)
                break
            if call.keywords:
                end = source.end(call.args[0])
                yield Mutation(call.lineno, (Edit(end, source.end(call), ")"),))


@operator(GROUP, 6)
def down_without_monitor(source: Source) -> Iterator[Mutation]:
    """An actor takes `Down`, and monitors nobody."""
    for actor in source.actors:
        statements = statements_of(source, actor, "monitor")
        if "Down" in source.members(actor.union) and statements:
            edits = tuple(source.drop(statement) for statement in statements)
            yield Mutation(statements[0].lineno, edits)


@operator(GROUP, 5)
def trap_without_exit(source: Source) -> Iterator[Mutation]:
    """An actor traps exits and links, and takes no `Exit`."""
    for actor in source.actors:
        calls = list(calls_of(actor, "link"))
        traps = "trap_exits" in source.of(actor.node)
        if not calls:
            continue
        if not traps:
            at = source.line_end(actor.node.bases[-1])
            yield Mutation(actor.node.lineno, (source.insert(at, "    trap_exits = True\n\n"),))
        elif calls[0].keywords:
            end = source.end(calls[0].args[0])
            yield Mutation(calls[0].lineno, (Edit(end, source.end(calls[0]), ")"),))
        elif (edits := dropped_signal(source, actor, "Exit")) is not None:
            yield Mutation(calls[0].lineno, edits)


@operator(GROUP, 4)
def exit_without_trap(source: Source) -> Iterator[Mutation]:
    """An actor takes `Exit`, and does not trap exits."""
    for actor in source.actors:
        for item in actor.node.body:
            traps = isinstance(item, ast.Assign) and source.of(item).startswith("trap_exits")
            if traps and "Exit" in source.members(actor.union):
                yield Mutation(item.lineno, (source.drop(item),))


@operator(GROUP, 4)
def exit_without_link(source: Source) -> Iterator[Mutation]:
    """An actor takes `Exit`, and is linked with nobody."""
    for actor in source.actors:
        statements = statements_of(source, actor, "link")
        if "Exit" in source.members(actor.union) and statements:
            edits = tuple(source.drop(statement) for statement in statements)
            yield Mutation(statements[0].lineno, edits)


@operator(GROUP, 7)
def timer_of_foreign_message(source: Source) -> Iterator[Mutation]:
    """A timer sends what the actor does not take."""
    for actor in source.actors:
        for call in calls_of(actor, "after", "every"):
            to = any(keyword.arg == "to" for keyword in call.keywords)
            if len(call.args) > 1 and not to:
                edits = (new_message(source), source.replace(call.args[1], "Audit()"))
                yield Mutation(call.lineno, (*edits, *source.needs("Message")))


@operator(GROUP, 6)
def timeout_of_foreign_message(source: Source) -> Iterator[Mutation]:
    """A timeout of a state, or of silence, sends what the actor does not take."""
    for actor in source.actors:
        for call in calls_of(actor, "state_timeout", "receive_timeout"):
            if len(call.args) > 1:
                edits = (new_message(source), source.replace(call.args[1], "Audit()"))
                yield Mutation(call.lineno, (*edits, *source.needs("Message")))


@operator(GROUP, 5)
def pipe_of_foreign_message(source: Source) -> Iterator[Mutation]:
    """The result of a pipe, or its failure, becomes a message that the actor does not take."""
    for actor in source.actors:
        for call in calls_of(actor, "pipe"):
            for number in (1, 2):
                edit = source.replace(call.args[number], "lambda _: Audit()")
                yield Mutation(call.lineno, (new_message(source), edit, *source.needs("Message")))


@operator(GROUP, 3)
def adapter_of_foreign_message(source: Source) -> Iterator[Mutation]:
    """An adapter, or a `via`, makes a message that the actor does not take."""
    for actor in source.actors:
        for call in calls_of(actor, "adapter"):
            edit = source.replace(call.args[0], "lambda _: Audit()")
            yield Mutation(call.lineno, (new_message(source), edit, *source.needs("Message")))
        for call in calls_of(actor, "monitor", "link"):
            for keyword in call.keywords:
                edit = source.replace(keyword.value, "lambda _: Audit()")
                yield Mutation(call.lineno, (new_message(source), edit, *source.needs("Message")))


def sent_private(source: Source, actor: ActorClass) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Private messages, with the statements that start their timers, if nothing else sends them."""
    verbs = ("after", "every", "receive_timeout", "state_timeout")
    statements = statements_of(source, actor, *verbs)
    for name in source.messages:
        if name.startswith("_") and name in {h.message for h in actor.handlers}:
            mine = [s for s in statements if f"{name}(" in source.of(s)]
            made = sum(source.of(node).startswith(f"{name}(") for node in made_calls(source))
            if mine and made == len(mine):
                yield name, mine


def made_calls(source: Source) -> Iterator[ast.Call]:
    """Calls of plain names."""
    for node in in_order(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node


@operator(GROUP, 7)
def timer_never_started(source: Source) -> Iterator[Mutation]:
    """A handler waits for a private message that nobody sends."""
    for actor in source.actors:
        for _, statements in sent_private(source, actor):
            if all(isinstance(statement, ast.Expr) for statement in statements):
                edits = tuple(source.drop(statement) for statement in statements)
                yield Mutation(statements[0].lineno, edits)


@operator(GROUP, 3)
def timer_not_started_again(source: Source) -> Iterator[Mutation]:
    """The handler of a timer's message does not start the timer again."""
    for actor, handler in source.handlers:
        for statement in statements_of(source, actor, "after", "receive_timeout"):
            assert isinstance(statement, ast.Expr | ast.Assign)
            call = statement.value
            assert isinstance(call, ast.Call)
            again = source.of(call.args[-1]) in {"msg", f"{handler.message}()"}
            if again and statement in handler.node.body:
                yield Mutation(statement.lineno, (source.drop(statement),))


@operator(GROUP, 3)
def wrong_timer_key(source: Source) -> Iterator[Mutation]:
    """A timer is cancelled under a key that no timer has."""
    for actor in source.actors:
        for call in calls_of(actor, "cancel_timer"):
            if isinstance(call.args[0], ast.Constant):
                new = source.of(call.args[0])[:-1] + '-timer"'
                yield Mutation(call.lineno, (source.replace(call.args[0], new),))


@operator(GROUP, 5)
def never_unstashed(source: Source) -> Iterator[Mutation]:
    """Messages are stashed, and never taken out again."""
    for actor in source.actors:
        for statement in statements_of(source, actor, "unstash_all"):
            yield Mutation(statement.lineno, (source.drop(statement),))


@operator(GROUP, 3)
def result_never_piped(source: Source) -> Iterator[Mutation]:
    """The failure of piped work becomes the same message as its success."""
    for actor in source.actors:
        for call in calls_of(actor, "pipe"):
            if isinstance(call.args[1], ast.Name) and isinstance(call.args[2], ast.Name):
                edit = source.replace(call.args[2], call.args[1].id)
                yield Mutation(call.lineno, (edit,))
