"""What exploration finds of the faulty programs, and what plain tests find: the table of the docs.

Two halves: the corpus, by which exploration was tuned, and the held-out programs, which were
frozen before it was run on them.  What the table says of exploration is the same on every machine,
but for the limit of five seconds, which is far from what is needed; what it says of plain tests
depends on the load, since an engine on an event loop looks at the time, and is not compared.

    python -m tests.testing.bugs              the table
    python -m tests.testing.bugs --each       a line for each program before it
    python -m tests.testing.bugs --same-as docs/explanation/exploration.md
    python -m tests.testing.bugs --write docs/explanation/exploration.md
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from time import process_time

from airssys_rt.errors import Counterexample
from airssys_rt.testing import PCT, Uniform, explore
from airssys_rt.testing.choices import Choices, Hint, HintDriver, Step
from airssys_rt.testing.exploring import Settings, run
from airssys_rt.testing.faults import Fault
from airssys_rt.testing.net import Option
from airssys_rt.testing.schedule import Driver
from tests.testing.corpus import PROGRAMS, Program
from tests.testing.corpus.plain import fails
from tests.testing.depth import depth_table
from tests.testing.heldout import HELD_OUT
from tests.testing.heldout.freeze import read

__all__ = ["Finding", "find", "least", "twin_accused"]

HALVES = {"tuned together with exploration": PROGRAMS, "held out": HELD_OUT}
MOST = 400  # schedules
TWINS = 200  # schedules of each policy for a twin
SEEDS = 10
REPETITIONS = 100
SECONDS = 5.0
PATIENCE = 5.0  # seconds after which a plain test counts as one that hangs
DEPTH = (
    "Messages of so many clients that have to come in just the opposite order: how many of 10 seeds"
    " find that, with 200\nschedules each:"
)
BEGIN, END = "<!-- bugs:begin -->", "<!-- bugs:end -->"


@dataclass(frozen=True)
class Finding:
    """What was found: after how many schedules, how small, in how much processor time."""

    schedules: int
    size: int
    seconds: float
    faults: tuple[Fault, ...] = ()


def find(
    program: Program, policy: PCT | Uniform, schedules: int = MOST, seed: int = 0
) -> Finding | None:
    """Explore the faulty program; None if nothing was found, or not what replays."""
    start = process_time()
    try:
        explore(program.scenario(faulty=True), policy=policy, schedules=schedules, seed=seed)
    except Counterexample as found:
        number = re.search(r"\(schedule (\d+)\)", found.what)
        if number is None:
            return None
        faults = [(kind, seconds) for _, kind, seconds in Choices.of(found.token).faults]
        took = process_time() - start
        return Finding(int(number[1]), found.choices, took, tuple(dict.fromkeys(faults)))
    return None


def twin_accused(program: Program, policy: PCT | Uniform, schedules: int) -> str:
    """What an exploration says of the correct twin; nothing, if all is well."""
    try:
        explore(program.scenario(faulty=False), policy=policy, schedules=schedules)
    except Counterexample as found:
        return found.what
    return ""


class Listed(HintDriver):
    """Goes by hints, and lists the steps that it takes."""

    def __init__(self, hints: list[Hint]) -> None:
        super().__init__(0, hints)
        self.listed: list[Step] = []

    def took(self, option: Option) -> None:
        """One more."""
        self.listed.append((option.name, self._counts.get(option.name, 0)))
        super().took(option)


def least(program: Program, found: Finding) -> int:
    """The size of the smallest failing schedule, if it is 0, 1 or 2, else at least 2.

    Searched without regard to how schedules are shrunk: send order; then every step held until
    after every other one, or with one of the faults that were found.
    """
    scenario = program.scenario(faulty=True)
    settings = Settings()
    if run(scenario, settings, Driver()) is not None:
        return 0
    if found.size <= 1:
        return found.size
    plain = Listed([])
    run(scenario, settings, plain)
    for step in plain.listed:
        held = Listed([Hint(step, until=("never", 0))])
        run(scenario, settings, held)
        ones = [Hint(step, until=until) for until in dict.fromkeys(held.listed)]
        ones += [Hint(step, fault=fault) for fault in found.faults]
        if any(run(scenario, settings, HintDriver(0, [one])) is not None for one in ones):
            return 1
    return 2


@dataclass(frozen=True)
class Row:
    """All that is measured of one program."""

    name: str
    pct: Finding | None
    uniform: Finding | None
    default: int  # of ten seeds, how many are found with 200 schedules
    least: int
    accused: str
    plain: bool
    stress: bool


def plainly(program: Program, *, stress: bool) -> bool:
    """Whether a plain test, run again and again, finds the faulty one and passes its twin."""

    def any_fails(faulty: bool) -> bool:
        return any(
            fails(
                program,
                faulty=faulty,
                chance=Random(number) if stress else None,
                limit=PATIENCE,
            )
            for number in range(REPETITIONS)
        )

    return any_fails(True) and not any_fails(False)


def measure(half: str, number: int) -> Row:
    """One program."""
    program = HALVES[half][number]
    pct = find(program, PCT(3))
    seeds = [find(program, PCT(3), 200, seed) for seed in range(SEEDS)]
    accused = [twin_accused(program, policy, TWINS) for policy in (PCT(3), Uniform())]
    return Row(
        program.name,
        pct,
        find(program, Uniform()),
        sum(one is not None for one in seeds),
        least(program, pct) if pct is not None else 0,
        "; ".join(filter(None, accused)),
        plainly(program, stress=False),
        plainly(program, stress=True),
    )


def of(count: int, whole: int) -> str:
    """A share."""
    return f"{count} of {whole} ({100 * count / whole:.0f} %)"


def column(rows: Sequence[Row]) -> list[str]:
    """The cells of one half."""
    size = len(rows)
    found = [row.pct for row in rows if row.pct is not None and row.pct.seconds <= SECONDS]
    needed = [one.schedules for one in found]
    more = [row.pct.size - row.least for row in rows if row.pct is not None]
    return [
        of(len(found), size),
        str(sum(one.size == 0 for one in found)),
        f"{median(needed):g}, {max(needed)}",
        of(sum(row.default for row in rows), size * SEEDS),
        of(sum(row.uniform is not None for row in rows), size),
        f"{max(one.size for one in found)}",
        f"{of(more.count(0), size)}; {more.count(1)} one more, {sum(m > 1 for m in more)} larger",
        str(sum(bool(row.accused) for row in rows)),
        of(sum(row.plain for row in rows), size),
        of(sum(row.stress for row in rows), size),
    ]


LINES = (
    f"found by `PCT(3)` in {MOST:,} schedules, in {SECONDS:g} s of a processor",
    "of these, fail in send order already",
    "schedules until then: median, most",
    f"found by plain `explore`, its 200 schedules, with each of {SEEDS} seeds",
    f"found by `Uniform()` in {MOST:,} schedules",
    "deviations from send order when shrunk: most",
    "fewest deviations that there can be, reached by",
    f"twins accused, in {TWINS} schedules of each policy",
    f"found by a plain asyncio test, run {REPETITIONS} times",
    "found by it when clients begin at random moments",
)
UNSTEADY = LINES[-2:]


def table(halves: dict[str, list[Row]]) -> str:
    """The table, and what was corrected."""
    columns = [column(rows) for rows in halves.values()]
    heads = [f"{name}: {len(rows)}" for name, rows in halves.items()]
    lines = ["| | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(heads)]
    for line, *cells in zip(LINES, *columns, strict=True):
        lines.append("| " + " | ".join([line, *cells]) + " |")
    lines += ["", "Corrected since the held-out programs were frozen:", ""]
    lines += [f"- {one}." for one in read()["corrections"]] or ["- nothing."]
    return "\n".join(lines)


def steady(text: str) -> list[str]:
    """What is the same on every machine."""
    return [
        line
        for line in text.splitlines()
        if not line.startswith(tuple(f"| {u} |" for u in UNSTEADY))
    ]


def shown(row: Row) -> str:
    """A line for one program."""

    def told(finding: Finding | None) -> str:
        if finding is None:
            return "not found"
        return f"schedule {finding.schedules}, size {finding.size}, {finding.seconds:.2f} s"

    return (
        f"{row.name}: pct {told(row.pct)}; least {row.least}; default {row.default}/{SEEDS};"
        f" uniform {told(row.uniform)}; plain {row.plain}; stress {row.stress} {row.accused}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", action="store_true", help="a line for each program")
    parser.add_argument("--same-as", type=Path, metavar="FILE", help="fail if its table is old")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table there")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes")
    options = parser.parse_args(arguments)
    halves: dict[str, list[Row]] = {}
    with ProcessPoolExecutor(options.jobs) as pool:
        for half, programs in HALVES.items():
            rows = halves[half] = []
            for row in pool.map(measure, [half] * len(programs), range(len(programs))):
                rows.append(row)
                if options.each:
                    print(shown(row), flush=True)
    every = [row for rows in halves.values() for row in rows]
    text = f"{table(halves)}\n\n{DEPTH}\n\n{depth_table()}"
    print(text)
    failed = [row.name for row in every if row.accused]
    for name in failed:
        print(f"the twin of {name} is accused", file=sys.stderr)
    missed = [row.name for row in halves["held out"] if row.pct is None]
    for name in missed:
        print(f"{name} is not found", file=sys.stderr)
    for page in filter(None, [options.same_as, options.write]):
        old = page.read_text(encoding="utf-8")
        before, _, rest = old.partition(BEGIN)
        _, _, after = rest.partition(END)
        new = f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"
        if page == options.write:
            page.write_text(new, encoding="utf-8")
        elif steady(new) != steady(old):
            print(f"the table of {page} is old: --write it anew", file=sys.stderr)
            failed.append(str(page))
    return 1 if failed or len(missed) * 20 > len(halves["held out"]) else 0


if __name__ == "__main__":
    sys.exit(main())
