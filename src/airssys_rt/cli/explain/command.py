"""`airssys-rt explain [CODE]`: the page of a code, or the list of all.

Exit codes: 0, and 2 for a code that is not known.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated

import typer

from airssys_rt.cli.exit_codes import USAGE
from airssys_rt.cli.explain.pages import Page, all_pages
from airssys_rt.errors import BadArgument

__all__ = ["explain"]

PARENT = "actor"  # the code above those of the checks, which configurations name


def explain(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="CODE", show_default=False, help="Such as actor-missing, RT014 or AskTimeout."
        ),
    ] = None,
) -> None:
    """Say what a code of a finding or of an error means; without one, list all."""
    pages = all_pages()
    if code is None or code == PARENT:
        shown = [page for page in pages.values() if code is None or page.code.startswith(PARENT)]
        width = max(len(page.code) for page in shown)
        for page in shown:
            print(f"{page.code:<{width}}  {page.summary}")
        return
    try:
        show(page_of(code, pages).text)
    except BadArgument as error:
        print(error, file=sys.stderr)
        raise typer.Exit(USAGE) from None


def page_of(code: str, pages: Mapping[str, Page]) -> Page:
    """The page of a code, or of an error's class.  Raises `BadArgument`."""
    # an error's summary begins with the name of its class
    by_name = {page.summary.partition(":")[0].lower(): page for page in pages.values()}
    by_code = {known.lower(): page for known, page in pages.items()}
    wanted = code.strip().strip("[]").lower()
    page = by_code.get(wanted) or by_name.get(wanted)
    if page is not None:
        return page
    classes = {name: page for name, page in by_name.items() if " " not in name}
    near = get_close_matches(wanted, [*by_code, *classes], n=3, cutoff=0.5)
    texts = [({**classes, **by_code})[name].code for name in near]
    raise BadArgument(
        f"there is no code {code!r}",
        where=f"the argument {code}",
        why="only actor-... and RT... are codes of airssys-rt; mypy documents its own",
        mend=f"did you mean {' or '.join(dict.fromkeys(texts))}?"
        if texts
        else "see them all with: airssys-rt explain",
    )


def show(text: str) -> None:
    """Print Markdown, laid out if it goes to a terminal."""
    if not sys.stdout.isatty():
        print(text, end="" if text.endswith("\n") else "\n")
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
