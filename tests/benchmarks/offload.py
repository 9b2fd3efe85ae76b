"""What it costs to leave the event loop, and what it brings: `python -m tests.benchmarks.offload`.

For each kind of worker, in turns, round after round:

* `call`: an ask of an actor whose handler runs an empty function in a worker, beside the same by
  anyio alone; wall time, and CPU time of this process;
* `100 kB`, `10 MB`: what a call takes that is given so many bytes;
* `two cores`: how many times as fast two computations are, beside each other, as one after the
  other here.

Wall times are the least of the rounds: what other programs take is no property of ours.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from functools import partial
from time import perf_counter, process_time
from typing import Any

import anyio
import anyio.to_process
import anyio.to_thread

from airssys_rt import Actor, ActorRef, ActorSystem, Request, Workers, on
from airssys_rt.bench.backends import BACKENDS
from airssys_rt.bench.measure import check
from airssys_rt.runtime.offload import Where, has_interpreters
from tests.benchmarks.offloaded import burn, length, nothing

__all__ = ["KINDS", "figures", "main"]

KINDS: tuple[Where, ...] = ("thread", "process", "interpreter")
KINDS = KINDS if has_interpreters() else KINDS[:2]

SMALL, LARGE = bytes(100_000), bytes(10_000_000)


class Call(Request[int]):
    number: int


class Caller(Actor[Call]):
    def __init__(self, workers: Workers) -> None:
        self.workers = workers

    @on(Call)
    async def call(self, msg: Call) -> int:
        return await self.workers.run(nothing, msg.number)

    initial = call


# Any: anyio's functions differ in their options
async def by_hand(kind: Where) -> Any:
    """The same by anyio alone."""
    if kind == "thread":
        return await anyio.to_thread.run_sync(nothing, 1)
    if kind == "process":
        return await anyio.to_process.run_sync(nothing, 1)
    from anyio import to_interpreter

    return await to_interpreter.run_sync(nothing, 1)


async def timed(work: Callable[[], Awaitable[object]], count: int) -> tuple[float, float]:
    """Microseconds of wall time and of CPU time for one."""
    wall, cpu = perf_counter(), process_time()
    for _ in range(count):
        await work()
    each = 1e6 / count
    return (perf_counter() - wall) * each, (process_time() - cpu) * each


async def beside(workers: Workers, steps: int) -> float:
    """How many times as fast two are in workers as one after the other here."""
    begin = perf_counter()
    alone = burn(steps)
    burn(steps)
    middle = perf_counter()
    async with anyio.create_task_group() as tasks:

        async def one() -> None:
            check(await workers.run(burn, steps), alone, "what a worker computed")

        tasks.start_soon(one)
        tasks.start_soon(one)
    return (middle - begin) / (perf_counter() - middle)


async def figures(count: int, rounds: int, steps: int) -> dict[str, list[float]]:
    """All figures, by the name of the row."""
    found: dict[str, list[list[float]]] = {}
    pools = {kind: Workers(kind, limit=2) for kind in KINDS}
    async with ActorSystem("offload", drain=60) as system:
        callers: dict[Where, ActorRef[Call]] = {
            kind: system.spawn(Caller, workers) for kind, workers in pools.items()
        }
        for turn in range(rounds + 1):  # the first one warms up
            for kind, workers in pools.items():
                ref = callers[kind]
                row = [
                    *await timed(partial(ref.ask, Call(1), timeout=None), count),
                    *await timed(partial(by_hand, kind), count),
                    (await timed(partial(workers.run, length, SMALL), 5))[0],
                    (await timed(partial(workers.run, length, LARGE), 2))[0],
                    await beside(workers, steps),
                ]
                if turn:
                    found.setdefault(kind, []).append(row)
    return {
        kind: [*(min(column) for column in columns[:-1]), max(columns[-1]), median_of(columns[-1])]
        for kind, rows in found.items()
        for columns in [list(zip(*rows, strict=True))]
    }


def median_of(values: tuple[float, ...]) -> float:
    """The one in the middle."""
    return sorted(values)[len(values) // 2]


HEAD = (
    "| worker | call, µs | CPU, µs | by hand, µs | CPU, µs | 100 kB, µs | 10 MB, µs |"
    " two cores, most | median |\n|---|---|---|---|---|---|---|---|---|"
)


def main(argv: list[str] | None = None, say: Callable[[str], object] = print) -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.offload")
    parser.add_argument("--backend", choices=list(BACKENDS), default="asyncio")
    parser.add_argument("--count", type=int, default=100, help="calls of a round")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=2_000_000, help="of a computation")
    options = parser.parse_args(argv)
    rounds, steps = options.rounds, options.steps

    async def run(count: int) -> dict[str, list[float]]:
        return await figures(count, rounds, steps)

    say(HEAD)
    for kind, row in BACKENDS[options.backend].run(run, options.count).items():
        cells = [f"{value:,.0f}" for value in row[:-2]] + [f"{value:.2f}" for value in row[-2:]]
        say(f"| {kind} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
