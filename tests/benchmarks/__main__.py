"""The benchmarks: `python -m tests.benchmarks --help`, or `nox -s bench`.

Prints a Markdown table per event loop. Every figure is measured in this run, beside its rivals in
alternating rounds; a target that was not measured is not called met.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.benchmarks.backends import BACKENDS
from tests.benchmarks.cases import CASES, Session
from tests.benchmarks.erlang import Erlang
from tests.benchmarks.report import Result, as_json, facts, table

LEGEND = """\
ours, floor, raw, erlang: medians over the rounds, wall time; spread: the least and the greatest;
CPU: the median of this process's CPU time, which other programs disturb less; ratio: ours to that
rival's, the median over the rounds, in CPU time but for Erlang, which is another process. Targets
are about CPU time, too. floor: make a message, queue it, take it, look up its handler, call it; it
runs beside most cases and tells how fast the machine was then. raw: an asyncio.Queue and a task per
actor. Memory: bytes per actor, each figure from a fresh process."""


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--backend",
        action="append",
        choices=list(BACKENDS),
        help="measure on this event loop only; may be given again (default: all)",
    )
    parser.add_argument(
        "--case",
        action="append",
        choices=list(CASES),
        help="measure this case only; may be given again (default: all)",
    )
    parser.add_argument("--rounds", type=int, default=15, help="turns of each contender")
    parser.add_argument("--quick", action="store_true", help="small n, one round: does it run?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Measure, and print the tables."""
    options = arguments(argv)
    backends: list[str] = options.backend or list(BACKENDS)
    quick: bool = options.quick
    results: list[Result] = []
    with Erlang() as erlang:
        about = facts(erlang.otp)
        print("# Benchmarks\n")
        print("\n".join(f"- {name}: {value}" for name, value in about.items()))
        print(f"\n{LEGEND}")
        for name in backends:
            rounds = 1 if quick else options.rounds
            session = Session(BACKENDS[name], erlang, rounds, quick)
            found = [row for case in options.case or CASES for row in CASES[case](session)]
            print(f"\n## On {name}\n\n{table(found, judged=not quick)}", flush=True)
            results += found
    if options.json is not None:
        rows = [as_json(result, judged=not quick) for result in results]
        text = json.dumps({"about": about, "results": rows}, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
