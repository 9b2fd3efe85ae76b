"""Ctrl-C ends the program properly wherever it finds the engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HAS_UVLOOP

PROGRAM = Path(__file__).with_name("sigint_program.py")
BACKENDS = ["asyncio", "trio", *(["uvloop"] if HAS_UVLOOP else [])]


def run(*arguments: str) -> None:
    # coverage traces lines as the program does: one of them only
    environment = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(PROGRAM), *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        env=environment,
        check=False,
    )
    # no traceback, no task that was destroyed, no exception that nobody retrieved
    assert (done.stderr, done.stdout) == ("", "all well\n")
    assert done.returncode == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_ctrl_c_at_any_line_of_the_engine_stops_in_order(backend: str) -> None:
    run(backend, "steps", "3", "60")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_second_ctrl_c_does_not_wait_for_an_ordered_stop_that_hangs(backend: str) -> None:
    run(backend, "twice")
