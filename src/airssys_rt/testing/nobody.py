"""Refs for messages that are drawn where no system runs: they name nobody.

What is told to nobody is gone, and whoever asks it learns that it has stopped.
"""

from __future__ import annotations

from typing import Any, NoReturn

from airssys_rt.core.ref import AnyRef
from airssys_rt.core.signals import ExitReason, Normal
from airssys_rt.errors import ActorStopped
from airssys_rt.kernel.ref import ActorRef

__all__ = ["NOBODIES", "Nobody"]


class Nobody(ActorRef[Any]):  # Any: it stands for refs of every protocol
    """A ref of an actor that does not exist; two are equal when their paths are."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def path(self) -> str:
        """Where the actor would be."""
        return self._path

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self._path.rpartition("/")[2]

    # Any below: messages of every protocol

    def tell(self, msg: Any, /) -> None:
        """Nothing comes of it."""

    def tell_from_thread(self, msg: Any, /) -> None:
        """Nothing comes of it."""

    async def send(self, msg: Any, /) -> None:
        """Nothing comes of it."""

    async def ask(self, msg: Any, /, *, timeout: float | None = 5.0) -> NoReturn:
        """Raises `ActorStopped`."""
        raise ActorStopped(
            f"{self._path} stopped before it answered {type(msg).__name__}",
            where=self._path,
            why="it names nobody: it was drawn for a field of a message",
            mend="give a ref of the test's own: messages(..., using={ActorRef: st.just(ref)})",
        )

    def stop(self, *, drain: bool = False) -> None:
        """It is over already."""

    async def started(self) -> None:
        """It is over already."""

    async def stopped(self) -> ExitReason:
        """It is over already."""
        return Normal()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Nobody) and other.path == self._path

    def __hash__(self) -> int:
        return hash(self._path)

    def __repr__(self) -> str:
        return f"<nobody {self._path}>"


NOBODIES: tuple[AnyRef, ...] = tuple(Nobody(f"/nobody-{number}") for number in (1, 2, 3))
