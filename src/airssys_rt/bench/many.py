"""Many actors, suspended handlers and timers: one coroutine function per case."""

from __future__ import annotations

import anyio

from airssys_rt import ActorRef, ActorSystem, Shutdown
from airssys_rt.bench.actors import (
    Arm,
    Clock,
    Disarm,
    Gate,
    Pause,
    Ping,
    Sink,
    SinkMsg,
    Sleeper,
    Tick,
    Total,
)
from airssys_rt.bench.measure import Span, Stopwatch, check

__all__ = ["SOON", "WITHIN", "start_all", "suspend_all"]

SOON = 0.05  # seconds until the first of many timers is due
WITHIN = 0.05  # and from the first to the last


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


async def leave(n: int) -> tuple[Span, ...]:
    """Leave a system of n actors, which end from the last to the first."""
    async with ActorSystem("bench") as system:
        refs = await start_all(system, n)
        watch = Stopwatch()
    span = watch.lap(n)
    check(await refs[0].stopped(), Shutdown(), "reason of the last to end")
    return (span,)


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
        await clock.ask(Arm(n), timeout=None)
        armed = watch.lap(n)
        cancelled = await clock.ask(Disarm(n), timeout=None)
        disarmed = watch.lap(n)
    check(cancelled, n, "timers cancelled")
    return armed, disarmed


async def timers_fire(n: int) -> tuple[Span, ...]:
    """An actor sets n timers, and handles their messages; they are due soon, one after another."""
    async with ActorSystem("bench") as system:
        over = anyio.Event()
        clock = system.spawn(Clock, over, n)
        await clock.started()
        watch = Stopwatch()
        await clock.ask(Arm(n, SOON, WITHIN / n), timeout=None)
        await over.wait()
        span = watch.lap(n)
        handled = sum(actor.handled for actor in system.snapshot().tree)
    check(handled, n + 1, "messages handled")
    return (span,)
