"""What the demo prints: tables for people, or one JSON document for programs.

Laws: a path is shown as it is, whatever brackets or undecodable bytes its name has; standard
output gets the report, standard error gets progress and complaints.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from airssys_rt import ActorInfo, Snapshot
from airssys_rt.cli.demo.crew import Plan
from airssys_rt.cli.demo.parse import Failure
from airssys_rt.cli.demo.protocol import Progress, Summary
from airssys_rt.cli.demo.run import Backend, Result

__all__ = [
    "Report",
    "Verification",
    "as_json",
    "print_report",
    "print_verification",
    "progress_bar",
]

MODULES = 10
FAILURES = 20


class Verification(msgspec.Struct, frozen=True):
    """How the plain loop's result compares; `equal` is None if it was interrupted."""

    equal: bool | None
    differences: list[str]
    seconds: float


class Report(msgspec.Struct, frozen=True):
    """A run, and what is known about it."""

    plan: Plan
    backend: Backend
    result: Result
    seconds: float
    verification: Verification | None = None


@contextmanager
def progress_bar() -> Generator[Callable[[Progress], object] | None, None, None]:
    """A bar on standard error; None where that is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda now: bar.update(task, completed=now.done, total=now.found)


# -- for people --------------------------------------------------------------------------------


def print_report(report: Report, *, every_failure: bool) -> None:
    """The tables."""
    console = Console(highlight=False)
    result = report.result
    if result.signal is not None:
        console.print(Text(interruption(result.progress), style="bold yellow"))
    console.print(Text(f"Python files in {_shown(report.plan.root)}"), soft_wrap=True)
    console.print(_totals(result.summary))
    console.print(_modules(result.summary))
    _print_failures(console, result.summary.failures, every=every_failure)
    console.print(_actors(result.snapshot))
    console.print(Text(crashes(result)))
    # the request of a crash is a dead letter; there should be no other
    letters = result.snapshot.dead_letters
    others = letters - sum(msgspec.structs.astuple(result.crashes))
    console.print(Text(f"dead letters: {letters}", style="red" if others else "green"))
    plan = report.plan
    console.print(
        Text(
            f"elapsed: {report.seconds:.2f} s ({report.backend}, {plan.parsers} parsers,"
            f" {plan.workers})"
        )
    )


def print_verification(verification: Verification) -> None:
    """What the plain loop says."""
    console = Console(highlight=False)
    if verification.equal is None:
        line = Text("verification interrupted", style="bold yellow")
    elif verification.equal:
        line = Text(
            "verified: a plain loop counts the same"
            f" (in {verification.seconds:.2f} s, one thread, no actors)",
            style="bold green",
        )
    else:
        line = Text("verification failed:", style="bold red")
        for difference in verification.differences:
            line.append(f"\n  {_shown(difference)}", style="not bold")
    console.print(line, soft_wrap=True)


def interruption(progress: Progress) -> str:
    """How far it came."""
    more = "" if progress.walk_over else " or more"
    return f"interrupted: {progress.done} of {progress.found}{more} files"


def crashes(result: Result) -> str:
    """How often parsers crashed, and why."""
    counts = result.crashes
    reasons = (
        (counts.unparsable, "on files that do not parse"),
        (counts.injected, "injected"),
        (counts.worker, "with their workers"),
    )
    named = ", ".join(f"{number:,} {why}" for number, why in reasons if number)
    total = sum(msgspec.structs.astuple(counts))
    return f"crashes: {total:,}{f' ({named})' if named else ''}; restarts: {restarts(result):,}"


def restarts(result: Result) -> int:
    """How often actors were restarted, all together."""
    return sum(actor.incarnation - 1 for _, actor in _flat(result.snapshot.tree))


def _totals(summary: Summary) -> Table:
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for label, number in (
        ("files found", summary.found),
        ("indexed", summary.indexed),
        ("failed", len(summary.failures)),
        ("lines", summary.lines),
        ("bytes", summary.size),
    ):
        table.add_row(label, f"{number:,}")
    return table


def most_imported(summary: Summary) -> list[tuple[str, int]]:
    """The modules that most files import, the first of them first."""
    ranked = sorted(summary.imports.items(), key=lambda item: (-item[1], item[0]))
    return ranked[:MODULES]


def _modules(summary: Summary) -> Table:
    table = Table(title="Most imported")
    table.add_column("module")
    table.add_column("files", justify="right")
    for module, files in most_imported(summary):
        table.add_row(Text(_shown(module)), f"{files:,}")
    return table


def _print_failures(console: Console, failures: tuple[Failure, ...], *, every: bool) -> None:
    if not failures:
        return
    console.print(Text("Not indexed", style="italic"))
    shown = failures if every else failures[:FAILURES]
    for failure in shown:
        line = Text("  ").append(_shown(failure.path), style="bold")
        line.append(f"  {failure.kind}: {_shown(failure.reason)}")
        console.print(line, soft_wrap=True)
    if left := len(failures) - len(shown):
        console.print(Text(f"  and {left} more (--all shows them)"))


def _actors(snapshot: Snapshot) -> Table:
    table = Table(title="Actors")
    for header in ("path", "actor", "behaviour"):
        table.add_column(header)
    for header in ("restarts", "handled", "queued"):
        table.add_column(header, justify="right")
    for depth, actor in _flat(snapshot.tree):
        table.add_row(
            " " * depth + actor.path,
            actor.actor,
            actor.behaviour,
            f"{actor.incarnation - 1:,}",
            f"{actor.handled:,}",
            f"{actor.queued:,}",
        )
    return table


def _flat(tree: tuple[ActorInfo, ...], depth: int = 0) -> Iterator[tuple[int, ActorInfo]]:
    for actor in tree:
        yield depth, actor
        yield from _flat(actor.children, depth + 1)


def _shown(text: str) -> str:
    """Text that can be printed: control characters, and bytes that are no text, are escaped."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


# -- for programs ------------------------------------------------------------------------------


def as_json(report: Report) -> str:
    """The whole report; text is escaped to ASCII, so that every file name can be written."""
    result, summary, plan = report.result, report.result.summary, report.plan
    # Any: JSON
    document: dict[str, Any] = {
        "root": plan.root,
        "backend": report.backend,
        "workers": plan.workers,
        "parsers": plan.parsers,
        "limit": plan.limit,
        "crash_rate": plan.faults.rate,
        "seed": plan.faults.seed,
        "interrupted": result.signal is not None,
        "done": result.progress.done,
        "walk_over": result.progress.walk_over,
        "found": summary.found,
        "indexed": summary.indexed,
        "lines": summary.lines,
        "bytes": summary.size,
        "imports": dict(sorted(summary.imports.items(), key=lambda item: (-item[1], item[0]))),
        "failures": [failure._asdict() for failure in summary.failures],
        "crashes": msgspec.to_builtins(result.crashes),
        "restarts": restarts(result),
        "actors": [_node(actor) for actor in result.snapshot.tree],
        "dead_letters": result.snapshot.dead_letters,
        "seconds": round(report.seconds, 3),
        "verification": msgspec.to_builtins(report.verification),
    }
    return json.dumps(document, indent=2)


# Any: JSON
def _node(actor: ActorInfo) -> dict[str, Any]:
    """An actor, with the number of its restarts, and its children."""
    document: dict[str, Any] = msgspec.structs.asdict(actor)
    del document["children"]
    document["restarts"] = actor.incarnation - 1
    document["children"] = [_node(child) for child in actor.children]
    return document
