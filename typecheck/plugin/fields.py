# Fields can be encoded and decoded, and do not change.
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import msgspec

from airssys_rt import Message, Request


class Plain: ...


@dataclass
class Open:
    number: int


@dataclass(frozen=True)
class Closed:
    number: int


class OpenStruct(msgspec.Struct):
    number: int


class Mutable(Message):
    items: list[int]  # E: actor-mutable "items"
    table: dict[str, int]  # E: actor-mutable "table"
    some: set[str]  # E: actor-mutable "some"
    raw: bytearray  # E: actor-mutable "raw"
    maybe: list[int] | None  # E: actor-mutable "maybe"
    inside: tuple[list[int], ...]  # E: actor-mutable "inside"
    open: Open  # E: actor-mutable "open"
    struct: OpenStruct  # E: actor-mutable "struct"
    closed: Closed


class NoCodec(Request[int]):
    call: Callable[[], int]  # E: actor-field "call"
    plain: Plain  # E: actor-field "plain"
    inside: tuple[Plain, ...]  # E: actor-field "inside"
    text: str


class Later(Message):
    """The type of the field is defined below."""

    after: After  # E: actor-field "after"


class After:  # not a message, and no type that msgspec knows
    number: int


class Named(NamedTuple):
    """mypy analyzes this again and again for as long as anything waits."""

    number: int

    def double(self) -> int:
        return 2 * self.number


class AnyStruct(Message):
    """Nothing is ever known of this field."""

    struct: msgspec.Struct


class Base(Message):
    items: list[int]  # E: actor-mutable "items"


class Derived(Base):
    more: int = 0


Sent: TypeAlias = Message


class ByAlias(Sent):
    items: list[int]  # E: actor-mutable "items"
