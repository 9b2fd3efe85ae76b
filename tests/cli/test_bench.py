"""`airssys-rt bench`: its output, its exit codes, what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from airssys_rt.bench.cases import CASES, Case
from airssys_rt.bench.measure import WrongResult
from airssys_rt.bench.racing import Session
from airssys_rt.bench.results import Result
from airssys_rt.cli.bench.command import bench


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    """Without the BEAM, whose start takes longer than all else here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        yield


def ended(**options: object) -> int:
    """The exit code of the command, run in this process."""
    with pytest.raises(typer.Exit) as caught:
        bench(**options)  # type: ignore[arg-type]
    return caught.value.exit_code


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JSON of a run."""
    file = tmp_path_factory.mktemp("bench") / "old.json"
    command = [sys.executable, "-m", "airssys_rt", "bench", "--quick", "--case", "tell"]
    command += ["--no-libraries", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    file.write_text(done.stdout, encoding="utf-8")
    return file


def doctored(old: Path, factor: float) -> Path:
    """The same run with ratios so many times as great."""
    document = json.loads(old.read_text(encoding="utf-8"))
    for row in document["results"]:
        for rival in row["rivals"].values():
            rival["ratio"] *= factor
    file = old.with_name(f"old-{factor}.json")
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_json_is_one_document_and_nothing_else(old: Path) -> None:
    document = json.loads(old.read_text(encoding="utf-8"))
    assert document["version"] == 1
    assert document["about"]["build"]
    assert [row["case"] for row in document["results"]] == ["tell"]


def test_a_run_that_is_much_slower_than_the_old_one_ends_with_1(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"case": ["tell"], "quick": True, "libraries": False}
    assert ended(**options, compare=doctored(old, 0.001)) == 1
    assert "**slower**" in capsys.readouterr().out
    assert ended(**options, compare=doctored(old, 1000.0)) == 0


def test_list_names_the_cases(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(names=True) == 0
    assert "ask-from-actor" in capsys.readouterr().out


def test_wrong_usage_ends_with_2_and_says_what_is_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ended(case=["teel"]) == 2
    assert "tell" in capsys.readouterr().err
    assert ended(compare=Path("no-such-file.json")) == 2
    assert "--json" in capsys.readouterr().err


def test_a_benchmark_that_did_not_do_its_work_ends_with_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lose(_session: Session) -> list[Result]:
        raise WrongResult("messages handled: 99, not 100")

    monkeypatch.setitem(CASES, "tell", Case("tell", lose))
    assert ended(case=["tell"], libraries=False) == 70
    assert "99, not 100" in capsys.readouterr().err
