"""A defect of the plugin is one error that asks for a report; a mypy it was not tested with, too.

Each part that the plugin's hooks call is made to raise in turn, by a plugin around the real one.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from mypy.options import Options

from airssys_rt.mypy import SUPPORTED, hooks, plugin
from tests.typing.golden import GOLDEN
from tests.typing.running import Run, mypy
from tests.typing.test_plugin import COMMON

# what is no part of a check: it guards, or runs before mypy has a place to report at
UNGUARDED = {"guarded", "report_defect", "read_options", "end_with", "BadOptions"}
UNGUARDED |= {"BlockingCheck", "CalledCheck", "ThreadCode", "Options"}  # made with the plugin
UNGUARDED |= {"is_message", "is_inert"}  # two look-ups in a selection
UNGUARDED |= {"all_nodes"}  # for classes in functions alone
PARTS = sorted(
    name
    for name, value in vars(hooks).items()
    if callable(value)
    and getattr(value, "__module__", "").startswith("airssys_rt.mypy.")
    and value.__module__ != hooks.__name__
    and name not in UNGUARDED
    and not name.startswith("check_")  # they are in the tuples
)
TUPLES = sorted(name for name, value in vars(hooks).items() if name.endswith("_CHECKS"))

# Reads what to break from a file, for mypy throws its cache away when the text of a plugin changes.
BREAKING = """
from pathlib import Path
from typing import Any

from airssys_rt.mypy import hooks, hooks, plugin as real

name = Path("part.txt").read_text()

def broken(*arguments: Any, **keywords: Any) -> Any:
    raise ZeroDivisionError("on purpose")

if name:
    setattr(hooks, name, (broken,) if name.endswith("_CHECKS") else broken)

def plugin(version: str) -> Any:
    return real(version)
"""
PROGRAM = """
import time
from airssys_rt import Actor, ActorRef, Down, Message, ReplyTo, Request, on

class Go(Message):
    number: int

class Get(Request[int]):
    text: str

Other: ActorRef[Get]

class Some(Actor[Go | Get | Down]):
    def __init__(self, other: ActorRef[Go]) -> None:
        self.other = other
        self.waiting: list[ReplyTo[int]] = []
        self.monitor(other)

    @on(Go)
    def go(self, msg: Go) -> None:
        self.become(self.away)
        self.other.tell(Go(1))
        for reply in self.waiting:
            reply.reply(1)
        time.sleep(1)
        self.after(1.0, Go(2))
        Some(self.other)

    @on(Get)
    async def get(self, msg: Get) -> int:
        self.unbecome()
        open("file").read()
        return await Other.ask(Get("x"))

    @on(Down)
    def down(self, msg: Down) -> None: ...

    initial = go | get | down
    away = get | down
    flow = (initial.to(away),)

number: int = "no number"
"""
DEFECT = re.compile(r"^(\S+?):(\d+): error: .*ZeroDivisionError.*please report", re.MULTILINE)


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wrapping plugin, and a cache of the library that it has made."""
    folder = tmp_path_factory.mktemp("guard")
    (folder / "breaking.py").write_text(BREAKING, encoding="utf-8")
    text = (GOLDEN / "mypy.ini").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^plugins.*$", "plugins = breaking", text)
    (folder / "mypy.ini").write_text(text, encoding="utf-8")
    run = check(folder, "", "from airssys_rt import *\n")
    assert run.status == 0, run.output
    return folder


def check(folder: Path, part: str, program: str) -> Run:
    (folder / "part.txt").write_text(part, encoding="utf-8")
    (folder / "program.py").write_text(program, encoding="utf-8")
    config = f"--config-file={folder / 'mypy.ini'}"
    return mypy([*COMMON, config, "program.py"], folder, path=[folder])


@pytest.mark.parametrize("part", [*PARTS, *TUPLES])
def test_a_part_that_raises_is_reported_at_its_place_and_mypy_goes_on(
    part: str, cached: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "guard"
    shutil.copytree(cached, folder)
    run = check(folder, part, PROGRAM)
    assert not re.search("INTERNAL ERROR", run.output), run.output
    assert "[assignment]" in run.output, f"mypy did not go on: {run.output}"
    places = DEFECT.findall(run.output)
    assert places, f"nothing was reported: {run.output}"
    assert len(places) == len(set(places)), run.output
    assert {file for file, _ in places} == {"program.py"}


def test_the_program_above_is_all_right_with_an_unbroken_plugin(
    cached: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "guard"
    shutil.copytree(cached, folder)
    run = check(folder, "", PROGRAM)
    assert not DEFECT.findall(run.output)


# ---------------------------------------------------------------- the version gate


@pytest.mark.parametrize("version", ["2.9.0", "3.0.0+dev.1234", "10.1"])
def test_a_newer_mypy_ends_with_a_text_that_says_what_to_do(
    version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        plugin(version)(Options())
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"mypy {version} is newer than this plugin" in said
    assert "newer_mypy = true" in said


def test_a_newer_mypy_can_be_tried(tmp_path: Path) -> None:
    options = Options()
    options.config_file = str(tmp_path / "pyproject.toml")
    text = "[tool.airssys-rt-mypy]\nnewer_mypy = true\n"
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    plugin("2.9.0")(options)


@pytest.mark.parametrize("version", ["2.0.9", "1.20.2", "0.991"])
def test_an_older_mypy_ends_with_a_text_that_says_what_to_do(
    version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        plugin(version)(Options())
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"mypy {version} is not supported" in said
    assert "pip install" in said


@pytest.mark.parametrize("version", ["2.1.0", "2.4.1", "2.4.2+dev.abcdef", "2.3"])
def test_the_versions_that_are_tested_are_served(version: str) -> None:
    plugin(version)(Options())
    (oldest, newest) = SUPPORTED
    assert oldest <= tuple(map(int, version.split(".")[:2])) <= newest
