"""The recorded baseline: ratios by version of Python, and how far runs of one program lie apart.

A single run's rounds are closer to each other than two runs are: where objects lie in memory, and
how hashes fall, differ between processes. So the baseline is recorded from several runs, each a
process of its own; what is recorded of each row is the median of their ratios and the greatest
deviation from it. The gate allows the tolerance and twice the deviation.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from airssys_rt.bench.cases import ACTORS, MANY, MESSAGES, SAVINA
from airssys_rt.bench.compare import Ratios, load
from airssys_rt.bench.program import PYTHON, Plan

__all__ = ["BASELINE", "STEADY", "merged", "record"]

BASELINE = Path(__file__).with_name("baseline.json")
ROOT = Path(__file__).parent.parent.parent

# what the gate measures: not what depends on timers, or on a few long turns
UNSTEADY = {"timers", "restart", "suspensions", "population", "leave", "memory-suspended"}
STEADY = [n for group in (MESSAGES, ACTORS, SAVINA, MANY) for n in group if n not in UNSTEADY]


@dataclass(frozen=True)
class Recorded:
    """A row's ratio to one rival over several runs."""

    value: float
    deviation: float


def record(plan: Plan, runs: int, progress: Callable[[str], object]) -> None:
    """Measure in processes of their own; write the baseline for this version of Python."""
    found: list[Ratios] = []
    about: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(runs):
            progress(f"run {turn + 1} of {runs}")
            file = Path(folder) / f"{turn}.json"
            command = [sys.executable, "-m", "tests.benchmarks", "--json", str(file)]
            command += ["--rounds", str(plan.rounds), *(["--quick"] if plan.quick else [])]
            for name in plan.cases:
                command += ["--case", name]
            for name in plan.backends:
                command += ["--backend", name]
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            found.append(load(file, PYTHON))
            about = json.loads(file.read_text(encoding="utf-8"))["about"]
    write(BASELINE, PYTHON, about, merged(found), runs)


def merged(runs: list[Ratios]) -> dict[tuple[str, str], dict[str, Recorded]]:
    """The median of the runs' ratios, and the greatest deviation from it as a share."""
    rows: dict[tuple[str, str], dict[str, Recorded]] = {}
    for key in runs[0]:
        rows[key] = {}
        for rival in runs[0][key]:
            values = [run[key][rival].value for run in runs]
            middle = median(values)
            rows[key][rival] = Recorded(middle, max(abs(v / middle - 1) for v in values))
    return rows


def write(
    file: Path,
    python: str,
    about: dict[str, str],
    rows: dict[tuple[str, str], dict[str, Recorded]],
    runs: int,
) -> None:
    """Put the rows into the file, beside those for other versions of Python."""
    # Any: JSON
    document: dict[str, Any] = {"baseline": {}}
    if file.exists():
        document = json.loads(file.read_text(encoding="utf-8"))
    kept = ("python", "build", "anyio", "msgspec")
    document["baseline"][python] = {
        "runs": runs,
        "about": {name: about[name] for name in kept},
        "rows": [
            {
                "case": case,
                "backend": backend,
                "ratios": {
                    name: [round(of.value, 4), round(of.deviation, 4)] for name, of in row.items()
                },
            }
            for (case, backend), row in rows.items()
        ],
    }
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
