"""The states of an actor class, and the paths of its methods through them.

The states of an actor are `initial`, the ends of `flow`, and what its methods become.  Reachability
with a stack is simple here: a pop leads back to a place that was reached before, so what can be at
the bottom of the stack is what `to` edges reach from `initial`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mypy import nodes as n

from airssys_rt.mypy.actors import Tree
from airssys_rt.mypy.mentioned import lines_of
from airssys_rt.mypy.model import ActorModel, Method
from airssys_rt.mypy.once import once
from airssys_rt.mypy.paths import ANYWHERE, Paths, Place, State
from airssys_rt.mypy.walk import LOOPS, is_at, loops_of

__all__ = ["Edge", "Flow"]

Edge = tuple[str, str, str]

# a method that mentions none of them neither changes the state nor gives the ref to it
STIRRING = frozenset({"become", "unbecome", "ref"})


class Flow:
    """The states of one actor class, and the paths of its own methods through them."""

    def __init__(self, actor: ActorModel) -> None:
        self.actor = actor
        self.kept: dict[str, object] = {}  # see once.py
        self._canon: dict[str, str | None] = {}
        self._moves: dict[str, tuple[tuple[str, str], ...]] = {}
        self._entries: dict[str, frozenset[str]] = {}
        self._calls: dict[str, frozenset[str]] = {}
        self._methods = {method.name: method for method in actor.methods}

    # -- the graph ---------------------------------------------------------------------------

    def canon(self, name: str) -> str | None:
        """The state that a name stands for; None if it is none.

        Plain names of one behaviour are one state: in `idle = wait` the handler `wait` is `idle`.
        """
        if name not in self._canon:
            state = None
            if self.actor.is_behaviour(name) or self.actor.is_handler(name):
                root = self._root(name)
                state = self._called_by.get(root, root)
            self._canon[name] = state
        return self._canon[name]

    def _root(self, name: str) -> str:
        trees = self._trees
        if not isinstance(trees.get(name), str):
            return name  # most names
        seen: set[str] = set()
        while name not in seen and isinstance(tree := trees.get(name), str) and name != "initial":
            seen.add(name)
            name = tree
        return name

    @once
    def _trees(self) -> dict[str, Tree]:
        trees: dict[str, Tree] = {}
        for facts in reversed(self.actor.lineage()):
            trees.update(facts["behaviours"])
        return trees

    @once
    def _called_by(self) -> dict[str, str]:
        """The first plain name for each behaviour that has one."""
        names: dict[str, str] = {}
        for name, tree in self._trees.items():
            if isinstance(tree, str) and name != "initial" and self.actor.is_behaviour(name):
                names.setdefault(self._root(name), name)
        return names

    @once
    def declared(self) -> list[Edge] | None:
        """The edges of `flow`, by the behaviours' own names."""
        if self.actor.flow is None:
            return None
        return [(self._own(a), self._own(b), kind) for a, b, kind in self.actor.flow]

    def _own(self, name: str) -> str:
        return self.canon(name) or name

    @once
    def taken(self) -> list[Edge]:
        """The edges that the methods take, as far as the facts tell."""
        return [*dict.fromkeys(self.taking())]

    def taking(self) -> Iterator[Edge]:
        """The same, as they are found."""
        if not self.moving:
            return
        found = {"initial": None}
        for a, b, _ in self.declared or ():
            found[a] = found[b] = None
        todo = [*found]
        for state in todo:  # which grows
            for name in self.movers.intersection(self.entries(state)):
                for kind, target in self.moves(name):
                    yield state, target, kind
                    if target not in found:
                        found[target] = None
                        todo.append(target)

    @once
    def edges(self) -> list[Edge]:
        """The declared transitions; where none are declared, those that methods take."""
        return self.taken if self.declared is None else self.declared

    @once
    def states(self) -> frozenset[str]:
        """The behaviours that the actor can be in."""
        return frozenset({"initial", *(end for a, b, _ in self.edges for end in (a, b))})

    @once
    def bottom(self) -> frozenset[str]:
        """The states with nothing below them."""
        return self._reached({"initial"}, ("to",))

    @once
    def above(self) -> frozenset[str]:
        """The states that can have another one below them."""
        return self._reached({b for _, b, kind in self.edges if kind == "push"}, ("to",))

    @once
    def reached(self) -> frozenset[str]:
        """The states that some path leads to."""
        return self._reached({"initial"}, ("to", "push"))

    def _reached(self, start: set[str], kinds: tuple[str, ...]) -> frozenset[str]:
        found = set(start)
        while new := {b for a, b, kind in self.edges if kind in kinds and a in found} - found:
            found |= new
        return frozenset(found)

    def below(self, state: str) -> State:
        """The places that an unbecome in a state may lead to."""
        found: set[Place] = set()
        for origin, target, kind in self.edges:
            if kind == "push" and state in self._reached({target}, ("to",)):
                found |= {(origin, False)} if origin in self.bottom else set()
                found |= {(origin, True)} if origin in self.above else set()
        return frozenset(found)

    @once
    def passed_over(self) -> bool:
        """Whether `initial` is left before the first message, and never entered again."""
        if not self.actor.doings("pre_start").get("leaves", False):
            return False
        back = (t for doing in self.actor.does("become") for t in doing[2])
        return all(target is not None and self.canon(target) != "initial" for target in back)

    # -- what runs in a state ------------------------------------------------------------------

    def entries(self, state: str) -> frozenset[str]:
        """The methods that the engine calls in a state."""
        known = self._entries.get(state)
        if known is None:
            known = self._entries[state] = frozenset(self._find_entries(state))
        return known

    def _find_entries(self, state: str) -> list[str]:
        found: list[str] = []
        if state != "initial" or not self.passed_over:
            found += [h for h in self.actor.table(state).handlers.values() if h is not None]
        if state == "initial":
            found += [name for name in ("__init__", "pre_start") if self._has(name)]
        found += self._entering.get(state, ())
        return found

    @once
    def _entering(self) -> dict[str | None, list[str]]:
        """The methods that are called when a behaviour becomes the actor's."""
        found: dict[str | None, list[str]] = {}
        for facts in self.actor.lineage():
            for name, doings in facts["methods"].items():
                for behaviour in doings.get("enters", ()):
                    found.setdefault(self.canon(behaviour), []).append(name)
        return found

    def _has(self, name: str) -> bool:
        return name in self.actor.method_names

    def moves(self, method: str) -> tuple[tuple[str, str], ...]:
        """The transitions that a method can make, also through methods that it mentions."""
        if method not in self._moves:
            moving = method in self.movers
            self._moves[method] = tuple(self._find_moves(method)) if moving else ()
        return self._moves[method]

    @once
    def movers(self) -> frozenset[str]:
        """The methods that use `become`, themselves or by what they call."""
        does = [(name, self.actor.doings(name)["does"]) for name in self.actor.method_names]
        own = [name for name, doings in does if doings and "become" in [d[0] for d in doings]]
        return self.actor.reaching(frozenset(own))

    def _find_moves(self, method: str) -> Iterator[tuple[str, str]]:
        for name in self.actor.with_called(method):
            for doing in self.actor.doings(name)["does"]:
                if doing[0] == "become":
                    for target in doing[2]:
                        behaviour = None if target is None else self.canon(target)
                        if behaviour is not None:
                            yield doing[1], behaviour

    def sources(self, method: str) -> frozenset[str]:
        """The states in which a method can run."""
        callers = self.actor.reaching(frozenset((method,)))
        return frozenset([s for s in self.states if not callers.isdisjoint(self.entries(s))])

    def called(self, state: str) -> frozenset[str]:
        """The methods that can run in a state, those that others call included."""
        if state not in self._calls:
            reached = [self.actor.with_called(name) for name in self.entries(state)]
            self._calls[state] = frozenset().union(*reached)
        return self._calls[state]

    def places(self, states: frozenset[str]) -> State:
        """The places that states stand for."""
        return frozenset(
            {(s, False) for s in states if s in self.bottom}
            | {(s, True) for s in states if s in self.above}
        )

    # -- paths -----------------------------------------------------------------------------------

    @once
    def moving(self) -> bool:
        """Whether any method changes the behaviour; if none does, there are no paths to follow."""
        return bool(self.actor.does("become") or self.actor.does("unbecome"))

    @once
    def is_simple(self) -> bool:
        """Whether no path can break `flow`: known without following one.

        So it is where a method makes one transition at most, which all its states have.  Most do.
        """
        # not by all(): most of the methods do not matter
        for method in self.actor.methods:
            if self.matters(method.name) and not self._is_simple(method):
                return False
        return True

    def _is_simple(self, method: Method) -> bool:
        name, function = method.name, method.function
        if "super" in self.actor.words and "super" in method.names:
            return False  # super(): the facts do not tell which methods are called
        reached = self.actor.with_called(name)
        own: list[list[Any]] = self.actor.doings(name)["does"]
        does = own
        if len(reached) > 1:
            does = [doing for part in reached for doing in self.actor.doings(part)["does"]]
        verbs = [doing[0] for doing in does]
        if "unbecome" in verbs:
            return False
        if "become" not in verbs:
            return True
        moves = [doing for doing in does if doing[0] == "become"]
        # in a loop, or in a method that is called again, it may follow itself
        if len(moves) > 1 or moves[0] not in own:
            return False
        loops = () if LOOPS.isdisjoint(method.kinds) else loops_of(function)
        lines = lines_of(function, ("become",)) if loops else ()
        if any(is_at(loop, lines) for loop, _ in loops) or any(
            name in self.actor.doings(part)["mentions"] for part in reached
        ):
            return False
        _, kind, targets = moves[0]
        states = [None if target is None else self.canon(target) for target in targets]
        if not states or None in states:
            return False
        edges = self.declared
        if edges is None:
            return True
        origins = self.sources(name)
        return all((o, s, kind) in edges for o in origins for s in states)

    @once
    def paths(self) -> Paths:
        """Every own method, followed from every state in which it can run."""
        paths = self.new_paths()
        entries = {name for state in self.states for name in self.entries(state)}
        entries = {name for name in entries if self.matters(name)}
        for method in self._ordered(entries, paths.trace.visited):
            for place in sorted(self.places(self.sources(method.name))):
                paths.run(method.function, frozenset({place}))
        return paths

    def new_paths(self) -> Paths:
        """Paths that nothing was followed on yet."""
        return Paths(
            method=self._function,
            canon=self.canon,
            below=self.below,
            effect=self._effect,
            counts=self._counts,
        )

    def _function(self, name: str) -> n.FuncDef | None:
        method = self._methods.get(name)
        return None if method is None else method.function

    def _counts(self, name: str) -> bool:
        return self._has(name) and self.matters(name)

    def _ordered(self, entries: set[str], visited: set[str]) -> Iterator[Method]:
        """First what the engine calls; then what no path has come by until then."""
        yield from (m for m in self.actor.methods if m.name in entries)
        for method in self.actor.methods:
            if method.name not in visited and self.matters(method.name):
                yield method

    def matters(self, method: str) -> bool:
        """Whether the states in which a method runs matter: it changes them, or gives its ref."""
        return method in self._matters

    @once
    def _matters(self) -> frozenset[str]:
        return self.actor.reaching(self.actor.mentioning(STIRRING))

    def _effect(self, method: str, state: State) -> State:
        """What a method of a base, of which only the facts are known, makes of a state."""
        if not self._has(method):
            return state
        moves = self.moves(method)
        if any(d[0] == "unbecome" for d in self.actor.doings(method)["does"]):
            return ANYWHERE
        return state | {(t, kind == "push" or kept) for kind, t in moves for _, kept in state}
