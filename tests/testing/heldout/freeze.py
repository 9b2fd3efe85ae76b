"""The lock of the held-out programs: digests of their files, and what was corrected since.

The programs were written, and committed with this lock, before exploration was run on them or
looked into, so that what it finds in them was not what it was tuned by.  A program that turns out
to be right where it should be faulty, or the other way round, may be corrected: then the lock gets
a line for it, which the report shows.

    python -m tests.testing.heldout.freeze "program: what was corrected, and why"
    python -m tests.testing.heldout.freeze --more  new files, as much unexplored
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TypedDict

__all__ = ["LOCK", "Lock", "changed", "digests", "read"]

HERE = Path(__file__).parent
LOCK = HERE / "heldout.lock"


class Lock(TypedDict):
    """What the lock says."""

    files: dict[str, str]
    corrections: list[str]


def digests() -> dict[str, str]:
    """A digest of each file with programs, and of the ones that they use."""
    files = [*HERE.glob("*.py"), HERE.parent / "corpus" / "base.py"]
    return {
        path.relative_to(HERE.parent).as_posix(): hashlib.sha256(
            path.read_text(encoding="utf-8").encode()
        ).hexdigest()[:32]
        for path in sorted(files)
        if path.name != Path(__file__).name
    }


def read() -> Lock:
    """The lock as it is."""
    lock: Lock = json.loads(LOCK.read_text(encoding="utf-8"))
    return lock


def changed() -> list[str]:
    """What is not as it was frozen, but for new files and the list of files."""
    now = digests()
    before = read()["files"]
    return [name for name in before if before[name] != now.get(name) and "__init__" not in name]


def write(corrections: list[str]) -> None:
    """Write it anew."""
    lock = Lock(files=digests(), corrections=corrections)
    LOCK.write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if LOCK.exists():
        if len(sys.argv) < 2:
            sys.exit("say which program is corrected, and why")
        if sys.argv[1:] == ["--more"]:
            if changed():
                sys.exit(f"this is not only more: {', '.join(changed())}")
            sys.argv.pop()
        write([*read()["corrections"], *sys.argv[1:]])
    else:
        write([])
