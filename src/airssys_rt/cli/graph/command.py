"""`airssys-rt graph MODULE:ACTOR`: print, write or check the state diagram of an actor class.

Exit codes: 0 it went well; 1 the diagram in the file is stale; 2 wrong usage, or no such class.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from airssys_rt.cli.exit_codes import UNEQUAL, USAGE
from airssys_rt.errors import BadArgument

__all__ = ["graph"]

Format: TypeAlias = Literal["mermaid", "dot"]


def graph(
    target: Annotated[
        str, typer.Argument(metavar="MODULE:ACTOR", help="The class, as in bank.accounts:Account.")
    ],
    form: Annotated[
        Format, typer.Option("--format", "-f", help="The language of the diagram.")
    ] = "mermaid",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "--write",
            "-o",
            metavar="FILE",
            help="Write it there; into Markdown, between the comments <!-- graph MODULE:ACTOR -->"
            " and <!-- /graph -->.",
        ),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Change nothing; exit code 1 if the file is stale."),
    ] = None,
) -> None:
    """Draw the states of an actor class, read from its declaration."""
    try:
        if output is not None and check is not None:
            raise BadArgument(
                "--output writes a file, and --check changes none",
                where="the options --output and --check",
                mend="leave one of them out",
            )
        raise typer.Exit(carry_out(target, form, output, check))
    except BadArgument as error:
        print(error, file=sys.stderr)
        raise typer.Exit(USAGE) from None


def carry_out(
    target: str, form: Format = "mermaid", output: Path | None = None, check: Path | None = None
) -> int:
    """Print, write or compare; the exit code.  Raises `BadArgument`."""
    diagram = drawn(target, form)
    path = output or check
    if path is None:
        print(diagram, end="")
        return 0

    from airssys_rt.cli.graph.committed import difference, renewed

    old, line_end = _read(path, target)
    new = renewed(old or "", path, target, diagram, form)
    if output is not None:
        if new != old:
            _write(output, new, line_end)
        return 0
    if old == new:
        return 0
    found = difference(old or "", new, path) if old is not None else ["there is no such file"]
    command = ["airssys-rt", "graph", target]
    command += ["--format", form] if form != "mermaid" else []
    print(f"{path}: the diagram of {target} is stale", *found, sep="\n", file=sys.stderr)
    print(f"  mend   {shlex.join([*command, '--output', str(path)])}", file=sys.stderr)
    return UNEQUAL


def drawn(target: str, form: Format) -> str:
    """The diagram of the class.  Raises `BadArgument`."""
    from airssys_rt.cli.graph.dot import dot
    from airssys_rt.cli.graph.locate import protocol_at
    from airssys_rt.cli.graph.mermaid import mermaid
    from airssys_rt.cli.graph.model import graph_of

    model = graph_of(protocol_at(target), target)
    return mermaid(model) if form == "mermaid" else dot(model)


def _read(path: Path, target: str) -> tuple[str | None, str]:
    """The text, with plain line ends, and the line end of the file."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None, "\n"
    except (OSError, UnicodeDecodeError) as error:
        raise BadArgument(
            f"{path} cannot be read",
            where=f"the diagram of {target}",
            why=str(error),
            mend="name a text file in UTF-8",
        ) from None
    everywhere = text.count("\r\n") == text.count("\n") > 0
    return (text.replace("\r\n", "\n"), "\r\n") if everywhere else (text, "\n")


def _write(path: Path, text: str, line_end: str) -> None:
    try:
        path.write_bytes(text.replace("\n", line_end).encode("utf-8"))
    except OSError as error:
        raise BadArgument(
            f"{path} cannot be written",
            where="the option --output",
            why=str(error),
            mend="name a file in a directory that exists",
        ) from None
