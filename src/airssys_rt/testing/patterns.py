"""Text that matches a pattern and has a length between bounds.

Hypothesis draws matches of a pattern well, but does not know of bounds: of `^[a-z]+$` it draws
nearly nothing that has twenty letters.  So each quantifier without an upper bound is set, by turns,
to the repetitions that the bounds leave to it, what is not anchored is filled up, and a filter has
the last word.  A pattern may be found anywhere in the text, as in msgspec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = ["matching"]

# one piece of a pattern: an escape, a class of characters, a quantifier, or anything else
PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?"
    r"|(?:(?P<open>[*+]|\{(?P<least>\d*),\})|\{\d*,?\d+\}|\?)(?P<kind>[?+]?)|.",
    re.DOTALL,
)
STARTS, ENDS = frozenset({"^", r"\A", r"\b", r"\B"}), frozenset({"$", r"\Z", r"\b", r"\B"})
# Any: the standard library has no public name for what knows the width of a pattern
PARSER: Any = import_module("re._parser")
MORE = 20  # repetitions above the least, where nothing else bounds them


def matching(pattern: str, least: int, most: int | None) -> SearchStrategy[str]:
    """Strings in which the pattern is found, `least` to `most` characters long."""
    found = re.compile(pattern)
    top = least + MORE if most is None else most

    def fits(text: str) -> bool:
        return (
            least <= len(text) and (most is None or len(text) <= most) and bool(found.search(text))
        )

    if not least and most is None:
        return st.from_regex(pattern, fullmatch=True) | st.from_regex(pattern)
    pieces = list(PIECE.finditer(pattern))
    found_in = [st.from_regex(text, fullmatch=True) for text in fitted(pieces, least, top)]
    words = {piece.group() for piece in pieces}
    if least and not (words & STARTS and words & ENDS):
        bare = st.from_regex(pattern, fullmatch=True)
        found_in.append(st.tuples(bare, st.text(min_size=least, max_size=least)).map(filled(words)))
    return st.one_of(*(choice.filter(fits) for choice in found_in or [st.from_regex(pattern)]))


def filled(words: set[str]) -> Any:
    """A function that fills a match up to the length of the filling, where it is not anchored."""

    def fill(drawn: tuple[str, str]) -> str:
        match, filling = drawn
        rest = filling[: max(0, len(filling) - len(match))]
        return rest + match if words & ENDS else match + rest

    return fill


# Any: matches of PIECE
def fitted(pieces: list[re.Match[str]], least: int, most: int) -> Iterator[str]:
    """The pattern, with its open quantifiers bounded in ways that suit the lengths."""
    where = [index for index, piece in enumerate(pieces) if piece["open"]]
    if not where:
        text = "".join(piece.group() for piece in pieces)
        if could_fit(text, least, most):
            yield text
        return
    seen = set[str]()
    for chosen in where:
        for slack in (0, 2):
            start = times_of(pieces[chosen])
            fitting = [
                times
                for times in range(start, start + most + 1)
                if could_fit(bounded(pieces, chosen, times, times, slack), least, most)
            ]
            if fitting:
                text = bounded(pieces, chosen, fitting[0], fitting[-1], slack)
                if text not in seen:
                    seen.add(text)
                    yield text


def could_fit(pattern: str, least: int, most: int) -> bool:
    """Whether some match has a length between the bounds, by the shortest and the longest one."""
    shortest, longest = PARSER.parse(pattern).getwidth()
    return bool(shortest <= most and longest >= least)


def bounded(pieces: list[re.Match[str]], chosen: int, low: int, high: int, slack: int) -> str:
    """The pattern with `chosen` repeated `low` to `high` times, other open ones about the least."""
    texts = [piece.group() for piece in pieces]
    for index, piece in enumerate(pieces):
        if piece["open"]:
            start = times_of(piece)
            bounds = (low, high) if index == chosen else (start, start + slack)
            texts[index] = f"{{{bounds[0]},{bounds[1]}}}{piece['kind']}"
    return "".join(texts)


def times_of(piece: re.Match[str]) -> int:
    """How often an open quantifier repeats at least."""
    return {"*": 0, "+": 1}.get(piece["open"], int(piece["least"] or 0))
