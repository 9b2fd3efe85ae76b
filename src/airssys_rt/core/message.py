"""Messages and requests: frozen msgspec Structs, tagged with their class name.

A request finds its reply type and proves its membership in the receiver's union in one step of
type inference: `RequestFor[M, R]` is satisfied by a request whose `__ask__` takes a receiver of M.
The two dunder methods exist for type checkers alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, Self

import msgspec
from typing_extensions import TypeVar, dataclass_transform

from airssys_rt.core.ref import Receiver

__all__ = ["Later", "Message", "Replies", "Request", "RequestFor"]

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
M_co = TypeVar("M_co", covariant=True)


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Message(msgspec.Struct, frozen=True, tag=True):
    """Base of messages that are told and not answered."""

    if TYPE_CHECKING:  # for subclasses without fields, to which mypy gives no constructor

        def __init__(self) -> None: ...

    def __reply__(self, reply: None, /) -> None:
        """Typing only: a told message is answered with nothing."""


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Request(msgspec.Struct, Generic[R], frozen=True, tag=True):
    """Base of messages that are answered with an `R`."""

    if TYPE_CHECKING:  # for subclasses without fields, to which mypy gives no constructor

        def __init__(self) -> None: ...

    def __reply__(self, reply: R, /) -> R:
        """Typing only: the reply is exactly an `R`."""
        return reply

    def __ask__(self, ref: Receiver[Self], /) -> R:
        """Typing only: asking a receiver of this request yields an `R`."""
        raise TypeError("for type checkers only: await ref.ask(request)")


class Replies(Protocol[R]):
    """A message answered with exactly an `R` (invariant, or every return type would do)."""

    def __reply__(self, reply: R, /) -> R: ...


class RequestFor(Protocol[M_co, R_co]):
    """A request that a receiver of `M_co` answers with an `R_co`."""

    def __ask__(self, ref: Receiver[M_co], /) -> R_co: ...


class Later:
    """What a request handler returns when it does not answer now.

    `stash()`, `forward()` and `defer()` return one; annotate the handler `-> R | Later`.
    """

    __slots__ = ()
