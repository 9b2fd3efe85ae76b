"""Many queues and tasks, suspended ones, and the event loop's own timers: what `many` is beside."""

from __future__ import annotations

import asyncio

from airssys_rt.bench.actors import Ping, Tick
from airssys_rt.bench.many import SOON, WITHIN
from airssys_rt.bench.measure import Span, Stopwatch, check
from airssys_rt.bench.raw import Inbox, answer

__all__ = ["ask_each", "start_all", "stop_all"]


async def start_all(n: int) -> list[tuple[Inbox, asyncio.Task[None]]]:
    """Start n actors, and wait until the last one answers."""
    actors: list[tuple[Inbox, asyncio.Task[None]]] = []
    for _ in range(n):
        box: Inbox = asyncio.Queue()
        actors.append((box, asyncio.create_task(answer(box))))
    await ask_each(actors[-1:])
    return actors


async def ask_each(actors: list[tuple[Inbox, asyncio.Task[None]]]) -> None:
    """Send each actor a request, and wait for the last one's reply."""
    loop = asyncio.get_running_loop()
    replies: list[asyncio.Future[int]] = []
    for box, _ in actors:
        reply: asyncio.Future[int] = loop.create_future()
        box.put_nowait((Ping(1), reply))
        replies = [reply]
    check(await replies[0], 1, "reply of the last")


async def stop_all(actors: list[tuple[Inbox, asyncio.Task[None]]]) -> None:
    """Stop the actors, and wait until they are over."""
    for box, _ in actors:
        box.put_nowait(None)
    for _, task in actors:
        await task


async def spawn(n: int) -> tuple[Span, ...]:
    await stop_all(await start_all(n))
    watch = Stopwatch()
    actors = await start_all(n)
    span = watch.lap(n)
    await stop_all(actors)
    return (span,)


async def spawn_stop(n: int) -> tuple[Span, ...]:
    await stop_all(await start_all(n))
    watch = Stopwatch()
    await stop_all(await start_all(n))
    return (watch.lap(n),)


async def population(n: int) -> tuple[Span, ...]:
    watch = Stopwatch()
    actors = await start_all(n)
    started = watch.lap(n)
    await ask_each(actors)
    told = watch.lap(n)
    await stop_all(actors)
    return started, told, watch.lap(n)


async def suspend(n: int) -> tuple[Span, ...]:
    boxes: list[asyncio.Queue[Tick]] = [asyncio.Queue() for _ in range(n)]
    full, opened = asyncio.Event(), asyncio.Event()
    inside = 0

    async def actor(box: asyncio.Queue[Tick]) -> None:
        nonlocal inside
        await box.get()
        inside += 1
        if inside == n:
            full.set()
        await opened.wait()
        inside -= 1

    tasks = [asyncio.create_task(actor(box)) for box in boxes]
    await asyncio.sleep(0)
    watch = Stopwatch()
    for i, box in enumerate(boxes):
        box.put_nowait(Tick(i))
    await full.wait()
    suspended = watch.lap(n)
    opened.set()
    await asyncio.gather(*tasks)
    released = watch.lap(n)
    check(inside, 0, "tasks left")
    return suspended, released


async def timers(n: int) -> tuple[Span, ...]:
    loop = asyncio.get_running_loop()
    fired: list[int] = []
    watch = Stopwatch()
    handles = [loop.call_later(60.0, fired.append, key) for key in range(n)]
    armed = watch.lap(n)
    for handle in handles:
        handle.cancel()
    disarmed = watch.lap(n)
    await asyncio.sleep(0)
    check(fired, [], "timers fired")
    return armed, disarmed


async def timers_fire(n: int) -> tuple[Span, ...]:
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    left = n

    def tick() -> None:
        nonlocal left
        left -= 1
        if not left:
            over.set()

    watch = Stopwatch()
    for key in range(n):
        loop.call_later(SOON + key * WITHIN / n, tick)
    await over.wait()
    span = watch.lap(n)
    check(left, 0, "timers left")
    return (span,)
