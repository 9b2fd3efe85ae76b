"""Text for a pattern and a length: always right, and found without many trials."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airssys_rt.testing.patterns import matching
from tests.testing.finding import occurs

CASES = [
    (r"^[a-z]+$", 20, 30),
    (r"^[a-z]+$", 0, 3),
    (r"^[a-z]+$", 60, None),
    (r"^[A-Z]{3}-\d{4}$", 8, 8),
    (r"\d", 25, 25),
    (r"^\d", 25, None),
    (r"\d$", 25, None),
    (r"^a*b+c{2,}$", 12, 12),
    (r"^(ab|cde)+$", 10, 20),
    (r"^a+?b*+$", 9, 9),
    (r"^[+*]{3}\*+$", 10, 15),
    (r"^(?:x+y)*$", 6, 8),
    (r"^(?P<word>\w+) \w+$", 40, None),
    (r"^[^]]+$", 5, 5),
    (r"", 3, 5),
    (r"a?", 3, 3),
    (r"^.{0,5}$", 4, None),
    (r"(?i)^ab+$", 7, 7),
]


@pytest.mark.parametrize(("pattern", "least", "most"), CASES)
@settings(max_examples=20)
@given(st.data())
def test_text_matches_and_has_its_length(
    pattern: str, least: int, most: int | None, data: st.DataObject
) -> None:
    text = data.draw(matching(pattern, least, most))
    assert re.search(pattern, text)
    assert least <= len(text) <= (most if most is not None else len(text))


@pytest.mark.parametrize(("most", "length"), [(3, 2), (3, 3), (12, 12), (None, 2), (None, 15)])
def test_all_lengths_that_fit_are_drawn(most: int | None, length: int) -> None:
    assert occurs(matching(r"^[a-z]+$", 2, most), lambda text: len(text) == length)
