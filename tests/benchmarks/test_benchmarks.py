"""Every benchmark runs, on every event loop, does what it says it measures, and gives figures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.backends import BACKENDS
from tests.benchmarks.cases import CASES, Session
from tests.benchmarks.erlang import Erlang
from tests.benchmarks.measure import Figure, WrongResult, check
from tests.benchmarks.report import Result, Target, table

ROOT = Path(__file__).parent.parent.parent

# Processes of their own are slow to start, and an idle actor is the same on every event loop.
PAIRS = [
    (case, backend)
    for case in CASES
    for backend in BACKENDS
    if case != "memory" or backend == "asyncio"
]


@pytest.fixture(scope="module")
def erlang() -> Iterator[Erlang]:
    with Erlang() as running:
        yield running


@pytest.mark.parametrize(("case", "backend"), PAIRS)
def test_case_runs_and_gives_figures(case: str, backend: str, erlang: Erlang) -> None:
    results = CASES[case](Session(BACKENDS[backend], erlang, rounds=1, quick=True))
    assert results
    for result in results:
        assert result.backend == backend
        assert all(value > 0 for value in result.ours.rounds)
        assert all(rival.median > 0 for rival in result.rivals.values())


def test_the_command_prints_a_table_and_writes_json(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--case", "tell"]
    done = subprocess.run(
        [*command, "--backend", "asyncio", "--json", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "| tell |" in done.stdout
    (row,) = json.loads(file.read_text(encoding="utf-8"))["results"]
    assert row["case"] == "tell"
    assert row["ours"]["median"] > 0
    assert row["rivals"].keys() >= {"floor", "raw"}
    assert row["met"] is None  # so few operations say nothing


def test_a_ratio_is_taken_within_each_round() -> None:
    ours, rival = Figure((20.0, 200.0, 60.0)), Figure((10.0, 100.0, 20.0))
    assert ours.ratio(rival) == 2.0


def test_a_ratio_to_a_rival_in_this_process_is_one_of_cpu_time() -> None:
    ours, rival = Figure((90.0,), (30.0,)), Figure((30.0,), (15.0,))
    result = Result("tell", "asyncio", 1, "ns", ours, {"floor": rival, "erlang": rival})
    assert result.ratio("floor") == 2.0
    assert result.ratio("erlang") == 3.0


@pytest.mark.parametrize(("limit", "met"), [(30.0, True), (29.0, False)])
def test_a_target_is_about_cpu_time(limit: float, met: bool) -> None:
    ours = Figure((90.0,), (30.0,))
    assert Result("ask", "asyncio", 1, "ns", ours, target=Target(limit)).met is met


def test_a_target_without_a_rival_to_compare_with_is_not_called_met() -> None:
    result = Result("tell", "asyncio", 1, "ns", Figure((1.0,)), target=Target(2.2, "floor"))
    assert result.met is None
    assert "not measured" in table([result], judged=True)


def test_a_run_that_did_not_do_its_work_is_an_error() -> None:
    with pytest.raises(WrongResult, match="99"):
        check(99, 100, "messages handled")
