"""The runner of the golden files can fail: what it is given here is wrong, and it says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from typecheck import run
from typecheck.run import BadCase, BrokenChecker, Expected, Place

CASE = "cases/case.py"
GOLDEN = """\
from typing import assert_type

def take(number: int) -> None: ...

take(1)
take("1")  # E
take(None)  # E[mypy,ty] the others know better
assert_type(take, int)  # E wrong on purpose
assert_type(1 + 1, int)
text = "# E"  # not a mark
"""
RIGHT = {Place(CASE, 6): ["bad"], Place(CASE, 7): ["bad"], Place(CASE, 8): ["bad"]}

# What each checker prints about line 3 of the case, about another file, and besides.
OUTPUTS = {
    "mypy": (
        "cases/case.py:3: error: Incompatible types in assignment  [assignment]\n"
        "cases/case.py:3: note: See the documentation\n"
        "elsewhere.py:9: error: Not ours  [misc]\n"
    ),
    "pyright": json.dumps(
        {
            "generalDiagnostics": [
                {
                    "file": "ROOT/cases/case.py",
                    "severity": "error",
                    "message": "not assignable\nto int",
                    "range": {"start": {"line": 2, "character": 0}},
                },
                {
                    "file": "ROOT/cases/case.py",
                    "severity": "information",
                    "message": "Type is int",
                    "range": {"start": {"line": 4, "character": 0}},
                },
                {
                    "file": "ROOT/elsewhere.py",
                    "severity": "error",
                    "message": "not ours",
                    "range": {"start": {"line": 8, "character": 0}},
                },
            ]
        }
    ),
    "ty": (
        "cases/case.py:3:10: warning[unused-awaitable] Object is not awaited\n"
        "elsewhere.py:9:1: error[invalid-assignment] Not ours\n"
        "Found 2 diagnostics\n"
    ),
    "pyrefly": (
        "ERROR cases/case.py:3:10-13: `str` is not assignable to `int` [bad-assignment]\n"
        "ERROR elsewhere.py:9:1-5: not ours [bad-assignment]\n"
        " INFO 2 errors\n"
    ),
}


@pytest.fixture
def golden(tmp_path: Path) -> dict[str, Expected]:
    return cases_of(tmp_path, GOLDEN)


def cases_of(tmp_path: Path, text: str, name: str = "case.py") -> dict[str, Expected]:
    """A folder of cases with one file."""
    path = tmp_path / "cases" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return run.read_cases(tmp_path / "cases", "3.13")


def test_marks_name_all_checkers_or_some(golden: dict[str, Expected]) -> None:
    errors = golden[CASE].errors
    assert errors[Place(CASE, 6)] == set(run.CHECKERS)
    assert errors[Place(CASE, 7)] == {"mypy", "ty"}
    assert errors.keys() == RIGHT.keys()


def test_an_assertion_counts_unless_it_is_marked(golden: dict[str, Expected]) -> None:
    assert golden[CASE].asserts == {Place(CASE, 9)}


def test_reports_on_all_marks_and_nowhere_else_pass(golden: dict[str, Expected]) -> None:
    verdict = run.judge("mypy", "3.11", golden, RIGHT)
    assert (verdict.hit, verdict.marks, verdict.asserted) == (3, 3, 1)
    assert not verdict.differences


def test_a_missing_error_is_a_failure(
    golden: dict[str, Expected], capsys: pytest.CaptureFixture[str]
) -> None:
    reports = {place: said for place, said in RIGHT.items() if place.line != 6}
    verdict = run.judge("mypy", "3.11", golden, reports)
    assert run.report([verdict]) == 1
    printed = capsys.readouterr().out
    assert "2/3 marks hit" in printed
    assert "mypy 3.11: cases/case.py:6: expected an error" in printed
    assert printed.endswith("3 passed, 1 failed\n")


def test_an_unexpected_error_is_a_failure(
    golden: dict[str, Expected], capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = run.judge("ty", "3.13", golden, {**RIGHT, Place(CASE, 9): ["int is not int"]})
    assert run.report([verdict]) == 1
    printed = capsys.readouterr().out
    assert "ty 3.13: cases/case.py:9: unexpected: int is not int" in printed
    assert printed.endswith("3 passed, 1 failed\n")


def test_an_error_of_a_checker_that_a_limited_mark_does_not_name_is_unexpected(
    golden: dict[str, Expected],
) -> None:
    verdict = run.judge("pyright", "3.11", golden, RIGHT)
    assert verdict.differences == ("cases/case.py:7: unexpected: bad",)


@pytest.mark.parametrize(
    ("comment", "why"),
    [
        ("# E[mypi] a reason", "no checker is called 'mypi'"),
        ("# E[mypy, ty] a reason", "is no mark"),
        ("# E[] a reason", "is no mark"),
        ("# E [mypy] a reason", "is no mark"),
        ("# e[mypy] a reason", "is no mark"),
        ("#E", "is no mark"),
        ("#  E", "is no mark"),
        ("# E[mypy]", "says why"),
        ("# E[mypy,mypy] a reason", "twice"),
        ("# E[mypy,pyright,ty,pyrefly] a reason", "all of them"),
        ("# type: ignore", "silence"),
        ("# pyright: basic", "silence"),
        ("# ty: ignore[x]", "silence"),
        ("# pyrefly: ignore", "silence"),
        ("# mypy: ignore-errors", "silence"),
        ("# wrong  # type: ignore", "silence"),
    ],
)
def test_a_comment_that_is_no_mark_is_refused(comment: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(BadCase, match=why):
        cases_of(tmp_path, f"x = 1  {comment}\n")


@pytest.mark.parametrize("comment", ["# Each of them", "# an E", "# E is a letter"])
def test_a_comment_that_begins_like_a_mark_is_one_if_e_stands_alone(
    comment: str, tmp_path: Path
) -> None:
    errors = cases_of(tmp_path, f"x = 1  {comment}\n")[CASE].errors
    assert bool(errors) == comment.startswith("# E ")


def test_a_wrong_golden_file_fails_the_run_before_any_checker_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases" / "case.py"
    path.parent.mkdir()
    path.write_text("x = 1  # E[mypi] a reason\n", encoding="utf-8")
    assert run.main([], path.parent) == 1
    assert capsys.readouterr().out.endswith("0 passed, 1 failed\n")


def test_a_folder_without_marks_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = cases_of(tmp_path, "x = 1\n")
    assert run.report([run.judge("mypy", "3.11", files, {})]) == 1
    assert run.report([]) == 1
    assert "nothing to check" in capsys.readouterr().out


def test_newer_syntax_is_left_out_at_the_older_level(tmp_path: Path) -> None:
    cases_of(tmp_path, GOLDEN)
    both = cases_of(tmp_path, "type X = int\n", "py312/newer.py")
    assert both.keys() == {CASE, "cases/py312/newer.py"}
    assert run.read_cases(tmp_path / "cases", "3.11").keys() == {CASE}


@pytest.mark.parametrize("name", run.CHECKERS)
def test_each_checkers_output_is_understood(name: str, tmp_path: Path) -> None:
    output = OUTPUTS[name].replace("ROOT", tmp_path.as_posix())
    reports = run.read_reports(name, 1, output, "", [CASE], tmp_path)
    assert list(reports) == [Place(CASE, 3)]
    assert len(reports[Place(CASE, 3)]) == 1


@pytest.mark.parametrize("name", run.CHECKERS)
def test_a_checker_that_breaks_is_a_failure(name: str, tmp_path: Path) -> None:
    with pytest.raises(BrokenChecker, match="ended with code 2: internal error"):
        run.read_reports(name, 2, "", "internal error", [CASE], tmp_path)
    with pytest.raises(BrokenChecker):
        run.read_reports(name, 1, "something else", "", [CASE], tmp_path)


def test_a_checker_that_is_not_there_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases_of(tmp_path, GOLDEN)
    monkeypatch.setattr("typecheck.run.shutil.which", lambda program: None)
    verdict = run.check("mypy", "3.11", tmp_path / "cases")
    assert verdict.differences == ("mypy is not installed",)
    assert run.report([verdict]) == 1


def test_the_golden_files_are_well_formed_and_marked_at_both_levels() -> None:
    for level in run.LEVELS:
        for name, expected in run.read_cases(run.CASES, level).items():
            assert expected.errors or expected.asserts, f"{name} checks nothing"
