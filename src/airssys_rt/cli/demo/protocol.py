"""What the demo's actors say to each other.

    crew ---- walker    finds the files, gives them out in batches
         |--- index     adds up what is known; then answers
         `--- parser-n  pulls a batch from the walker, has it parsed, tells the index

Parsers pull, so a file waits as a name in the walker's short store, never as a message: however
large the tree, few messages are on their way.  Law: for every file that the walker reports as found
the index gets exactly one outcome.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from airssys_rt import Message, Request
from airssys_rt.cli.demo.parse import Failure, Outcome

__all__ = [
    "Batch",
    "Broke",
    "Counts",
    "CutShort",
    "Done",
    "Entry",
    "Found",
    "Halt",
    "Indexed",
    "Listed",
    "Next",
    "Progress",
    "Summarise",
    "Summary",
    "Unlisted",
    "Walk",
]

Entry: TypeAlias = tuple[str, bool]  # a path relative to the root, and whether it is a directory


class Progress(msgspec.Struct, frozen=True):
    """How far the index is: `done` of the files `found` so far."""

    found: int
    done: int
    walk_over: bool


class Summary(msgspec.Struct, frozen=True):
    """The result.  `lines` and `size` are of the `indexed` files, the others are in `failures`.

    `failures` also holds directories that could not be read; `imports` is how many files import
    a module.
    """

    found: int
    indexed: int
    lines: int
    size: int
    imports: dict[str, int]
    failures: tuple[Failure, ...]


# -- to the whole crew, and to its index -------------------------------------------------------


class Summarise(Request[Summary]):
    """The result, when there is one."""


class Counts(Request[Progress]):
    """The state of things, at once."""


class CutShort(Message):
    """Answer with what there is."""


class Halt(Message):
    """Begin nothing more, and give up what is not done."""


# -- of the walker -----------------------------------------------------------------------------


class Next(Request[tuple[str, ...]]):
    """Some files to parse; none when all were given out."""


class Walk(Message):
    """Look for more files."""


class Listed(Message):
    """The entries of a directory, sorted."""

    entries: tuple[Entry, ...]


class Unlisted(Message):
    """A directory could not be read."""

    path: str
    reason: str


# -- of the parsers ----------------------------------------------------------------------------


class Batch(Message):
    """Files to parse."""

    paths: tuple[str, ...]


class Done(Message):
    """A worker has parsed them."""

    outcomes: tuple[Outcome, ...]


class Broke(Message):
    """The worker did not survive, or could not begin."""

    paths: tuple[str, ...]
    reason: str


# -- of the index ------------------------------------------------------------------------------


class Found(Message):
    """The walker found so many files more, and these directories that cannot be read."""

    files: int
    failures: tuple[Failure, ...]
    last: bool


class Indexed(Message):
    """Outcomes of files."""

    outcomes: tuple[Outcome, ...]
