"""Pykka: a thread for each actor."""

# pyright: basic, reportInvalidTypeForm=false

from __future__ import annotations

import threading
from importlib import import_module
from typing import Any

from airssys_rt.bench.measure import Span, Stopwatch, check
from airssys_rt.bench.rivals.serve import RING, serve

# Any: the library need not be there when types are checked
pykka: Any = import_module("pykka")


class Actor(pykka.ThreadingActor):  # type: ignore[misc]
    """Counts, echoes, and passes hops on."""

    def __init__(self, done: threading.Event, awaited: int = 0) -> None:
        super().__init__()
        self.done = done
        self.left = awaited
        self.neighbour: Any = None

    def on_receive(self, message: Any) -> Any:
        kind, value = message
        if kind == "tick":
            self.left -= 1
            if not self.left:
                self.done.set()
        elif kind == "link":
            self.neighbour = value
        elif kind == "hop":
            if value:
                self.neighbour.tell(("hop", value - 1))
            else:
                self.done.set()
        return value


def tell(n: int) -> Span:
    done = threading.Event()
    ref = Actor.start(done, n)
    watch = Stopwatch()
    for i in range(n):
        ref.tell(("tick", i))
    done.wait()
    span = watch.lap(n)
    ref.stop()
    return span


def ask(n: int) -> Span:
    ref = Actor.start(threading.Event())
    watch = Stopwatch()
    total = sum(ref.ask(("ping", i)) for i in range(n))
    span = watch.lap(n)
    check(total, n * (n - 1) // 2, "sum of the replies")
    ref.stop()
    return span


def spawn(n: int) -> Span:
    done = threading.Event()
    watch = Stopwatch()
    refs = [Actor.start(done) for _ in range(n)]
    check(refs[-1].ask(("ping", 1)), 1, "reply of the last")
    span = watch.lap(n)
    pykka.ActorRegistry.stop_all()
    return span


def ring(n: int) -> Span:
    done = threading.Event()
    refs = [Actor.start(done) for _ in range(RING)]
    for ref, neighbour in zip(refs, [*refs[1:], refs[0]], strict=True):
        ref.ask(("link", neighbour))
    watch = Stopwatch()
    refs[0].tell(("hop", n - 1))
    done.wait()
    span = watch.lap(n)
    pykka.ActorRegistry.stop_all()
    return span


def main() -> None:
    """Serve."""
    serve({"tell": tell, "ask": ask, "spawn": spawn, "ring": ring})
