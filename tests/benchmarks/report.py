"""Results, their targets, and how they are shown: a Markdown table, or JSON."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.benchmarks.measure import Figure

__all__ = ["Result", "Target", "Unit", "as_json", "facts", "table"]

Unit = Literal["ns", "s", "bytes", "carriers", "times"]
RIVALS = ("floor", "raw", "erlang")


@dataclass(frozen=True)
class Target:
    """At most `limit`: of the figure itself, or of its ratio to the rival `of`."""

    limit: float
    of: str | None = None


@dataclass(frozen=True)
class Result:
    """One row: what was measured, for us and for the rivals of the same run."""

    case: str
    backend: str
    count: int
    unit: Unit
    ours: Figure
    rivals: dict[str, Figure] = field(default_factory=dict)
    target: Target | None = None

    def ratio(self, rival: str) -> float | None:
        """Our figure in units of a rival's: in CPU time if that runs in this process."""
        figure = self.rivals.get(rival)
        return None if figure is None else self.ours.ratio(figure, cpu=rival != "erlang")

    @property
    def met(self) -> bool | None:
        """Whether the target was met; None if there is none, or nothing to compare with."""
        if self.target is None:
            return None
        of = self.target.of
        reached = self.ours.effort if of is None else self.ratio(of)
        return None if reached is None else reached <= self.target.limit


# ---------------------------------------------------------------- text


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


def target_text(result: Result, *, judged: bool) -> tuple[str, str]:
    """The columns "target" and "met"."""
    target = result.target
    if target is None:
        return "", ""
    limit = f"≤ {target.limit:g} × {target.of}" if target.of else None
    text = limit or f"≤ {amount(target.limit, result.unit)}"
    if not judged:
        return text, "not judged"
    return text, {True: "yes", False: "**no**", None: "not measured"}[result.met]


def table(results: Iterable[Result], *, judged: bool) -> str:
    """The results as a Markdown table; with `judged` unset nothing is said of the targets."""
    head = ["case", "n", "ours", "spread", "CPU"]
    for rival in RIVALS:
        head += [rival, "ratio"]
    head += ["target", "met"]
    rows: list[Sequence[str]] = [head, ["---"] * len(head)]
    for result in results:
        low, high = result.ours.spread
        cpu = result.ours.cpu_median
        row = [result.case, f"{result.count:,}", amount(result.ours.median, result.unit)]
        row += [f"{amount(low, result.unit)} – {amount(high, result.unit)}"]
        row += [amount(cpu, result.unit) if cpu is not None else ""]
        for name in RIVALS:
            figure, ratio = result.rivals.get(name), result.ratio(name)
            row += [amount(figure.median, result.unit) if figure is not None else ""]
            row += [f"{ratio:.2f}" if ratio is not None else ""]
        rows.append((*row, *target_text(result, judged=judged)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


# ---------------------------------------------------------------- where it was measured


def cpu_model() -> str:
    """The processor's name, as well as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def facts(otp: str | None) -> dict[str, str]:
    """What the figures depend on: interpreter, machine, libraries."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    found = {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "machine": f"{cpu_model()}, {cores} cores, {platform.system()} {platform.machine()}",
        "erlang": f"OTP {otp}" if otp else "not found",
    }
    if hasattr(os, "getloadavg"):
        found["load"] = f"{os.getloadavg()[0]:.2f} at the start"
    for library in ("airssys-rt", "anyio", "msgspec", "trio", "uvloop"):
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            found[library] = "not installed"
    return found


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
        }

    target = result.target
    return {
        "case": result.case,
        "backend": result.backend,
        "n": result.count,
        "unit": result.unit,
        "ours": figure(result.ours),
        "rivals": {
            name: {**figure(rival), "ratio": result.ratio(name)}
            for name, rival in result.rivals.items()
        },
        "target": None if target is None else {"limit": target.limit, "of": target.of},
        "met": result.met if judged else None,
    }
