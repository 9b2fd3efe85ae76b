"""The walker: finds Python files, in the order of their paths, and gives them out.

It looks ahead, but not far: with AHEAD names in store it waits until some were pulled.
Directories are read in threads.  Laws: each file is given out once; links to directories are not
followed, so the walk ends.
"""

from __future__ import annotations

import os
from collections import deque
from typing import TypeAlias

import anyio.to_thread

from airssys_rt import Actor, ActorRef, Job, Later, ReplyTo, on
from airssys_rt.cli.demo.parse import Failure
from airssys_rt.cli.demo.protocol import Entry, Found, Listed, Next, Unlisted, Walk

__all__ = ["AHEAD", "BATCH", "Walker", "list_directory"]

AHEAD = 4096  # names in store, about
BATCH = 8  # files given out at once
SKIPPED = frozenset({"site-packages", "dist-packages", "__pycache__"})

WalkerMsg: TypeAlias = Next | Walk | Listed | Unlisted


class Walker(Actor[WalkerMsg]):
    """Walks the tree below `root`, up to `limit` files, and tells the index what it found."""

    def __init__(self, root: str, limit: int | None, index: ActorRef[Found]) -> None:
        self._root = root
        self._left = limit
        self._index = index
        self._stack: list[Entry] = [("", True)]  # still to visit, the next one last
        self._store: deque[str] = deque()
        self._askers: deque[ReplyTo[tuple[str, ...]]] = deque()
        self._listing: Job | None = None
        self._resting = False  # the store is full
        self._over = False

    def pre_start(self) -> None:
        """Begin."""
        self.ref.tell(Walk())

    @on(Walk)
    async def walk(self, msg: Walk) -> None:
        """Go on after a rest."""
        await self._advance()

    @on(Listed)
    async def listed(self, msg: Listed) -> None:
        """Go down into a directory."""
        self._listing = None
        self._stack.extend(reversed(msg.entries))
        await self._advance()

    @on(Unlisted)
    async def unlisted(self, msg: Unlisted) -> None:
        """Report a directory, and go on."""
        self._listing = None
        await self._advance(Failure(msg.path or ".", "unreadable", msg.reason))

    @on(Next)
    def give(self, msg: Next) -> tuple[str, ...] | Later:
        """Give out files; the asker waits if there are none yet."""
        if not self._store and not self._over:
            waiting = self.defer(msg)
            self._askers.append(waiting)
            return waiting
        batch = self._take()
        if self._resting and len(self._store) < AHEAD // 2:
            self._resting = False
            self.ref.tell(Walk())
        return batch

    initial = give | walk | listed | unlisted

    async def _advance(self, *failures: Failure) -> None:
        if self._over:
            return
        found = 0
        while self._stack and self._left != found and len(self._store) < AHEAD:
            path, is_directory = self._stack.pop()
            if is_directory:
                self._list(path)
                break
            self._store.append(path)
            found += 1
        if self._left is not None:
            self._left -= found
        if self._listing is None:
            self._over = not self._stack or self._left == 0
            self._resting = not self._over
        if found or failures or self._over:
            await self._index.send(Found(found, failures, self._over))
        self._serve()

    def _list(self, path: str) -> None:
        self._listing = self.pipe(
            anyio.to_thread.run_sync(list_directory, self._root, path),
            Listed,
            lambda error: Unlisted(path, getattr(error, "strerror", None) or str(error)),
        )

    def _take(self) -> tuple[str, ...]:
        return tuple(self._store.popleft() for _ in range(min(BATCH, len(self._store))))

    def _serve(self) -> None:
        while self._askers and (self._store or self._over):
            self._askers.popleft().reply(self._take())


def list_directory(root: str, path: str) -> tuple[Entry, ...]:
    """The Python files and the directories in a directory, sorted by name.

    A link is a file, wherever it leads, unless that is a directory.
    """
    entries: list[Entry] = []
    with os.scandir(os.path.join(root, path)) as found:
        for entry in sorted(found, key=lambda entry: entry.name):
            name = os.path.join(path, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED:
                    entries.append((name, True))
            elif entry.name.endswith(".py") and not entry.is_dir():
                entries.append((name, False))
    return tuple(entries)
