"""After any history of edits a warm mypy, and its daemon, say what a cold one says.

Each step of a history changes one thing of a small project (project.py). A syntax error stops mypy;
its mending is always the next step. The cold run has a cache of the library alone. `nox -s plugin`
runs long histories.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.typing.edits import EDITS, Edit, Picker, syntax_breaks
from tests.typing.project import Project, start
from tests.typing.running import Report, Run, Worker, difference, write
from tests.typing.test_plugin import COMMON

# histories, and steps in each
EFFORT = {"dev": (3, 6), "ci": (5, 6), "plugin": (40, 12)}
PROFILE = settings.get_current_profile_name()
HISTORIES, STEPS = EFFORT.get(PROFILE, EFFORT["ci"])
# to find a shorter history may take longer than one test has; what is printed is enough to begin
SEARCH = (Phase.explicit, Phase.reuse, Phase.generate)
PHASES = (*SEARCH, Phase.shrink) if PROFILE == "plugin" else SEARCH

histories = st.lists(
    st.tuples(st.sampled_from(EDITS), st.integers(0, 10_000)), min_size=1, max_size=STEPS
)


class Bench:
    """A folder, and three ways to run mypy over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = folder / "library"  # a cache of the library, without the project
        self.cold, self.warm = Worker("run", measured=False), Worker("run", measured=False)
        self.daemon = Worker("daemon", measured=False)
        self.edits = 0
        self.put({"nothing.py": "import airssys_rt\nfrom airssys_rt import Actor\n"})
        run = self.cold.run([*COMMON, f"--cache-dir={self.base}", "nothing.py"], self.place)
        assert run.status == 0, run.output

    @property
    def place(self) -> Path:
        return self.folder / "project"

    def put(self, files: dict[str, str]) -> None:
        self.edits += 1
        self.place.mkdir(exist_ok=True)
        write(self.place, files, self.edits)
        self.files = sorted(files)

    def begin(self) -> None:
        """The warm cache is the library's again; the daemon goes on, whatever it has seen."""
        shutil.rmtree(self.folder / "warm", ignore_errors=True)
        shutil.copytree(self.base, self.folder / "warm")

    def check(self) -> tuple[Run, Run, Run]:
        """What the cold, the warm and the daemon's run say."""
        shutil.rmtree(self.folder / "cold", ignore_errors=True)
        shutil.copytree(self.base, self.folder / "cold")
        self.cold.send([*COMMON, f"--cache-dir={self.folder / 'cold'}", *self.files], self.place)
        self.daemon.send([*COMMON, *self.files], self.place)
        cold = self.cold.receive()
        self.warm.send([*COMMON, f"--cache-dir={self.folder / 'warm'}", *self.files], self.place)
        return cold, self.warm.receive(), self.daemon.receive()

    def close(self) -> None:
        for worker in (self.cold, self.warm, self.daemon):
            worker.stop()


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    folder = Path(mkdtemp(prefix="edits-"))
    bench = Bench(folder)
    yield bench
    bench.close()
    shutil.rmtree(folder, ignore_errors=True)


def said(project: Project, wanted: set[Report], got: set[Report], who: str, step: str) -> str:
    if not (text := difference(wanted, got)):
        return ""
    files = "".join(f"# ---- {name}\n{source}" for name, source in project.render().items())
    return f"{who} after {step}:\n{text}\n{files}"


def check(bench: Bench, project: Project, step: str) -> None:
    """The three agree.  What mypy's daemon forgets by itself is not the plugin's."""
    bench.put(project.render())
    cold, warm, daemon = bench.check()
    for run in (cold, warm, daemon):
        assert not run.crashed, run.output
    if project.broken is not None:
        assert cold.codes("syntax") == warm.codes("syntax") == daemon.codes("syntax") != set()
        return
    if text := said(project, cold.codes(), warm.codes(), "warm", step):
        pytest.fail(text)
    if text := said(project, cold.codes("actor"), daemon.codes("actor"), "daemon", step):
        pytest.fail(text)


@settings(
    max_examples=HISTORIES,
    phases=PHASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(histories)
def test_warm_runs_and_the_daemon_agree_with_cold_runs(
    bench: Bench, history: list[tuple[Edit, int]]
) -> None:
    project = start()
    bench.begin()
    check(bench, project, "the start")
    for edit, number in history:
        edit(project, Picker(number))
        check(bench, project, f"{getattr(edit, '__name__', edit)}({number})")
        if project.broken is not None:
            syntax_breaks(project, Picker(0))
            check(bench, project, "the mending")
