"""The graph of an actor class: its states, what each accepts, the transitions between them.

It is read from the declaration; nothing runs.  Laws: the same class gives the same graph, with
states and messages in the order of their definition, `initial` first; which behaviours are states
is decided so:

- `initial`, and what an `@on_enter` names, is a state;
- with a `flow`, what stands in it is a state, and nothing else: `become` leads nowhere else;
- without one, so is what a method names in `self.become(...)`, and every behaviour that is not a
  mere part of another: a handler that some larger behaviour has, a composition that a larger one
  contains.  A name that is given to a handler (`frozen = thaw`) makes it a state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

from airssys_rt.cli.graph.becomes import named_in_become
from airssys_rt.cli.graph.spelling import spelled_messages
from airssys_rt.core.protocol import ActorProtocol, State, is_handler

__all__ = ["Accepted", "Graph", "Kind", "Node", "Transition", "graph_of"]

Kind: TypeAlias = Literal["become", "push", "unbecome"]


class Accepted(NamedTuple):
    """A message that a state takes, and how a request is answered."""

    message: str
    reply: str | None

    def __str__(self) -> str:
        return self.message if self.reply is None else f"{self.message} -> {self.reply}"


class Node(NamedTuple):
    """A state."""

    name: str
    accepts: tuple[Accepted, ...]
    final: bool = False


class Transition(NamedTuple):
    """An entry of `flow`, or, of kind `unbecome`, the way back from the target of a push.

    A state that follows the pushed one by `become` has the way back, too; it is not drawn.
    """

    origin: str
    target: str
    kind: Kind = "become"


class Graph(NamedTuple):
    """What a diagram shows; without `flow`, any state may follow any other."""

    title: str
    states: tuple[Node, ...]
    transitions: tuple[Transition, ...]
    has_flow: bool

    @property
    def initial(self) -> str:
        """The state in which the actor starts."""
        return self.states[0].name


def graph_of(protocol: ActorProtocol, title: str = "") -> Graph:
    """The graph of an actor class that has an `initial`."""
    named = protocol.named
    chosen = _in_flow(protocol, named) if protocol.edges is not None else _likely(protocol, named)
    states = sorted(
        (state for state in named if state is protocol.initial or state.enter or state in chosen),
        key=lambda state: state is not protocol.initial,
    )
    messages = spelled_messages(protocol)
    return Graph(
        title or f"{protocol.cls.__module__}:{protocol.cls.__qualname__}",
        tuple(
            Node(
                state.name,
                tuple(Accepted(*messages(key)) for key in state.source.table),
                state.source in protocol.finals,
            )
            for state in states
        ),
        _transitions(protocol, states),
        protocol.edges is not None,
    )


def _in_flow(protocol: ActorProtocol, named: tuple[State, ...]) -> list[State]:
    ends = {end for origin, target, _ in protocol.edges or () for end in (origin, target)}
    return [state for state in named if state.source in ends | protocol.finals]


def _likely(protocol: ActorProtocol, named: tuple[State, ...]) -> list[State]:
    tables = [_handlers(state) for state in named]
    mentioned = named_in_become(protocol.cls)
    return [
        state
        for state, own in zip(named, tables, strict=True)
        if state.name in mentioned
        or (is_handler(state.source) and state.source.name != state.name)
        or not any(own.items() < table.items() for table in tables)
    ]


# Any: message classes and handler functions of every kind
def _handlers(state: State) -> dict[type[Any], Callable[[Any, Any], Any]]:
    return {**state.sync, **state.coro}


def _transitions(protocol: ActorProtocol, states: list[State]) -> tuple[Transition, ...]:
    edges = protocol.edges or frozenset()
    kinds = (
        (state, target, push) for push in (False, True) for state in states for target in states
    )
    found = [
        Transition(origin.name, target.name, "push" if push else "become")
        for origin, target, push in kinds
        if (origin.source, target.source, push) in edges
    ]
    finals = {state.name for state in states if state.source in protocol.finals}
    back = [
        Transition(t.target, t.origin, "unbecome")
        for t in found
        if t.kind == "push" and t.target not in finals
    ]
    return (*found, *back)
