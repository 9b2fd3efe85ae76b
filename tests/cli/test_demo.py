"""The crew at work: every file is accounted for, and the result is the plain loop's."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from airssys_rt import ActorStopped
from airssys_rt.cli.demo.crew import Plan
from airssys_rt.cli.demo.parse import Failure
from airssys_rt.cli.demo.plain import differences, plain_count
from airssys_rt.cli.demo.protocol import CrashCounts, Progress, Summary
from airssys_rt.cli.demo.run import Backend, run
from airssys_rt.cli.demo.workers import WorkerKind
from tests.cli.conftest import BAD, GOOD, plant
from tests.cli.parsers import deadly, failing, slow

BACKENDS: list[Backend] = ["asyncio", "trio"]
if find_spec("uvloop"):
    BACKENDS.append("uvloop")

on_each_backend = pytest.mark.parametrize("backend", BACKENDS)


def kinds(summary: Summary) -> dict[str, str]:
    return {failure.path: failure.kind for failure in summary.failures}


@on_each_backend
@pytest.mark.parametrize("workers", ["processes", "threads"])
def test_every_file_is_accounted_for(tree: Path, backend: Backend, workers: WorkerKind) -> None:
    result = run(Plan(str(tree), 2, workers), backend)
    summary = result.summary
    assert summary.found == len(GOOD) + len(BAD) + 1
    assert summary.indexed == len(GOOD)
    assert summary.imports == {"os": 1, "sys": 2, "json": 1, "re": 1}
    assert summary.size == sum(map(len, GOOD.values()))
    assert kinds(summary) == {
        "bad_syntax.py": "syntax",
        "dangling.py": "unreadable",
        "deep.py": "nesting",
        "inner/broken.py": "encoding",
        "nulls.py": "null bytes",
        "unknown_codec.py": "encoding",
    }
    assert summary == plain_count(str(tree))
    assert result.signal is None
    assert result.progress == Progress(summary.found, summary.found, walk_over=True)
    assert result.crashes == CrashCounts(unparsable=len(BAD) + 1)
    assert result.snapshot.dead_letters == len(BAD) + 1  # the requests of the crashes


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_a_limit_counts_what_the_plain_loop_counts(tree: Path, limit: int) -> None:
    result = run(Plan(str(tree), 3, "threads", limit))
    assert result.summary == plain_count(str(tree), limit)
    assert result.summary.found == min(limit, len(GOOD) + len(BAD) + 1)


def test_more_parsers_than_files_do_no_harm(tmp_path: Path) -> None:
    plant(tmp_path, {"a.py": b"import a\n"})
    assert run(Plan(str(tmp_path), 9, "threads")).summary.imports == {"a": 1}


def test_a_tree_without_python_files_has_a_result(tmp_path: Path) -> None:
    summary = run(Plan(str(tmp_path), 2)).summary
    assert summary == Summary(0, 0, 0, 0, {}, ())


@pytest.mark.skipif(sys.platform != "linux", reason="file names are any bytes on Linux only")
def test_a_file_name_may_be_any_bytes(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\n.py")
    plant(tmp_path, {name: b"import a\n", f"{name}{name}": b"def"})
    result = run(Plan(str(tmp_path), 1))
    assert result.summary == plain_count(str(tmp_path))
    assert kinds(result.summary) == {f"{name}{name}": "syntax"}


@on_each_backend
def test_a_file_that_kills_its_worker_is_reported_and_no_other(
    tmp_path: Path, backend: Backend
) -> None:
    plant(tmp_path, {f"{name}.py": b"import x\n" for name in "abcdefghijk"})
    plant(tmp_path, {"deadly.py": b"", "z/deadly.py": b""})
    result = run(Plan(str(tmp_path), 2, parse=deadly), backend)
    died = "the worker process died of it"
    assert result.summary.failures == (
        Failure("deadly.py", "worker", died),
        Failure("z/deadly.py", "worker", died),
    )
    assert result.summary.indexed == 11
    assert result.summary.imports == {"x": 11}
    assert result.crashes == CrashCounts(worker=4)  # each file has two tries


@pytest.mark.parametrize("workers", ["processes", "threads"])
def test_a_parse_function_that_raises_costs_only_its_file(
    tmp_path: Path, workers: WorkerKind
) -> None:
    plant(tmp_path, {"a.py": b"", "b.py": b"", "deadly.py": b""})
    summary = run(Plan(str(tmp_path), 1, workers, parse=failing)).summary
    assert summary.indexed == 2
    assert summary.failures == (Failure("deadly.py", "worker", "ZeroDivisionError: this file"),)


@on_each_backend
def test_the_actors_tell_what_they_did(tree: Path, backend: Backend) -> None:
    snapshot = run(Plan(str(tree), 2, "threads"), backend).snapshot
    (crew,) = snapshot.tree
    assert crew.path == "/crew"
    assert [child.path for child in crew.children] == [
        "/crew/index",
        "/crew/walker",
        "/crew/parsers",
        "/crew/foreman",
    ]
    index, walker, parsers, foreman = crew.children
    assert (index.actor, index.behaviour) == ("Index", "answering")
    assert walker.handled > 0
    assert foreman.handled > 0
    assert [child.path for child in parsers.children] == [
        "/crew/parsers/parser-1",
        "/crew/parsers/parser-2",
    ]
    assert sum(parser.handled for parser in parsers.children) > 0


def test_progress_is_shown_and_never_goes_back(tmp_path: Path) -> None:
    plant(tmp_path, {f"{i}.py": b"" for i in range(4)})
    shown: list[Progress] = []
    run(Plan(str(tmp_path), 1, "threads", parse=slow), show=shown.append)
    assert len(shown) > 1
    assert [(one.found, one.done) for one in shown] == sorted(
        (one.found, one.done) for one in shown
    )


@on_each_backend
def test_an_actor_that_fails_ends_the_run_with_an_error(
    tree: Path, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airssys_rt.cli.demo.foreman.Indexed", None)
    with pytest.raises(ActorStopped):
        run(Plan(str(tree), 1, "threads"), backend, show=lambda _: None)


def test_differences_are_named() -> None:
    one = Summary(1, 1, 2, 3, {"a": 1, "b": 2}, ())
    two = Summary(1, 1, 9, 3, {"a": 1, "b": 3}, (Failure("x.py", "syntax", "no"),))
    assert differences(one, one) == []
    assert differences(one, two) == [
        "lines: 2 by actors, 9 by the plain loop",
        "imports of: b",
        "failures of: x.py",
    ]


def test_the_plain_loop_reports_directories_that_cannot_be_read(tmp_path: Path) -> None:
    root = tmp_path / "gone"
    failure = Failure(".", "unreadable", "No such file or directory")
    assert plain_count(str(root)).failures == (failure,)
    assert run(Plan(str(root), 1)).summary == plain_count(str(root))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_what_may_not_be_read_is_reported(tmp_path: Path) -> None:
    plant(tmp_path, {"a.py": b"", "b/c.py": b""})
    (tmp_path / "a.py").chmod(0)
    (tmp_path / "b").chmod(0)
    try:
        summary = run(Plan(str(tmp_path), 1)).summary
        assert kinds(summary) == {"a.py": "unreadable", "b": "unreadable"}
        assert summary == plain_count(str(tmp_path))
    finally:
        (tmp_path / "b").chmod(0o700)
