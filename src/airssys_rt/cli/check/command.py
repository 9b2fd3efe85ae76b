"""`airssys-rt check [PATHS] [-- MYPY OPTIONS]`: mypy with the plugin, its findings by actor.

Exit codes: 0 no errors; 1 errors; 2 mypy is not installed, or could not check: wrong options, a
configuration or a file that cannot be read, a crash.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from airssys_rt.cli.exit_codes import UNEQUAL, USAGE
from airssys_rt.cli.interrupt import interrupts_are_handled
from airssys_rt.errors import BadArgument

__all__ = ["PLUGIN", "carry_out", "check"]

PLUGIN = "airssys_rt.mypy"


def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATHS] [-- MYPY OPTIONS]",
            help="What to check; what the configuration of mypy names, or the present directory,"
            " if not given. Behind -- come options for mypy.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="Print one SARIF document.")] = False,
    only_actor: Annotated[
        bool, typer.Option("--only-actor", help="Report the actor-... codes only.")
    ] = False,
) -> None:
    """Run mypy with the plugin for actors, and group what it finds by actor."""
    interrupts_are_handled()
    try:
        if json and sarif:
            raise BadArgument(
                "--json and --sarif are two documents, and standard output takes one",
                where="the options --json and --sarif",
                mend="leave one of them out",
            )
        code = carry_out(paths or [], json=json, sarif=sarif, only_actor=only_actor)
    except BadArgument as error:
        print(error, file=sys.stderr)
        code = USAGE
    raise typer.Exit(code)


def carry_out(
    given: list[str],
    *,
    json: bool = False,
    sarif: bool = False,
    only_actor: bool = False,
    plugin: str = PLUGIN,
) -> int:
    """Run mypy, print what it found; the exit code.  Raises `BadArgument`."""
    from airssys_rt.cli.check.findings import is_of_actors
    from airssys_rt.cli.check.report import as_json, as_text
    from airssys_rt.cli.check.run import run_mypy

    # only behind `--` can there be one with a dash
    behind = next((i for i, text in enumerate(given) if text.startswith("-")), len(given))
    outcome = run_mypy(given[:behind], given[behind:], plugin)
    if outcome.complaints:
        print(outcome.complaints, file=sys.stderr)
    findings = [f for f in outcome.findings if not only_actor or is_of_actors(f.code)]
    code = UNEQUAL if any(finding.is_error for finding in findings) else 0
    if not outcome.complete:
        code = USAGE
        print("mypy could not check everything", file=sys.stderr)
    if json:
        print(as_json(findings, complete=outcome.complete, exit_code=code))
    elif sarif:
        from airssys_rt.cli.check.sarif import as_sarif
        from airssys_rt.cli.explain.pages import check_pages

        print(as_sarif(findings, check_pages(), Path.cwd(), complete=outcome.complete))
    elif outcome.complete or findings:
        print(as_text(findings))
    return code
