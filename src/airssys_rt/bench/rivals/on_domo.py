"""domo-actors: calls of proxies, each of which returns a promise.

Tells go in batches of 500: with more in a mailbox it raised `RecursionError` and lost messages.
"""

# pyright: basic, reportInvalidTypeForm=false

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

from airssys_rt.bench.measure import Span, Stopwatch, check
from airssys_rt.bench.rivals.serve import RING, serve_async

# Any: the library need not be there when types are checked
domo: Any = import_module("domo_actors")
address: Any = import_module("domo_actors.actors.address")
protocol: Any = import_module("domo_actors.actors.protocol")

BATCH = 500


class Work(domo.ActorProtocol):  # type: ignore[misc]
    """What its proxies can be asked for."""

    async def tick(self, n: int) -> None: ...
    async def count(self) -> int:
        raise NotImplementedError

    async def ping(self, n: int) -> int:
        raise NotImplementedError

    async def link(self, neighbour: Any, done: Any) -> None: ...
    async def hop(self, left: int) -> None: ...


class Worker(domo.Actor):  # type: ignore[misc]
    """Counts, echoes, and passes hops on."""

    def __init__(self) -> None:
        super().__init__()
        self.ticks = 0
        self.neighbour: Any = None
        self.done: Any = None

    async def tick(self, n: int) -> None:
        self.ticks += 1

    async def count(self) -> int:
        return self.ticks

    async def ping(self, n: int) -> int:
        return n

    async def link(self, neighbour: Any, done: Any) -> None:
        self.neighbour, self.done = neighbour, done

    async def hop(self, left: int) -> None:
        if left:
            self.neighbour.hop(left - 1)
        else:
            self.done.set_result(None)


class Maker(protocol.ProtocolInstantiator):  # type: ignore[misc]
    """Makes the actors."""

    def instantiate(self, definition: Any) -> Worker:
        return Worker()


class WorkProtocol(domo.Protocol):  # type: ignore[misc]
    """Ties the two together."""

    def type(self) -> str:
        return "Work"

    def instantiator(self) -> Maker:
        return Maker()


def make() -> Any:
    definition = domo.Definition("Work", address.Uuid7Address(), ())
    return domo.stage().actor_for(WorkProtocol(), definition)


async def tell(n: int) -> Span:
    actor = make()
    await actor.ping(1)
    handled = 0
    watch = Stopwatch()
    for start in range(0, n, BATCH):
        for i in range(start, min(start + BATCH, n)):
            actor.tick(i)
        handled = await actor.count()
    span = watch.lap(n)
    check(handled, n, "messages handled")
    return span


async def ask(n: int) -> Span:
    actor = make()
    total = 0
    watch = Stopwatch()
    for i in range(n):
        total += await actor.ping(i)
    span = watch.lap(n)
    check(total, n * (n - 1) // 2, "sum of the replies")
    return span


async def spawn(n: int) -> Span:
    watch = Stopwatch()
    actors = [make() for _ in range(n)]
    check(await actors[-1].ping(1), 1, "reply of the last")
    return watch.lap(n)


async def ring(n: int) -> Span:
    done = asyncio.get_running_loop().create_future()
    actors = [make() for _ in range(RING)]
    for actor, neighbour in zip(actors, [*actors[1:], actors[0]], strict=True):
        await actor.link(neighbour, done)
    watch = Stopwatch()
    actors[0].hop(n - 1)
    await done
    return watch.lap(n)


async def run() -> None:
    """Serve, and close the stage."""
    await serve_async({"tell": tell, "ask": ask, "spawn": spawn, "ring": ring})
    await domo.stage().close()


def main() -> None:
    """Serve."""
    asyncio.run(run())
