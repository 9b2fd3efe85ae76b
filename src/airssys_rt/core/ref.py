"""What may be addressed: the part of a ref that needs no engine.

`AnyRef` is "some actor" (in signals, monitors and links); `Receiver[M]` is "something that takes
an M", the view through which a request finds its reply type.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from airssys_rt.core.signals import ExitReason

__all__ = ["AnyRef", "Receiver"]

M_contra = TypeVar("M_contra", contravariant=True)


class AnyRef:
    """A reference to an actor of whatever protocol: it can be named, watched and stopped.

    Refs are equal when they name the same slot; they stay valid when the actor is restarted.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def path(self) -> str:
        """The actor's place in the tree, such as `/bank/account-3`."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The last part of the path."""

    @abstractmethod
    def stop(self, *, drain: bool = False) -> None:
        """Stop the actor after the handler that runs now.

        With `drain=True` the stop takes its place in the mailbox, behind what the caller sent.
        """

    @abstractmethod
    async def started(self) -> None:
        """Wait until `pre_start` has returned.  Raises `StartFailed` if it did not start."""

    @abstractmethod
    async def stopped(self) -> ExitReason:
        """Wait until the actor is over for good, and say why it ended."""


class Receiver(AnyRef, Generic[M_contra]):
    """A ref that takes messages of type `M_contra`."""

    __slots__ = ()

    @abstractmethod
    def tell(self, msg: M_contra, /) -> None:
        """Send without waiting."""
