"""How results are shown: a Markdown table, JSON, and where they were measured."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from airssys_rt.bench.measure import Figure, relative_spread
from airssys_rt.bench.results import ACCELERATED, NEAREST, Result, Target, Unit

__all__ = ["LEGEND", "as_json", "facts", "table"]

LEGEND = """\
ours: wall time, the median over the rounds; spread: the least and the greatest; CPU: the median of
this process's CPU time. The other columns are ratios, ours to that rival's in CPU time: the median
of the ratios within each round, ± half of the range of the middle half of them. Other programs and
the host disturb CPU time less than wall time, and a ratio less than both. floor: make a message,
queue it, take it, look up its handler, call it; it runs beside most cases. queue and task: the same
case with an asyncio.Queue and a task per actor. BEAM: Erlang's engine, which may use all cores; in
brackets the ratio in wall time. nearest library: the fastest of the other actor libraries that are
installed. Memory: bytes per actor, each figure from a fresh process."""

# the columns of ratios, in their order
TITLES = {
    "floor": "× floor",
    "raw": "× queue and task",
    "future": "× bare future",
    "anyio": "× anyio streams",
    "asyncio": "× asyncio streams",
    "erlang": "× BEAM",
    NEAREST: "× nearest library",
}
NAMES = {"raw": "queue and task", "future": "bare future", "erlang": "BEAM"}


def amount(value: float, unit: Unit) -> str:
    """A value with its unit, in three digits or so."""
    if unit == "ns":
        if value >= 1e9:
            return f"{value / 1e9:.2f} s"
        if value >= 1e6:
            return f"{value / 1e6:.1f} ms"
        return f"{value:,.0f} ns" if value < 10_000 else f"{value / 1000:,.1f} µs"
    if unit == "s":
        return f"{value:.3f} s"
    if unit == "times":
        return f"{value:.2f} ×"
    return f"{value:,.0f}" if unit == "carriers" else f"{value:,.0f} B"


def ratio_text(result: Result, rival: str) -> str:
    """A ratio with its spread; to Erlang also in wall time, to libraries with their name."""
    ratio = result.ratio(rival)
    if ratio is None:
        return ""
    text = f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.3f}"
    if len(result.ours.rounds) > 1:
        text += f" ± {result.spread(rival):.0%}"
    if rival == "erlang" and result.ours.cpu:
        text += f" ({result.ratio(rival, cpu=False):.2f})"
    if rival == NEAREST:
        text += f" {result.nearest}"
    return text


def target_text(target: Target, result: Result) -> str:
    """What is to be reached."""
    if target.of is None:
        return f"≤ {amount(target.bound, result.unit)}"
    return f"≤ {target.bound:.3g} × {NAMES.get(target.of, target.of)}"


def met_text(result: Result, *, judged: bool) -> str:
    """Which of the targets were met."""
    if not judged:
        return "not judged" if result.targets else ""
    words = {True: "yes", False: "**no**", None: "not measured"}
    return ", ".join(words[result.met(target)] for target in result.targets)


def table(results: Iterable[Result], *, judged: bool) -> str:
    """The results as a Markdown table; with `judged` unset nothing is said of the targets."""
    rows = list(results)
    columns = [name for name in TITLES if any(row.rival(name) for row in rows)]
    aims = any(row.targets for row in rows)
    head = ["case", "n", "ours", "spread", "CPU", *(TITLES[name] for name in columns)]
    if aims:
        head += ["target", "met"]
    lines: list[Sequence[str]] = [head, ["---"] * len(head)]
    for row in rows:
        low, high = row.ours.spread
        cpu = row.ours.cpu_median
        line = [row.case, f"{row.count:,}", amount(row.ours.median, row.unit)]
        line += [f"{amount(low, row.unit)} – {amount(high, row.unit)}"]
        line += [amount(cpu, row.unit) if cpu is not None else ""]
        line += [ratio_text(row, name) for name in columns]
        if aims:
            line += [", ".join(target_text(target, row) for target in row.targets)]
            line += [met_text(row, judged=judged)]
        lines.append(line)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# ---------------------------------------------------------------- where it was measured


def cpu_model() -> str:
    """The processor's name, as well as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def facts(peers: Mapping[str, str]) -> dict[str, str]:
    """What the figures depend on: interpreter, machine, libraries, rivals."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    found = {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "build": "accelerated" if ACCELERATED else "pure Python",
        "machine": f"{cpu_model()}, {cores} cores, {platform.system()} {platform.machine()}",
    }
    if hasattr(os, "getloadavg"):
        found["load"] = f"{os.getloadavg()[0]:.2f} at the start"
    for library in ("airssys-rt", "anyio", "msgspec", "trio", "uvloop"):
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            found[library] = "a source tree" if library == "airssys-rt" else "not installed"
    return {**found, **peers}


def as_json(result: Result, *, judged: bool) -> dict[str, object]:
    """Everything that was measured for one row."""

    def figure(value: Figure) -> dict[str, object]:
        low, high = value.spread
        return {
            "median": value.median,
            "low": low,
            "high": high,
            "cpu": value.cpu_median,
            "rounds": value.rounds,
            "cpu_rounds": value.cpu,
        }

    def rival(name: str, value: Figure) -> dict[str, object]:
        ratios = result.ours.ratios(value)
        return {
            **figure(value),
            "ratio": result.ratio(name),
            "ratio_wall": result.ratio(name, cpu=False),
            "ratio_spread": relative_spread(ratios),
        }

    return {
        "case": result.case,
        "backend": result.backend,
        "n": result.count,
        "unit": result.unit,
        "ours": figure(result.ours),
        "rivals": {name: rival(name, value) for name, value in result.rivals.items()},
        "nearest": result.nearest,
        "targets": [
            {
                "limit": target.bound,
                "of": target.of,
                "met": result.met(target) if judged else None,
            }
            for target in result.targets
        ],
    }
