"""What a `protocol_machine` sends where no better strategies are installed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airssys_rt import Actor, ActorRef, Message, Request, on
from airssys_rt.testing import ActorKit, Sent
from airssys_rt.testing.drawn import messages_of, replies_to, struct
from tests.testing.accounts import Log, OtherMsg


class Inner(Message):
    numbers: tuple[int, ...]


class Outer(Message):
    to: ActorRef[OtherMsg]
    inner: Inner
    text: str = "default"
    maybe: int | None = None


class Whole(Request[Inner]): ...


class Nothing(Request[None]): ...


class Teller(Actor[Outer]):
    @on(Outer)
    def outer(self, msg: Outer) -> None:
        msg.to.tell(Log(msg.text))

    initial = outer


@settings(max_examples=20, deadline=None)
@given(st.one_of(struct(Outer), messages_of(Outer)))
def test_messages_have_values_of_their_types_and_refs_that_can_be_told(msg: Outer) -> None:
    assert isinstance(msg.inner, Inner)
    assert all(isinstance(number, int) for number in msg.inner.numbers)
    kit = ActorKit(Teller)
    kit.tell(msg)
    assert kit.effects == [Sent(msg.to, Log(msg.text))]


@pytest.mark.parametrize(("request_class", "kind"), [(Whole, Inner), (Nothing, type(None))])
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_replies_have_the_type_of_the_request(
    request_class: type[Any], kind: type[Any], data: st.DataObject
) -> None:
    assert isinstance(data.draw(replies_to(request_class)), kind)
