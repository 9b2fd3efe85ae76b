"""The tables of the page "How fast is it?": a run writes them between its comments.

`<!-- bench Messages -->` and `<!-- /bench -->`, each on a line of its own; the name is a group of
cases, or `machine` for what it was measured on. A run on the accelerated build fills other places,
whose names begin with `accelerated`.
"""

from __future__ import annotations

import re
from pathlib import Path

import airssys_rt
from airssys_rt.bench.program import Outcome

__all__ = ["PAGE", "filled", "write_page"]

PAGE = Path(__file__).parent.parent.parent / "docs" / "explanation" / "speed.md"
PLACE = re.compile(r"(<!-- bench (?P<name>[\w ]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)


def filled(text: str, parts: dict[str, str]) -> str:
    """The page with the parts that there are; the others stay."""

    def fill(place: re.Match[str]) -> str:
        part = parts.get(place["name"])
        return place[0] if part is None else f"{place[1]}\n{part}\n\n{place[3]}"

    return PLACE.sub(fill, text)


def write_page(page: Path, outcome: Outcome) -> None:
    """Put what was measured on asyncio into the page."""
    machine = "\n".join(f"- {name}: {value}" for name, value in outcome.about.items())
    parts = {"machine": machine, **outcome.tables("asyncio")}
    if airssys_rt.__accelerated__:
        parts = {f"accelerated {name}": part for name, part in parts.items()}
    page.write_text(filled(page.read_text(encoding="utf-8"), parts), encoding="utf-8")
