"""Full load for minutes, with flat memory: `python -m tests.benchmarks.soak --minutes 10`.

Everything at once, as fast as it goes: a crowd with a full backlog, asks that are answered, time
out and are cancelled, timers, actors that start, stop, crash and are restarted, a topic, pipes,
bounded mailboxes that overflow, work in threads.  Three things are looked at:

* the resident memory is flat: the median of its last quarter is at most `FLAT` times that of its
  second quarter (the first one is the warm-up);
* it returns: of a load of a million queued messages and 100,000 actors, built up and gone, at most
  `KEPT` is left when the C library gives back what is free, and the same load once more needs no
  more memory than before;
* nothing is left over: no actor, no task, no waiting ask.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import TypeAlias

import anyio

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    ActorSystem,
    AskTimeout,
    Bounded,
    HandlerFailed,
    Message,
    Name,
    Request,
    Supervisor,
    Workers,
    on,
    props,
)
from airssys_rt.bench.backends import BACKENDS, Backend
from airssys_rt.bench.measure import check
from airssys_rt.bench.memory import resident
from tests.benchmarks.load import Load, fill
from tests.benchmarks.offloaded import nothing
from tests.benchmarks.overload import resident_pages

__all__ = ["FLAT", "KEPT", "Record", "Returned", "returns", "soak"]

FLAT = 1.05
KEPT = 0.25
CROWD, BACKLOG = 1_000, 100_000
BUSY = 4  # of each client


class Ping(Request[int]):
    number: int


class Slow(Request[int]): ...


class Crash(Message): ...


class Done(Message):
    value: object


class Tick(Message): ...


class Noise(Message):
    text: str


ServiceMsg: TypeAlias = Ping | Slow | Crash | Done | Tick | Noise
SERVICE = Name[ServiceMsg]("service")
NEWS = Name[Noise]("news")


class Service(Actor[ServiceMsg]):
    """Answers, waits, crashes, computes."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self.ticks = 0

    def pre_start(self) -> None:
        self.every(0.01, Tick())

    @on(Ping)
    def ping(self, msg: Ping) -> int:
        self.pipe(self.workers.run(nothing, msg.number), Done, Done)
        return msg.number

    @on(Slow)
    async def slow(self, msg: Slow) -> int:
        await anyio.sleep(0.002)
        return self.ticks

    @on(Crash)
    def crash(self, msg: Crash) -> None:
        raise RuntimeError("as it is told")

    @on(Done)
    def done(self, msg: Done) -> None:
        self.ticks += 1

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.ticks += 1

    @on(Noise)
    def noise(self, msg: Noise) -> None:
        self.ticks += 1

    initial = ping | slow | crash | done | tick | noise


class Shortlived(Actor[Noise]):
    """Comes and goes, with more messages than its mailbox takes."""

    @on(Noise)
    def noise(self, msg: Noise) -> None:
        """Nothing: it is about what does not fit."""

    initial = noise


@dataclass
class Record:
    """What was seen meanwhile."""

    memory: list[int] = field(default_factory=list)  # pages
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    @property
    def growth(self) -> float:
        """The last quarter of the memory's course to the second one."""
        quarter = max(1, len(self.memory) // 4)
        return median(self.memory[-quarter:]) / median(self.memory[quarter : 2 * quarter])

    def line(self) -> str:
        counts = ", ".join(f"{number:,} {what}" for what, number in sorted(self.counts.items()))
        quarters = len(self.memory) // 4 or 1
        course = [
            f"{median(self.memory[n : n + quarters]):,.0f}"
            for n in range(0, len(self.memory), quarters)
        ]
        return f"{counts}; memory in pages, by quarters: {', '.join(course[:4])}"


async def client(
    service: ActorRef[ServiceMsg], system: ActorSystem, record: Record, end: float
) -> None:
    """Use the service in every way."""
    number = 0
    while perf_counter() < end:
        number += 1
        try:
            check(await service.ask(Ping(number)), number, "reply")
            record.count("asks")
            if number % 7 == 0:
                await service.ask(Slow(), timeout=0.001)
            if number % 11 == 0:
                with anyio.move_on_after(0.001):
                    await service.ask(Slow())
            if number % 101 == 0:
                service.tell(Crash())
        except (AskTimeout, ActorStopped, HandlerFailed) as error:
            record.count(type(error).__name__)
        system.topic(NEWS).publish(Noise("news"))
        await anyio.sleep(0)


async def births(system: ActorSystem, record: Record, end: float) -> None:
    """Start actors, fill their mailboxes, stop them."""
    recipe = props(Shortlived).mailbox(Bounded(4, "drop_oldest"))
    while perf_counter() < end:
        for _ in range(20):
            ref = system.spawn(recipe)
            for text in ("a", "b", "c", "d", "e"):
                ref.tell(Noise(text))
            system.topic(NEWS).subscribe(ref)
            ref.stop(drain=True)
            record.count("actors")
        await anyio.sleep(0.001)


async def soak(seconds: float, *, freeze: bool = False) -> Record:
    """Full load for so many seconds."""
    record = Record()
    load = Load(CROWD, BACKLOG)
    workers = Workers("thread", limit=2, queue=100)
    async with ActorSystem("soak", drain=120, gc="freeze" if freeze else None) as system:
        await fill(system, load)
        child = props(Service, workers).named(SERVICE)
        top = system.spawn(props(Supervisor, [child], intensity=1_000_000, period=1.0))
        await top.started()
        before = system.snapshot().actors
        begin = perf_counter()
        end = begin + seconds
        async with anyio.create_task_group() as tasks:
            for _ in range(BUSY):
                tasks.start_soon(client, system.ref(SERVICE), system, record, end)
            tasks.start_soon(births, system, record, end)
            while perf_counter() < end:
                await anyio.sleep(min(1.0, seconds / 40))
                record.memory.append(resident_pages())
        load.going = False
        record.count("messages", load.handled)
        while system.snapshot().actors > before:
            await anyio.sleep(0.01)
        check(system.snapshot().actors, before, "actors left")
        await system.drain(10.0)
    return record


@dataclass
class Returned:
    """What became of a load's memory, as parts of what it had grown by."""

    kept: float  # when it was over
    trimmed: float  # when the C library had been told to give back what is free
    again: float  # the peak of a second load like it, to the first one's

    def line(self, actors: int, backlog: int) -> str:
        return (
            f"of the memory of {actors:,} actors with {backlog:,} messages {self.kept:.0%} was left"
            f" afterwards, {self.trimmed:.0%} after malloc_trim; the same load once more took"
            f" {self.again:.2f} times as much"
        )


def trim() -> None:
    """Have glibc give free memory back to the system; without glibc, nothing."""
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (OSError, AttributeError):
        return


async def returns(actors: int, backlog: int) -> Returned:
    """Build a load up and let it go, twice."""
    peaks: list[int] = []
    kept = trimmed = 0.0
    async with ActorSystem("returns", drain=600) as system:
        trim()
        before = resident()
        for _ in range(2):
            load = Load(actors, backlog)
            refs = await fill(system, load)
            peaks.append(max(1, resident() - before))  # a small load may need no more
            load.going = False
            await system.drain()
            check(load.handled, backlog, "messages")
            for ref in refs:
                ref.stop()
            del refs, ref
            while system.snapshot().actors:  # they are on their way out
                await anyio.sleep(0.01)
            kept = (resident() - before) / peaks[0]
            trim()
            trimmed = (resident() - before) / peaks[0]
    return Returned(kept, trimmed, peaks[1] / peaks[0])


def main(argv: list[str] | None = None, say: Callable[[str], object] = print) -> None:
    """Run, print, and fail if memory was not flat or did not return."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak")
    parser.add_argument("--backend", choices=list(BACKENDS), default="asyncio")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--actors", type=int, default=100_000, help="of the load that goes again")
    parser.add_argument("--backlog", type=int, default=1_000_000, help="its messages")
    parser.add_argument("--freeze", action="store_true", help='with gc="freeze"')
    options = parser.parse_args(argv)
    backend: Backend = BACKENDS[options.backend]
    seconds, freeze, backlog = options.minutes * 60, options.freeze, options.backlog

    async def both(actors: int) -> tuple[Returned, Record, int]:
        gc.collect()
        kept = await returns(actors, backlog)
        record = await soak(seconds, freeze=freeze)
        tasks = len(asyncio.all_tasks()) - 1 if backend.library == "asyncio" else 0
        return kept, record, tasks

    logging.disable()  # the crashes and dead letters are wanted
    try:
        kept, record, tasks = backend.run(both, options.actors)
    finally:
        logging.disable(logging.NOTSET)
    say(kept.line(options.actors, backlog))
    say(record.line())
    say(f"growth from the second to the last quarter: {record.growth:.3f} (at most {FLAT:g})")
    check(tasks, 0, "tasks left")
    if record.growth > FLAT or kept.trimmed > KEPT or kept.again > FLAT:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
