"""The Erlang rival: one `escript` beside the run, asked for a case by a line at a time.

It stays up for the whole run, so that its turns are as warm as ours and no start of a virtual
machine is measured. Without `escript` on the path the table has no Erlang column.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.benchmarks.measure import Contender, Span, WrongResult

__all__ = ["Erlang"]

SCRIPT = Path(__file__).with_name("erlang.escript")


class Erlang:
    """A running script; a context manager. `otp` is its release, None if there is none."""

    def __init__(self) -> None:
        self.otp: str | None = None
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        escript = shutil.which("escript")
        if escript is not None:
            self._process = subprocess.Popen(
                [escript, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            self.otp = self._read()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.communicate()  # the end of its input is the end of the script

    def contender(self, case: str) -> Contender | None:
        """The case as one that takes part in a race; None without Erlang."""
        if self._process is None:
            return None

        def run(n: int) -> tuple[Span, ...]:
            numbers = self.numbers(case, n)
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            return tuple(Span(wall, cpu, n) for wall, cpu in pairs)

        return run

    def numbers(self, case: str, n: int) -> list[int]:
        """The script's answer for a case."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{case} {n}\n")
        self._process.stdin.flush()
        answer = self._read()
        if not answer or answer.startswith("error"):
            raise WrongResult(f"erlang, {case} {n}: {answer or 'it ended'}")
        return [int(number) for number in answer.split()]

    def _read(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()
