"""`Name[M]`: the only key of the registry, typed with what may be sent to its holder."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Generic, Protocol, TypeVar, get_args

from airssys_rt.core.ref import Receiver
from airssys_rt.errors import BadArgument

__all__ = ["Name", "NameFor", "NameOf", "check_text"]

M = TypeVar("M")
M_co = TypeVar("M_co", covariant=True)
M_contra = TypeVar("M_contra", contravariant=True)


class Name(Generic[M]):
    """A name for an actor that accepts `M`: a module constant, bound to no system.

    Names are equal when their texts are.  Raises `BadArgument` for an empty text or one with a
    slash, which separates the parts of a path.
    """

    __slots__ = ("__orig_class__", "_text")

    def __init__(self, text: str) -> None:
        check_text(text)
        self._text = text

    @property
    def text(self) -> str:
        """The name as it stands in paths."""
        return self._text

    # Any: the union in `Name[...]`, whatever it is
    @property
    def accepts(self) -> Any:
        """The type argument, None if the name was made without one."""
        alias = getattr(self, "__orig_class__", None)
        return get_args(alias)[0] if alias is not None else None

    def __holds__(self, holder: Receiver[M], /) -> None:
        """Typing only: whoever holds the name accepts `M`."""

    def __finds__(self) -> Receiver[M]:
        """Typing only: what is found under the name accepts `M`."""
        raise TypeError("for type checkers only: system.ref(name)")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Name) and other.text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Name({self._text!r})"


class NameFor(Protocol[M_co]):
    """A name that an actor which accepts `M_co` may hold."""

    def __holds__(self, holder: Receiver[M_co], /) -> None: ...


class NameOf(Protocol[M_contra]):
    """A name under which an actor is found that accepts `M_contra`."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The name as it stands in paths."""

    def __finds__(self) -> Receiver[M_contra]: ...


def check_text(text: str) -> None:
    """Raise if the text cannot be a part of a path."""
    if not text or "/" in text:
        raise BadArgument(
            f"{text!r} cannot name an actor",
            why="names are the parts of paths such as /bank/account",
            mend="use a text that is not empty and has no slash",
        )
