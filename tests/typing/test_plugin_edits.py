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


def said(files: dict[str, str], wanted: set[Report], got: set[Report], who: str, step: str) -> str:
    if not (text := difference(wanted, got)):
        return ""
    sources = "".join(f"# ---- {name}\n{source}" for name, source in files.items())
    return f"{who} after {step}:\n{text}\n{sources}"


def check(bench: Bench, project: Project, step: str) -> None:
    agreed(bench, project.render(), step, broken=project.broken is not None)


def agreed(bench: Bench, files: dict[str, str], step: str, *, broken: bool = False) -> set[Report]:
    """The plugin's findings, on which the three agree.

    What mypy's daemon forgets by itself is not the plugin's.
    """
    bench.put(files)
    cold, warm, daemon = bench.check()
    for run in (cold, warm, daemon):
        assert not run.crashed, run.output
    if broken:
        assert cold.codes("syntax") == warm.codes("syntax") == daemon.codes("syntax") != set()
        return set()
    if text := said(files, cold.codes(), warm.codes(), "warm", step):
        pytest.fail(text)
    if text := said(files, cold.codes("actor"), daemon.codes("actor"), "daemon", step):
        pytest.fail(text)
    return cold.codes("actor")


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


MESSAGES = """\
from airssys_rt import Message
class A(Message):
    pass
class B(Message):
    pass
"""
MORE = "from airssys_rt import Message\nclass C(Message{}):\n    pass\n"
UNION = """\
from typing import TypeAlias
from messages import A, B
from more import C
Msg: TypeAlias = {}
"""
USER = """\
from airssys_rt import Actor
from protocol import Msg
class User(Actor[Msg]):
    pass
"""
BASES = """\
from typing import TypeAlias
import messages
import more
Base: TypeAlias = {}
"""
EXTENDED = "from bases import Base\nclass Extended(Base):\n    pass\n"


def sealed(bench: Bench, files: dict[str, str], step: str) -> int:
    """How many findings of actor-sealed the three agree on."""
    return len([report for report in agreed(bench, files, step) if report.code == "actor-sealed"])


def test_a_member_that_came_by_an_alias_is_followed_from_then_on(bench: Bench) -> None:
    """The daemon has checked the actor's class alone, not its file, when the member came."""
    bench.begin()
    states = [("", "A | B"), ("", "A | B | C"), (', tag="A"', "A | B | C"), ("", "A | B | C")]
    clashes: list[int] = []
    for tag, union in states:
        files = {"messages.py": MESSAGES, "more.py": MORE.format(tag), "user.py": USER}
        files["protocol.py"] = UNION.format(union)
        clashes.append(sealed(bench, files, f"{union}, C has {tag!r}"))
    assert clashes == [0, 0, 1, 0]


def test_a_base_that_came_by_an_alias_is_followed_from_then_on(bench: Bench) -> None:
    """The base's module makes a protocol of it after the daemon has seen it become the base."""
    bench.begin()
    protocol = "Sealed: TypeAlias = A | B\n"
    extended: list[int] = []
    for base, more in [("more.C", ""), ("messages.A", ""), ("messages.A", protocol)]:
        files = {"more.py": MORE.format(""), "user.py": EXTENDED, "bases.py": BASES.format(base)}
        files["messages.py"] = f"from typing import TypeAlias\n{MESSAGES}{more}"
        extended.append(sealed(bench, files, f"{base} as the base, {more}"))
    assert extended == [0, 0, 1]
