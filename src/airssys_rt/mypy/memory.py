"""What was found out about a class's code, for as long as that stays true.

Two spans: what is written of a function (`kept`) is the same when its class is analyzed and when
it is checked; what the analysis adds (`remembered`) holds within one check, for mypy's daemon
changes trees between checks.  Laws: one class at a time, in one thread; an answer holds on to its
node, so that no other node gets its identity.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from mypy import nodes as n

__all__ = ["below", "kept", "remembered", "remembering"]

N = TypeVar("N", bound=n.Node)
V = TypeVar("V")
# Any: functions of a node, and their answers
Found = dict[tuple[int, Callable[[Any], Any]], tuple[n.Node, Any]]

_found: Found | None = None
_written: Found | None = None
# what is written of the classes that are analyzed and not yet checked, by their full names
_waiting: dict[str, Found] = {}
# what lies below nodes: see walk.py
_below: dict[tuple[int, int], Any] | None = None


class remembering:
    """Within it, each question about a node is asked once; `keep` is for the class's analysis."""

    # no generator: as a context manager, that takes longer
    __slots__ = ("_class", "_keep")

    def __init__(self, fullname: str, *, keep: bool = False) -> None:
        self._class = fullname
        self._keep = keep

    def __enter__(self) -> None:
        global _found, _written, _below  # noqa: PLW0603 - one class at a time, in one thread
        _found, _below = {}, {}
        _written = _waiting.pop(self._class, None)
        if _written is None or self._keep:
            _written = {}

    def __exit__(self, *failure: object) -> None:
        global _found, _written, _below  # noqa: PLW0603 - as above
        if self._keep and _written is not None:
            _waiting[self._class] = _written
        _found = _written = _below = None


def below() -> dict[tuple[int, int], Any] | None:
    """What is remembered of the nodes below others; None if nothing is to be."""
    return _below


def remembered(node: N, find: Callable[[N], V]) -> V:
    """What `find` says of a node; asked once while a class is analyzed or checked."""
    return find(node) if _found is None else _asked(_found, node, find)


def kept(node: N, find: Callable[[N], V]) -> V:
    """What `find` says of a node by its text alone; asked once for its analysis and its check."""
    if _written is None:
        return find(node)
    known = _written.get((id(node), find))
    # Any: the table holds answers of every kind
    answer: V = _asked(_written, node, find) if known is None else known[1]
    return answer


def _asked(found: Found, node: N, find: Callable[[N], V]) -> V:
    key = (id(node), find)
    known = found.get(key)
    if known is None:
        known = found[key] = (node, find(node))
    answer: V = known[1]
    return answer
