"""The benchmarks for those who change the library: `python -m tests.benchmarks --help`.

It is `airssys-rt bench` with what a project needs beside: the recorded baseline, which
`--compare` without a file compares with; `--record`, which measures a new one; `--page`, which
writes the tables of the documentation.

Every figure is measured in this run, beside its rivals in alternating rounds; a target that was not
measured is not called met.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from airssys_rt.bench.backends import BACKENDS
from airssys_rt.bench.cases import CASES
from airssys_rt.bench.compare import TOLERANCE
from airssys_rt.bench.program import Plan, listing, run
from airssys_rt.errors import BadArgument
from tests.benchmarks.baseline import BASELINE, STEADY, record
from tests.benchmarks.page import PAGE, write_page


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--list", action="store_true", help="name the cases, and end")
    parser.add_argument(
        "--backend",
        action="append",
        choices=list(BACKENDS),
        help="measure on this event loop; may be given again (default: asyncio)",
    )
    parser.add_argument(
        "--case",
        action="append",
        choices=list(CASES),
        help="measure this case; may be given again (default: all that are not slow)",
    )
    parser.add_argument("--all", action="store_true", help="measure the slow cases, too")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each contender")
    parser.add_argument("--quick", action="store_true", help="small n, one round: does it run?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument(
        "--compare",
        type=Path,
        nargs="?",
        const=BASELINE,
        metavar="FILE",
        help="fail if something has become slower than in that run (default: than the baseline)",
    )
    parser.add_argument(
        "--tolerance", type=float, default=TOLERANCE, help="the share that a ratio may grow by"
    )
    parser.add_argument(
        "--record",
        type=int,
        nargs="?",
        const=5,
        metavar="RUNS",
        help="measure so many times, and write the baseline for this version of Python",
    )
    parser.add_argument(
        "--page", type=Path, nargs="?", const=PAGE, metavar="FILE", help="write its tables"
    )
    return parser.parse_args(argv)


def progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(argv: list[str] | None = None) -> int:
    """Measure, and print the tables; 1 if something has become slower."""
    options = arguments(argv)
    if options.list:
        print(listing())
        return 0
    # a gate compares with what runs in this process
    gate = options.compare == BASELINE or options.record is not None
    chosen = options.case or (list(CASES) if options.all else STEADY if gate else ())
    plan = Plan(
        cases=chosen,
        backends=options.backend or ("asyncio",),
        rounds=options.rounds,
        libraries=not gate,
        quick=options.quick,
        compare=options.compare,
        tolerance=options.tolerance,
    )
    if options.record is not None:
        record(plan, options.record, progress)
        return 0
    try:
        outcome = run(plan, progress)
    except BadArgument as error:
        progress(str(error))
        return 2
    print(outcome.as_markdown())
    if options.json is not None:
        options.json.write_text(outcome.as_json() + "\n", encoding="utf-8")
    if options.page is not None:
        write_page(options.page, outcome)
    return 1 if outcome.slower else 0


if __name__ == "__main__":
    sys.exit(main())
