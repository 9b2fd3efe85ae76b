"""Every benchmark runs, does what it says it measures, and gives figures; what is said of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from airssys_rt.bench.backends import BACKENDS
from airssys_rt.bench.cases import CASES, LARGE, MESSAGES
from airssys_rt.bench.measure import Figure, WrongResult, check, relative_spread
from airssys_rt.bench.peer import SCRIPT, Library, Peer, PeerFailed, Peers
from airssys_rt.bench.program import Plan, check_names, listing
from airssys_rt.bench.racing import Session
from airssys_rt.bench.report import as_json, table
from airssys_rt.bench.results import NEAREST, Result, Target
from airssys_rt.errors import BadArgument
from tests.benchmarks import instructions
from tests.benchmarks.__main__ import main

# processes of their own are slow to start; an idle actor, and work, are the same on every loop
EVERYWHERE = {*MESSAGES, "spawn", "timers", "carriers", "suspensions"}
PAIRS = [
    (case, backend)
    for case in CASES
    for backend in BACKENDS
    if backend == "asyncio"
    or (case in EVERYWHERE and case not in {"fan", "topic-1000", "ring"})
    or (case, backend) == ("echo", "trio")  # on uvloop as on asyncio
]


@pytest.fixture(scope="module")
def peers() -> Iterator[Peers]:
    with Peers(libraries=False) as running:
        yield running


@pytest.mark.parametrize(("case", "backend"), PAIRS)
def test_case_runs_and_gives_figures(case: str, backend: str, peers: Peers) -> None:
    results = CASES[case].run(Session(BACKENDS[backend], peers, rounds=1, quick=True))
    assert results
    for result in results:
        assert result.backend == backend
        assert all(value > 0 for value in result.ours.rounds)
        assert all(rival.median > 0 for rival in result.rivals.values())


def test_what_takes_long_is_measured_only_when_it_is_named() -> None:
    assert not set(Plan().names) & set(LARGE)
    assert Plan(cases=("storms", "tell")).names == ["tell", "storms"]
    assert listing().count("(only when named)") == len(LARGE)
    assert all(name in listing() for name in CASES)


@pytest.mark.parametrize("plan", [Plan(cases=("teel",)), Plan(backends=("tokio",))])
def test_a_name_that_is_not_there_is_refused_with_those_that_are(plan: Plan) -> None:
    with pytest.raises(BadArgument, match=r"tell|asyncio"):
        check_names(plan)


# ---------------------------------------------------------------- figures and targets


def test_a_ratio_is_taken_within_each_round() -> None:
    ours, rival = Figure((20.0, 200.0, 60.0)), Figure((10.0, 100.0, 20.0))
    assert ours.ratios(rival) == (2.0, 2.0, 3.0)
    assert ours.ratio(rival) == 2.0


def test_a_ratio_is_one_of_cpu_time_where_both_have_it() -> None:
    ours = Figure((90.0,), (30.0,))
    assert ours.ratio(Figure((30.0,), (15.0,))) == 2.0
    assert ours.ratio(Figure((30.0,), (15.0,)), cpu=False) == 3.0
    assert ours.ratio(Figure((30.0,), (0.0,))) == 3.0  # a clock that did not tick


def test_the_spread_is_half_of_the_middle_half() -> None:
    assert relative_spread((9.0, 10.0, 11.0)) == pytest.approx(0.05)
    assert relative_spread((9.0, 10.0, 11.0, 10.0, 500.0)) == pytest.approx(0.05)
    assert relative_spread((7.0,)) == 0.0


@pytest.mark.parametrize(("limit", "met"), [(30.0, True), (29.0, False)])
def test_a_target_is_about_cpu_time(limit: float, met: bool) -> None:
    result = Result("ask", "asyncio", 1, "ns", Figure((90.0,), (30.0,)))
    assert result.met(Target(limit)) is met


def test_a_target_without_a_rival_to_compare_with_is_not_called_met() -> None:
    target = Target(2.2, "floor")
    result = Result("tell", "asyncio", 1, "ns", Figure((1.0,)), targets=(target,))
    assert result.met(target) is None
    assert "not measured" in table([result], judged=True)


def test_the_nearest_library_is_the_fastest_of_them() -> None:
    rivals = {"raw": Figure((1.0,)), "tapio": Figure((30.0,)), "pykka": Figure((20.0,))}
    result = Result("tell", "asyncio", 1, "ns", Figure((2.0,)), rivals)
    assert result.nearest == "pykka"
    assert result.ratio(NEAREST) == 0.1
    assert "0.10 pykka" in table([result], judged=True)


def test_a_run_that_did_not_do_its_work_is_an_error() -> None:
    with pytest.raises(WrongResult, match="99"):
        check(99, 100, "messages handled")


# ---------------------------------------------------------------- rivals beside

SERVER = """
import sys
print("7", flush=True)
for line in sys.stdin:
    case, n = line.split()
    print({"tell": "100 50", "ask": "error it broke"}[case], flush=True)
"""


def test_a_rival_answers_with_the_times_of_each_part() -> None:
    peer = Peer("other", [sys.executable, "-c", SERVER])
    try:
        assert peer.start() == "7"
        (span,) = peer.contender("tell")(10)
        assert (span.wall, span.cpu, span.count) == (100, 50, 10)
        with pytest.raises(WrongResult, match="it broke"):
            peer.numbers("ask", 1)
    finally:
        peer.end()


SERVED = """
import asyncio
from airssys_rt.bench.measure import Span
from airssys_rt.bench.rivals.serve import serve, serve_async

def tell(n):
    print("a library may print")
    return Span(100 * n, 50 * n, n)

def ask(n):
    raise RuntimeError("not today")

async def tell_async(n):
    return tell(n)

async def ask_async(n):
    ask(n)

if USE_LOOP:
    asyncio.run(serve_async({"tell": tell_async, "ask": ask_async}))
else:
    serve({"tell": tell, "ask": ask})
"""


@pytest.mark.parametrize("loop", [False, True])
def test_a_library_is_served_by_the_same_lines(loop: bool) -> None:
    program = SERVED.replace("USE_LOOP", str(loop))
    peer = Peer("library", [sys.executable, "-c", program])
    try:
        assert peer.start() == "ready"
        assert peer.numbers("tell", 3) == [300, 150]
        with pytest.raises(PeerFailed, match="not today"):
            peer.numbers("ask", 1)
        assert peer.numbers("tell", 1) == [100, 50]
    finally:
        peer.end()


def test_a_rival_that_ends_is_an_error_not_a_hang() -> None:
    peer = Peer("other", [sys.executable, "-c", "print('7')"])
    try:
        with pytest.raises(WrongResult, match="ended"):
            peer.numbers("tell", 1)
    finally:
        peer.end()


def test_a_rival_that_hangs_is_killed() -> None:
    peer = Peer("other", [sys.executable, "-c", "import time; time.sleep(60)"], patience=0.01)
    with pytest.raises(PeerFailed, match="ended"):
        peer.numbers("tell", 1)
    peer.end()


def test_an_escript_that_does_not_run_is_no_erlang() -> None:
    with Peers(libraries=False, which=lambda _: sys.executable) as peers:
        assert peers.facts()["erlang"] == "not found"
        assert peers.erlang is None


def test_a_rival_that_fails_in_a_race_leaves_it(tmp_path: Path) -> None:
    """Its first turn succeeds, and so does its warming up."""
    turns = tmp_path / "turns"
    server = f"""
import pathlib, sys
turns = pathlib.Path({str(turns)!r})
print("7", flush=True)
for line in sys.stdin:
    had = len(turns.read_text()) if turns.exists() else 0
    turns.write_text("x" * (had + 1))
    print("100 50" if had < 2 else "error it broke", flush=True)
"""
    with Peers(libraries=False, which=lambda _: None) as peers:
        peers.libraries["late"] = Peer("late", [sys.executable, "-c", server])
        session = Session(BACKENDS["asyncio"], peers, rounds=1, quick=True)
        (result,) = CASES["ask"].run(session)
    assert result.rivals.keys() == {"floor", "raw"}
    assert len(session.notes) == 1
    assert turns.read_text() == "xxx"


def test_the_emulator_of_erlang_takes_its_flags() -> None:
    """They count on the second line of the script only."""
    assert SCRIPT.read_text(encoding="utf-8").splitlines()[1].startswith("%%! +sbwt none")


def test_what_is_not_installed_takes_no_part() -> None:
    known = {"none": Library("no_such_module", "no-such-package"), "json": Library("json", "pip")}
    with Peers(which=lambda _: None, known=known) as peers:
        assert list(peers.libraries) == ["json"]
        assert peers.facts()["erlang"] == "not found"


def test_a_rival_that_cannot_do_a_case_is_left_out_and_noted() -> None:
    with Peers(libraries=False, which=lambda _: None) as peers:
        peers.libraries["broken"] = Peer("broken", [sys.executable, "-c", SERVER])
        session = Session(BACKENDS["asyncio"], peers, rounds=1, quick=True)
        (result,) = CASES["ask"].run(session)
        assert "broken" not in result.rivals
        assert session.notes == ["broken took no part in ask: broken: ask 20: error it broke"]


# ---------------------------------------------------------------- the project's own command


def test_the_projects_command_prints_tables_and_writes_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    assert main(["--quick", "--case", "queens", "--json", str(file)]) == 0
    assert "| Savina, N queens |" in capsys.readouterr().out
    (row,) = json.loads(file.read_text(encoding="utf-8"))["results"]
    assert row["case"] == "Savina, N queens"
    assert row["ours"]["median"] > 0
    assert row["rivals"].keys() == {"floor", "raw"}


def test_figures_of_few_operations_are_not_judged(peers: Peers) -> None:
    (result,) = CASES["tell"].run(Session(BACKENDS["asyncio"], peers, rounds=1, quick=True))
    text = as_json(result, judged=False)
    assert text["targets"]
    assert '"met": true' not in json.dumps(text)
    assert "not judged" in table([result], judged=False)


def test_instructions_are_read_from_what_the_counters_print(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Each process costs 1,000 and 10 an operation; ask costs more the second time."""
    cost = {"floor": 10, "ask": 30}

    def count(command: list[str], environment: dict[str, str]) -> int:
        assert command[1] == "-c" or environment["PYTHONHASHSEED"] == "0"
        return 1000 + (cost[command[-2]] * int(command[-1]) if command[1] == "-m" else 0)

    monkeypatch.setattr(instructions, "COUNTERS", {"fake": count})
    file = tmp_path / "counts.json"
    assert instructions.main(["--case", "ask", "--json", str(file)]) == 0
    assert "| ask | 30 | 3.00 |" in capsys.readouterr().out
    cost["ask"] = 31
    assert instructions.main(["--case", "ask", "--compare", str(file)]) == 1
    assert "+3.3%" in capsys.readouterr().out


def test_the_work_whose_instructions_are_counted_runs() -> None:
    for case in instructions.CASES:
        instructions.work(case, 20)
