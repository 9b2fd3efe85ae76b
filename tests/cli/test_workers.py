"""Workers: what becomes of a call whose worker cannot start or is not wanted any more."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import anyio
import pytest

from airssys_rt.cli.demo.crew import Plan
from airssys_rt.cli.demo.parse import parse_file
from airssys_rt.cli.demo.run import run
from airssys_rt.cli.demo.workers import Processes, Threads
from tests.cli.conftest import plant
from tests.cli.parsers import slow

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("error", [KeyboardInterrupt(), anyio.BrokenWorkerProcess()])
async def test_a_worker_that_does_not_start_is_a_broken_worker(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    async def run_sync(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("anyio.to_process.run_sync", run_sync)
    with pytest.raises(anyio.BrokenWorkerProcess):
        await Processes(parse_file, ".", 1).parse("x.py")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signal masks on Windows")
async def test_ctrl_c_is_held_back_while_a_worker_starts_and_not_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    masks: list[bool] = []

    async def run_sync(*_: object, **__: object) -> tuple[()]:
        masks.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        await anyio.sleep(0.01)
        return ()

    monkeypatch.setattr("anyio.to_process.run_sync", run_sync)
    workers = Processes(parse_file, ".", 2)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(workers.parse, "x.py")
        tasks.start_soon(workers.parse, "y.py")
    assert masks[:2] == [True, True]
    assert masks[-1] is False
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


async def test_a_thread_that_is_not_wanted_any_more_ends_its_file_first(tmp_path: Path) -> None:
    plant(tmp_path, {"x.py": b""})
    begin = time.monotonic()
    with anyio.move_on_after(0.05):
        await Threads(slow, str(tmp_path), 1).parse("x.py")
    assert time.monotonic() - begin >= 0.2


def test_a_system_without_signal_handlers_runs_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr("anyio.open_signal_receiver", refuse)
    plant(tmp_path, {"a.py": b"import a\n"})
    assert run(Plan(str(tmp_path), 1, "threads")).summary.imports == {"a": 1}
