"""The event loops that a run measures on, and how a coroutine function is run on each."""

from __future__ import annotations

import importlib.util
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio

from airssys_rt.bench.measure import Contender, Span

__all__ = ["ASYNCIO", "BACKENDS", "Backend"]

T = TypeVar("T")


@dataclass(frozen=True)
class Backend:
    """An event loop by its name here, and as anyio calls it."""

    name: str
    library: str
    # Any: the options of anyio's backends
    options: dict[str, Any]

    def run(self, function: Callable[[int], Awaitable[T]], n: int) -> T:
        """Run a coroutine function on a new loop."""
        return anyio.run(function, n, backend=self.library, backend_options=self.options)

    def contender(self, function: Callable[[int], Awaitable[tuple[Span, ...]]]) -> Contender:
        """The coroutine function as one that takes part in a race."""
        return lambda n: self.run(function, n)

    @property
    def raw(self) -> Backend:
        """The loop of the rivals that are made of asyncio's own queues."""
        return self if self.library == "asyncio" else ASYNCIO


ASYNCIO = Backend("asyncio", "asyncio", {"use_uvloop": False})
BACKENDS = {"asyncio": ASYNCIO}
if importlib.util.find_spec("trio") is not None:
    BACKENDS["trio"] = Backend("trio", "trio", {})
if importlib.util.find_spec("uvloop") is not None:
    BACKENDS["uvloop"] = Backend("uvloop", "asyncio", {"use_uvloop": True})
