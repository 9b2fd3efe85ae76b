"""Diagrams in files: whole files, and places in Markdown between two comments.

    <!-- graph bank:Account -->
    ...
    <!-- /graph -->

Laws: nothing outside of such a place is changed; a comment inside of a fenced block is an example
and no place; line ends stay as they are in the file.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from airssys_rt.errors import BadArgument

__all__ = ["difference", "is_markdown", "renewed"]

BEGIN = re.compile(r"^(?P<indent> *)<!-- +graph +(?P<target>\S+) +-->\s*$")
END = re.compile(r"^ *<!-- +/graph +-->\s*$")
FENCE = re.compile(r"^ *(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
MOST_LINES = 20  # of a difference that is shown


def is_markdown(path: Path) -> bool:
    """Whether the file is one to hold diagrams among other text."""
    return path.suffix.lower() in (".md", ".markdown")


def renewed(old: str, path: Path, target: str, diagram: str, language: str) -> str:
    """The text of a file with the diagram of the target in it.  Raises `BadArgument`."""
    if not is_markdown(path):
        return diagram
    new: list[str] = []
    lines = old.split("\n")
    at, places, fence = 0, 0, ""
    while at < len(lines):
        line = lines[at]
        new.append(line)
        at += 1
        begin = None if fence else BEGIN.match(line)
        if begin is None:
            fence = _fence_after(fence, line)
            continue
        end = next((i for i in range(at, len(lines)) if END.match(lines[i])), None)
        if end is None or any(BEGIN.match(lines[i]) for i in range(at, end)):
            raise BadArgument(
                f"the diagram of {begin['target']} has no end",
                where=f"{path}:{at}",
                why="it goes from <!-- graph MODULE:ACTOR --> to <!-- /graph -->",
                mend="put <!-- /graph --> on a line of its own behind it",
            )
        if begin["target"] == target:
            places += 1
            body = ["", f"```{language}", *diagram.rstrip("\n").split("\n"), "```", ""]
            new += [f"{begin['indent']}{text}" if text else "" for text in body]
            at = end
    if not places:
        raise BadArgument(
            f"no place for the diagram of {target}",
            where=str(path),
            why="in Markdown, a diagram stands between two comments",
            mend=f"put the lines <!-- graph {target} --> and <!-- /graph --> where it belongs",
        )
    return "\n".join(new)


def difference(old: str, new: str, path: Path) -> list[str]:
    """The first lines of a unified diff, from what is there to what should be; empty if equal."""
    lines = list(
        difflib.unified_diff(old.splitlines(), new.splitlines(), str(path), "now", n=1, lineterm="")
    )
    if not lines and old != new:
        lines = ["the ends of lines, or of the file, differ"]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [f"... and {len(lines) - MOST_LINES} lines more"]
    return lines


def _fence_after(fence: str, line: str) -> str:
    """The fence that is open behind the line; "" if none is."""
    match = FENCE.match(line)
    if match is None:
        return fence
    if not fence:
        return match["fence"]
    closes = match["fence"].startswith(fence) and not match["info"].strip()
    return "" if closes else fence
