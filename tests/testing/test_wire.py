"""Bytes for tests of decoders: what is valid is decoded, what is corrupted mostly is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_origin

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airssys_rt import Actor, ActorRef, BadArgument, Message, ProtocolError, Request, on
from airssys_rt.testing import wire
from airssys_rt.testing.bytes import corrupted_bytes
from tests.testing.finding import find, occurs
from tests.testing.generated import Branch, Leaf, Span, message_classes

Format = Literal["msgpack", "json"]
FORMATS: list[Format] = ["msgpack", "json"]
FORMS: dict[str, Any] = {"msgpack": msgspec.msgpack, "json": msgspec.json}
# msgspec reports text that is no UTF-8 by the builtin error
REFUSALS = (msgspec.DecodeError, UnicodeDecodeError)

slow = settings(suppress_health_check=[HealthCheck.too_slow])


class Put(Message):
    key: str
    value: dict[str, int]


class Get(Request[int]):
    key: str


class Strict(Message, forbid_unknown_fields=True, array_like=False):
    number: int = 0


class Pair(Message, array_like=True, tag=7):
    one: int
    two: str = ""


class Store(Actor[Put | Get]):
    @on(Put)
    def put(self, msg: Put) -> None: ...

    @on(Get)
    def get(self, msg: Get) -> int:
        return 0

    initial = put | get


MAPS = Put | Get | Strict | Branch | Leaf | Span


@pytest.mark.parametrize("form", FORMATS)
@slow
@given(message_classes(), st.data())
def test_valid_bytes_of_a_made_up_class_are_decoded(
    form: Format, kind: Any, data: st.DataObject
) -> None:
    coded = data.draw(wire(kind, format=form))
    assert isinstance(FORMS[form].decode(coded, type=kind), get_origin(kind) or kind)


@pytest.mark.parametrize("form", FORMATS)
@slow
@given(message_classes(), st.data())
def test_corrupted_bytes_of_a_made_up_class_crash_no_decoder(
    form: Format, kind: Any, data: st.DataObject
) -> None:
    coded = data.draw(wire(kind, format=form, corrupted=True))
    try:
        FORMS[form].decode(coded, type=kind)
    except REFUSALS:
        pass


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("protocol", "union"), [(Store, Put | Get), (MAPS, MAPS), (Pair, Pair)])
def test_a_decoder_refuses_most_corrupted_bytes(form: Format, protocol: Any, union: Any) -> None:
    decoder = FORMS[form].Decoder(union)
    accepted: list[bytes] = []
    refused: list[bytes] = []

    @settings(max_examples=300, database=None, derandomize=True)
    @given(wire(protocol, format=form, corrupted=True))
    def decode(coded: bytes) -> None:
        try:
            decoder.decode(coded)
        except REFUSALS:
            refused.append(coded)
        else:
            accepted.append(coded)

    decode()
    assert len(refused) > 4 * len(accepted)
    assert accepted or protocol is Store  # some damage makes another message


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("message", [Put("aa", {"aa": 1}), Strict(), Strict(5), Pair(0, "ccc")])
def test_corrupted_bytes_differ_from_what_they_were(form: Format, message: Any) -> None:
    encode = FORMS[form].encode

    @settings(max_examples=200)
    @given(corrupted_bytes(st.just(message), encode, form))
    def check(coded: bytes) -> None:
        assert coded != encode(message)

    check()


@pytest.mark.parametrize("form", FORMATS)
def test_valid_bytes_are_written_in_more_ways_than_one(form: Format) -> None:
    def written(order: list[str]) -> Callable[[bytes], bool]:
        return lambda coded: list(FORMS[form].decode(coded))[: len(order)] == order

    for order in (["type", "key", "value"], ["value", "key", "type"], ["an unknown field"]):
        assert occurs(wire(Put, format=form), written(order))


def test_an_unknown_field_is_only_where_it_is_allowed() -> None:
    @given(wire(Strict))
    def check(coded: bytes) -> None:
        assert b"unknown" not in coded

    check()


def test_bytes_of_a_behaviour_are_of_what_it_accepts() -> None:
    @given(wire(Store, behaviour=Store.get))
    def check(coded: bytes) -> None:
        assert isinstance(msgspec.msgpack.decode(coded, type=Put | Get), Get)

    check()


class Odd(Message):
    raw: msgspec.Raw
    keys: dict[int | str, int] = {}


@pytest.mark.parametrize("form", FORMATS)
def test_raw_fields_hold_any_value_of_the_format(form: Format) -> None:
    coded = find(wire(Odd, format=form), lambda c: len(FORMS[form].decode(c, type=Odd).raw) > 10)
    FORMS[form].decode(FORMS[form].decode(coded, type=Odd).raw)


class Told(Message):
    to: ActorRef[int]


def test_what_cannot_be_encoded_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="Told cannot be encoded in msgpack"):
        find(wire(Told), lambda c: True)


def test_a_format_that_there_is_not_is_an_error() -> None:
    with pytest.raises(BadArgument, match="format='xml'"):
        wire(Put, format="xml")  # type: ignore[arg-type]
