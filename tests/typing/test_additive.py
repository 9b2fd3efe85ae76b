"""The plugin only adds: what mypy says by itself stays an error, what it takes stays right.

All the cases of `typecheck/cases` are checked with the plugin and without. Some errors are worded
anew by the plugin; then they are on the same line, and ignores of mypy's code mean the same.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.typing.running import LIBRARY
from tests.unmeasured import unmeasured

CASES = Path(__file__).parent.parent.parent / "typecheck" / "cases"
ERROR = re.compile(r"(.+?):(\d+): error: (.*?)(?:  \[([\w-]+)\])?")
PATIENCE = 120  # seconds for one run

Codes = Mapping[tuple[str, int], set[str]]


def mypy(folder: Path, *arguments: str, plugin: bool) -> str:
    """What mypy says, with a configuration of its own and a cache in the folder."""
    config = folder / f"mypy-{plugin}.ini"
    config.write_text(
        f"[mypy]\nstrict = True\nexplicit_package_bases = True\ncache_dir = {folder}/{plugin}\n"
        + "plugins = airssys_rt.mypy\n" * plugin
    )
    options = ("--python-version=3.13", "--no-error-summary", "--no-color-output")
    kept = {name: value for name, value in unmeasured().items() if not name.startswith("MYPY")}
    done = subprocess.run(
        [sys.executable, "-m", "mypy", f"--config-file={config}", *options, *arguments],
        cwd=folder,
        env={**kept, **LIBRARY},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done.stdout


def codes_of(output: str) -> Codes:
    """The codes on each line with errors."""
    found = defaultdict[tuple[str, int], set[str]](set)
    for line in output.splitlines():
        if match := ERROR.fullmatch(line):
            found[match[1], int(match[2])].add(match[4])
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("additive")


@pytest.fixture(scope="module")
def both(folder: Path) -> tuple[Codes, Codes]:
    """Without the plugin, and with it."""
    files = [str(path) for path in sorted(CASES.rglob("*.py"))]
    plain, more = (codes_of(mypy(folder, *files, plugin=plugin)) for plugin in (False, True))
    assert plain
    assert more
    return plain, more


def is_exact_or(file: str, line: int) -> bool:
    """Whether a mark says that only mypy finds fault with the line: an `|` that is right."""
    return "# E[mypy]" in Path(file).read_text(encoding="utf-8").splitlines()[line - 1]


def test_what_is_wrong_without_the_plugin_is_wrong_with_it(both: tuple[Codes, Codes]) -> None:
    plain, more = both
    lost = [place for place in plain.keys() - more.keys() if not is_exact_or(*place)]
    assert not sorted(lost)


def test_what_is_right_without_the_plugin_gets_its_own_codes_only(
    both: tuple[Codes, Codes],
) -> None:
    plain, more = both
    foreign = {
        place: code
        for place in more.keys() - plain.keys()
        for code in more[place]
        if not code.startswith("actor-")
    }
    assert not foreign


def test_an_error_that_is_worded_anew_keeps_its_code(both: tuple[Codes, Codes]) -> None:
    plain, more = both
    other = {
        place: (plain[place], more[place])
        for place in plain.keys() & more.keys()
        # the plugin makes `|` exact, so that the fault is seen where its result is used
        if plain[place] != {"operator"}
        and not {code for code in more[place] if not code.startswith("actor-")} <= plain[place]
    }
    assert not other


HEAD = """
from airssys_rt import Actor, ActorRef, Message, Request, on

class Tick(Message): ...
class Foreign(Message): ...
class Get(Request[int]): ...
class Other(Request[str]): ...

class Clock(Actor[Tick]):
    @on(Tick)
    def tick(self, msg: Tick) -> None:
        {timers}
    initial = tick

async def use(ref: ActorRef[Tick | Get]) -> None:
    {use}
"""


def said(folder: Path, first: str = "", *, timers: str = "...", use: str = "...") -> list[str]:
    """The codes and texts that the plugin has for some lines in a program."""
    path = folder / "program.py"
    indented = {"timers": timers.replace("\n", "\n" + 8 * " ")}
    indented["use"] = use.replace("\n", "\n" + 4 * " ")
    path.write_text(first + HEAD.format_map(indented))
    output = mypy(folder, str(path), plugin=True)
    matches = [ERROR.fullmatch(line) for line in output.splitlines()]
    return [f"{match[4]}: {match[3]}" for match in matches if match is not None]


def codes(found: list[str]) -> list[str]:
    return [text.partition(":")[0] for text in found]


def test_an_ignore_of_mypys_code_means_the_same_with_the_plugin(folder: Path) -> None:
    use = """ref.tell(Foreign())  # type: ignore[arg-type]
await ref.send(Foreign())  # type: ignore[arg-type]
await ref.ask(Foreign())  # type: ignore[arg-type]
await ref.ask(Get)  # type: ignore[arg-type]
ref.tell(
    Foreign(),  # type: ignore[arg-type]
)"""
    timers = "other: ActorRef[Foreign]\nself.after(1, Tick(), to=other)  # type: ignore[misc]"
    assert said(folder, use=use, timers=timers) == []


TIMERS = "self.after(1, Foreign())\nself.every(1, Foreign())\nself.monitor(self.ref)"
OWN_CODES = ["call-overload", "arg-type", "call-arg"]


def test_signals_have_a_code_of_the_plugins(folder: Path) -> None:
    assert codes(said(folder, timers=TIMERS)) == 3 * ["actor-signal"]


@pytest.mark.parametrize("code", ["actor-signal", "actor"])
def test_a_signal_check_that_is_off_leaves_mypys_own_errors(code: str, folder: Path) -> None:
    off = f'# mypy: disable-error-code="{code}"'
    assert codes(said(folder, off, timers=TIMERS)) == OWN_CODES


def test_a_wrong_ask_has_one_error_and_its_reply_stays_known(folder: Path) -> None:
    use = "print(max(await ref.ask(Get()), await ref.ask(Foreign())))\n"
    use += "(await ref.ask(Other())).nothing\n"
    found = said(folder, use=use)
    assert sorted(codes(found)) == ["arg-type", "arg-type", "attr-defined"]
    assert any('"str" has no attribute' in text for text in found)
