"""casty: virtual actors on a runtime in Rust, which serializes every message.

An actor comes into being with the first message to its key, so `spawn` asks each once.
"""

# pyright: basic, reportInvalidTypeForm=false

# no `from __future__ import annotations`: the library reads the types of actors and messages

import asyncio
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from typing import Any

from airssys_rt.bench.measure import Span, Stopwatch, check
from airssys_rt.bench.rivals.serve import RING, serve_async

# Any: the library need not be there when types are checked
casty: Any = import_module("casty")

NUMBERS = count()


@dataclass(frozen=True)
class Tick:
    """A message with a number."""

    n: int


@dataclass(frozen=True)
class Count(casty.Askable[int]):  # type: ignore[misc]
    """How many ticks there were."""


@dataclass(frozen=True)
class Ping(casty.Askable[int]):  # type: ignore[misc]
    """Its number is the reply."""

    n: int


@dataclass(frozen=True)
class Hop:
    """The token."""

    left: int


@casty.actor(initial=0)  # type: ignore[untyped-decorator]
async def work(ctx: casty.Context[int, Tick | Count | Ping]) -> None:
    """Counts, and echoes."""
    seen = 0
    async for message in ctx.inbox:
        match message:
            case Tick():
                seen += 1
            case Count():
                message.reply_to.tell(seen)
            case Ping():
                message.reply_to.tell(message.n)


class Rounds:
    """Where a round of hops ends."""

    done: "asyncio.Future[None]"


@casty.actor(initial=0)  # type: ignore[untyped-decorator]
async def node(ctx: casty.Context[int, Hop]) -> None:
    """Passes hops on."""
    neighbour = ctx.system.ref(node, str((int(ctx.key) + 1) % RING))
    async for message in ctx.inbox:
        if message.left:
            neighbour.tell(Hop(message.left - 1))
        else:
            Rounds.done.set_result(None)


async def run() -> None:
    """Serve, in one system."""
    async with casty.ActorSystem() as system:

        async def tell(n: int) -> Span:
            ref = system.ref(work, f"tell-{next(NUMBERS)}")
            await ref.ask(Count())
            watch = Stopwatch()
            for i in range(n):
                ref.tell(Tick(i))
            handled = await ref.ask(Count())
            span = watch.lap(n)
            check(handled, n, "messages handled")
            return span

        async def ask(n: int) -> Span:
            ref = system.ref(work, f"ask-{next(NUMBERS)}")
            total = await ref.ask(Ping(0))
            watch = Stopwatch()
            for i in range(n):
                total += await ref.ask(Ping(i))
            span = watch.lap(n)
            check(total, n * (n - 1) // 2, "sum of the replies")
            return span

        async def spawn(n: int) -> Span:
            turn = next(NUMBERS)
            watch = Stopwatch()
            refs = [system.ref(work, f"spawn-{turn}-{i}") for i in range(n)]
            replies = await asyncio.gather(*(ref.ask(Ping(1)) for ref in refs))
            span = watch.lap(n)
            check(sum(replies), n, "replies")
            return span

        async def hops(n: int) -> Span:
            Rounds.done = asyncio.get_running_loop().create_future()
            watch = Stopwatch()
            system.ref(node, "0").tell(Hop(n - 1))
            await Rounds.done
            return watch.lap(n)

        async def ring(n: int) -> Span:
            await hops(RING)  # the first round makes the actors
            return await hops(n)

        await serve_async({"tell": tell, "ask": ask, "spawn": spawn, "ring": ring})


def main() -> None:
    """Serve."""
    asyncio.run(run())
