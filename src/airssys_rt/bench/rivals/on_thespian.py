"""Thespian with its `simpleSystemBase`: all actors in this process."""

# pyright: basic, reportInvalidTypeForm=false

from __future__ import annotations

from importlib import import_module
from typing import Any

from airssys_rt.bench.measure import Span, Stopwatch, check
from airssys_rt.bench.rivals.serve import RING, serve

# Any: the library need not be there when types are checked
actors: Any = import_module("thespian.actors")


class Work(actors.Actor):  # type: ignore[misc]
    """Counts, echoes, and passes hops on."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.neighbour: Any = None

    def receiveMessage(self, message: Any, sender: Any) -> None:
        match message:
            case ("tick", _):
                self.count += 1
            case ("get",):
                self.send(sender, self.count)
            case ("ping", value):
                self.send(sender, value)
            case ("link", neighbour):
                self.neighbour = neighbour
                self.send(sender, "linked")
            case ("hop", left, asker):
                if left:
                    self.send(self.neighbour, ("hop", left - 1, asker or sender))
                else:
                    self.send(asker or sender, "done")
            case _:
                pass


def main() -> None:
    """Serve."""
    system = actors.ActorSystem("simpleSystemBase", logDefs={"version": 1})

    def end(refs: list[Any]) -> None:
        for ref in refs:
            system.tell(ref, actors.ActorExitRequest())

    def tell(n: int) -> Span:
        ref = system.createActor(Work)
        watch = Stopwatch()
        for i in range(n):
            system.tell(ref, ("tick", i))
        count = system.ask(ref, ("get",), 10)
        span = watch.lap(n)
        check(count, n, "messages handled")
        end([ref])
        return span

    def ask(n: int) -> Span:
        ref = system.createActor(Work)
        watch = Stopwatch()
        total = sum(system.ask(ref, ("ping", i), 10) for i in range(n))
        span = watch.lap(n)
        check(total, n * (n - 1) // 2, "sum of the replies")
        end([ref])
        return span

    def spawn(n: int) -> Span:
        watch = Stopwatch()
        refs = [system.createActor(Work) for _ in range(n)]
        check(system.ask(refs[-1], ("ping", 1), 10), 1, "reply of the last")
        span = watch.lap(n)
        end(refs)
        return span

    def ring(n: int) -> Span:
        refs = [system.createActor(Work) for _ in range(RING)]
        for ref, neighbour in zip(refs, [*refs[1:], refs[0]], strict=True):
            check(system.ask(ref, ("link", neighbour), 10), "linked", "link")
        watch = Stopwatch()
        check(system.ask(refs[0], ("hop", n - 1, None), 60), "done", "end of the hops")
        span = watch.lap(n)
        end(refs)
        return span

    serve({"tell": tell, "ask": ask, "spawn": spawn, "ring": ring})
    system.shutdown()
