"""What a behaviour accepts, as a table, and what a union consists of."""

from __future__ import annotations

from collections.abc import Iterable

from mypy.types import AnyType, Instance, Type, TypeVarType, UnionType, get_proper_type

__all__ = ["Table", "is_closed", "listed", "members_of"]


class Table:
    """What a behaviour accepts: message class to handler name; `known` if that is all of it."""

    __slots__ = ("handlers", "known", "twice")

    def __init__(
        self, handlers: dict[str, str | None] | None = None, *, known: bool = True
    ) -> None:
        self.handlers: dict[str, str | None] = {} if handlers is None else handlers
        self.known = known
        self.twice: list[tuple[str, str, str]] = []

    def take(self, other: Table) -> None:
        """Add what another table has; two handlers for a message are remembered as such."""
        self.known = self.known and other.known
        self.twice += other.twice
        handlers = self.handlers
        for message, handler in other.handlers.items():
            before = handlers.get(message)
            if before is None:
                handlers[message] = handler
            elif handler is not None and handler != before:
                self.twice.append((message, before, handler))


def members_of(union: Type | None) -> list[Instance]:
    """The classes in a union."""
    if union is None:
        return []
    proper = get_proper_type(union)
    if not isinstance(proper, UnionType):
        return [proper] if isinstance(proper, Instance) else []
    found: list[Instance] = []
    for item in proper.items:
        if type(item) is Instance:
            found.append(item)
        else:
            found += members_of(item)
    return found


def is_closed(union: Type | None) -> bool:
    """Whether a union is wholly known: no Any, no type variable."""
    if union is None:
        return False
    proper = get_proper_type(union)
    if isinstance(proper, UnionType):
        return all(is_closed(item) for item in proper.items)
    if isinstance(proper, Instance):
        return proper.type.fullname != "builtins.object"
    return not isinstance(proper, (AnyType, TypeVarType))


def listed(names: Iterable[str]) -> str:
    """Names in a text: "A", "B" and "C"."""
    quoted = [f'"{name}"' for name in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"
