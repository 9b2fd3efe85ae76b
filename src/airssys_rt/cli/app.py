"""The command `airssys-rt`.

Importing this module imports next to nothing: a worker process imports its parent's
main module, which imports this one.
"""

from __future__ import annotations

import io
import sys

from airssys_rt.cli.exit_codes import INTERRUPTED, USAGE
from airssys_rt.cli.interrupt import ending_at_once

__all__ = ["main"]

NEEDS = ("typer", "rich")


def main() -> int:
    """Run the command line; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        # a terminal that cannot show a character is no reason to fail
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with ending_at_once():
            return _run()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in NEEDS:
            raise
        print(
            f"airssys-rt: the package {error.name!r} is not installed\n"
            "  why    the command line is an extra of the library\n"
            "  mend   pip install 'airssys-rt[cli]'",
            file=sys.stderr,
        )
        return USAGE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def _run() -> int:
    import typer

    from airssys_rt.cli.bench.command import bench
    from airssys_rt.cli.check.command import check
    from airssys_rt.cli.demo.command import demo
    from airssys_rt.cli.explain.command import explain
    from airssys_rt.cli.graph.command import graph

    app = typer.Typer(
        name="airssys-rt",
        help="A typed actor toolkit.",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )

    @app.callback(invoke_without_command=True)
    def options(
        version: bool = typer.Option(False, "--version", help="Print the version and end."),
    ) -> None:
        if version:
            from airssys_rt import __version__

            print(f"airssys-rt {__version__}")
            raise typer.Exit

    for command in (demo, graph, check, explain, bench):
        app.command()(command)
    try:
        app(prog_name="airssys-rt")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0
