"""ddmin leaves what is needed, whatever that is, and one hint takes the place of two."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airssys_rt.testing.choices import Hint
from airssys_rt.testing.shrink import ddmin, smaller

HINTS = [Hint((f"m{number}", 0), (f"m{number}", 1)) for number in range(40)]


@given(st.sets(st.integers(0, 39), max_size=6))
def test_what_is_needed_is_left_and_nothing_else(needed: set[int]) -> None:
    wanted = {HINTS[number] for number in needed}
    left = ddmin(HINTS, lambda hints: wanted <= set(hints))
    assert set(left) == wanted


@given(st.integers(1, 6))
def test_any_few_of_many_are_left_when_any_will_do(count: int) -> None:
    assert len(ddmin(HINTS, lambda hints: len(hints) >= count)) == count


def test_nothing_is_left_of_what_fails_anyway() -> None:
    assert ddmin(HINTS, lambda _hints: True) == []


def test_a_chain_of_two_becomes_one() -> None:
    # a is held until after b, and b until after c: a until after c alone does it
    first, second = Hint(("a", 0), ("b", 0)), Hint(("b", 0), ("c", 0))

    def fails(hints: list[Hint]) -> bool:
        return {first, second} <= set(hints) or Hint(("a", 0), ("c", 0)) in hints

    assert smaller([first, second], fails) == [Hint(("a", 0), ("c", 0))]
