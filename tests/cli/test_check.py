"""`airssys-rt check`: a run of mypy with a stand-in for the plugin, and what is printed of it."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from airssys_rt.cli.check import run
from airssys_rt.cli.check.command import PLUGIN, carry_out
from airssys_rt.cli.check.findings import Finding, class_around, is_of_actors, read_findings
from airssys_rt.cli.check.report import as_json, as_text, summary
from airssys_rt.cli.check.run import run_mypy
from airssys_rt.cli.check.sarif import as_sarif
from airssys_rt.cli.explain.pages import Page
from airssys_rt.errors import BadArgument
from tests.cli.conftest import Call

SOURCE = """\
def report_me() -> int:
    return 1


class Outer:
    def f(self) -> None:
        x: str = 1

    @staticmethod
    def g() -> None: ...

    class Inner:
        value = report_me()


def untyped(x):
    reveal_type(report_me)
"""
WRONG = [
    ("actor-missing", "Outer.Inner", 13),
    ("assignment", "Outer", 7),
    ("no-untyped-def", None, 16),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy knows of the standard library, for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the stand-in and one module; its own configuration ends the search."""
    (tmp_path / ".git").mkdir()
    shutil.copy(Path(__file__).parent / "stand_in.py", tmp_path / "stand_in.py")
    (tmp_path / "bank.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("MYPY_CACHE_DIR", str(cache))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # of the stand-in, beside it
    monkeypatch.chdir(tmp_path)
    return tmp_path


def codes(findings: list[Finding]) -> list[tuple[str | None, str | None, int]]:
    return sorted((f.code, f.within, f.line) for f in findings if f.is_error)


# ---------------------------------------------------------------- runs of mypy


def test_without_a_configuration_a_run_is_strict_and_leaves_nothing_but_a_cache(
    project: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = set(project.iterdir())
    monkeypatch.delenv("MYPY_CACHE_DIR")
    outcome = run_mypy(["bank.py"], [], "stand_in")
    monkeypatch.setenv("MYPY_CACHE_DIR", str(cache))
    assert codes(outcome.findings) == WRONG
    assert (outcome.complete, outcome.complaints) == (True, "")
    assert set(project.iterdir()) - before == {project / ".mypy_cache"}
    assert [path.name for path in (project / ".mypy_cache").iterdir()] == ["airssys-rt"]

    assert carry_out(["bank.py"], plugin="stand_in") == 1
    out, err = capsys.readouterr()
    assert "  Outer.Inner\n    13:17    error: no handler, alone  [actor-missing]\n" in out
    assert "  Outer\n    7:18     error: Incompatible types" in out
    assert "  module level\n    16:1     error: Function is missing" in out
    assert out.endswith(
        "\nairssys-rt explain actor-missing\n\n3 errors in 1 file, 1 about actors\n"
    )
    assert err == ""

    assert carry_out(["bank.py"], plugin="stand_in", only_actor=True, json=True) == 1
    document = json.loads(capsys.readouterr().out)
    assert [finding["code"] for finding in document["findings"]] == ["actor-missing"]

    # options for mypy come behind
    assert carry_out(["-c", "x: int = 1"], plugin="stand_in") == 0
    assert capsys.readouterr().out == "no errors\n"


def test_the_projects_configuration_says_what_is_checked_and_how(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        '[tool.mypy]\nfiles = ["b*.py"]\nstrict = true\npretty = true\n'
        '[tool.airssys-rt-mypy]\nsaid = "told"\n'
    )
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    (project / "other.py").write_text("x: int = ''\n", encoding="utf-8")
    # no file that the cache knows: the stand-in does not tell mypy of what its section says
    (project / "bank.py").write_text(f"{SOURCE}# more\n", encoding="utf-8")
    outcome = run_mypy([], [], "stand_in")
    assert codes(outcome.findings) == WRONG
    assert outcome.findings[1].message == "no handler, and its section"
    assert (project / "pyproject.toml").read_text(encoding="utf-8") == text
    # another configuration, or none, may be named
    assert codes(run_mypy(["bank.py"], ["--config-file="], "stand_in").findings) == WRONG
    (project / "other.ini").write_text("[mypy]\nstrict = True\n", encoding="utf-8")
    named = ["--config-file", "other.ini"]
    assert codes(run_mypy(["bank.py"], named, "stand_in").findings) == WRONG
    assert carry_out(["-m", "other", "--config-file="], plugin="stand_in") == 1
    assert "other.py\n  module level\n    1:10" in capsys.readouterr().out


def test_what_keeps_mypy_from_checking_is_no_finding(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out(["bank.py", "--no-such-option"], plugin="stand_in") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "unrecognized arguments: --no-such-option" in err
    assert "mypy could not check everything" in err

    assert carry_out(["none.py"], plugin="stand_in") == 2
    assert "none.py" in capsys.readouterr().err

    assert carry_out(["bank.py"], plugin="no_such_plugin") == 2
    assert 'the defaults: error: Error importing plugin "no_such_plugin"' in capsys.readouterr().err

    assert carry_out(["bank.py"], plugin="stand_in:crashing") == 2
    assert "INTERNAL ERROR" in capsys.readouterr().err

    (project / "mypy.ini").write_text("what\n", encoding="utf-8")
    with pytest.raises(BadArgument, match="cannot be read"):
        carry_out(["bank.py"], plugin="stand_in")


def test_a_file_that_does_not_parse_is_reported_and_no_result(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "bank.py").write_text("def f(:\n", encoding="utf-8")
    assert carry_out([], plugin="stand_in", json=True) == 2
    document = json.loads(capsys.readouterr().out)
    assert (document["complete"], document["exit_code"]) == (False, 2)
    assert document["findings"][0]["file"] == "bank.py"
    assert document["findings"][0]["code"] == "syntax"


# ---------------------------------------------------------------- the command


def test_without_mypy_the_command_names_the_extra(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mypy", None)
    code, out, err = call("check", ".")
    assert (code, out) == (2, "")
    assert "mypy is not installed" in err
    assert "pip install 'airssys-rt[mypy]'" in err
    assert "  why" in err


def test_the_command_runs_the_plugin_of_the_package(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[list[str], list[str], str]] = []

    def pretended(paths: list[str], options: list[str], plugin: str) -> run.Outcome:
        calls.append((paths, options, plugin))
        return run.Outcome([], True, "")

    monkeypatch.setattr(run, "run_mypy", pretended)
    assert call("check") == (0, "no errors\n", "")
    assert call("check", "src", "tests", "--only-actor", "--", "--python-version", "3.12")[0] == 0
    assert call("check", "--", "odd.py", "-p", "bank")[0] == 0
    assert calls == [
        ([], [], PLUGIN),
        (["src", "tests"], ["--python-version", "3.12"], PLUGIN),
        (["odd.py"], ["-p", "bank"], PLUGIN),
    ]
    assert PLUGIN == "airssys_rt.mypy"
    assert json.loads(call("check", "--sarif")[1])["runs"][0]["results"] == []


def test_two_documents_at_once_are_wrong_usage(call: Call) -> None:
    code, out, err = call("check", "--json", "--sarif")
    assert (code, out) == (2, "")
    assert "two documents" in err


# ---------------------------------------------------------------- reading and writing

FINDINGS = [
    Finding("a.py", 3, 5, "error", "actor-missing", "no\nhandler", ("see there",), "Account"),
    Finding("a.py", 9, 1, "note", "misc", "Revealed", (), None),
    Finding("ä b/c.py", 1, 1, "error", None, "odd", (), "Account.Inner"),
]


def test_lines_of_mypy_become_findings_and_others_are_kept() -> None:
    good = {"file": "x.py", "line": -1, "column": -1, "message": "m", "severity": "error"}
    lines = [json.dumps({**good, "code": None, "hint": "a\nb"}), "", "no json", "[1]", "{}"]
    findings, others = read_findings(lines)
    assert findings == [Finding("x.py", 1, 1, "error", None, "m", ("a", "b"), None)]
    assert others == ["no json", "[1]", "{}"]


def test_the_class_around_a_line_is_the_innermost(tmp_path: Path) -> None:
    text = "@deco\nclass A:\n    def f(self):\n        class B:\n            x = 1\n        y = 2\n"
    (tmp_path / "a.py").write_text(text + "z = 3\n", encoding="utf-8")
    found = [class_around(str(tmp_path / "a.py"), line) for line in range(1, 8)]
    assert found == ["A", "A", "A", "A.B", "A.B", "A", None]
    assert class_around(str(tmp_path / "none.py"), 1) is None
    (tmp_path / "bad.py").write_text("class A(:\n", encoding="utf-8")
    assert class_around(str(tmp_path / "bad.py"), 1) is None


def test_codes_of_actors_are_known_by_their_beginning() -> None:
    assert [c for c in ("actor", "actor-x", "actors", "misc", None) if is_of_actors(c)] == [
        "actor",
        "actor-x",
    ]


def test_the_text_for_people() -> None:
    assert as_text(FINDINGS) == (
        "a.py\n"
        "  Account\n"
        "    3:5      error: no  [actor-missing]\n"
        "             handler\n"
        "             see there\n"
        "  module level\n"
        "    9:1      note: Revealed  [misc]\n"
        "\n"
        "ä b/c.py\n"
        "  Account.Inner\n"
        "    1:1      error: odd\n"
        "\n"
        "airssys-rt explain actor-missing\n"
        "\n"
        "2 errors in 2 files, 1 about actors"
    )
    assert as_text([]) == summary(FINDINGS[1:2]) == "no errors"


def test_the_json_document_has_the_shape_that_is_documented() -> None:
    document = json.loads(as_json(FINDINGS, complete=True, exit_code=1))
    assert list(document) == ["version", "complete", "exit_code", "summary", "findings"]
    assert document["version"] == 1
    assert document["summary"] == {"errors": 2, "notes": 1, "files": 2, "actor_errors": 1}
    assert document["findings"][0] == {
        "file": "a.py",
        "line": 3,
        "column": 5,
        "severity": "error",
        "code": "actor-missing",
        "message": "no\nhandler",
        "hints": ["see there"],
        "class": "Account",
        "explain": "airssys-rt explain actor-missing",
    }
    assert document["findings"][1]["class"] is None
    assert document["findings"][1]["explain"] is None


def test_the_sarif_document_has_what_the_schema_requires(tmp_path: Path) -> None:
    elsewhere = Finding(str(tmp_path.parent / "e.py"), 2, 1, "error", "actor-new", "m")
    pages = {"actor-missing": Page("actor-missing", "What.", "# actor-missing\n\nWhat.\n")}
    findings = [*FINDINGS, elsewhere]
    document: dict[str, Any] = json.loads(as_sarif(findings, pages, tmp_path, complete=False))
    assert document["version"] == "2.1.0"
    [sarif_run] = document["runs"]
    driver = sarif_run["tool"]["driver"]
    assert driver["name"] == "airssys-rt"
    assert [rule["id"] for rule in driver["rules"]] == [
        *("actor-missing", "actor-new", "misc", "mypy")
    ]
    assert driver["rules"][0]["help"]["markdown"].startswith("# actor-missing")
    assert driver["rules"][2]["helpUri"].endswith("#code-misc")
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert all(rule["help"]["text"] for rule in driver["rules"])
    assert sarif_run["invocations"] == [{"executionSuccessful": False}]
    assert len(sarif_run["results"]) == 4
    for result in sarif_run["results"]:
        assert result["message"]["text"]
        assert result["level"] in ("error", "warning", "note", "none")
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        [location] = result["locations"]
        region = location["physicalLocation"]["region"]
        assert min(region["startLine"], region["startColumn"]) >= 1
    places = [
        r["locations"][0]["physicalLocation"]["artifactLocation"] for r in sarif_run["results"]
    ]
    root = "%SRCROOT%"
    assert places[0] == {"uri": "a.py", "uriBaseId": root}
    assert places[2] == {"uri": "%C3%A4%20b/c.py", "uriBaseId": root}
    assert places[3] == {"uri": (tmp_path.parent / "e.py").resolve().as_uri()}
    assert sarif_run["originalUriBaseIds"][root]["uri"] == f"{tmp_path.as_uri()}/"
