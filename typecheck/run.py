"""Golden files of what users write, right and wrong, under mypy, pyright, ty and pyrefly.

A line of `cases/` that ends in `# E` is wrong: each checker must report an error on it.  On no
other line may any checker report one, so an `assert_type` that holds is silent.  `# E[mypy,ty]
reason` limits a mark to some checkers and says why.  All files are checked at both language
levels; `cases/py312/` needs the newer syntax and is left out at the older one.

Laws: a checker that does not run to its end is a failure; so is a run that finds nothing to
check; a comment in a case can mark, never silence.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tokenize
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
CASES = HERE / "cases"
NEWER = "py312"  # the folder of cases in the newer syntax
LEVELS = ("3.11", "3.13")
AT_ONCE = 2  # runs of checkers side by side
PATIENCE = 120  # seconds for one run of a checker


class BadCase(Exception):
    """A golden file is not written as it should be."""


class BrokenChecker(Exception):
    """A checker did not run to its end, or its output is not understood."""


class Place(NamedTuple):
    """A line of a golden file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


Reports = dict[Place, list[str]]


# ---------------------------------------------------------------- the checkers


def from_lines(pattern: str) -> Callable[[str], Iterator[tuple[str, int, str]]]:
    """Reads reports of one line each: file, line number, message."""
    regex = re.compile(pattern, re.MULTILINE)

    def read(output: str) -> Iterator[tuple[str, int, str]]:
        for match in regex.finditer(output):
            yield match[1], int(match[2]), match[3]

    return read


def from_pyright(output: str) -> Iterator[tuple[str, int, str]]:
    """Reads pyright's JSON, whose lines count from 0."""
    try:
        reports: list[dict[str, Any]] = json.loads(output)["generalDiagnostics"]
    except (ValueError, KeyError) as error:
        raise BrokenChecker(f"no JSON report: {output[:500]}") from error
    for report in reports:
        if report["severity"] == "error":
            line: int = report["range"]["start"]["line"] + 1
            yield report["file"], line, report["message"].replace("\n", " ")


@dataclass(frozen=True)
class Checker:
    """How a checker is called in its strict mode, and how its output is read."""

    arguments: str
    read: Callable[[str], Iterator[tuple[str, int, str]]]

    def command(self, name: str, level: str, files: Sequence[str]) -> list[str]:
        """The command line, with the checker that is installed beside this interpreter."""
        program = Path(sys.executable).with_name(name)
        found = shutil.which(str(program)) or shutil.which(name)
        if found is None:
            raise BrokenChecker("is not installed")
        arguments = [
            word.format(python=sys.executable, level=level) for word in self.arguments.split()
        ]
        return [found, *arguments, *files]


# The configuration files beside this one hold the strict modes.
CHECKERS = {
    "mypy": Checker(
        "--config-file=mypy.ini --python-version={level} --python-executable={python}"
        " --no-error-summary --no-color-output --hide-error-context",
        from_lines(r"^(.+?):(\d+): error: (.*)$"),
    ),
    "pyright": Checker(
        "--outputjson --pythonpath={python} --pythonversion={level}",
        from_pyright,
    ),
    "ty": Checker(
        "check --config-file=ty.toml --python={python} --python-version={level}"
        " --output-format=concise --color=never --no-progress",
        from_lines(r"^(.+?):(\d+):\d+: (?:error|warning)(.*)$"),
    ),
    "pyrefly": Checker(
        "check --config=pyrefly.toml --python-interpreter-path={python}"
        " --python-version={level} --output-format=min-text --color=never",
        from_lines(r"^\s*(?:ERROR|WARN) (.+?):(\d+):\S+ (.*)$"),
    ),
}


def run_checker(name: str, level: str, files: Sequence[str], root: Path = HERE) -> Reports:
    """Run one checker over the files, named relative to `root`.  Raises `BrokenChecker`."""
    command = CHECKERS[name].command(name, level, files)
    try:
        done = subprocess.run(
            command, cwd=root, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BrokenChecker(f"did not end within {PATIENCE} s") from error
    return read_reports(name, done.returncode, done.stdout, done.stderr, files, root)


def read_reports(
    name: str, code: int, stdout: str, stderr: str, files: Sequence[str], root: Path = HERE
) -> Reports:
    """The errors on lines of the files.  Raises `BrokenChecker`."""
    output = stdout if name == "pyright" else f"{stdout}\n{stderr}"
    if code not in {0, 1}:  # 1: there are errors; more: the checker is in trouble
        raise BrokenChecker(f"ended with code {code}: {(stderr.strip() or stdout)[-2000:]}")
    reports: Reports = {}
    for file, line, message in CHECKERS[name].read(output):
        relative = Path(os.path.relpath(root / file, root)).as_posix()
        if relative in files:
            reports.setdefault(Place(relative, line), []).append(message.strip(": "))
    if code == 1 and not reports:
        raise BrokenChecker(f"reported nothing that is understood: {output.strip()[-2000:]}")
    return reports


# ---------------------------------------------------------------- the marks


@dataclass
class Expected:
    """What golden files want: which lines are wrong, for whom, and where types are asserted."""

    errors: dict[Place, frozenset[str]] = field(default_factory=dict)
    asserts: set[Place] = field(default_factory=set)

    def of(self, name: str) -> set[Place]:
        """The lines on which one checker must report."""
        return {place for place, names in self.errors.items() if name in names}


SILENCER = re.compile(r"#\s*(type|mypy|pyright|ty|pyrefly)\s*:", re.IGNORECASE)
MARK_LIKE = re.compile(r"#\s*(E\b|e\s*(\[|$))")
MARK = re.compile(r"# E(?:\[([\w,]+)\](\s+\S.*)?|(\s+[^\s\[].*)?)")


def read_case(path: Path, name: str) -> Expected:
    """What one golden file wants.  Raises `BadCase`."""
    expected = Expected()
    with path.open("rb") as source:
        tokens = list(tokenize.tokenize(source.readline))
    for token in tokens:
        place = Place(name, token.start[0])
        if token.type == tokenize.COMMENT:
            if checkers := read_mark(token.string, place):
                expected.errors[place] = checkers
        elif token.string == "assert_type" and "import" not in token.line:
            expected.asserts.add(place)
    expected.asserts -= expected.errors.keys()
    return expected


def read_mark(comment: str, place: Place) -> frozenset[str]:
    """The checkers that a comment calls for, none if it is no mark.  Raises `BadCase`."""
    if SILENCER.search(comment):
        raise BadCase(f"{place}: {comment!r} could silence a checker")
    if not MARK_LIKE.match(comment):
        return frozenset()
    mark = MARK.fullmatch(comment)
    if mark is None:
        raise BadCase(f"{place}: {comment!r} is no mark: write `# E` or `# E[mypy,ty] reason`")
    if mark[1] is None:
        return frozenset(CHECKERS)
    some = mark[1].split(",")
    if unknown := [name for name in some if name not in CHECKERS]:
        raise BadCase(f"{place}: no checker is called {', '.join(map(repr, unknown))}")
    if len(set(some)) < len(some) or len(some) == len(CHECKERS):
        raise BadCase(f"{place}: {comment!r} names a checker twice, or all of them")
    if mark[2] is None:
        raise BadCase(f"{place}: a limited mark says why: `# E[{mark[1]}] reason`")
    return frozenset(some)


def read_cases(cases: Path, level: str) -> dict[str, Expected]:
    """All golden files of a language level.  Raises `BadCase`."""
    paths = sorted(cases.rglob("*.py"))
    if level == LEVELS[0]:
        paths = [path for path in paths if NEWER not in path.relative_to(cases).parts]
    names = [path.relative_to(cases.parent).as_posix() for path in paths]
    return {name: read_case(path, name) for name, path in zip(names, paths, strict=True)}


# ---------------------------------------------------------------- the verdict


@dataclass(frozen=True)
class Verdict:
    """What one checker at one level got right and wrong."""

    name: str
    level: str
    marks: int
    hit: int
    asserted: int
    differences: tuple[str, ...]
    messages: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> int:
        """Marks hit and types asserted."""
        return self.hit + self.asserted

    def __str__(self) -> str:
        head = f"{self.name:<8}{self.level:<6}{self.hit}/{self.marks} marks hit, "
        return f"{head}{self.asserted} types asserted ({self.seconds:.1f} s)"


def judge(name: str, level: str, files: dict[str, Expected], reports: Reports) -> Verdict:
    """Compare what a checker reports with the marks."""
    wanted = {place for expected in files.values() for place in expected.of(name)}
    asserts = {place for expected in files.values() for place in expected.asserts}
    said = {place: "; ".join(messages) for place, messages in reports.items()}
    wrong = [(place, "expected an error") for place in wanted - said.keys()]
    wrong += [(place, f"unexpected: {said[place]}") for place in said.keys() - wanted]
    return Verdict(
        name,
        level,
        marks=len(wanted),
        hit=len(wanted & said.keys()),
        asserted=len(asserts - said.keys()),
        differences=tuple(f"{place}: {what}" for place, what in sorted(wrong)),
        messages=tuple(f"{place}: {said[place]}" for place in sorted(said)),
    )


def check(name: str, level: str, cases: Path) -> Verdict:
    """Run one checker at one level, and judge."""
    start = time.monotonic()
    files = read_cases(cases, level)
    try:
        reports = run_checker(name, level, list(files), cases.parent)
    except BrokenChecker as error:
        marks = sum(len(expected.of(name)) for expected in files.values())
        return Verdict(name, level, marks, 0, 0, (f"{name} {error}",))
    verdict = judge(name, level, files, reports)
    return replace(verdict, seconds=time.monotonic() - start)


def main(arguments: Sequence[str] | None = None, cases: Path = CASES) -> int:
    """Check all golden files; the last line says how it went."""
    parser = argparse.ArgumentParser(description="Run the type checkers over the golden files.")
    parser.add_argument("--checker", choices=CHECKERS, action="append", help="only this one")
    parser.add_argument("--level", choices=LEVELS, action="append", help="only this one")
    parser.add_argument("--messages", action="store_true", help="what is said on each mark")
    options = parser.parse_args(arguments)
    names: list[str] = options.checker or list(CHECKERS)
    levels: list[str] = options.level or list(LEVELS)
    try:
        for level in LEVELS:
            read_cases(cases, level)
    except (BadCase, tokenize.TokenError, SyntaxError) as error:
        print(f"a golden file is wrong: {error}")
        print("0 passed, 1 failed")
        return 1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [pool.submit(check, name, level, cases) for name in names for level in levels]
        verdicts = [run.result() for run in runs]
    return report(verdicts, messages=options.messages)


def report(verdicts: Sequence[Verdict], *, messages: bool = False) -> int:
    """Print the verdicts; 1 if anything is different from what the files say."""
    for verdict in verdicts:
        print(verdict)
        for message in verdict.messages if messages else ():
            print(f"  {verdict.name} {verdict.level} says {message}")
        for difference in verdict.differences:
            print(f"  {verdict.name} {verdict.level}: {difference}")
    passed = sum(verdict.passed for verdict in verdicts)
    failed = sum(len(verdict.differences) for verdict in verdicts)
    if not verdicts or any(not verdict.marks for verdict in verdicts):
        print("a checker had no mark to hit: there is nothing to check")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
