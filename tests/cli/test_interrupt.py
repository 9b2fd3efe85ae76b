"""Ctrl-C: what was done is reported, at once, and nothing is left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from airssys_rt.cli.interrupt import ending_at_once
from tests.cli.conftest import plant

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="looks into /proc, sends signals to process groups"
)

ROOT = Path(__file__).parent.parent.parent
FILES = 200


def living(group: int) -> list[int]:
    """The processes of a group, except those that only wait to be reaped."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            state, _, of_group = stat.rpartition(")")[2].split()[:3]
            if int(of_group) == group and state != "Z":
                found.append(int(entry.name))
    return found


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def interrupted(
    arguments: list[str], ready: Callable[[int], bool], number: int, *, everybody: bool
) -> tuple[int, str, str, float]:
    """Start a program, send it a signal when it is ready; how it ended, and how soon."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "COLUMNS": "100"},
    )
    with process:
        wait_for(lambda: ready(process.pid), 20)
        begin = time.monotonic()
        if everybody:  # as a terminal does it
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)
        out, err = process.communicate(timeout=20)
        seconds = time.monotonic() - begin
        wait_for(lambda: not living(process.pid), 2)
        return process.returncode, out, err, seconds


@pytest.mark.parametrize(
    ("backend", "workers", "number", "everybody"),
    [
        ("asyncio", "processes", signal.SIGINT, True),
        ("trio", "processes", signal.SIGINT, True),
        ("asyncio", "processes", signal.SIGINT, False),
        ("trio", "processes", signal.SIGTERM, False),
        ("asyncio", "threads", signal.SIGINT, True),
        ("trio", "threads", signal.SIGINT, True),
    ],
)
def test_a_signal_ends_the_run_with_a_report_of_what_was_done(
    tmp_path: Path, backend: str, workers: str, number: int, everybody: bool
) -> None:
    plant(tmp_path, {f"{i}.py": b"import os\n" for i in range(FILES)})
    code, out, err, seconds = interrupted(
        [str(ROOT / "tests/cli/slow_run.py"), str(tmp_path), backend, workers],
        lambda _: (tmp_path / "begun").exists(),
        number,
        everybody=everybody,
    )
    assert code == 128 + number
    assert "interrupted: " in out
    assert f" of {FILES} files" in out
    assert "/crew/index" in out
    assert err == ""
    assert seconds < 3  # a second and a half, on a busy machine


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_signal_while_workers_start_leaves_none_behind(tmp_path: Path, backend: str) -> None:
    plant(tmp_path, {f"{i}.py": b"import os\n" for i in range(FILES)})
    code, _, err, seconds = interrupted(
        ["-m", "airssys_rt", "demo", str(tmp_path), "--backend", backend],
        lambda group: len(living(group)) > 1,
        signal.SIGINT,
        everybody=True,
    )
    assert code == 130
    assert err in ("", "interrupted\n")
    assert seconds < 3  # a second and a half, on a busy machine


def test_a_signal_while_the_command_is_imported_ends_it_at_once(tmp_path: Path) -> None:
    program = f"""if True:
        import sys, time
        from pathlib import Path
        import airssys_rt.cli.app as app

        def slow_import():
            try:
                Path({str(tmp_path)!r}, "begun").touch()
                time.sleep(20)
            except BaseException:
                return 0

        app._run = slow_import
        sys.exit(app.main())
    """
    code, out, err, seconds = interrupted(
        ["-c", program], lambda _: (tmp_path / "begun").exists(), signal.SIGINT, everybody=True
    )
    assert (code, out, err) == (130, "", "interrupted\n")
    assert seconds < 1


def test_the_end_at_once_has_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[int] = []
    monkeypatch.setattr("os._exit", ends.append)
    monkeypatch.setattr("os.write", lambda *_: 0)
    before = signal.getsignal(signal.SIGINT)
    with ending_at_once():
        signal.raise_signal(signal.SIGINT)
    assert ends == [130]
    assert signal.getsignal(signal.SIGINT) is before
