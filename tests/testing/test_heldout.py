"""The held-out programs: frozen, each with a source of its own, found, and no twin accused.

Few schedules, so that it is quick; `nox -s bugs` measures, and checks the table of the docs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from airssys_rt.testing import PCT, Uniform
from tests.testing.bugs import BEGIN, END, Finding, Row, find, least, table, twin_accused
from tests.testing.corpus import PROGRAMS, Program
from tests.testing.depth import found as reaches
from tests.testing.heldout import HELD_OUT, freeze
from tests.testing.heldout.freeze import changed, digests, read

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "exploration.md"
BY_NAME = pytest.mark.parametrize("program", HELD_OUT, ids=lambda program: program.name)


def test_the_held_out_programs_are_those_that_were_frozen() -> None:
    assert digests() == read()["files"]


def test_more_programs_are_frozen_only_beside_those_that_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not changed()
    now = {**digests(), "heldout/pools.py": "another", "heldout/__init__.py": "longer"}
    monkeypatch.setattr(freeze, "digests", lambda: {**now, "heldout/more.py": "new"})
    assert changed() == ["heldout/pools.py"]


def test_each_has_a_source_and_a_name_that_is_not_taken() -> None:
    names = [program.name for program in [*PROGRAMS, *HELD_OUT]]
    assert len(set(names)) == len(names)
    assert len(HELD_OUT) >= len(PROGRAMS)
    assert len({program.source for program in HELD_OUT}) == len(HELD_OUT)


@BY_NAME
def test_the_faulty_one_is_found(program: Program) -> None:
    found = find(program, PCT(3))
    assert found is not None
    assert found.seconds < 5.0
    assert 1 <= found.size <= 3  # none of them fails in send order, so that one is the least


@BY_NAME
def test_its_twin_is_not_accused(program: Program) -> None:
    assert not twin_accused(program, PCT(3), 30)
    assert not twin_accused(program, Uniform(), 5)


def test_the_least_schedule_is_searched_for_without_regard_to_shrinking() -> None:
    by_name = {program.name: program for program in [*PROGRAMS, *HELD_OUT]}
    assert least(by_name["timer_after_become"], Finding(1, 1, 0.1)) == 0  # it fails in each order
    assert (
        least(by_name["zombie_overwrites"], Finding(1, 2, 0.1)) == 1
    )  # as if it had been found with two


def test_a_faulty_program_that_is_missed_would_show_in_the_table() -> None:
    seen = Row("seen", Finding(2, 1, 0.1), None, 10, 1, "", plain=False, stress=True)
    missed = Row("missed", None, None, 0, 0, "accused", plain=False, stress=False)
    lines = table({"half": [seen, missed]}).splitlines()
    assert lines[2].endswith("| 1 of 2 (50 %) |")
    assert next(line for line in lines if "accused" in line).endswith("| 1 |")


def test_the_opposite_order_of_three_messages_is_found() -> None:
    assert reaches(PCT(3), 3, seed=0)


def test_the_table_of_the_docs_is_about_these_programs() -> None:
    text = PAGE.read_text(encoding="utf-8")
    part = text[text.index(BEGIN) : text.index(END)]
    heads = [cell.strip().partition(": ")[2] for cell in part.splitlines()[2].split("|")[2:-1]]
    assert heads == [str(len(PROGRAMS)), str(len(HELD_OUT))]
    assert all(one in part for one in read()["corrections"])
