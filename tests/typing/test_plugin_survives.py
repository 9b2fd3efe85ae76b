"""No program ends a run of mypy, or makes the plugin report a defect of its own.

Many odd modules (odd_modules.py) are checked in one run; when a run breaks, its modules are halved
until one is left. What mypy itself breaks on is no case. `nox -s plugin` checks a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.typing.golden import GOLDEN
from tests.typing.odd_modules import module_name, odd_module, seeds
from tests.typing.running import Run, Worker, write
from tests.typing.test_plugin import COMMON

COUNT = {"dev": 60, "plugin": 1000}.get(settings.get_current_profile_name(), 150)
AT_ONCE = 25  # modules in one run
DEFECT = "defect of the plugin"  # what the guard says
CRASH = re.compile(r"^(odd\d+\.py):(?:\d+:)? error: INTERNAL ERROR", re.MULTILINE)
BLOCKER = re.compile(r"^(odd\d+\.py):\d+: error: ", re.MULTILINE)


def stopping(run: Run) -> set[str]:
    """The modules that have stopped a run: by a crash of mypy, or by their syntax."""
    if run.status != 2 and not run.crashed:
        return set()
    return set((CRASH if run.crashed else BLOCKER).findall(run.output))


class Field:
    """A folder in which sets of modules are checked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.worker = Worker("run", measured=False)
        self.plain = folder / "plain.ini"
        text = (GOLDEN / "mypy.ini").read_text(encoding="utf-8")
        self.plain.write_text(re.sub(r"(?m)^plugins.*$", "", text), encoding="utf-8")
        self.at = 0

    def once(self, files: dict[str, str], *, plugin: bool) -> Run:
        """One run over the modules."""
        self.at += 1
        folder = self.folder / "odd"
        folder.mkdir(exist_ok=True)
        write(folder, files, self.at)
        config = [] if plugin else [f"--config-file={self.plain}"]
        cache = f"--cache-dir={self.folder / ('cache' if plugin else 'plain')}"
        return self.worker.run([*COMMON, *config, cache, *files], folder)

    def run(self, files: dict[str, str]) -> Run:
        """Check the modules; those that stop mypy even without the plugin are left out."""
        files = dict(files)
        while files:
            run = self.once(files, plugin=True)
            if run.status != 2 and not run.crashed:
                return run
            stopped = stopping(run) & files.keys()
            if run.crashed:
                plain = self.once(files, plugin=False)
                if not plain.crashed:
                    return run
                if not stopped or stopping(plain) != stopped:
                    stopped = set(fewest(files, self.crashes_alone))
            assert stopped, run.output
            files = {name: text for name, text in files.items() if name not in stopped}
        return Run(0, "")

    def breaks(self, files: dict[str, str]) -> bool:
        """Whether the plugin breaks on these modules, and mypy alone does not."""
        run = self.run(files)
        return run.crashed or DEFECT in run.output

    def crashes_alone(self, files: dict[str, str]) -> bool:
        """Whether mypy without the plugin breaks on these modules."""
        return self.once(files, plugin=False).crashed


def fewest(files: dict[str, str], breaks: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    """The fewest of the modules that break it still, by halving."""
    names = list(files)
    for half in (names[: len(names) // 2], names[len(names) // 2 :]):
        part = {name: files[name] for name in half}
        if part and len(part) < len(files) and breaks(part):
            return fewest(part, breaks)
    return files


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    field = Field(tmp_path_factory.mktemp("odd"))
    yield field
    field.worker.stop()


BATCHES = [range(at, min(at + AT_ONCE, COUNT)) for at in range(0, COUNT, AT_ONCE)]


@pytest.fixture(scope="module")
def programs() -> list[str]:
    return seeds()


def batch_of(numbers: Iterable[int], programs: list[str]) -> dict[str, str]:
    return {f"{module_name(n)}.py": odd_module(n, programs, COUNT) for n in numbers}


@pytest.mark.parametrize("numbers", BATCHES, ids=lambda batch: f"{batch.start}-{batch.stop - 1}")
def test_odd_modules_do_not_break_the_plugin(
    numbers: range, field: Field, programs: list[str]
) -> None:
    files = batch_of(numbers, programs)
    run = field.run(files)
    if run.crashed or DEFECT in run.output:
        culprits = fewest(files, field.breaks)
        text = "\n".join(f"# ---- {name}\n{text}" for name, text in culprits.items())
        pytest.fail(f"{text}\n{field.run(culprits).output}")


def test_most_odd_modules_reach_the_plugin(field: Field, programs: list[str]) -> None:
    """Else the test above would pass for nothing."""
    run = field.run(batch_of(BATCHES[0], programs))
    reached = {report.file for report in run.codes("actor")}
    assert len(reached) > AT_ONCE // 4, sorted(reached)
