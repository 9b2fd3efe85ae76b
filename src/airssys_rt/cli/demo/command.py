"""`airssys-rt demo`: its options, its exit codes, and the order of what happens.

Exit codes: 0 it went well, also with files that do not parse; 1 the verification failed; 2 wrong
usage; 70 an actor failed; 128 and the number of the signal that interrupted it.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Annotated

import msgspec
import typer

from airssys_rt import ActorStopped
from airssys_rt.cli.demo.crew import Plan
from airssys_rt.cli.demo.faults import Faults
from airssys_rt.cli.demo.plain import differences, plain_count
from airssys_rt.cli.demo.report import (
    Report,
    Verification,
    as_json,
    print_report,
    print_verification,
    progress_bar,
)
from airssys_rt.cli.demo.run import Backend, run
from airssys_rt.cli.demo.workers import WorkerKind
from airssys_rt.cli.exit_codes import BROKEN, BY_SIGNAL, INTERRUPTED, UNEQUAL, USAGE
from airssys_rt.cli.interrupt import interrupts_are_handled
from airssys_rt.errors import BadArgument

__all__ = ["carry_out", "demo"]


def demo(
    path: Annotated[
        Path | None,
        typer.Argument(
            help="The directory to index; the standard library of this Python if not given.",
            show_default=False,
            metavar="PATH",
        ),
    ] = None,
    workers: Annotated[WorkerKind, typer.Option(help="Where files are parsed.")] = "processes",
    parsers: Annotated[
        int | None,
        typer.Option("--parsers", "-j", min=1, help="Parser actors; one per CPU if not given."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Index the first N files only.", metavar="N")
    ] = None,
    backend: Annotated[Backend, typer.Option(help="The event loop.")] = "asyncio",
    crash_rate: Annotated[
        float,
        typer.Option(
            help="Crash each parse with this probability, too; the file is then tried again.",
            metavar="0..1",
        ),
    ] = 0.0,
    seed: Annotated[
        int, typer.Option(help="Which parses --crash-rate hits: the same seed, the same ones.")
    ] = 0,
    verify: Annotated[
        bool, typer.Option("--verify", help="Count again in a plain loop, and compare.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    every_failure: Annotated[
        bool, typer.Option("--all", help="Show every file that failed, not the first 20.")
    ] = False,
) -> None:
    """Index a tree of Python files with a tree of actors."""
    try:
        root = checked_root(path)
        check_backend(backend)
        faults = checked_faults(crash_rate, seed)
    except BadArgument as error:
        print(error, file=sys.stderr)
        raise typer.Exit(USAGE) from None
    interrupts_are_handled()
    plan = Plan(root, parsers or cpus(), workers, limit, faults=faults)
    raise typer.Exit(
        carry_out(plan, backend, verify=verify, json=json, every_failure=every_failure)
    )


def carry_out(
    plan: Plan,
    backend: Backend = "asyncio",
    *,
    verify: bool = False,
    json: bool = False,
    every_failure: bool = False,
) -> int:
    """Run a plan, print what came of it; the exit code."""
    begin = perf_counter()
    try:
        if json:
            result = run(plan, backend)
        else:
            with progress_bar() as show:
                result = run(plan, backend, show)
    except ActorStopped as error:
        print(f"an actor failed, so there is no result\n{error}", file=sys.stderr)
        return BROKEN
    except KeyboardInterrupt:  # before the crew was there, or after it
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    report = Report(plan, backend, result, perf_counter() - begin)
    try:
        if not json:
            print_report(report, every_failure=every_failure)
        code = 0 if result.signal is None else BY_SIGNAL + result.signal
        if verify and result.signal is None:
            verification = verified(report)
            report = msgspec.structs.replace(report, verification=verification)
            if not json:
                print_verification(verification)
            code = {True: 0, False: UNEQUAL, None: INTERRUPTED}[verification.equal]
        if json:
            print(as_json(report))
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def verified(report: Report) -> Verification:
    """Compare the result with the plain loop's."""
    plan = report.plan
    begin = perf_counter()
    try:
        plain = plain_count(plan.root, plan.limit, plan.parse)
    except KeyboardInterrupt:
        return Verification(None, [], perf_counter() - begin)
    unlike = differences(report.result.summary, plain)
    return Verification(not unlike, unlike, perf_counter() - begin)


def checked_root(path: Path | None) -> str:
    """The directory to index.  Raises `BadArgument`."""
    if path is None:
        return sysconfig.get_path("stdlib")
    if path.is_dir():
        return str(path)
    raise BadArgument(
        f"{path} is not a directory",
        where="the argument PATH",
        why="it is a file" if path.exists() else "there is nothing of that name",
        mend="name a directory that holds Python files, or leave PATH out to index the standard"
        " library",
    )


def checked_faults(rate: float, seed: int) -> Faults:
    """The crashes that are wanted.  Raises `BadArgument`."""
    if 0 <= rate <= 1:
        return Faults(rate, seed)
    raise BadArgument(
        f"{rate:g} is not a probability",
        where=f"the option --crash-rate {rate:g}",
        why="it is not between 0 and 1",
        mend="give 0.1, for instance, to crash one parse in ten, or leave the option out",
    )


def check_backend(backend: Backend) -> None:
    """Import the event loop.  Raises `BadArgument` if it is not installed."""
    try:
        import_module(backend)
    except ModuleNotFoundError:
        raise BadArgument(
            f"the event loop {backend} is not installed",
            where=f"the option --backend {backend}",
            why=f"{backend} is an extra of the library",
            mend=f"pip install 'airssys-rt[{backend}]', or leave the option out to use asyncio",
        ) from None


def cpus() -> int:
    """How many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
