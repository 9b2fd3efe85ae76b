"""What the demo's actors say to each other.

    crew ---- index     adds up what is known; then answers
         |--- walker    finds the files, gives them out in batches
         |--- parsers   restarts the parsers
         |    `--- parser-n  parses a file, or crashes
         `--- foreman   pulls files from the walker, has parsers parse them, tells the index

Files are pulled, so a file waits as a name in the walker's short store, never as a message: however
large the tree, few messages are on their way.  Law: for every file that the walker reports as found
the index gets exactly one outcome, however often a parser crashes.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from airssys_rt import Message, Request
from airssys_rt.cli.demo.parse import Failure, Outcome, Parsed

__all__ = [
    "Batch",
    "Counts",
    "CrashCounts",
    "CrashKind",
    "Crashed",
    "CutShort",
    "Done",
    "Entry",
    "Found",
    "Indexed",
    "Listed",
    "Lost",
    "Next",
    "Parse",
    "Progress",
    "Summarise",
    "Summary",
    "Tally",
    "Unlisted",
    "Walk",
]

Entry: TypeAlias = tuple[str, bool]  # a path relative to the root, and whether it is a directory
CrashKind: TypeAlias = Literal["unparsable", "injected", "worker"]


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


class CrashCounts(msgspec.Struct, frozen=True):
    """How often parsers crashed: on bad files, because that was wanted, or with their workers."""

    unparsable: int = 0
    injected: int = 0
    worker: int = 0


# -- to the whole crew, and to its index -------------------------------------------------------


class Summarise(Request[Summary]):
    """The result, when there is one."""


class Counts(Request[Progress]):
    """The state of things, at once."""


class CutShort(Message):
    """Answer with what there is."""


class Tally(Request[CrashCounts]):
    """How often parsers crashed."""


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


class Parse(Request[Parsed]):
    """Parse a file; `attempt` counts from 1."""

    path: str
    attempt: int


# -- of the foreman; a lane is the place of a parser -------------------------------------------


class Batch(Message):
    """Files to parse."""

    lane: int
    paths: tuple[str, ...]


class Done(Message):
    """A parser has parsed a file."""

    lane: int
    outcome: Parsed


class Crashed(Message):
    """A parser has crashed; `failure` is what there is to say of the file."""

    lane: int
    kind: CrashKind
    failure: Failure


class Lost(Message):
    """Nobody answers."""


# -- of the index ------------------------------------------------------------------------------


class Found(Message):
    """The walker found so many files more, and these directories that cannot be read."""

    files: int
    failures: tuple[Failure, ...]
    last: bool


class Indexed(Message):
    """The outcome of a file."""

    outcome: Outcome
