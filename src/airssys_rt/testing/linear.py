"""Linearizability: was each answer as if one request had been handled after the other.

A history is linearizable if its operations can be put in an order that keeps what happened before
what, and in which a sequential model gives the answers that were seen (Herlihy and Wing).  The
search is Wing and Gong's with Lowe's memory: from a state, take an operation that may be the next
one, and never look twice at the same operations done with the same state reached.

Two choices need no alternative.  An operation that fits and leaves the state as it is can be taken
at once: moved to the front of any order, it changes nothing for the others.  Of two operations with
equal requests and equal answers, the one that ended first may go first.  Histories over several
keys, where the model names them, are judged key by key: linearizability is local.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol, TypeVar

from airssys_rt.errors import BadArgument, Refused
from airssys_rt.testing.history import Operation

__all__ = ["Model", "Verdict", "linearizable"]

S = TypeVar("S")

# Any throughout: requests, replies and states of every model

SHOWN = 8  # operations in the text of a verdict


class Model(Protocol[S]):
    """The sequential model: what an actor that handles one request after the other would answer.

    It may have a third method, `key(request)`: requests with different keys do not affect each
    other, and each key has a state of its own.  None stands for a request that touches more than
    one key; a history with such a request is judged as a whole.
    """

    def initial(self) -> S:
        """The state before the first request."""
        ...

    def step(self, state: S, request: Any, /) -> tuple[S, Any]:
        """The state after the request, and the reply; raises `Refused` for a refusal.

        It returns a new state and leaves the old one as it is.
        """
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `linearizable` found; true if there is an order.

    `orders` has one order for each key (None, without keys).  If there is none for some key,
    `culprit` is the first operation whose answer no order explains, `possible` the answers that the
    model has for it instead, and `before` the operations of its key that began before it ended.
    """

    orders: dict[Hashable, tuple[Operation, ...]]
    culprit: Operation | None = None
    possible: tuple[str, ...] = ()
    before: tuple[Operation, ...] = ()

    def __bool__(self) -> bool:
        return self.culprit is None

    def __str__(self) -> str:
        if self.culprit is None:
            return f"linearizable: {sum(map(len, self.orders.values()))} operations"
        lines = ["not linearizable: no order of the operations explains", f"  {self.culprit}"]
        if self.possible:
            lines.append(f"the model says: {', '.join(self.possible)}")
        lines.append("before, or at the same time:")
        lines += [f"  {operation}" for operation in self.before[-SHOWN:]]
        if len(self.before) > SHOWN:
            lines.append(f"  and {len(self.before) - SHOWN} earlier ones")
        return "\n".join(lines)

    __repr__ = __str__  # what pytest shows of a failed assertion


def linearizable(
    history: Iterable[Operation], model: Model[Any], *, most: int | None = 2_000_000
) -> Verdict:
    """Whether some order of the history's operations gives the model's answers.

    `most` bounds the steps of the search, which for histories with many open operations can grow
    exponentially; beyond it `BadArgument` is raised.
    """
    parts: dict[Hashable, list[Operation]] = {}
    for key, operation in keyed(list(history), model):
        parts.setdefault(key, []).append(operation)
    budget = Budget(most)
    orders: dict[Hashable, tuple[Operation, ...]] = {}
    for key, operations in parts.items():
        order = Search(operations, model, budget).run()
        if order is None:
            return blame(operations, model, budget)
        orders[key] = order
    return Verdict(orders)


def keyed(operations: list[Operation], model: Any) -> list[tuple[Hashable, Operation]]:
    """The operations with their keys; all of them with None if one has no key of its own."""
    key_of: Callable[[Any], Hashable] | None = getattr(model, "key", None)
    keys = [None if key_of is None else key_of(op.request) for op in operations]
    if None in keys:
        keys = [None] * len(keys)
    return list(zip(keys, operations, strict=True))


def blame(operations: list[Operation], model: Model[Any], budget: Budget) -> Verdict:
    """The verdict on operations that have no order: the shortest beginning that has none.

    Beginnings of a linearizable history are linearizable, so the first answer that makes it fail is
    found by halving.
    """
    answers = sorted((op for op in operations if op.outcome != "open"), key=lambda op: op.ended)
    low, high = 0, len(answers) - 1
    while low < high:
        middle = (low + high) // 2
        if Search(until(operations, answers[middle]), model, budget).run() is None:
            high = middle
        else:
            low = middle + 1
    culprit = answers[low]
    search = Search(until(operations, culprit), model, budget, watched=culprit)
    search.run()
    before = tuple(op for op in operations if op.began < culprit.ended and op is not culprit)
    return Verdict({}, culprit, tuple(sorted(search.answers)), before)


def until(operations: list[Operation], last: Operation) -> list[Operation]:
    """The history up to the end of an operation: what was open then is open."""
    return [
        op if op.ended <= last.ended else Operation(op.client, op.request, op.began)
        for op in operations
        if op.began < last.ended
    ]


class Budget:
    """How many steps the searches may still take."""

    def __init__(self, most: int | None) -> None:
        self._left = inf if most is None else most
        self._most = most

    def spend(self) -> None:
        """Take one step."""
        self._left -= 1
        if self._left < 0:
            raise BadArgument(
                f"the history was not judged within {self._most} steps",
                where="linearizable(...)",
                why="many operations are open at the same time; each may have come at any moment",
                mend="record fewer operations, give the model a key(request), or raise most=",
            )


# what is done and where it led: answered operations before `base`, and those in the bits of `mask`
# above it; open operations in the bits of `taken`
Place = tuple[int, int, int, Any]


class Search:
    """The search for an order of one key's operations."""

    def __init__(
        self,
        operations: list[Operation],
        model: Model[Any],
        budget: Budget,
        watched: Operation | None = None,
    ) -> None:
        begun = sorted(operations, key=lambda op: op.began)
        self._answered = [op for op in begun if op.outcome != "open"]
        self._open = [op for op in begun if op.outcome == "open"]
        self._model = model
        self._budget = budget
        self._watched = watched
        self.answers: set[str] = set()  # what the model said of the watched operation

    def run(self) -> tuple[Operation, ...] | None:
        """An order of the answered operations and of open ones that explain them, or None."""
        start: Place = (0, 0, 0, self._model.initial())
        order: list[Operation] = []
        seen: set[Hashable] = {self._mark(start)}
        ways = [iter(self._next_places(start))]
        if not self._answered:
            return ()
        while ways:
            step = next(ways[-1], None)
            if step is None:
                ways.pop()
                if order:
                    order.pop()
                continue
            operation, place = step
            mark = self._mark(place)
            if mark in seen:
                continue
            seen.add(mark)
            order.append(operation)
            if place[0] == len(self._answered):
                return tuple(order)
            ways.append(iter(self._next_places(place)))
        return None

    def _mark(self, place: Place) -> Hashable:
        return (*place[:3], frozen(place[3]))

    def _next_places(self, place: Place) -> list[tuple[Operation, Place]]:
        """Where one more operation leads, the most urgent first."""
        base, mask, taken, state = place
        found: list[tuple[float, Operation, Place]] = []
        bound = inf
        tried: list[Operation] = []
        index = base
        while index < len(self._answered) and self._answered[index].began < bound:
            operation = self._answered[index]
            if not mask >> (index - base) & 1:
                bound = min(bound, operation.ended)
                after = self._try(state, operation)
                if after is not None:
                    target = (*moved(base, mask | 1 << (index - base)), taken, after[0])
                    if after[0] is state or after[0] == state:
                        return [(operation, target)]
                    found.append((operation.ended, operation, target))
            index += 1
        found.sort(key=lambda entry: entry[0])
        places: list[tuple[Operation, Place]] = []
        for _, operation, target in found:
            if not any(alike(operation, other) for other in tried):
                tried.append(operation)
                places.append((operation, target))
        return places + self._open_places(place, bound)

    def _open_places(self, place: Place, bound: float) -> list[tuple[Operation, Place]]:
        """Where an operation leads that was never answered: it may have taken effect by now."""
        base, mask, taken, state = place
        places: list[tuple[Operation, Place]] = []
        tried: list[Operation] = []
        for index, operation in enumerate(self._open):
            if operation.began >= bound:
                break
            if taken >> index & 1 or any(alike(operation, other) for other in tried):
                continue
            tried.append(operation)
            after = self._try(state, operation)
            if after is not None and after[0] != state:
                places.append((operation, (base, mask, taken | 1 << index, after[0])))
        return places

    def _try(self, state: Any, operation: Operation) -> tuple[Any] | None:
        """The state after the operation, if the model gives the answer that was seen."""
        self._budget.spend()
        try:
            after, value = self._model.step(state, operation.request)
            outcome = "replied"
        except Refused as error:
            after, value, outcome = state, error.payload, "refused"
        if operation is self._watched:
            self.answers.add(repr(value) if outcome == "replied" else f"refused: {value!r}")
        if operation.outcome == "open" or (
            operation.outcome == outcome and operation.value == value
        ):
            return (after,)
        return None


def moved(base: int, mask: int) -> tuple[int, int]:
    """The window moved over what is done at its beginning."""
    while mask & 1:
        mask >>= 1
        base += 1
    return base, mask


def alike(one: Operation, other: Operation) -> bool:
    """Whether the operations differ in their clients alone."""
    return bool(
        one.outcome == other.outcome and one.request == other.request and one.value == other.value
    )


def frozen(state: Any) -> Hashable:
    """The state as something that can be remembered."""
    kind: Any = state.__class__
    if kind is dict:
        return frozenset((key, frozen(value)) for key, value in state.items())
    if kind in (list, tuple):
        return tuple(frozen(item) for item in state)
    if kind is set:
        return frozenset(state)
    try:
        hash(state)
    except TypeError as error:
        raise BadArgument(
            f"the model's state {kind.__name__} cannot be remembered",
            where="linearizable(...)",
            why=f"{error}; the search has to know which states it has seen",
            mend="use numbers, text, tuples, lists, sets, dicts or frozen classes",
        ) from error
    else:
        remembered: Hashable = state
        return remembered
