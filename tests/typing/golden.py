"""The golden files of mypy's plugin: `typecheck/plugin`, and the marks in them.

A mark is a comment: `# E: actor-missing`, or with a piece of the message, `# E: actor-missing "has
no handler for Freeze"`; several are separated by commas. A file wants exactly the errors that are
marked. Laws: a comment can mark, never silence; one that only looks like a mark is refused.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.typing.running import ROOT, Report, Run

GOLDEN = ROOT / "typecheck" / "plugin"
NEWER = "py312"  # the folder of cases in newer syntax, as in typecheck/cases

MARKS = re.compile(r"#\s*E:\s*(.+)")
MARK = re.compile(r"""\s*([a-z][\w-]*)(?:\s+"(.+?)")?\s*(?:,|$)""")
LIKE_A_MARK = re.compile(r"#\s*E\b\s*(?:[:\[]|$)")
SILENCER = re.compile(r"#\s*(?:type\s*:\s*ignore|mypy\s*:)", re.IGNORECASE)


class BadGolden(Exception):
    """A golden file is not written as it should be."""


@dataclass(frozen=True)
class Wanted:
    """An error that a mark wants: its code, and a piece of the message."""

    report: Report
    piece: str


def read_marks(name: str, path: Path) -> list[Wanted]:
    """The marks of one file, in its order.  Raises `BadGolden`."""
    wanted = []
    with path.open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            if token.type != tokenize.COMMENT:
                continue
            line = token.start[0]
            if SILENCER.search(token.string):
                raise BadGolden(f"{name}:{line}: {token.string!r} could silence mypy")
            like = LIKE_A_MARK.search(token.string)  # it may follow the type in a comment
            if like is None:
                continue
            marks = MARKS.fullmatch(token.string, like.start())
            at, text = 0, marks[1] if marks else ""
            while at < len(text) and (mark := MARK.match(text, at)):
                wanted.append(Wanted(Report(name, line, mark[1]), mark[2] or ""))
                at = mark.end()
            if at < len(text) or not text:
                raise BadGolden(f"{name}:{line}: {token.string!r} is no mark")
    return wanted


def golden_files(folder: Path = GOLDEN, *, newer: bool = True) -> dict[str, str]:
    """The text of each golden file, by its name relative to the folder."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder)
        if newer or NEWER not in name.parts:
            found[name.as_posix()] = path.read_text(encoding="utf-8")
    return found


def all_marks(names: Mapping[str, object], folder: Path = GOLDEN) -> list[Wanted]:
    """The marks of the files.  Raises `BadGolden`."""
    return [wanted for name in names for wanted in read_marks(name, folder / name)]


def differences(wanted: list[Wanted], run: Run, prefix: str = "") -> list[str]:
    """How a run differs from what the marks want; `prefix` limits the codes that are compared."""
    if run.crashed or run.status == 2:
        return [f"mypy ended with code {run.status}: {run.output[-3000:]}"]
    errors = {at: said for at, said in run.errors().items() if at.code.startswith(prefix)}
    wrong = []
    for want in (want for want in wanted if want.report.code.startswith(prefix)):
        where = f"{want.report.file}:{want.report.line}: {want.report.code}"
        said = errors.get(want.report)
        if said is None:
            wrong.append(f"missing {where}")
        elif not any(want.piece in message for message in said):
            wrong.append(f"{where} says {said}, not {want.piece!r}")
    marked = {want.report for want in wanted}
    for report in sorted(errors.keys() - marked):
        what = errors[report]
        wrong.append(f"unexpected {report.file}:{report.line}: {report.code} {what}")
    return wrong
