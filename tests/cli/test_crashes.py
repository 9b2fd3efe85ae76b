"""Parsers that crash: they are restarted, and every file still has one outcome."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from airssys_rt import ActorInfo, ActorStopped
from airssys_rt.cli.demo import foreman
from airssys_rt.cli.demo.command import carry_out
from airssys_rt.cli.demo.crew import Plan
from airssys_rt.cli.demo.faults import MOST, Faults
from airssys_rt.cli.demo.foreman import Parsers, verdict
from airssys_rt.cli.demo.parser import Parser
from airssys_rt.cli.demo.plain import plain_count
from airssys_rt.cli.demo.protocol import CrashCounts, Lost
from airssys_rt.cli.demo.run import Backend, Result, run
from airssys_rt.cli.demo.workers import WorkerKind
from tests.cli.conftest import plant
from tests.cli.parsers import failing, unlucky
from tests.cli.test_demo import on_each_backend

GOOD, BAD = 40, 10


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A small tree, a fifth of it broken."""
    root = tmp_path / "mixed"
    plant(root, {f"{number // 9}/{number}.py": b"import os\n" for number in range(GOOD)})
    plant(root, {f"{number}/bad.py": b"def f(:\n" for number in range(BAD)})
    return root


def flat(tree: tuple[ActorInfo, ...]) -> Iterator[ActorInfo]:
    for actor in tree:
        yield actor
        yield from flat(actor.children)


def restarts(result: Result) -> dict[str, int]:
    actors = flat(result.snapshot.tree)
    return {actor.path: actor.incarnation - 1 for actor in actors if actor.incarnation > 1}


def struck(root: Path, faults: Faults) -> int:
    """How many tries a seed hits, by the definition alone."""
    hits = 0
    for path in root.rglob("*.py"):
        attempt = 1
        while faults.strike(str(path.relative_to(root)), attempt):
            attempt += 1
        hits += attempt - 1
    return hits


@on_each_backend
@pytest.mark.parametrize("workers", ["processes", "threads"])
def test_crashing_parsers_are_restarted_and_no_file_is_lost_or_counted_twice(
    mixed: Path, capsys: pytest.CaptureFixture[str], backend: Backend, workers: WorkerKind
) -> None:
    plan = Plan(str(mixed), 2, workers, faults=Faults(0.2, 7))
    assert carry_out(plan, backend, verify=True, json=True) == 0
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    assert (document["found"], document["indexed"]) == (GOOD + BAD, GOOD)
    assert len(document["failures"]) == BAD
    assert document["verification"]["equal"] is True
    assert (document["crash_rate"], document["seed"]) == (0.2, 7)
    injected = struck(mixed, plan.faults)
    assert injected > 0
    assert document["crashes"] == {"unparsable": BAD, "injected": injected, "worker": 0}
    assert document["restarts"] == document["dead_letters"] == BAD + injected
    (crew,) = document["actors"]
    parsers = crew["children"][2]
    assert parsers["path"] == "/crew/parsers"
    assert parsers["restarts"] == 0
    assert sum(child["restarts"] for child in parsers["children"]) == document["restarts"]
    assert all(child["incarnation"] == child["restarts"] + 1 for child in parsers["children"])


def test_the_same_seed_crashes_as_often_with_however_many_parsers(mixed: Path) -> None:
    def crashes(parsers: int, seed: int) -> int:
        plan = Plan(str(mixed), parsers, "threads", faults=Faults(0.3, seed))
        return run(plan).crashes.injected

    assert crashes(1, 3) == crashes(2, 3) == crashes(5, 3) == struck(mixed, Faults(0.3, 3))
    assert len({struck(mixed, Faults(0.3, seed)) for seed in range(10)}) > 1


def test_a_run_ends_also_if_every_parse_is_to_crash(mixed: Path) -> None:
    result = run(Plan(str(mixed), 3, "threads", faults=Faults(1.0)))
    assert result.summary == plain_count(str(mixed))
    assert result.crashes == CrashCounts(unparsable=BAD, injected=MOST * (GOOD + BAD))
    assert sum(restarts(result).values()) == MOST * (GOOD + BAD) + BAD


def test_the_rate_is_the_probability_of_a_crash() -> None:
    faults = Faults(0.2, 1)
    hits = sum(faults.strike(f"{number}.py", 1) for number in range(5_000))
    assert 900 < hits < 1_100
    assert not any(Faults().strike(f"{number}.py", 1) for number in range(100))


def test_a_tree_of_nothing_but_bad_files_is_no_reason_to_give_up(tmp_path: Path) -> None:
    plant(tmp_path, {f"{number}.py": b"def" for number in range(200)})
    result = run(Plan(str(tmp_path), 1, "threads"))
    assert result.summary.indexed == 0
    assert len(result.summary.failures) == 200
    assert restarts(result) == {"/crew/parsers/parser-1": 200}


def test_crashes_that_are_wanted_are_counted_in_place_of_being_logged(
    mixed: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    plan = Plan(str(mixed), 1, "threads", faults=Faults(0.5))
    assert carry_out(plan, verify=True) == 0
    injected = struck(mixed, plan.faults)
    out, _ = capsys.readouterr()
    why = f"{BAD} on files that do not parse, {injected} injected"
    assert f"crashes: {BAD + injected} ({why}); restarts: {BAD + injected}\n" in out
    assert caplog.records == []


def test_of_the_crashes_that_nobody_wanted_the_first_of_each_kind_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plant(tmp_path, {"a.py": b"", "deadly.py": b"", "z/deadly.py": b""})
    run(Plan(str(tmp_path), 1, "threads", parse=failing))
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "/crew/parsers/parser-1 failed handling Parse" in record.getMessage()
    assert "ZeroDivisionError: this file" in record.getMessage()


def test_what_is_left_over_at_the_end_is_not_logged(
    mixed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):  # it depends on what is under way when the last outcome comes
        run(Plan(str(mixed), 3, "threads", limit=9))
    assert caplog.records == []


def test_the_log_is_as_it_was_when_the_run_is_over(tmp_path: Path) -> None:
    loggers = [logging.getLogger(name) for name in ("airssys_rt", "asyncio")]
    before = [list(logger.filters) for logger in loggers]
    run(Plan(str(tmp_path), 1, "threads"))
    assert [logger.filters for logger in loggers] == before


def test_a_worker_that_dies_by_accident_costs_no_file(tmp_path: Path) -> None:
    plant(tmp_path, {"deadly.py": b"import b\n", "a.py": b"import a\n"})
    result = run(Plan(str(tmp_path), 1, parse=unlucky))
    assert result.crashes == CrashCounts(worker=1)
    assert result.summary.imports == {"a": 1, "b": 1}
    assert result.summary.failures == ()


def test_injected_crashes_use_up_none_of_the_tries_of_a_file_that_kills_its_worker(
    tmp_path: Path,
) -> None:
    plant(tmp_path, {"deadly.py": b"", "a.py": b"import a\n"})
    result = run(Plan(str(tmp_path), 1, "threads", parse=failing, faults=Faults(1.0)))
    assert result.crashes == CrashCounts(injected=2 * MOST, worker=2)
    assert [failure.path for failure in result.summary.failures] == ["deadly.py"]
    assert result.summary.imports == {"a": 1}


def test_only_a_failed_handler_is_a_crash() -> None:
    assert verdict(0, "a.py", ActorStopped("/crew/parsers/parser-1 is over")) == Lost()


class StartsOnce(Parser):
    """A parser that cannot be restarted."""

    starts = 0

    def pre_start(self) -> None:
        StartsOnce.starts += 1
        if StartsOnce.starts > 1:
            raise RuntimeError("not again")


@on_each_backend
def test_a_parser_that_does_not_come_back_ends_the_run_with_an_error(
    tmp_path: Path,
    backend: Backend,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    plant(tmp_path, {"a.py": b"def"})
    monkeypatch.setattr(StartsOnce, "starts", 0)
    monkeypatch.setattr(foreman, "Parser", StartsOnce)
    monkeypatch.setattr(Parsers, "intensity", 1_000)
    with pytest.raises(ActorStopped):
        run(Plan(str(tmp_path), 1, "threads"), backend)
    assert "RestartIntensityExceeded: RT019 /crew/parsers restarted its children" in caplog.text


def test_a_parser_whose_restarts_fail_for_ever_ends_the_run_with_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plant(tmp_path, {"a.py": b"def"})
    monkeypatch.setattr(StartsOnce, "starts", 0)
    monkeypatch.setattr(foreman, "Parser", StartsOnce)
    monkeypatch.setattr(Parsers, "intensity", 10**9)
    monkeypatch.setattr(foreman, "PATIENCE", 0.05)
    with pytest.raises(ActorStopped):
        run(Plan(str(tmp_path), 1, "threads"))
    assert "/crew/foreman failed handling Crashed" in caplog.text
