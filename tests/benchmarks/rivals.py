"""What the figures are compared with: the floor loop, and actors made of a queue and a task.

The floor is what any mailbox in Python must do for a message: make it, put it into a deque, take
it out, look up its handler by type, and call that. The raw rivals are what one writes on asyncio
without a library: an `asyncio.Queue` and a task per actor, no supervision, no deadline, no checks.
They do the same operations as the cases in `ours`, and run on asyncio whatever the backend, on
uvloop where that is measured.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TypeAlias

from tests.benchmarks.actors import Hop, Ping, Tick
from tests.benchmarks.measure import Span, Stopwatch, check
from tests.benchmarks.ours import RING

__all__ = ["floor"]


# ---------------------------------------------------------------- the floor


class Counter:
    """What the floor's handler belongs to."""

    def __init__(self) -> None:
        self.count = 0

    def tick(self, msg: Tick) -> None:
        self.count += 1


def floor(n: int) -> tuple[Span, ...]:
    """A message made, queued, taken, looked up and handled, one after the other."""
    counter = Counter()
    table = {Tick: Counter.tick}
    box: deque[Tick] = deque()
    watch = Stopwatch()
    for i in range(n):
        box.append(Tick(i))
        msg = box.popleft()
        table[type(msg)](counter, msg)
    span = watch.lap(n)
    check(counter.count, n, "messages handled")
    return (span,)


# ---------------------------------------------------------------- a queue and a task

Inbox: TypeAlias = "asyncio.Queue[tuple[Ping, asyncio.Future[int]] | None]"


async def tell(n: int) -> tuple[Span, ...]:
    box: asyncio.Queue[Tick] = asyncio.Queue()
    counter = Counter()

    async def actor() -> None:
        while counter.count < n:
            counter.tick(await box.get())

    task = asyncio.create_task(actor())
    await asyncio.sleep(0)
    watch = Stopwatch()
    for i in range(n):
        box.put_nowait(Tick(i))
    await task
    span = watch.lap(n)
    check(counter.count, n, "messages handled")
    return (span,)


async def tell_async(n: int) -> tuple[Span, ...]:
    box: asyncio.Queue[Tick] = asyncio.Queue()
    counter = Counter()

    async def handler(msg: Tick) -> None:
        counter.count += 1

    async def actor() -> None:
        while counter.count < n:
            await handler(await box.get())

    task = asyncio.create_task(actor())
    await asyncio.sleep(0)
    watch = Stopwatch()
    for i in range(n):
        box.put_nowait(Tick(i))
    await task
    span = watch.lap(n)
    check(counter.count, n, "messages handled")
    return (span,)


async def answer(box: Inbox, *, pauses: bool = False) -> None:
    """An actor that answers requests until it is given None."""
    while (item := await box.get()) is not None:
        request, reply = item
        if pauses:
            await asyncio.sleep(0)
        reply.set_result(request.n)


async def ask(n: int, *, pauses: bool = False) -> tuple[Span, ...]:
    box: Inbox = asyncio.Queue()
    task = asyncio.create_task(answer(box, pauses=pauses))
    loop = asyncio.get_running_loop()
    total = 0
    watch = Stopwatch()
    for i in range(n):
        reply: asyncio.Future[int] = loop.create_future()
        box.put_nowait((Ping(i), reply))
        total += await reply
    span = watch.lap(n)
    box.put_nowait(None)
    await task
    check(total, n * (n - 1) // 2, "sum of the replies")
    return (span,)


async def ask_paused(n: int) -> tuple[Span, ...]:
    return await ask(n, pauses=True)


async def ring(n: int) -> tuple[Span, ...]:
    boxes: list[asyncio.Queue[Hop | None]] = [asyncio.Queue() for _ in range(RING)]
    done = asyncio.Event()
    hops = 0

    async def node(index: int) -> None:
        nonlocal hops
        neighbour = boxes[(index + 1) % RING]
        while (msg := await boxes[index].get()) is not None:
            hops += 1
            if msg.left:
                neighbour.put_nowait(Hop(msg.left - 1))
            else:
                done.set()

    tasks = [asyncio.create_task(node(index)) for index in range(RING)]
    await asyncio.sleep(0)
    watch = Stopwatch()
    boxes[0].put_nowait(Hop(n - 1))
    await done.wait()
    span = watch.lap(n)
    for box in boxes:
        box.put_nowait(None)
    await asyncio.gather(*tasks)
    check(hops, n, "hops")
    return (span,)


# ---------------------------------------------------------------- many of them


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
    for box, _ in actors:
        reply: asyncio.Future[int] = loop.create_future()
        box.put_nowait((Ping(1), reply))
    check(await reply, 1, "reply of the last")


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
    for handle in handles:
        handle.cancel()
    span = watch.lap(n)
    await asyncio.sleep(0)
    check(fired, [], "timers fired")
    return (span,)
