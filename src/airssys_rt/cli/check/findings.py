"""What mypy found: its lines of JSON, each with the class that it stands in."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Finding", "class_around", "is_of_actors", "read_findings"]


class Finding(NamedTuple):
    """An error or a note; `line` and `column` count from 1, `within` is the class around it."""

    file: str
    line: int
    column: int
    severity: str
    code: str | None
    message: str
    hints: tuple[str, ...] = ()
    within: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether it makes the run fail."""
        return self.severity == "error"


def is_of_actors(code: str | None) -> bool:
    """Whether the code is of the plugin's checks."""
    return code is not None and (code == "actor" or code.startswith("actor-"))


def read_findings(lines: Iterable[str]) -> tuple[list[Finding], list[str]]:
    """The findings, by file and line, and the lines that are none."""
    findings: list[Finding] = []
    others: list[str] = []
    for line in filter(str.strip, lines):
        finding = _finding(line)
        if finding is None:
            others.append(line)
        else:
            findings.append(finding)
    return sorted(findings, key=lambda f: (f.file, f.line, f.column)), others


def _finding(line: str) -> Finding | None:
    try:
        # Any: what a program has printed
        given: dict[str, Any] = json.loads(line)
        place = max(1, given["line"])
        return Finding(
            file=given["file"],
            line=place,
            column=max(0, given["column"]) + 1,
            severity=given["severity"],
            code=given["code"],
            message=given["message"],
            hints=tuple((given.get("hint") or "").splitlines()),
            within=class_around(given["file"], place),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def class_around(file: str, line: int) -> str | None:
    """The innermost class that the line is in, with those around it: `Outer.Inner`."""
    around = [span for span in _classes(file) if span[0] <= line <= span[1]]
    return max(around)[2] if around else None


@lru_cache(maxsize=64)
def _classes(file: str) -> tuple[tuple[int, int, str], ...]:
    """First line, last line and name of every class of a file; none if it does not parse."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ()
    found: list[tuple[int, int, str]] = []
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, outer = waiting.pop()
        if isinstance(node, ast.ClassDef):
            outer = f"{outer}.{node.name}" if outer else node.name
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            found.append((first, node.end_lineno or node.lineno, outer))
        waiting += [(child, outer) for child in ast.iter_child_nodes(node)]
    return tuple(found)
