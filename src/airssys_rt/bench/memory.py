"""Bytes per actor, each figure from a fresh process: `python -m airssys_rt.bench.memory WHAT ...`.

`rss` is the growth of the process's resident memory, with everything that the allocator keeps;
`traced` is what tracemalloc has counted, the memory that is reachable. A process measures one of
them only, because tracing itself takes memory. What is measured:

* `idle`: an actor that has started and handled a message, and the ref to it;
* `suspended`: what is added while its handler is suspended, a carrier and its task included;
* `raw`: an `asyncio.Queue` and a task that waits on it.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path

from airssys_rt import ActorSystem
from airssys_rt.bench import raw_many
from airssys_rt.bench.actors import Pause, Tick, Total
from airssys_rt.bench.backends import BACKENDS
from airssys_rt.bench.many import start_all, suspend_all
from airssys_rt.bench.measure import WrongResult, check

__all__ = ["HAS_RSS", "bytes_each"]

STATM = Path("/proc/self/statm")
HAS_RSS = STATM.exists()


def resident() -> int:
    """The process's resident memory, in bytes."""
    gc.collect()
    pages = int(STATM.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def traced() -> int:
    """What tracemalloc counts, in bytes."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


Gauge = Callable[[], int]


async def idle(n: int, gauge: Gauge) -> int:
    async with ActorSystem("bench") as system:
        await start_all(system, 10)
        before = gauge()
        refs = await start_all(system, n)
        for i, ref in enumerate(refs):
            ref.tell(Tick(i))
        check(await refs[-1].ask(Total(), timeout=None), 1, "messages of the last")
        after = gauge()
    return after - before


async def suspended(n: int, gauge: Gauge) -> int:
    async with ActorSystem("bench") as system:
        gate, sleepers = await suspend_all(system, n)
        before = gauge()
        for sleeper in sleepers:
            sleeper.tell(Pause())
        await gate.full.wait()
        check(gate.inside, n, "handlers suspended")
        after = gauge()
        gate.opened.set()
    return after - before


async def raw(n: int, gauge: Gauge) -> int:
    await raw_many.stop_all(await raw_many.start_all(10))
    before = gauge()
    actors = await raw_many.start_all(n)
    await raw_many.ask_each(actors)
    grown = gauge() - before
    await raw_many.stop_all(actors)
    return grown


SUBJECTS: dict[str, Callable[[int, Gauge], Awaitable[int]]] = {
    "idle": idle,
    "suspended": suspended,
    "raw": raw,
}


def bytes_each(what: str, how: str, backend: str, n: int) -> float:
    """Bytes per actor among n of them, measured in a fresh process."""
    command = [sys.executable, "-m", "airssys_rt.bench.memory", what, how, backend, str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise WrongResult(f"memory of {n} {what} on {backend}: {done.stderr}")
    return int(done.stdout) / n


def main(what: str, how: str, backend: str, n: int) -> None:
    """Measure in this process; prints bytes."""
    if how == "traced":
        tracemalloc.start()
    gauge = traced if how == "traced" else resident
    grown = BACKENDS[backend].run(lambda count: SUBJECTS[what](count, gauge), n)
    sys.stdout.write(f"{grown}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
