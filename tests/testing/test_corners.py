"""Fields that few messages have: sets of what cannot be hashed, limits of calendars, no values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import msgspec
import pytest
from hypothesis import given, settings
from msgspec import Meta

from airssys_rt import (
    AnyRef,
    DeadLetter,
    MailboxFull,
    Message,
    ProtocolError,
    Request,
)
from airssys_rt.testing import History, linearizable, messages, wire
from airssys_rt.testing.scalars import aware
from tests.testing.finding import occurs


class Plain(msgspec.Struct):
    number: int


class Frozen(msgspec.Struct, frozen=True):
    number: int


@dataclass(unsafe_hash=True)
class Hashed:
    number: int


@dataclass
class Unhashed:
    number: int


class Fields(TypedDict):
    number: int


class Sets(Message):
    lists: frozenset[tuple[list[int], ...]]
    sets: frozenset[set[int] | int]
    bytes: frozenset[bytearray]
    dicts: frozenset[dict[str, int] | bool]
    structs: frozenset[Plain]
    frozen: frozenset[Frozen]
    data: frozenset[Unhashed]
    hashed: frozenset[Hashed]
    typed: frozenset[Fields]
    raws: frozenset[msgspec.Raw]
    anything: frozenset[Any]


class Titled(Message):
    number: Annotated[int, Meta(title="a number", ge=3)]
    keyed: dict[Annotated[str, Meta(description="a word", min_length=1)], int]


@settings(max_examples=60)
@given(messages(Sets))
def test_in_a_set_there_is_only_what_can_be_hashed(message: Sets) -> None:
    coded = msgspec.msgpack.encode(message)
    assert msgspec.msgpack.decode(coded, type=Sets) == message
    for empty in (message.bytes, message.structs, message.data, message.typed, message.raws):
        assert not empty
    assert message.lists <= {()}
    assert all(isinstance(item, int) for item in message.sets | message.dicts)


@pytest.mark.parametrize("name", ["lists", "sets", "dicts", "frozen", "hashed", "anything"])
def test_sets_of_what_can_be_hashed_are_not_always_empty(name: str) -> None:
    assert occurs(messages(Sets), lambda message: getattr(message, name))


@given(messages(Titled))
def test_constraints_with_a_title_hold(message: Titled) -> None:
    assert message.number >= 3
    assert "" not in message.keyed


@settings(max_examples=40)
@given(messages(DeadLetter))
def test_a_dead_letter_holds_a_message_of_any_kind(message: DeadLetter) -> None:
    assert isinstance(message.ref, AnyRef)
    msgspec.msgpack.encode(message.message)


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize("minutes", [-1439, -1, 0, 1, 1439])
@pytest.mark.parametrize("moment", [dt.datetime.min, dt.datetime.max])
def test_a_moment_at_the_end_of_the_calendar_stays_in_it(moment: dt.datetime, minutes: int) -> None:
    drawn = aware((moment, dt.timezone(dt.timedelta(minutes=minutes))))
    assert drawn == moment.replace(tzinfo=dt.UTC)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(drawn)) == drawn


@pytest.mark.parametrize(
    "meta",
    [
        Meta(gt=1.0, lt=1.0000000000000002),
        Meta(multiple_of=0.5, gt=0.5, lt=1.0),
        Meta(multiple_of=0.1, gt=0.4, lt=0.5),
    ],
)
def test_a_float_that_cannot_be_is_an_error(meta: Meta) -> None:
    number: Any = Annotated[float, meta]
    kind: Any = msgspec.defstruct("Kind", [("number", number)], bases=(Message,))
    with pytest.raises(ProtocolError, match="there is no"):
        messages(kind)


@pytest.mark.parametrize(
    "meta",
    [
        Meta(multiple_of=0.1),
        Meta(multiple_of=0.1, ge=0.35, le=0.45),
        Meta(multiple_of=0.25, gt=-1.0, lt=1.0),
        Meta(multiple_of=3.0, gt=1e6),
        Meta(gt=0.0, lt=5e-324 * 2),
        Meta(ge=1.5, le=1.5),
    ],
)
def test_floats_keep_their_constraints(meta: Meta) -> None:
    number: Any = Annotated[float, meta]
    kind: Any = msgspec.defstruct("Kind", [("number", number)], bases=(Message,))

    @settings(max_examples=40)
    @given(messages(kind))
    def check(message: Any) -> None:
        assert msgspec.json.decode(msgspec.json.encode(message), type=kind) == message

    check()


# ---------------------------------------------------------------- bytes


class Key(msgspec.Struct, frozen=True):
    number: int


class Keyed(Message):
    table: dict[Key, int]


def test_a_map_with_maps_as_keys_is_written_in_one_way_only() -> None:
    @given(wire(Keyed))
    def check(coded: bytes) -> None:
        msgspec.msgpack.decode(coded, type=Keyed)
        assert b"unknown" not in coded or not msgspec.msgpack.decode(coded, type=Keyed).table

    check()


class Unions(Message):
    table: dict[int | str, int]
    numbers: dict[int | float, int]


def test_in_json_a_key_of_a_union_is_text_where_it_can_be() -> None:
    def encoded(message: Unions) -> bool:
        return msgspec.json.decode(msgspec.json.encode(message), type=Unions) == message

    @given(wire(Unions, format="json"))
    def check(coded: bytes) -> None:
        message = msgspec.json.decode(coded, type=Unions)
        assert encoded(message)
        assert all(isinstance(key, str) for key in message.table)

    check()
    assert occurs(messages(Unions), lambda message: any(type(k) is int for k in message.table))


class Sealed(Message):
    """A message without subclasses."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        raise TypeError("sealed")


def test_a_class_without_subclasses_has_other_near_misses() -> None:
    @given(messages(Sealed, invalid=True))
    def check(value: object) -> None:
        assert not isinstance(value, Sealed)

    check()


# ---------------------------------------------------------------- histories


class Ask(Request[int]): ...


class FullRef:
    async def ask(self, msg: Ask, /, *, timeout: float | None = 5.0) -> int:
        raise MailboxFull("no room")


class One:
    def initial(self) -> int:
        return 1

    def step(self, state: int, request: Ask, /) -> tuple[int, int]:
        return state, state


@pytest.mark.anyio
async def test_what_was_never_sent_is_left_out_of_the_history() -> None:
    history = History()
    full: Any = FullRef()
    with pytest.raises(MailboxFull):
        await history.ask(full, Ask(), client="a")
    assert len(history) == 0


def test_open_operations_at_the_end_need_no_place() -> None:
    history = History()
    history.lost(history.begin("a", Ask()))
    history.begin("a", Ask())
    verdict = linearizable(history, One())
    assert verdict
    assert verdict.orders == {None: ()}


def test_a_verdict_shows_the_latest_operations_only() -> None:
    history = History()
    for _ in range(12):
        history.replied(history.begin("a", Ask()), 1)
    history.replied(history.begin("b", Ask()), 2)
    text = str(linearizable(history, One()))
    assert text.count("a: Ask() -> 1") == 8
    assert text.endswith("and 4 earlier ones")
