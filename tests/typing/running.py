"""Running mypy with the plugin, and reading what it says.

Runs are subprocesses, or requests to a `Worker`: a process that has loaded mypy once, and runs it
as a command (`run`) or stays a daemon (`daemon`). Laws: every run takes the library and the plugin
from the tree under test; a line of output that is not understood is an error, never skipped.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import airssys_rt
from tests.unmeasured import unmeasured

SOURCE = Path(airssys_rt.__file__).parent.parent
# where mypy finds the library; one that is installed it finds by itself, and takes no such path
LIBRARY = {"PYTHONPATH": str(SOURCE)}
if SOURCE.name != "site-packages":
    LIBRARY["MYPYPATH"] = str(SOURCE)
ROOT = Path(__file__).parent.parent.parent
PATIENCE = 120  # seconds for one run


class Report(NamedTuple):
    """One error: where, and its code; the message is not compared."""

    file: str
    line: int
    code: str


@dataclass(frozen=True)
class Run:
    """What a run of mypy said."""

    status: int
    output: str

    @property
    def crashed(self) -> bool:
        """Whether mypy did not run to its end."""
        signs = ("INTERNAL ERROR", "Traceback (most recent", "Daemon crashed", "Error importing")
        return self.status not in {0, 1, 2} or any(sign in self.output for sign in signs)

    def errors(self) -> dict[Report, list[str]]:
        """The errors, each with its messages."""
        found: dict[Report, list[str]] = {}
        for line in self.output.splitlines():
            if match := ERROR.fullmatch(line):
                report = Report(match[1], int(match[2]), match[4] or "none")
                found.setdefault(report, []).append(match[3])
            elif not IGNORED.search(line):
                raise AssertionError(f"mypy said what is not understood: {line!r}\n{self.output}")
        return found

    def codes(self, prefix: str = "") -> set[Report]:
        """The errors whose code begins like this."""
        return {report for report in self.errors() if report.code.startswith(prefix)}


ERROR = re.compile(r"(.+?):(\d+):(?:\d+:)? error: (.*?)(?:  \[([\w-]+)\])?")
IGNORED = re.compile(
    r"^\s*$|: note: |^Found \d+ error|^Success: |^Daemon (started|stopped)|^Restarting: "
    r"|^Parallel type-checking is experimental"
)


def environment(extra: Mapping[str, str] | None = None, *, measured: bool = True) -> dict[str, str]:
    """The environment of a run: the tree under test, and no other configuration."""
    given = os.environ if measured else unmeasured()
    kept = {name: value for name, value in given.items() if not name.startswith("MYPY")}
    kept |= {**LIBRARY, "PYTHONHASHSEED": "0"}
    return kept | dict(extra or {})


def mypy(
    arguments: Sequence[str],
    cwd: Path,
    *,
    program: str = "mypy",
    path: Sequence[Path] = (),
    measured: bool = True,
) -> Run:
    """Run mypy, or `mypy.dmypy`, as a process of its own; `path` is where plugins are, too."""
    extra = {"PYTHONPATH": os.pathsep.join(str(place) for place in [*path, SOURCE])}
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=cwd,
        env=environment(extra, measured=measured),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Run(done.returncode, done.stdout + done.stderr)


class Worker:
    """A process with mypy in it: `command` is `run` or `daemon`; `measured` is for coverage."""

    def __init__(self, command: str, *, measured: bool = True) -> None:
        self._command = command
        self._measured = measured
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process; a next request starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(timeout=PATIENCE)
        process.stdout.close()

    def send(self, arguments: Sequence[str], cwd: Path) -> None:
        """Ask for a run; `receive` waits for it, so that several workers run side by side."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("mypy_worker.py")), self._command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment(measured=self._measured),
                text=True,
            )
        assert self._process.stdin is not None
        request = {"arguments": list(arguments), "cwd": str(cwd)}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def receive(self) -> Run:
        """What the run said."""
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            self._process = None
            return Run(code, "INTERNAL ERROR: the process ended")
        answer = json.loads(line)
        return Run(answer["status"], answer["output"])

    def run(self, arguments: Sequence[str], cwd: Path) -> Run:
        """Run, and wait."""
        self.send(arguments, cwd)
        return self.receive()


def write(folder: Path, files: Mapping[str, str], at: int) -> None:
    """Make the Python files of a folder be these; what changes is dated `at` seconds later.

    mypy compares a file's time and size before it reads it, and steps are faster than clocks.
    """
    for path in folder.rglob("*.py"):
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, text in files.items():
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (EPOCH + 2 * at, EPOCH + 2 * at))


EPOCH = 1_700_000_000


def difference(wanted: Iterable[Report], got: Iterable[Report]) -> str:
    """What is different between two sets of reports, or an empty text."""
    wanted, got = set(wanted), set(got)
    lines = [f"missing    {r.file}:{r.line} {r.code}" for r in sorted(wanted - got)]
    lines += [f"unexpected {r.file}:{r.line} {r.code}" for r in sorted(got - wanted)]
    return "\n".join(lines)
