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
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

import anyio

from airssys_rt.bench.actors import Hop, Part, Ping, Tick
from airssys_rt.bench.measure import Span, Stopwatch, check
from airssys_rt.bench.ours import RING, ROOM

__all__ = ["Inbox", "answer", "floor"]

T = TypeVar("T")


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
    table: dict[type[Tick], Callable[[Counter, Tick], None]] = {Tick: Counter.tick}
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


async def tell(n: int, box: asyncio.Queue[Tick] | None = None) -> tuple[Span, ...]:
    box = asyncio.Queue() if box is None else box
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


async def send_bounded(n: int) -> tuple[Span, ...]:
    box: asyncio.Queue[Tick] = asyncio.Queue(ROOM)
    counter = Counter()

    async def actor() -> None:
        while counter.count <= n:
            counter.tick(await box.get())

    task = asyncio.create_task(actor())
    await asyncio.sleep(0)
    watch = Stopwatch()
    for i in range(n + 1):
        await box.put(Tick(i))
    await task
    span = watch.lap(n)
    check(counter.count, n + 1, "messages handled")
    return (span,)


async def tell_bounded(n: int) -> tuple[Span, ...]:
    return await tell(n, asyncio.Queue(n + 1))


async def answer(box: Inbox, *, pauses: bool = False) -> None:
    """An actor that answers requests until it is given None."""
    while (item := await box.get()) is not None:
        request, reply = item
        if pauses:
            await anyio.sleep(0)
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


async def pass_around(n: int, size: int) -> tuple[Span, ...]:
    boxes: list[asyncio.Queue[Hop | None]] = [asyncio.Queue() for _ in range(size)]
    done = asyncio.Event()
    hops = 0

    async def node(index: int) -> None:
        nonlocal hops
        neighbour = boxes[(index + 1) % size]
        while (msg := await boxes[index].get()) is not None:
            hops += 1
            if msg.left:
                neighbour.put_nowait(Hop(msg.left - 1))
            else:
                done.set()

    tasks = [asyncio.create_task(node(index)) for index in range(size)]
    await asyncio.sleep(0)
    watch = Stopwatch()
    boxes[0].put_nowait(Hop(n - 1))
    await done.wait()
    span = watch.lap(n)
    await end(boxes, tasks)
    check(hops, n, "hops")
    return (span,)


async def ring(n: int) -> tuple[Span, ...]:
    return await pass_around(n, RING)


async def ping_pong(n: int) -> tuple[Span, ...]:
    return await pass_around(n, 2)


async def fan(n: int) -> tuple[Span, ...]:
    rounds = max(1, n // (2 * RING))
    hub: asyncio.Queue[Part] = asyncio.Queue()
    boxes: list[asyncio.Queue[Tick | None]] = [asyncio.Queue() for _ in range(RING)]

    async def worker(box: asyncio.Queue[Tick | None]) -> None:
        while (msg := await box.get()) is not None:
            hub.put_nowait(Part(msg.n))

    tasks = [asyncio.create_task(worker(box)) for box in boxes]
    await asyncio.sleep(0)
    total = 0
    watch = Stopwatch()
    for _ in range(rounds):
        for number, box in enumerate(boxes):
            box.put_nowait(Tick(number))
        for _ in boxes:
            total += (await hub.get()).n
    span = watch.lap(rounds * 2 * RING)
    await end(boxes, tasks)
    check(total, rounds * RING * (RING - 1) // 2, "sum of the parts")
    return (span,)


async def publish(n: int, subscribers: int) -> tuple[Span, ...]:
    events = max(1, n // subscribers)
    counter = Counter()
    boxes: list[asyncio.Queue[Tick | None]] = [asyncio.Queue() for _ in range(subscribers)]

    async def sink(box: asyncio.Queue[Tick | None]) -> None:
        while (msg := await box.get()) is not None:
            counter.tick(msg)

    tasks = [asyncio.create_task(sink(box)) for box in boxes]
    await asyncio.sleep(0)
    watch = Stopwatch()
    for i in range(events):
        event = Tick(i)
        for box in boxes:
            box.put_nowait(event)
    await end(boxes, tasks)
    span = watch.lap(events * subscribers)
    check(counter.count, events * subscribers, "events handled")
    return (span,)


class Light:
    """The handlers of the present state in an attribute."""

    def __init__(self) -> None:
        self.cycles = 0
        self.state: dict[type[Tick], Callable[[Tick], None]] = {Tick: self.halt}

    def halt(self, _msg: Tick) -> None:
        self.state = {Tick: self.warn}

    def warn(self, _msg: Tick) -> None:
        self.cycles += 1
        self.state = {Tick: self.go}

    def go(self, _msg: Tick) -> None:
        self.state = {Tick: self.halt}


async def become(n: int) -> tuple[Span, ...]:
    box: asyncio.Queue[Tick] = asyncio.Queue()
    light = Light()

    async def actor() -> None:
        for _ in range(n):
            msg = await box.get()
            light.state[type(msg)](msg)

    task = asyncio.create_task(actor())
    await asyncio.sleep(0)
    watch = Stopwatch()
    for i in range(n):
        box.put_nowait(Tick(i))
    await task
    span = watch.lap(n)
    check(light.cycles, (n + 1) // 3, "cycles")
    return (span,)


async def end(boxes: Sequence[asyncio.Queue[T | None]], tasks: list[asyncio.Task[None]]) -> None:
    """Let the tasks go when they have handled what is queued."""
    for box in boxes:
        box.put_nowait(None)
    await asyncio.gather(*tasks)


# ---------------------------------------------------------------- a bare round trip


async def round_trip(n: int) -> tuple[Span, ...]:
    """Two tasks and two futures: what an ask of a handler that suspends cannot do without.

    The one that answers pauses once, as that handler does.
    """
    loop = asyncio.get_running_loop()
    request: asyncio.Future[tuple[int, asyncio.Future[int]] | None] = loop.create_future()

    async def partner() -> None:
        nonlocal request
        while (item := await request) is not None:
            number, reply = item
            request = loop.create_future()
            await anyio.sleep(0)
            reply.set_result(number)

    task = asyncio.create_task(partner())
    await asyncio.sleep(0)
    total = 0
    watch = Stopwatch()
    for i in range(n):
        reply: asyncio.Future[int] = loop.create_future()
        request.set_result((i, reply))
        total += await reply
    span = watch.lap(n)
    request.set_result(None)
    await task
    check(total, n * (n - 1) // 2, "sum of the replies")
    return (span,)


async def round_trip_on_trio(n: int) -> tuple[Span, ...]:
    """The same with trio's events."""
    import trio

    request, answered = trio.Event(), trio.Event()
    number, total = -1, 0

    async def partner() -> None:
        nonlocal request
        while True:
            await request.wait()
            if number == n:
                return
            request = trio.Event()
            await anyio.sleep(0)
            answered.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(partner)
        await trio.lowlevel.checkpoint()
        watch = Stopwatch()
        for number in range(n):
            answered = trio.Event()
            request.set()
            await answered.wait()
            total += number
        span = watch.lap(n)
        number = n
        request.set()
    check(total, n * (n - 1) // 2, "sum of the replies")
    return (span,)
