"""`airssys-rt bench`: its output, its exit codes, what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

QUICK = ("--quick", "--case", "tell", "--no-libraries")


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "airssys_rt", "bench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JSON of a run."""
    file = tmp_path_factory.mktemp("bench") / "old.json"
    done = bench(*QUICK, "--json")
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


def test_a_run_that_is_much_slower_than_the_old_one_ends_with_1(old: Path) -> None:
    slow = bench(*QUICK, "--compare", str(doctored(old, 0.001)))
    assert slow.returncode == 1, slow.stderr
    assert "**slower**" in slow.stdout
    fast = bench(*QUICK, "--compare", str(doctored(old, 1000.0)))
    assert fast.returncode == 0, fast.stderr


def test_list_names_the_cases() -> None:
    done = bench("--list")
    assert done.returncode == 0
    assert "ask-from-actor" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(("--case", "teel"), "tell"), (("--compare", "no-such-file.json"), "--json")],
)
def test_wrong_usage_ends_with_2_and_says_what_is_right(
    arguments: tuple[str, ...], word: str
) -> None:
    done = bench(*arguments)
    assert done.returncode == 2
    assert word in done.stderr
