"""Predictable under load: `python -m tests.benchmarks.load --help`.

What everybody else notices while a system is as busy as it can be:

* `lag`: how late the event loop comes back to a task that gave way twice, half of that: one turn;
* `timer`: how late the message of a timer of an idle actor is handled;
* `ask`, `async ask`: how long an ask of an idle actor takes, whose handler is sync or async.

The load: so many actors with so many messages in their mailboxes all the time, for each handler
tells the next actor. Each figure is a 99th percentile, in wall time and in CPU time of this
process: on a machine that others use, wall time is also about how long they kept the processor.
Targets are judged in CPU time where the loop does not sleep; both are printed.

`--gc` lists what the garbage collector took meanwhile (`gc.callbacks`), and `--growth` what a
message costs with 10 to 1,000,000 actors, and writes a picture of it.
"""

from __future__ import annotations

import argparse
import gc
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import TypeAlias

import anyio

from airssys_rt import Actor, ActorRef, ActorSystem, Message, Request, on
from airssys_rt.bench.backends import BACKENDS, Backend
from airssys_rt.bench.measure import check
from tests.benchmarks.plot import Line, plot

__all__ = ["Load", "Pauses", "growth", "measure", "pauses"]

EVERY = 0.002  # seconds between two asks, and for which a timer is set
TARGETS = {"lag": 2.0, "timer": 5.0, "ask": 5.0, "async ask": 5.0}  # milliseconds
PAUSE = 10.0  # milliseconds of the garbage collector's
RATIO = 0.7  # throughput of 100,000 actors to that of 10
PASSES = 4  # over all numbers of actors
# whom each actor sends to: who was made after it, or one whose memory was touched long ago
FAR, BARE = "to a far one", "a bare loop, to a far one"
STRIDES = {"to the next actor": 1, FAR: 7919}


class Work(Message):
    number: int


class Get(Request[int]): ...


class GetSlowly(Request[int]): ...


class Tick(Message):
    wall: float
    cpu: float


IdleMsg: TypeAlias = Get | GetSlowly | Tick


@dataclass
class Samples:
    """How long something took, in seconds."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, wall: float, cpu: float) -> None:
        """What passed since then."""
        self.wall.append(perf_counter() - wall)
        self.cpu.append(process_time() - cpu)

    @staticmethod
    def p99(seconds: list[float]) -> float:
        """The 99th percentile, in milliseconds."""
        ordered = sorted(seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000


@dataclass
class Load:
    """What was measured under one load."""

    actors: int
    backlog: int
    going: bool = True
    handled: int = 0
    rate: float = 0.0  # messages a second of CPU time
    samples: dict[str, Samples] = field(
        default_factory=lambda: {name: Samples() for name in TARGETS}
    )

    def line(self) -> str:
        """A row of the table."""
        cells = [f"{self.actors:,}", f"{self.backlog:,}", f"{self.rate / 1e6:.2f}"]
        for name in TARGETS:
            one = self.samples[name]
            cells.append(f"{Samples.p99(one.cpu):.2f} ({Samples.p99(one.wall):.2f})")
        return f"| {' | '.join(cells)} |"

    def missed(self) -> list[str]:
        """The targets that were not met, in CPU time."""
        return [
            f"{name} with {self.actors:,} actors: {Samples.p99(self.samples[name].cpu):.2f} ms"
            for name, most in TARGETS.items()
            if Samples.p99(self.samples[name].cpu) > most
        ]


HEAD = (
    "| actors | messages queued | million a second | "
    + " | ".join(f"{name} p99, ms" for name in TARGETS)
    + " |\n|---|---|---|"
    + "---|" * len(TARGETS)
)


class Busy(Actor[Work]):
    """Hands what it gets to the next one; `burn` is seconds of computing for each."""

    following: ActorRef[Work]

    def __init__(self, load: Load, burn: float) -> None:
        self.load = load
        self.burn = burn

    @on(Work)
    def work(self, msg: Work) -> None:
        load = self.load
        load.handled += 1
        if self.burn:
            end = process_time() + self.burn
            while process_time() < end:
                pass
        if load.going:
            self.following.tell(Work(msg.number))

    initial = work


class Idle(Actor[IdleMsg]):
    """Has nothing to do but what is measured."""

    def __init__(self, load: Load) -> None:
        self.load = load

    def pre_start(self) -> None:
        self.again()

    def again(self) -> None:
        self.after(EVERY, Tick(perf_counter() + EVERY, process_time()))

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.load.handled

    @on(GetSlowly)
    async def get_slowly(self, msg: GetSlowly) -> int:
        return self.load.handled

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        late = max(0.0, perf_counter() - msg.wall)
        samples = self.load.samples["timer"]
        samples.wall.append(late)
        # the loop never sleeps meanwhile, so CPU time runs as wall time does
        samples.cpu.append(max(0.0, process_time() - msg.cpu - EVERY))
        if self.load.going:
            self.again()

    initial = get | get_slowly | tick


async def fill(
    system: ActorSystem, load: Load, burn: float = 0.0, stride: int = 7919
) -> list[ActorRef[Work]]:
    """Start the actors, tell each who is next, and queue the backlog."""
    made: list[Busy] = []

    def make() -> Busy:
        made.append(Busy(load, burn))
        return made[-1]

    refs = [system.spawn(make) for _ in range(load.actors)]
    await system.drain()
    check(len(made), load.actors, "actors started")
    for index, actor in enumerate(made):
        actor.following = refs[(index * stride + 1) % load.actors]
    for number in range(load.backlog):
        refs[number % load.actors].tell(Work(number))
    return refs


async def under_load(
    actors: int, backlog: int, seconds: float, burn: float = 0.0, *, freeze: bool = False
) -> Load:
    """Measure what others notice for so many seconds."""
    load = Load(actors, backlog)
    async with ActorSystem("load", drain=600, gc="freeze" if freeze else None) as system:
        await fill(system, load, burn)
        idle = system.spawn(Idle, load)
        timer = system.spawn(Idle, load)
        await timer.started()
        await idle.ask(Get(), timeout=None)
        for samples in load.samples.values():
            samples.wall.clear()
            samples.cpu.clear()
        load.handled = 0
        start, end = process_time(), perf_counter() + seconds

        async def turns() -> None:
            samples = load.samples["lag"]
            while perf_counter() < end:
                wall, cpu = perf_counter(), process_time()
                await anyio.sleep(0)
                await anyio.sleep(0)
                samples.wall.append((perf_counter() - wall) / 2)
                samples.cpu.append((process_time() - cpu) / 2)
                await anyio.sleep(0.001)

        async def asks(name: str, make: Callable[[], Awaitable[int]]) -> None:
            while perf_counter() < end:
                wall, cpu = perf_counter(), process_time()
                await make()
                load.samples[name].add(wall, cpu)
                await anyio.sleep(EVERY)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(turns)
            tasks.start_soon(asks, "ask", lambda: idle.ask(Get(), timeout=None))
            tasks.start_soon(asks, "async ask", lambda: idle.ask(GetSlowly(), timeout=None))
        load.rate = load.handled / (process_time() - start)
        handled = load.handled
        load.going = False
        await system.drain()
        check(load.handled - handled, backlog, "messages of the backlog")
    return load


def measure(backend: Backend, actors: int, backlog: int, seconds: float, burn: float = 0.0) -> Load:
    """As `under_load`, on a new event loop."""

    async def run(_n: int) -> Load:
        return await under_load(actors, backlog, seconds, burn)

    return backend.run(run, 0)


# ---------------------------------------------------------------- the garbage collector


@dataclass
class Pauses:
    """The collections of a time, by generation, in milliseconds."""

    seen: list[tuple[int, float]] = field(default_factory=list)

    @property
    def longest(self) -> float:
        """The longest one."""
        return max((taken for _, taken in self.seen), default=0.0)

    def line(self, name: str) -> str:
        """How many there were, and how long the longest was."""
        count = [sum(1 for g, _ in self.seen if g == generation) for generation in range(3)]
        return (
            f"{name}: {count[0]} young, {count[1]} middle and {count[2]} full collections,"
            f" the longest {self.longest:.2f} ms"
        )


@contextmanager
def pauses() -> Iterator[Pauses]:
    """Note how long each collection takes, in CPU time."""
    found = Pauses()
    begun = 0.0

    def note(phase: str, info: dict[str, int]) -> None:
        nonlocal begun
        if phase == "start":
            begun = process_time()
        else:
            found.seen.append((info["generation"], (process_time() - begun) * 1000))

    gc.callbacks.append(note)
    try:
        yield found
    finally:
        gc.callbacks.remove(note)


async def steady(actors: int, backlog: int, seconds: float, *, freeze: bool) -> Pauses:
    """The collector's pauses while a full load goes on, after it was built up."""
    load = Load(actors, backlog)
    async with ActorSystem("steady", drain=600, gc="freeze" if freeze else None) as system:
        await fill(system, load)
        end = perf_counter() + seconds
        with pauses() as found:
            while perf_counter() < end:
                await anyio.sleep(0.01)
        load.going = False
        await system.drain()
    return found


# ---------------------------------------------------------------- growth


async def cost(actors: int, rounds: int, stride: int) -> float:
    """Nanoseconds of CPU time a message, with so many actors that each have one of two."""
    load = Load(actors, actors * 2)
    async with ActorSystem("growth", drain=600) as system:
        await fill(system, load, stride=stride)
        most = actors * rounds
        start, before = process_time(), load.handled
        while load.handled - before < most:
            await anyio.sleep(0)
        taken = (process_time() - start) / (load.handled - before)
        load.going = False
        await system.drain()
    return taken * 1e9


class Bare:
    """What is left of a busy actor without a library: a queue, and a handler."""

    following: Bare

    def __init__(self, ready: deque[Bare]) -> None:
        self.ready = ready
        self.queue: deque[Work] = deque()
        self.handled = 0

    def work(self, msg: Work) -> None:
        """Hand a new message to the next one."""
        self.handled += 1
        self.following.queue.append(Work(msg.number))
        self.ready.append(self.following)


def bare_cost(count: int, rounds: int, stride: int) -> float:
    """As `cost`, of a bare loop over so many queues: what the machine's memory takes."""
    ready: deque[Bare] = deque()
    objects = [Bare(ready) for _ in range(count)]
    for index, one in enumerate(objects):
        one.following = objects[(index * stride + 1) % count]
    for number in range(2 * count):
        objects[number % count].queue.append(Work(number))
        ready.append(objects[number % count])
    table = {Work: Bare.work}
    start = process_time()
    for _ in range(rounds * count):
        one = ready.popleft()
        msg = one.queue.popleft()
        table[type(msg)](one, msg)
    taken = (process_time() - start) / (rounds * count)
    check(sum(one.handled for one in objects), rounds * count, "messages")
    return taken * 1e9


def growth(
    backend: Backend, counts: tuple[int, ...], least: int, say: Callable[[str], object]
) -> list[Line]:
    """What a message costs with ever more actors; at least so many messages a figure.

    The least of some passes: what other programs take of the machine is no property of ours.
    """
    seen: dict[tuple[str, int], list[float]] = {}
    for _ in range(PASSES):
        for count in counts:
            rounds = max(3, least // count)
            for name, stride in STRIDES.items():
                one = backend.run(partial(cost, rounds=rounds, stride=stride), count)
                seen.setdefault((name, count), []).append(one)
            bare = bare_cost(count, rounds, STRIDES[FAR])
            seen.setdefault((BARE, count), []).append(bare)
    names = [*STRIDES, BARE]
    say(f"| actors | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for count in counts:
        cells = [f"{min(seen[name, count]):,.0f} ns" for name in names]
        say(f"| {count:,} | {' | '.join(cells)} |")
    return [Line(name, [(n, min(seen[name, n])) for n in counts]) for name in names]


# ---------------------------------------------------------------- the command


def main(argv: list[str] | None = None, say: Callable[[str], object] = print) -> None:
    """Measure, print, and fail if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.load")
    parser.add_argument("--backend", choices=list(BACKENDS), default="asyncio")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    parser.add_argument("--backlog", type=int, default=1_000_000, help="messages queued")
    parser.add_argument("--actors", type=int, action="append", help="how many; may be repeated")
    parser.add_argument("--gc", action="store_true", help="the collector's pauses only")
    parser.add_argument("--growth", type=Path, metavar="SVG", help="costs by number of actors only")
    options = parser.parse_args(argv)
    backend = BACKENDS[options.backend]
    counts: list[int] = options.actors or [1, 1_000, 100_000, 1_000_000]
    missed: list[str] = []
    if options.growth is not None:
        steps = tuple(10**n for n in range(1, 7) if 10**n <= max(counts))
        lines = growth(backend, steps, options.backlog, say)
        options.growth.write_text(plot(lines, "actors", "ns of CPU time"), encoding="utf-8")
        for line in lines:
            few, many = line.points[0][1], dict(line.points).get(100_000, 0.0)
            if few / RATIO < many and line.name in STRIDES:
                missed.append(f"throughput with 100,000 actors, {line.name}: {few / many:.2f}")
    elif options.gc:
        for freeze in (False, True):
            for count in counts:

                async def run(n: int, freeze: bool = freeze) -> Pauses:
                    return await steady(n, options.backlog, options.seconds, freeze=freeze)

                one = backend.run(run, count)
                setting = 'gc="freeze"' if freeze else "Python's own"
                say(one.line(f"{count:,} actors, {setting}"))
                if freeze and one.longest > PAUSE:
                    missed.append(f"a pause of {one.longest:.1f} ms with {count:,} actors")
    else:
        say(HEAD)
        for count in counts:
            load = measure(backend, count, options.backlog, options.seconds)
            say(load.line())
            missed += load.missed()
    for text in missed:
        say(f"missed: {text}")
    if missed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
