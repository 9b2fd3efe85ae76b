"""tapio: behaviours and Pydantic messages, which are not validated again when they are sent."""

# pyright: basic, reportInvalidTypeForm=false

# no `from __future__ import annotations`: Pydantic reads the fields' types

import asyncio
from importlib import import_module
from typing import Any

from airssys_rt.bench.measure import Span, Stopwatch, check
from airssys_rt.bench.rivals.serve import RING, serve_async

# Any: the library need not be there when types are checked
tapio: Any = import_module("tapio")
actor: Any = import_module("tapio.actor")
settings: Any = import_module("tapio.settings")


class Tick(tapio.Message):  # type: ignore[misc]
    """A message with a number."""

    n: int


class Pong(tapio.Message):  # type: ignore[misc]
    """A reply."""

    n: int


class Ping(tapio.Message):  # type: ignore[misc]
    """A request."""

    n: int
    reply_to: actor.ActorRef[Pong]


class Link(tapio.Message):  # type: ignore[misc]
    """Who is next."""

    to: actor.ActorRef[Tick]


def counter(awaited: int, done: "asyncio.Future[None]") -> Any:
    left = awaited

    async def count(message: Tick) -> Any:
        nonlocal left
        left -= 1
        if not left:
            done.set_result(None)
        return tapio.Behaviors.same()

    return tapio.Behaviors.receive_message(count, Tick)


def echo() -> Any:
    async def answer(message: Ping) -> Any:
        message.reply_to.tell(Pong(n=message.n))
        return tapio.Behaviors.same()

    return tapio.Behaviors.receive_message(answer, Ping)


def node(done: "asyncio.Future[None]") -> Any:
    neighbour: Any = None

    async def hop(message: Tick | Link) -> Any:
        nonlocal neighbour
        if isinstance(message, Link):
            neighbour = message.to
        elif message.n:
            neighbour.tell(Tick(n=message.n - 1))
        else:
            done.set_result(None)
        return tapio.Behaviors.same()

    return tapio.Behaviors.receive_message(hop, Tick | Link)


def system() -> Any:
    return tapio.ActorSystem("bench", settings=settings.TapioSettings(validate_on_tell=False))


async def tell(n: int) -> Span:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with system() as running:
        ref = running.spawn(counter(n, done), name="counter")
        await asyncio.sleep(0)
        watch = Stopwatch()
        for i in range(n):
            ref.tell(Tick(n=i))
        await done
        return watch.lap(n)


async def ask(n: int) -> Span:
    total = 0
    async with system() as running:
        ref = running.spawn(echo(), name="echo")
        watch = Stopwatch()
        for i in range(n):
            reply = await ref.ask(lambda to, i=i: Ping(n=i, reply_to=to), expect=Pong)
            total += reply.n
        span = watch.lap(n)
    check(total, n * (n - 1) // 2, "sum of the replies")
    return span


async def spawn(n: int) -> Span:
    async with system() as running:
        watch = Stopwatch()
        refs = [running.spawn(echo(), name=f"echo-{i}") for i in range(n)]
        reply = await refs[-1].ask(lambda to: Ping(n=1, reply_to=to), expect=Pong)
        span = watch.lap(n)
    check(reply.n, 1, "reply of the last")
    return span


async def ring(n: int) -> Span:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with system() as running:
        refs = [running.spawn(node(done), name=f"node-{i}") for i in range(RING)]
        for ref, neighbour in zip(refs, [*refs[1:], refs[0]], strict=True):
            ref.tell(Link(to=neighbour))
        await asyncio.sleep(0.05)
        watch = Stopwatch()
        refs[0].tell(Tick(n=n - 1))
        await done
        return watch.lap(n)


def main() -> None:
    """Serve."""
    asyncio.run(serve_async({"tell": tell, "ask": ask, "spawn": spawn, "ring": ring}))
