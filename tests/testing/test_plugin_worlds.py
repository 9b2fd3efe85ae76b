"""The pytest plugin's worlds: the fixture `world`, and the options that seed and count schedules.

Each suite is run by a pytest inside of this one, strict, and with warnings as errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from airssys_rt.testing import worldtest
from airssys_rt.testing.chosen import CHOSEN as CHOICES
from tests.testing.plugin_suites import FAILING, SUITE
from tests.testing.test_plugin import OUTCOME
from tests.testing.test_plugin import run as run_outside

Run = Callable[..., str]
KEPT = worldtest  # imported once, and not in each of the runs

PLUGINS = ("-p", "anyio", "-p", "airssys_rt.testing.pytest_plugin", "-p", "hypothesispytest")
CHOSEN = ("--actor-seed=5", "--actor-schedules=12")
INI = "[pytest]\nactor_seed = 5\nactor_schedules = 12\n"


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a suite in this process, and gives what was printed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("COLUMNS", "300")

    def run(suite: str, *options: str, ini: str = "") -> str:
        if ini:
            pytester.path.joinpath("pytest.ini").write_text(ini, encoding="utf-8")
        pytester.path.joinpath("test_suite.py").write_text(suite, encoding="utf-8")
        strict = ("-W", "error", "-o", "strict=true", "-p", "no:cacheprovider", "-rA")
        result = pytester.runpytest_inprocess(*PLUGINS, *strict, *options)
        return str(result.stdout) + str(result.stderr)

    return run


OUTPUTS: dict[str, str] = {}


@pytest.fixture
def output(run: Run) -> Callable[[str], str]:
    """What the runs of this module printed, each made when it is first asked for."""

    def output(name: str) -> str:
        if name not in OUTPUTS:
            OUTPUTS[name] = {
                "plain": lambda: run(SUITE),
                "chosen": lambda: run(SUITE, *CHOSEN, "--actor-backends=asyncio,trio"),
                "configured": lambda: run(SUITE, ini=INI),
                "failing": lambda: run(FAILING),
            }[name]()
        return OUTPUTS[name]

    return output


@pytest.fixture
def plain(output: Callable[[str], str]) -> str:
    return output("plain")


@pytest.fixture
def chosen(output: Callable[[str], str]) -> str:
    return output("chosen")


@pytest.fixture
def configured(output: Callable[[str], str]) -> str:
    return output("configured")


@pytest.fixture
def failing(output: Callable[[str], str]) -> str:
    return output("failing")


def counts(text: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"COUNT (.+) (\d+)", text)}


def drawn(text: str, what: str) -> str:
    (found,) = set(re.findall(rf"{what} ([\d.e-]+)", text))
    return str(found)


@pytest.mark.parametrize("which", ["plain", "chosen", "configured"])
def test_all_of_it_passes(which: str, request: pytest.FixtureRequest) -> None:
    found = OUTCOME.findall(request.getfixturevalue(which))
    assert len(found) >= 14
    assert {outcome for outcome, _ in found} == {"PASSED"}


def test_unless_told_a_world_has_one_schedule_and_the_others_their_own_numbers(plain: str) -> None:
    assert counts(plain) == {
        "world": 1,
        "shared": 1,
        "mark": 7,
        "simulate": 200,
        "simulate told": 3,
        "drawn": 5,
        "explore": 200,
        "explore told": 4,
    }


@pytest.mark.parametrize("which", ["chosen", "configured"])
def test_the_number_of_schedules_can_be_chosen_and_arguments_win(
    which: str, request: pytest.FixtureRequest
) -> None:
    assert counts(request.getfixturevalue(which)) == {
        "world": 12,
        "shared": 12,
        "mark": 7,
        "simulate": 12,
        "simulate told": 3,
        "drawn": 12,
        "explore": 12,
        "explore told": 4,
    }


def test_a_test_whose_fixtures_use_the_world_becomes_several(plain: str, chosen: str) -> None:
    for text, number in ((plain, 1), (chosen, 12)):
        names = {name for _, name in OUTCOME.findall(text) if "fixtures_use_it" in name}
        assert len(names) == number


def test_the_seed_can_be_chosen_and_arguments_win(plain: str, chosen: str, configured: str) -> None:
    seeds = [drawn(text, "SEEDED") for text in (plain, chosen, configured)]
    assert seeds[0] != seeds[1] == seeds[2]
    assert len({drawn(text, "TOLD") for text in (plain, chosen, configured)}) == 1
    assert "airssys-rt: --actor-seed=5" in chosen
    assert "--actor-seed" not in plain


def test_the_options_win_over_the_configuration(run: Run) -> None:
    options = ("--actor-seed=0", "--actor-schedules=2", "-k", "test_world or counts")
    text = run(SUITE, *options, ini=INI)
    assert counts(text)["world"] == 2
    assert "airssys-rt: --actor-seed=0" in text


def test_a_random_seed_is_printed_and_gives_the_same_again(run: Run) -> None:
    first = run(SUITE, "--actor-seed=random", "-k", "test_world_seed")
    (seed,) = re.findall(r"^airssys-rt: --actor-seed=(\d+)$", first, re.MULTILINE)
    again = run(SUITE, f"--actor-seed={seed}", "-k", "test_world_seed")
    assert drawn(first, "DRAWN") == drawn(again, "DRAWN")


def test_a_random_seed_is_one_for_all_processes_of_a_run(run: Run) -> None:
    spread = ("-p", "xdist.plugin", "-n", "2", "-k", "test_world_seed")
    first = run(SUITE, "--actor-seed=random", *spread)
    (seed,) = re.findall(r"^airssys-rt: --actor-seed=(\d+)$", first, re.MULTILINE)
    assert drawn(first, "DRAWN") == drawn(run(SUITE, f"--actor-seed={seed}", *spread), "DRAWN")


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--actor-seed=x", "actor_seed: 'x' is neither a number, 0 or more, nor random"),
        ("--actor-seed=-1", "actor_seed: '-1' is neither a number, 0 or more, nor random"),
        ("--actor-schedules=0", "actor_schedules: '0' is no number, 1 or more"),
        ("--actor-schedules=many", "actor_schedules: 'many' is no number, 1 or more"),
    ],
)
def test_a_choice_that_is_none_is_an_error(run: Run, option: str, text: str) -> None:
    assert text in run("", option)


@pytest.mark.parametrize(
    ("test", "outcome"),
    [
        ("test_race", "FAILED"),
        ("test_race_of_fixtures", "FAILED"),
        ("test_simulated", "FAILED"),
        ("test_drawn", "FAILED"),
        ("test_raises_in_vain", "FAILED"),
        ("test_sync", "FAILED"),
        ("test_unknown_law", "ERROR"),
    ],
)
def test_what_fails_in_a_world_fails_its_test(failing: str, test: str, outcome: str) -> None:
    assert {one for one, name in OUTCOME.findall(failing) if name.split(" ")[0] == test} == {
        outcome
    }
    assert "SKIPPED" in failing


def section(text: str, test: str) -> str:
    """What was printed of one failure."""
    _, *parts = re.split(r"^_{5,} (.+) _{5,}$", text, flags=re.MULTILINE)
    return parts[parts.index(test) + 1]


@pytest.mark.parametrize(
    ("test", "replay"),
    [
        ("test_race", 'replay(test_race, "rt1:'),
        ("test_race_of_fixtures", "--actor-seed=0 runs it again"),
        ("test_simulated", 'replay(test_simulated.scenario, "rt1:'),
        ("test_drawn", 'replay(lambda world: test_drawn.scenario(world, number=4), "rt1:'),
        ("test_raises_in_vain", 'replay(test_raises_in_vain, "rt1:'),
    ],
)
def test_the_sequence_chart_is_a_section_of_the_report_and_only_there(
    failing: str, test: str, replay: str
) -> None:
    found = section(failing, test)
    text, _, chart = found.partition("airssys-rt: sequence chart")
    assert replay in chart
    assert "as Mermaid:" in chart
    assert "sequenceDiagram" in chart
    assert "Mermaid" not in text
    if "vain" not in test:
        assert re.search(r"client-\d --> register +Get\(\)", chart)
        assert "assert await register.ask(Get()) == 2" in text  # the line of the test's own
    assert "testing/world.py" not in text  # and none of ours


@pytest.mark.parametrize(
    "text",
    [
        "uses the fixture world: make it async, its body runs in the world",
        "there is no law 'gravity'",
    ],
)
def test_what_is_wrong_with_a_test_is_said(failing: str, text: str) -> None:
    assert text in failing


@pytest.mark.parametrize("given", ["sedes=1", "3"])
def test_a_mistaken_mark_is_an_error(run: Run, given: str) -> None:
    suite = f"""
import pytest

@pytest.mark.simulate({given})
async def test_mistaken_mark(world) -> None: ...
"""
    wanted = "the mark simulate takes debug, laws, most_steps, policy, schedules, seed, strict_wire"
    assert f"{wanted} by name, not {given.split('=', maxsplit=1)[0]}" in run(suite)


def test_a_fixture_of_the_users_own_with_that_name_is_left_alone(run: Run) -> None:
    suite = """
import pytest

@pytest.fixture
def world() -> str:
    return "mine"

@pytest.fixture
def probe(world: str) -> str:
    return world

def test_sync(world: str, probe: str) -> None:
    assert (world, probe) == ("mine", "mine")

@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_async(world: str, actor_system) -> None:
    assert world == "mine"
    assert actor_system.name == "test"
"""
    assert "2 passed" in run(suite, "--actor-schedules=5")


def test_a_test_has_one_system(run: Run) -> None:
    suite = "async def test_both(world, actor_system) -> None: ..."
    assert "a world is the system of its test" in run(suite, "--actor-backends=asyncio")


def test_a_token_from_a_report_replays(failing: str, run: Run) -> None:
    (token,) = set(re.findall(r'replay\(test_race, "(rt1:[^"]*)"\)', section(failing, "test_race")))
    again = f"""
from airssys_rt.testing import replay

def test_again() -> None:
    replay(test_race, "{token}")
"""
    text = run(FAILING + again, "-k", "test_again")
    assert "1 failed" in text
    assert "client-1 --> register  Get()" in text


def test_the_choices_of_an_outer_run_come_back(run: Run) -> None:
    before = CHOICES.seed, CHOICES.schedules
    run("def test_nothing() -> None: ...", "--actor-seed=7", "--actor-schedules=8")
    assert (CHOICES.seed, CHOICES.schedules) == before


def test_worlds_need_no_hypothesis(tmp_path: Path) -> None:
    suite = """
import sys

async def test_world(world) -> None:
    await world.sleep(1)
    assert "hypothesis" not in sys.modules
"""
    assert "1 passed" in run_outside(tmp_path, suite=suite)
