"""Messages, as the library sends them: one coroutine function per case, for `n` operations."""

from __future__ import annotations

import anyio

from airssys_rt import ActorRef, ActorSystem, Bounded, Name, props
from airssys_rt.bench.actors import (
    Asker,
    AskMany,
    Go,
    Hop,
    Hub,
    HubMsg,
    Link,
    Node,
    NodeMsg,
    Ping,
    PingLater,
    PingPaused,
    Sink,
    SinkMsg,
    Tick,
    TickLater,
    Total,
    TrafficLight,
    Work,
    Worker,
)
from airssys_rt.bench.measure import Span, Stopwatch, check

__all__ = ["RING", "ROOM"]

RING = 1000
ROOM = 1000
TOPIC = Name[Tick]("bench")


async def tell(n: int) -> tuple[Span, ...]:
    """From a task outside, until the last has been handled."""
    async with ActorSystem("bench") as system:
        sink = system.spawn(Sink)
        await sink.started()
        watch = Stopwatch()
        for i in range(n):
            sink.tell(Tick(i))
        total = await sink.ask(Total(), timeout=None)
        span = watch.lap(n)
    check(total, n, "messages handled")
    return (span,)


async def tell_async(n: int) -> tuple[Span, ...]:
    """The same for an async handler that does not suspend."""
    async with ActorSystem("bench") as system:
        sink = system.spawn(Sink)
        await sink.started()
        watch = Stopwatch()
        for i in range(n):
            sink.tell(TickLater(i))
        total = await sink.ask(Total(), timeout=None)
        span = watch.lap(n)
    check(total, n, "messages handled")
    return (span,)


async def tell_bounded(n: int) -> tuple[Span, ...]:
    """`tell` through a bounded mailbox that has room for all."""
    async with ActorSystem("bench") as system:
        sink = system.spawn(props(Sink).mailbox(Bounded(n + 1)))
        await sink.started()
        watch = Stopwatch()
        for i in range(n):
            sink.tell(Tick(i))
        total = await sink.ask(Total(), timeout=None)
        span = watch.lap(n)
    check(total, n, "messages handled")
    return (span,)


async def send_bounded(n: int) -> tuple[Span, ...]:
    """`send` through a mailbox of 1,000, where the sender waits for room."""
    async with ActorSystem("bench") as system:
        sink = system.spawn(props(Sink).mailbox(Bounded(ROOM)))
        await sink.started()
        watch = Stopwatch()
        for i in range(n):
            await sink.send(Tick(i))
        await sink.send(Tick(n))  # there is no room for an ask, perhaps
        await system.drain()
        span = watch.lap(n)
        total = await sink.ask(Total(), timeout=None)
    check(total, n + 1, "messages handled")
    return (span,)


async def ask(n: int) -> tuple[Span, ...]:
    """A task asks a sync handler, n times in sequence, with the default deadline."""
    async with ActorSystem("bench") as system:
        sink = system.spawn(Sink)
        await sink.started()
        total = 0
        watch = Stopwatch()
        for i in range(n):
            total += await sink.ask(Ping(i))
        span = watch.lap(n)
    check(total, n * (n - 1) // 2, "sum of the replies")
    return (span,)


async def ask_from_actor(n: int) -> tuple[Span, ...]:
    """An async handler asks a sync handler of another actor."""
    async with ActorSystem("bench") as system:
        asker = system.spawn(Asker, system.spawn(Sink))
        await asker.started()
        watch = Stopwatch()
        total = await asker.ask(AskMany(n), timeout=None)
        span = watch.lap(n)
    check(total, n * (n - 1) // 2, "sum of the replies")
    return (span,)


async def ask_async(n: int) -> tuple[Span, ...]:
    """A task asks an async handler that does not suspend."""
    async with ActorSystem("bench") as system:
        sink = system.spawn(Sink)
        await sink.started()
        total = 0
        watch = Stopwatch()
        for i in range(n):
            total += await sink.ask(PingLater(i))
        span = watch.lap(n)
    check(total, n * (n - 1) // 2, "sum of the replies")
    return (span,)


async def ask_paused(n: int) -> tuple[Span, ...]:
    """A task asks an async handler that suspends once."""
    async with ActorSystem("bench") as system:
        sink = system.spawn(Sink)
        await sink.started()
        total = 0
        watch = Stopwatch()
        for i in range(n):
            total += await sink.ask(PingPaused(i))
        span = watch.lap(n)
    check(total, n * (n - 1) // 2, "sum of the replies")
    return (span,)


async def pass_around(n: int, size: int) -> tuple[Span, ...]:
    """One token makes n hops around a ring of so many actors."""
    async with ActorSystem("bench") as system:
        done = anyio.Event()
        nodes: list[ActorRef[NodeMsg]] = [system.spawn(Node, done) for _ in range(size)]
        for node, neighbour in zip(nodes, [*nodes[1:], nodes[0]], strict=True):
            node.tell(Link(neighbour))
        await system.drain()
        watch = Stopwatch()
        nodes[0].tell(Hop(n - 1))
        await done.wait()
        span = watch.lap(n)
        handled = sum(actor.handled for actor in system.snapshot().tree)
    check(handled, n + size, "messages handled")
    return (span,)


async def ring(n: int) -> tuple[Span, ...]:
    """One token makes n hops around a ring of 1,000 actors."""
    return await pass_around(n, RING)


async def ping_pong(n: int) -> tuple[Span, ...]:
    """Two actors send each other one message after the other; n in all."""
    return await pass_around(n, 2)


async def fan(n: int) -> tuple[Span, ...]:
    """One actor gives work to 1,000 others and waits for all, over and over; n messages."""
    rounds = max(1, n // (2 * RING))
    async with ActorSystem("bench") as system:
        done = anyio.Event()
        workers: list[ActorRef[Work]] = [system.spawn(Worker) for _ in range(RING)]
        hub: ActorRef[HubMsg] = system.spawn(Hub, workers, done)
        await system.drain()
        watch = Stopwatch()
        hub.tell(Go(rounds))
        await done.wait()
        span = watch.lap(rounds * 2 * RING)
        handled = sum(actor.handled for actor in system.snapshot().tree)
    check(handled, 1 + rounds * 2 * RING, "messages handled")
    return (span,)


async def publish(n: int, subscribers: int) -> tuple[Span, ...]:
    """Publish on a topic with so many subscribers; n messages handled."""
    events = max(1, n // subscribers)
    async with ActorSystem("bench") as system:
        topic = system.topic(TOPIC)
        sinks: list[ActorRef[SinkMsg]] = [system.spawn(Sink) for _ in range(subscribers)]
        for sink in sinks:
            topic.subscribe(sink)
        await system.drain()
        watch = Stopwatch()
        for i in range(events):
            topic.publish(Tick(i))
        await system.drain()
        span = watch.lap(events * subscribers)
        handled = sum(actor.handled for actor in system.snapshot().tree)
    check(handled, events * subscribers, "events handled")
    return (span,)


async def become(n: int) -> tuple[Span, ...]:
    """A state machine that changes its state with every message."""
    async with ActorSystem("bench") as system:
        light = system.spawn(TrafficLight)
        await light.started()
        watch = Stopwatch()
        for i in range(n):
            light.tell(Tick(i))
        cycles = await light.ask(Total(), timeout=None)
        span = watch.lap(n)
    check(cycles, (n + 1) // 3, "cycles")
    return (span,)
