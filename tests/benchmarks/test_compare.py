"""What counts as slower, and what is read from and written to files."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from airssys_rt.bench import program
from airssys_rt.bench.cases import CASES, GROUPS, Case
from airssys_rt.bench.compare import Change, Ratio, changes, changes_table, load, ratios
from airssys_rt.bench.measure import Figure
from airssys_rt.bench.peer import Peers
from airssys_rt.bench.program import Outcome, Plan
from airssys_rt.bench.racing import Session
from airssys_rt.bench.results import Result, Target
from airssys_rt.errors import BadArgument
from tests.benchmarks.baseline import BASELINE, STEADY, merged, write
from tests.benchmarks.page import PAGE, filled


def row(
    ours: float, floor: float | None = None, raw: float | None = None, spread: float = 0.0
) -> Result:
    """A row of three rounds; `spread` moves one of ours up, one down."""
    rounds = (ours, ours * (1 + spread), ours * (1 - spread))
    rivals = {"floor": floor, "raw": raw, "erlang": 1.0}
    figures = {name: Figure((v, v, v)) for name, v in rivals.items() if v is not None}
    return Result("tell", "asyncio", 1, "ns", Figure(rounds), figures)


def growth(before: Result, now: Result, tolerance: float = 0.05) -> Change:
    (change,) = changes(ratios([before]), ratios([now]), tolerance)
    return change


def test_times_that_grow_with_the_rivals_are_the_machines() -> None:
    assert not growth(row(10, floor=5, raw=20), row(30, floor=15, raw=60)).slower


def test_a_ratio_that_grows_beyond_the_tolerance_is_slower() -> None:
    change = growth(row(10, floor=5), row(11.5, floor=5))
    assert change.slower
    assert change.growth == pytest.approx(0.15)
    assert "**slower**" in changes_table([change])
    assert not growth(row(10, floor=5), row(11.3, floor=5)).slower
    assert not growth(row(10, floor=5), row(11.5, floor=5), tolerance=0.1).slower


def test_the_steadiest_rival_is_the_measure() -> None:
    steady = {"floor": Ratio(2.0, 0.5), "raw": Ratio(0.5, 0.01)}
    for floor, raw, slower in ((4.0, 0.5, False), (2.0, 0.6, True)):
        now = {"floor": Ratio(floor, 0.01), "raw": Ratio(raw, 0.01)}
        key = ("tell", "asyncio")
        (change,) = changes({key: steady}, {key: now})
        assert (change.rival, change.slower) == ("raw", slower)


def test_what_two_runs_differ_by_anyhow_is_allowed() -> None:
    change = growth(row(10, floor=5), row(10, floor=5), tolerance=0.05)
    assert change.allowed == pytest.approx(0.05 + 2 * 0.03 * 2**0.5)


def test_erlang_which_shares_the_machine_otherwise_is_no_measure() -> None:
    assert "erlang" not in ratios([row(10, floor=5)])["tell", "asyncio"]


def test_rounds_that_lie_far_apart_allow_more() -> None:
    assert not growth(row(10, floor=5, spread=0.3), row(11.5, floor=5, spread=0.3)).slower


def test_of_memory_the_bytes_count() -> None:
    def memory(size: float, raw: float) -> Result:
        figures = {"raw": Figure((raw,))}
        target = (Target(1000),)
        return Result("memory", "asyncio", 1, "bytes", Figure((size,)), figures, target)

    assert growth(memory(400, 4000), memory(500, 8000)).slower
    assert not growth(memory(400, 4000), memory(400, 2000)).slower


def test_a_row_that_one_run_lacks_is_not_compared() -> None:
    assert changes({}, ratios([row(10, floor=5)])) == []


# ---------------------------------------------------------------- files


def test_a_runs_own_json_is_read_back(tmp_path: Path) -> None:
    result = row(10, floor=5, raw=20, spread=0.1)
    outcome = Outcome({"python": "x"}, judged=True, results={("tell", "asyncio"): [result]})
    file = tmp_path / "old.json"
    file.write_text(outcome.as_json(), encoding="utf-8")
    assert load(file, "3.11") == ratios([result])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"results": [{}]}'])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "old.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadArgument, match="--json"):
        load(file, "3.11")


def test_a_baseline_holds_the_median_and_the_greatest_deviation_of_several_runs(
    tmp_path: Path,
) -> None:
    runs = [ratios([row(ours, floor=5)]) for ours in (10.0, 11.0, 10.0)]
    file = tmp_path / "baseline.json"
    about = dict.fromkeys(("python", "build", "anyio", "msgspec"), "x")
    write(file, "3.11", about, merged(runs), 3)
    write(file, "3.13", about, merged(runs), 3)
    assert load(file, "3.11") == {("tell", "asyncio"): {"floor": Ratio(2.0, 0.1)}}
    assert load(file, "3.13") == load(file, "3.11")
    with pytest.raises(BadArgument, match=r"no baseline for Python 3\.9"):
        load(file, "3.9")


def test_the_recorded_baseline_is_one_of_the_present_cases() -> None:
    recorded = json.loads(BASELINE.read_text(encoding="utf-8"))["baseline"]
    assert set(STEADY) <= set(CASES)
    for python in recorded:
        rows = load(BASELINE, python)
        assert len(rows) >= len(STEADY)
        for of in rows.values():
            assert all(ratio.value > 0 and ratio.error >= 0 for ratio in of.values())


# ---------------------------------------------------------------- a second look


def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *turns: float) -> Outcome:
    """A run of one case whose turns give these figures, compared with one that gave 10."""
    old = Outcome({}, judged=True, results={("tell", "asyncio"): [row(10, floor=5)]})
    file = tmp_path / "old.json"
    file.write_text(old.as_json(), encoding="utf-8")
    left = list(turns)

    def measure(_session: Session) -> list[Result]:
        return [row(left.pop(0), floor=5)]

    monkeypatch.setitem(CASES, "tell", Case("tell", measure))
    monkeypatch.setattr(program, "Peers", partial(Peers, which=lambda _: None))
    outcome = program.run(Plan(cases=("tell",), compare=file, libraries=False))
    assert left == []
    return outcome


def test_what_seems_slower_is_measured_once_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not measured(monkeypatch, tmp_path, 10).slower
    assert not measured(monkeypatch, tmp_path, 15, 10).slower
    assert [change.now for change in measured(monkeypatch, tmp_path, 15, 13).slower] == [2.6]


# ---------------------------------------------------------------- the page


def test_the_page_has_a_place_for_every_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in ("machine", *GROUPS):
        assert f"<!-- bench {name} -->" in text
    page = filled(text, {"Messages": "| new |"})
    assert "<!-- bench Messages -->\n\n| new |\n\n<!-- /bench -->" in page
    assert filled(page, {}) == page
