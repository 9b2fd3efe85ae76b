"""The register of operators: a name, a group, how many mutants it gives, and the function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from typecheck.mutation.parts import Mutation
from typecheck.mutation.source import Source

Function = Callable[[Source], Iterator[Mutation]]


@dataclass(frozen=True)
class Operator:
    """One kind of mistake."""

    name: str
    group: str
    most: int
    what: str
    places: Function


OPERATORS: dict[str, Operator] = {}


def operator(group: str, most: int) -> Callable[[Function], Function]:
    """Registers a function that yields the places where its mistake can be made."""

    def register(function: Function) -> Function:
        name = function.__name__.replace("_", "-")
        what = (function.__doc__ or "").strip().splitlines()[0]
        assert what
        assert name not in OPERATORS
        OPERATORS[name] = Operator(name, group, most, what, function)
        return function

    return register
