"""What is measured of the library: one coroutine function per case, for `n` operations."""

from __future__ import annotations

import anyio

from airssys_rt import ActorRef, ActorSystem
from tests.benchmarks.actors import (
    Arm,
    Asker,
    AskMany,
    Clock,
    Gate,
    Hop,
    Link,
    Node,
    NodeMsg,
    Pause,
    Ping,
    PingLater,
    PingPaused,
    Sink,
    SinkMsg,
    Sleeper,
    Tick,
    TickLater,
    Total,
)
from tests.benchmarks.measure import Span, Stopwatch, check

__all__ = ["RING", "suspend_all"]

RING = 1000


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


async def ring(n: int) -> tuple[Span, ...]:
    """One token makes n hops around a ring."""
    async with ActorSystem("bench") as system:
        done = anyio.Event()
        nodes: list[ActorRef[NodeMsg]] = [system.spawn(Node, done) for _ in range(RING)]
        for node, neighbour in zip(nodes, [*nodes[1:], nodes[0]], strict=True):
            node.tell(Link(neighbour))
        await system.drain()
        watch = Stopwatch()
        nodes[0].tell(Hop(n - 1))
        await done.wait()
        span = watch.lap(n)
        handled = sum(actor.handled for actor in system.snapshot().tree)
    check(handled, n + RING, "messages handled")
    return (span,)


# ---------------------------------------------------------------- many actors


async def start_all(system: ActorSystem, n: int) -> list[ActorRef[SinkMsg]]:
    """Spawn n actors, and wait until the last one answers."""
    refs: list[ActorRef[SinkMsg]] = [system.spawn(Sink) for _ in range(n)]
    check(await refs[-1].ask(Ping(n), timeout=None), n, "reply of the last")
    return refs


async def stop_all(system: ActorSystem, refs: list[ActorRef[SinkMsg]]) -> None:
    """Stop the actors, and wait until the last one is over."""
    for ref in refs:
        ref.stop()
    await refs[-1].stopped()


async def spawn(n: int) -> tuple[Span, ...]:
    """Spawn, where as many actors have been before."""
    async with ActorSystem("bench") as system:
        await stop_all(system, await start_all(system, n))
        check(system.snapshot().actors, 0, "actors left")
        watch = Stopwatch()
        refs = await start_all(system, n)
        span = watch.lap(n)
        check(system.snapshot().actors, len(refs), "actors")
        await stop_all(system, refs)
    return (span,)


async def spawn_stop(n: int) -> tuple[Span, ...]:
    """Spawn until the last answers, then stop until the last is over; warm."""
    async with ActorSystem("bench") as system:
        await stop_all(system, await start_all(system, n))
        watch = Stopwatch()
        await stop_all(system, await start_all(system, n))
        span = watch.lap(n)
        check(system.snapshot().actors, 0, "actors left")
    return (span,)


async def population(n: int) -> tuple[Span, ...]:
    """Start n actors; tell each of them; stop them: cold."""
    async with ActorSystem("bench") as system:
        watch = Stopwatch()
        refs = await start_all(system, n)
        started = watch.lap(n)
        for i, ref in enumerate(refs):
            ref.tell(Tick(i))
        last = await refs[-1].ask(Total(), timeout=None)
        told = watch.lap(n)
        actors = system.snapshot().tree
        check(last, 1, "messages of the last")
        check(sum(actor.handled for actor in actors), n + 2, "messages handled")
        del actors
        watch = Stopwatch()
        await stop_all(system, refs)
        stopped = watch.lap(n)
        check(system.snapshot().actors, 0, "actors left")
    return started, told, stopped


# ---------------------------------------------------------------- suspended handlers, timers


async def suspend_all(system: ActorSystem, n: int) -> tuple[Gate, list[ActorRef[Pause]]]:
    """Start n actors, whose handlers will suspend at a gate."""
    gate = Gate(n)
    sleepers: list[ActorRef[Pause]] = [system.spawn(Sleeper, gate) for _ in range(n)]
    await sleepers[-1].started()
    return gate, sleepers


async def suspend(n: int) -> tuple[Span, ...]:
    """The handlers of n actors suspend, each for the first time; then all go on to their end."""
    async with ActorSystem("bench") as system:
        gate, sleepers = await suspend_all(system, n)
        watch = Stopwatch()
        for sleeper in sleepers:
            sleeper.tell(Pause())
        await gate.full.wait()
        suspended = watch.lap(n)
        check(gate.inside, n, "handlers suspended")
        watch = Stopwatch()
        gate.opened.set()
        await gate.empty.wait()
        released = watch.lap(n)
        check(gate.inside, 0, "handlers left")
    return suspended, released


async def timers(n: int) -> tuple[Span, ...]:
    """An actor sets n timers, then cancels each."""
    async with ActorSystem("bench") as system:
        clock = system.spawn(Clock)
        await clock.started()
        watch = Stopwatch()
        cancelled = await clock.ask(Arm(n), timeout=None)
        span = watch.lap(n)
    check(cancelled, n, "timers cancelled")
    return (span,)
