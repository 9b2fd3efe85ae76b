"""The pytest plugin: `SUITE` is run by a pytest of its own, and the outcomes are looked at."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import airssys_rt

ROOT = Path(__file__).parent.parent.parent
ENVIRONMENT = {
    **os.environ,
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # it is named, whether it is installed or not
    "PYTHONPATH": str(Path(airssys_rt.__path__[0]).parent),
    "COLUMNS": "300",
}
OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR) \S+::(\S+)", re.MULTILINE)

SUITE = """
import asyncio
from typing import TypeAlias

import anyio
import pytest
import sniffio

from airssys_rt import Actor, ActorSystem, Message, Request, on
from airssys_rt.testing import TestProbe, VirtualTime


class Crash(Message): ...
class Ping(Request[str]): ...
class Hang(Message): ...
class Foreign(Message): ...
class Draw(Request[int]): ...
class Late(Message): ...

Msg: TypeAlias = Crash | Ping | Hang | Draw | Late

class Worker(Actor[Msg]):
    @on(Crash)
    def crash(self, msg: Crash) -> None:
        raise ValueError("as told")
    @on(Ping)
    def ping(self, msg: Ping) -> str:
        return "pong"
    @on(Hang)
    async def hang(self, msg: Hang) -> None:
        await anyio.sleep(60)
    @on(Draw)
    def draw(self, msg: Draw) -> int:
        return self.random.randrange(10**9)
    @on(Late)
    async def late(self, msg: Late) -> None:
        await anyio.sleep(0.01)
        raise ValueError("late")
    initial = crash | ping | hang | draw | late

async def test_good(actor_system: ActorSystem) -> None:
    assert await actor_system.spawn(Worker).ask(Ping()) == "pong"

async def test_probe(actor_system, probe: TestProbe[Crash]) -> None:
    probe.ref.tell(Crash())
    await probe.expect_message(Crash)

async def test_crash(actor_system) -> None:
    actor_system.spawn(Worker).tell(Crash())
    await actor_system.drain()

async def test_crash_behind_the_test(actor_system) -> None:
    actor_system.spawn(Worker).tell(Late())

@pytest.mark.expect_crashes("Exception")
@pytest.mark.expect_dead_letters("failed")
async def test_crash_that_is_expected(actor_system) -> None:
    actor_system.spawn(Worker).tell(Crash())
    await actor_system.drain()

@pytest.mark.expect_crashes("KeyError")
@pytest.mark.expect_dead_letters
async def test_crash_by_something_else(actor_system) -> None:
    actor_system.spawn(Worker).tell(Crash())
    await actor_system.drain()

async def test_faults_are_seen(actor_system, actor_faults) -> None:
    actor_system.spawn(Worker).tell(Crash())
    await actor_system.drain()
    assert [str(error) for error in actor_faults.crashes] == ["as told"]
    assert [letter.reason for letter in actor_faults.dead_letters] == ["failed"]
    actor_faults.expect_crashes()
    actor_faults.expect_dead_letters()

async def test_dead_letter(actor_system) -> None:
    actor_system.spawn(Worker).tell(Foreign())
    await actor_system.drain()

async def test_leaked_task(actor_system) -> None:
    if sniffio.current_async_library() == "asyncio":
        asyncio.create_task(asyncio.sleep(100), name="the-leak")
    else:
        pytest.skip("no task leaks on trio")

@pytest.mark.virtual_time
async def test_still_at_work(actor_system) -> None:
    actor_system.spawn(Worker).tell(Hang())

async def test_that_fails(actor_system) -> None:
    assert 1 == 2

@pytest.mark.virtual_time(start=7)
async def test_hours(actor_system, virtual_time: VirtualTime) -> None:
    begin = anyio.current_time()
    assert begin >= 7
    await anyio.sleep(3600)
    assert virtual_time.now() == anyio.current_time() >= begin + 3600

async def test_no_virtual_time(virtual_time) -> None: ...

@pytest.mark.actor_system(name="other", strict_wire=True)
async def test_options(actor_system) -> None:
    assert actor_system.name == "other"

async def test_seed(actor_system) -> None:
    print("DRAWN", await actor_system.spawn(Worker).ask(Draw()))

def test_that_does_not_use_it() -> None: ...

@pytest.mark.anyio
async def test_of_anyio_alone() -> None:
    print("ALONE", sniffio.current_async_library())
"""


def run(directory: Path, *options: str, suite: str = SUITE) -> str:
    (directory / "test_suite.py").write_text(suite, encoding="utf-8")
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "pytest",
                "-p",
                "anyio",
                "-p",
                "airssys_rt.testing.pytest_plugin",
            ),
            *("-rA", "-p", "no:cacheprovider", "-o", "addopts=", *options),
        ],
        cwd=directory,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    return run(tmp_path_factory.mktemp("suite"), "--actor-backends=all", "--actor-seed=5")


@pytest.fixture(scope="module")
def outcomes(output: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for outcome, name in OUTCOME.findall(output):
        found.setdefault(name, set()).add(outcome)
    return found


HAS_UVLOOP = find_spec("uvloop") is not None
ALL = ("asyncio", "trio", "uvloop") if HAS_UVLOOP else ("asyncio", "trio")


@pytest.mark.parametrize(
    ("test", "outcome", "backends"),
    [
        ("test_good", {"PASSED"}, ALL),
        ("test_probe", {"PASSED"}, ALL),
        ("test_crash", {"FAILED"}, ALL),
        ("test_crash_behind_the_test", {"PASSED", "ERROR"}, ALL),
        ("test_crash_that_is_expected", {"PASSED"}, ALL),
        ("test_crash_by_something_else", {"FAILED"}, ALL),
        ("test_faults_are_seen", {"PASSED"}, ALL),
        ("test_dead_letter", {"FAILED"}, ALL),
        ("test_leaked_task", {"PASSED", "ERROR"}, tuple(name for name in ALL if name != "trio")),
        ("test_still_at_work", {"PASSED", "ERROR"}, ("asyncio", "trio")),
        ("test_that_fails", {"FAILED"}, ALL),
        ("test_hours", {"PASSED"}, ("asyncio", "trio")),
        ("test_no_virtual_time", {"ERROR"}, ALL),
        ("test_options", {"PASSED"}, ALL),
        ("test_seed", {"PASSED"}, ALL),
    ],
)
def test_a_test_with_the_fixtures_ends_as_it_should_on_each_backend(
    outcomes: dict[str, set[str]], test: str, outcome: set[str], backends: tuple[str, ...]
) -> None:
    for backend in backends:
        assert outcomes[f"{test}[{backend}]"] == outcome, backend


def test_tests_without_the_fixtures_are_left_alone(outcomes: dict[str, set[str]]) -> None:
    assert outcomes["test_that_does_not_use_it"] == {"PASSED"}
    assert "test_of_anyio_alone[uvloop]" not in outcomes


@pytest.mark.parametrize(
    "text",
    [
        "/worker-1 crashed handling Crash: ValueError: as told",
        "dead letter to /worker-1, not_accepted: Foreign()",
        "a task was left: the-leak, <coroutine object sleep",
        "still at work after the test, for 2 s: /worker-1",
        "--actor-seed=5",
        "virtual_time: mark the test with @pytest.mark.virtual_time",
    ],
)
def test_the_report_says_what_went_wrong(output: str, text: str) -> None:
    assert text in output


def test_a_seed_gives_the_same_numbers_and_another_one_others(tmp_path: Path, output: str) -> None:
    (drawn,) = set(re.findall(r"DRAWN (\d+)", output))
    others = re.findall(r"DRAWN (\d+)", run(tmp_path, "--actor-seed=6", "-k", "test_seed"))
    assert others
    assert drawn not in others


def test_backends_can_be_chosen_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nactor_backends = trio\n", encoding="utf-8")
    found = OUTCOME.findall(run(tmp_path, "-k", "test_good or alone"))
    names = {name for _, name in found}
    assert "test_good[trio]" in names
    assert not any("test_good[asyncio" in name for name in names)
    assert any("test_of_anyio_alone[asyncio" in name for name in names)


def test_an_unknown_backend_is_an_error(tmp_path: Path) -> None:
    assert "'curio' is none of asyncio, trio, uvloop, all" in run(
        tmp_path, "--actor-backends=curio", "-k", "test_good"
    )


def test_it_imports_nothing_of_the_library_until_a_test_uses_it(tmp_path: Path) -> None:
    suite = """
import sys

def test_nothing() -> None:
    heavy = ("airssys_rt.", "trio", "asyncio", "hypothesis", "msgspec")
    found = [name for name in sys.modules if name.startswith(heavy)]
    assert found == ["airssys_rt.testing", "airssys_rt.testing.pytest_plugin"], found
"""
    (tmp_path / "test_suite.py").write_text(suite, encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "airssys_rt.testing.pytest_plugin"),
            *("-q", "-p", "no:cacheprovider", "-o", "addopts="),
        ],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout


def test_it_is_an_entry_point_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entry = project["entry-points"]["pytest11"]
    assert entry == {"airssys_rt": "airssys_rt.testing.pytest_plugin"}
