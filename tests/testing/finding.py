"""Search without hypothesis's explanation of what it found, which costs more than the search.

The same values are drawn each time: what is rare is found, or not, by every run.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from hypothesis import Phase, settings
from hypothesis import find as hypothesis_find
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

quick = settings(max_examples=1000, database=None, phases=[Phase.generate, Phase.shrink])
quickest = settings(quick, phases=[Phase.generate])


def find(strategy: SearchStrategy[T], condition: Callable[[T], Any]) -> T:
    """The smallest value that has the property."""
    return hypothesis_find(strategy, condition, settings=quick, random=Random(0))


def occurs(strategy: SearchStrategy[T], condition: Callable[[T], Any]) -> bool:
    """Whether a value that has the property is drawn; raises if not."""
    hypothesis_find(strategy, condition, settings=quickest, random=Random(0))
    return True
