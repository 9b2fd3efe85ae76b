"""Instructions per message: `python -m tests.benchmarks.instructions --help`.

Where time is too noisy to see 3 %, the number of instructions that the processor executes is not:
it does not depend on the machine's speed, on its caches, nor on who else works. Each case runs in a
process of its own with n and then with 2 n operations, with the hashes of strings fixed; the
difference, divided by n, is what an operation costs without start and end. `perf stat` counts where
the machine lets it; else valgrind does, some fifty times slower.

Time slices end by the clock, and would end after a few messages of a simulated processor: here they
last. So what is counted is the way of a message through the engine, without the turns of the event
loop between two slices. Counts of two builds of Python, or of two compilers, cannot be compared.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airssys_rt.bench import many, ours, raw
from airssys_rt.bench.backends import ASYNCIO
from airssys_rt.bench.racing import Timed
from airssys_rt.kernel.scheduler import Scheduler

TOLERANCE = 0.03
LONG = 1000.0  # seconds

# what runs twice for each n: once to warm up
TWICE = {"spawn-stop"}
RECORDED = Path(__file__).with_name("instructions.json")

# case: what runs, and how many times
CASES: dict[str, tuple[Timed | None, int]] = {
    "floor": (None, 4_000),
    "tell": (ours.tell, 4_000),
    "tell-async": (ours.tell_async, 1_000),
    "tell-bounded": (ours.tell_bounded, 2_000),
    "ask": (ours.ask, 1_000),
    "ask-from-actor": (ours.ask_from_actor, 1_000),
    "ask-paused": (ours.ask_paused, 200),
    "bare-future": (raw.round_trip, 200),  # what ask-paused is compared with
    "ping-pong": (ours.ping_pong, 4_000),
    "ring": (ours.ring, 4_000),
    "become": (ours.become, 1_000),
    "spawn-stop": (many.spawn_stop, 200),
}


def work(case: str, n: int) -> None:
    """What the counted process does."""
    run, _ = CASES[case]
    if run is None:
        raw.floor(n)
    else:
        ASYNCIO.run(run, n)


def long_slices() -> None:
    """Make time slices last, in this process."""
    defaults = getattr(Scheduler.__init__, "__kwdefaults__", None)
    if defaults is None:  # compiled: the counts hold some turns of the event loop, too
        return
    defaults["slice_seconds"] = LONG


def by_perf(command: list[str], environment: dict[str, str]) -> int | None:
    """The instructions of a command, as the processor counts them; None if it does not."""
    perf = shutil.which("perf")
    if perf is None:
        return None
    with tempfile.NamedTemporaryFile("r", suffix=".txt") as file:
        counted = [perf, "stat", "-x,", "-e", "instructions:u", "-o", file.name, *command]
        subprocess.run(counted, env=environment, check=True, capture_output=True)
        found = re.search(r"^(\d+),", file.read(), re.MULTILINE)
    return None if found is None else int(found[1])


def by_valgrind(command: list[str], environment: dict[str, str]) -> int | None:
    """The same, simulated."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        return None
    options = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run(
        [valgrind, *options, *command], env=environment, check=True, capture_output=True, text=True
    )
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    return None if found is None else int(found[1].replace(",", ""))


COUNTERS: dict[str, Callable[[list[str], dict[str, str]], int | None]] = {
    "perf": by_perf,
    "valgrind": by_valgrind,
}


def counter() -> str | None:
    """What counts on this machine."""
    environment = dict(os.environ)
    for name, count in COUNTERS.items():
        if count([sys.executable, "-c", ""], environment) is not None:
            return name
    return None


def each(case: str, how: str) -> float:
    """Instructions per operation."""
    _, n = CASES[case]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    base = [sys.executable, "-m", "tests.benchmarks.instructions", "--work", case]
    few, many_ = (COUNTERS[how]([*base, str(count)], environment) for count in (n, 2 * n))
    assert few is not None
    assert many_ is not None
    return (many_ - few) / (2 * n if case in TWICE else n)


def main(argv: list[str] | None = None) -> int:
    """Count, print a table, compare; 1 if something executes more than before."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.instructions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--case", action="append", choices=list(CASES))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts there")
    parser.add_argument(
        "--compare",
        type=Path,
        nargs="?",
        const=RECORDED,
        metavar="FILE",
        help="with counts written before (default: with the recorded ones)",
    )
    parser.add_argument("--work", nargs=2, metavar=("CASE", "N"), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.work is not None:
        long_slices()
        work(options.work[0], int(options.work[1]))
        return 0
    how = counter()
    if how is None:
        print("neither perf, with counters of the processor, nor valgrind is here", file=sys.stderr)
        return 2
    # Any: JSON
    before: dict[str, Any] = {}
    build = f"{platform.python_version()}, {platform.python_compiler()}, {how}"
    if options.compare is not None:
        document = json.loads(options.compare.read_text(encoding="utf-8"))
        if document["build"] != build:
            print(f"counted on {document['build']}: not to be compared with {build}")
            return 2
        before = document["counts"]
    print(f"Instructions per operation, CPython {build}\n")
    print("| case | instructions | × floor | before | change |\n| --- | --- | --- | --- | --- |")
    counts: dict[str, float] = {}
    worse = False
    for case in dict.fromkeys(["floor", *(options.case or CASES)]):
        counts[case] = now = each(case, how)
        ratio = now / counts["floor"]
        row = f"| {case} | {now:,.0f} | {ratio:.2f} |"
        old = before.get(case)
        if old is None:
            print(f"{row} | |", flush=True)
            continue
        worse = worse or now > old * (1 + TOLERANCE)
        print(f"{row} {old:,.0f} | {now / old - 1:+.1%} |", flush=True)
    if options.json is not None:
        text = json.dumps({"build": build, "counts": counts}, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
