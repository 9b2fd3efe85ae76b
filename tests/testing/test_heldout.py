"""The held-out programs are those that were frozen, each with a source of its own."""

from __future__ import annotations

from tests.testing.corpus import PROGRAMS
from tests.testing.heldout import HELD_OUT
from tests.testing.heldout.freeze import digests, read


def test_the_held_out_programs_are_those_that_were_frozen() -> None:
    assert digests() == read()["files"]


def test_each_has_a_source_and_a_name_that_is_not_taken() -> None:
    names = [program.name for program in [*PROGRAMS, *HELD_OUT]]
    assert len(set(names)) == len(names)
    assert len(HELD_OUT) >= 28
    assert len({program.source for program in HELD_OUT}) == len(HELD_OUT)
