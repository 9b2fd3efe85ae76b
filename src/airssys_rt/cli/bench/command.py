"""`airssys-rt bench`: its options and its exit codes.

Exit codes: 0 it went well; 1 something has become slower than in the run that it is compared with;
2 wrong usage; 70 a benchmark did not do its work.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from airssys_rt.cli.exit_codes import BROKEN, UNEQUAL, USAGE
from airssys_rt.errors import BadArgument

__all__ = ["bench"]


def bench(
    case: Annotated[
        list[str] | None,
        typer.Option(
            help="Measure this case; may be given again. All that are not slow, if not given.",
            show_default=False,
        ),
    ] = None,
    backend: Annotated[
        list[str] | None,
        typer.Option(
            help="Measure on this event loop; may be given again. asyncio, if not given.",
            show_default=False,
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each contender.")] = 15,
    libraries: Annotated[
        bool, typer.Option(help="Race against other actor libraries that are installed.")
    ] = True,
    quick: Annotated[bool, typer.Option("--quick", help="One small round: does it run?")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    compare: Annotated[
        Path | None,
        typer.Option(
            help="The JSON of an earlier run: fail if something has become slower.",
            metavar="OLD.json",
            show_default=False,
        ),
    ] = None,
    tolerance: Annotated[
        float,
        typer.Option(
            min=0.0, help="The share by which a ratio may grow, beside what is uncertain of it."
        ),
    ] = 0.05,
    names: Annotated[bool, typer.Option("--list", help="Name the cases, and end.")] = False,
) -> None:
    """Measure the library on this machine, beside its rivals."""
    # here, because the other commands need none of it
    from airssys_rt.bench.measure import WrongResult
    from airssys_rt.bench.program import Plan, listing, run

    if names:
        print(listing())
        raise typer.Exit
    plan = Plan(
        cases=case or (),
        backends=backend or ("asyncio",),
        rounds=rounds,
        libraries=libraries,
        quick=quick,
        compare=compare,
        tolerance=tolerance,
    )
    try:
        outcome = run(plan, lambda text: print(text, file=sys.stderr))
    except BadArgument as error:
        print(error, file=sys.stderr)
        raise typer.Exit(USAGE) from None
    except WrongResult as error:
        print(f"a benchmark did not do its work: {error}", file=sys.stderr)
        raise typer.Exit(BROKEN) from None
    print(outcome.as_json() if json else outcome.as_markdown())
    raise typer.Exit(UNEQUAL if outcome.slower else 0)
