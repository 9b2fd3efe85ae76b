"""mypy's plugin says the same in every mode of mypy: exactly what the golden files are marked with.

Each mode is one run over all the files, with a cache of its own; those that keep a cache run again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mypy.options import Options

from tests.typing.golden import (
    GOLDEN,
    NEWER,
    BadGolden,
    Wanted,
    all_marks,
    differences,
    golden_files,
    read_marks,
)
from tests.typing.running import Run, Worker, mypy, write

CONFIG = f"--config-file={GOLDEN / 'mypy.ini'}"
COMMON = (
    *(CONFIG, "--python-version=3.13", "--no-error-summary", "--no-color-output"),
    "--no-fast-exit",  # else mypy ends with os._exit, and what a coverage run has seen is lost
)

# The old parser is the one of the Python that runs mypy, and the only one of older mypys.
OLD_PARSER_READS_NEWER = sys.version_info >= (3, 12)
HAS_NATIVE_PARSER = getattr(Options(), "native_parser", False)
READS_NEWER = OLD_PARSER_READS_NEWER or HAS_NATIVE_PARSER

# name: options, and whether a second run finds a cache; what is independent shares a mode
MODES = {
    "the default: native parser, sqlite, fixed format": ((), True),
    "the old parser, files of JSON": (
        ("--no-native-parser", "--no-sqlite-cache", "--no-fixed-format-cache"),
        True,
    ),
    "two workers": (("-n2",), True),
    "no cache, partial types across scopes": (
        ("--no-incremental", "--no-local-partial-types"),
        False,
    ),
}


class Tree:
    """A copy of the golden files, and what they want."""

    def __init__(self, folder: Path, *, newer: bool = READS_NEWER) -> None:
        self.folder = folder
        self.files = golden_files(newer=newer)
        self.wanted = all_marks(self.files)
        self.edits = 0
        self.put(self.files)

    def put(self, files: dict[str, str]) -> None:
        """Make the copy consist of these files."""
        self.edits += 1
        write(self.folder, files, self.edits)

    def arguments(self, *options: str) -> list[str]:
        return [*COMMON, f"--cache-dir={self.folder / '.cache'}", *options, *self.files]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def wrong(tree: Tree, run: Run, prefix: str = "") -> list[str]:
    return differences(tree.wanted, run, prefix)


@pytest.mark.parametrize("mode", MODES)
def test_the_golden_files_get_their_errors_cold_and_warm(mode: str, tmp_path: Path) -> None:
    options, keeps_a_cache = MODES[mode]
    old_parser = "--no-native-parser" in options
    tree = Tree(tmp_path, newer=OLD_PARSER_READS_NEWER if old_parser else READS_NEWER)
    assert not wrong(tree, mypy(tree.arguments(*options), tree.folder))
    if keeps_a_cache:
        assert not wrong(tree, mypy(tree.arguments(*options), tree.folder))


def touched(tree: Tree, which: str) -> dict[str, str]:
    """Some files with other text of no other meaning: what depends on them is looked at again."""
    return {
        name: f"{text}\n\nADDED = 1\n" if name.startswith(which) else text
        for name, text in tree.files.items()
    }


def emptied(tree: Tree, which: str) -> dict[str, str]:
    """Some files without their content."""
    return {name: "" if name.startswith(which) else text for name, text in tree.files.items()}


class Edited:
    """A tree that a process of mypy has seen, and sees again after each edit."""

    def __init__(self, worker: Worker, folder: Path, prefix: str) -> None:
        self.worker = worker
        self.tree = Tree(folder)
        self.prefix = prefix
        assert not self.wrong()

    def run(self) -> Run:
        return self.worker.run(self.tree.arguments(), self.tree.folder)

    def wrong(self) -> list[str]:
        return wrong(self.tree, self.run(), self.prefix)


# mypy's daemon by itself forgets some of its own errors, so only the plugin's are compared there
@pytest.fixture(scope="module", params=[("run", ""), ("daemon", "actor")], ids=["warm", "daemon"])
def edited(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Edited]:
    command, prefix = request.param
    with Worker(command) as worker:
        yield Edited(worker, tmp_path_factory.mktemp(command), prefix)


def test_an_edit_of_no_meaning_leaves_the_same_errors(edited: Edited) -> None:
    edited.tree.put(touched(edited.tree, "split"))
    assert not edited.wrong()


@pytest.mark.parametrize("which", ["split/messages", "split/base", "become"])
def test_files_that_were_empty_for_a_while_get_their_errors_back(
    which: str, edited: Edited
) -> None:
    edited.tree.put(emptied(edited.tree, which))
    edited.run()
    edited.tree.put(edited.tree.files)
    assert not edited.wrong()


def test_the_daemon_as_a_command_gives_the_golden_errors(tree: Tree) -> None:
    status = f"--status-file={tree.folder / 'status.json'}"

    def run() -> Run:
        arguments = [status, "run", "--", *tree.arguments()]
        return mypy(arguments, tree.folder, program="mypy.dmypy")

    try:
        assert not wrong(tree, run())
        tree.put(touched(tree, "split"))
        assert not wrong(tree, run(), "actor")
    finally:
        mypy([status, "stop"], tree.folder, program="mypy.dmypy")


def test_the_golden_errors_depend_on_the_plugin(tree: Tree) -> None:
    config = tree.folder / "plain.ini"
    text = (GOLDEN / "mypy.ini").read_text(encoding="utf-8")
    config.write_text(re.sub(r"(?m)^plugins.*$", "", text), encoding="utf-8")
    run = mypy([*tree.arguments(), f"--config-file={config}"], tree.folder)
    assert not run.crashed
    assert not run.codes("actor")
    assert any(want.report.code.startswith("actor") for want in tree.wanted)


# ---------------------------------------------------------------- the marks themselves


def marks_of(tmp_path: Path, comment: str) -> list[Wanted]:
    path = tmp_path / "case.py"
    path.write_text(f"x = 1  {comment}\n", encoding="utf-8")
    return read_marks("case.py", path)


def test_a_mark_has_a_code_and_perhaps_a_piece_of_the_message(tmp_path: Path) -> None:
    (only,) = marks_of(tmp_path, "# E: actor-missing")
    assert (only.report.line, only.report.code, only.piece) == (1, "actor-missing", "")
    both = marks_of(tmp_path, '# E: actor-missing "no handler, none", assignment')
    assert [(want.report.code, want.piece) for want in both] == [
        ("actor-missing", "no handler, none"),
        ("assignment", ""),
    ]


@pytest.mark.parametrize(
    "comment",
    ["# E", "# E:", "# E[mypy]", "# E: actor-missing has no", "# type: ignore", "# mypy: x"],
)
def test_a_comment_that_only_looks_like_a_mark_is_refused(comment: str, tmp_path: Path) -> None:
    with pytest.raises(BadGolden):
        marks_of(tmp_path, comment)


def test_a_difference_is_seen() -> None:
    name = "right.py"
    run = Run(1, f'{name}:3: error: Union has no "x"  [actor-sealed]\n')
    from tests.typing.running import Report

    at = Report(name, 3, "actor-sealed")
    assert not differences([Wanted(at, "no")], run)
    assert differences([Wanted(at, "other")], run)
    assert differences([], run)
    assert differences([Wanted(at, ""), Wanted(Report(name, 4, "assignment"), "")], run)
    assert differences([], Run(2, "INTERNAL ERROR"))


def test_newer_syntax_is_where_the_old_parser_can_leave_it_out() -> None:
    assert any(NEWER in name for name in golden_files())
    assert not any(NEWER in name for name in golden_files(newer=False))
