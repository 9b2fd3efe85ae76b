"""Every message drawn comes back equal from its encoding, whatever its class."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airssys_rt.testing import messages
from tests.testing.generated import message_classes

slow = settings(suppress_health_check=[HealthCheck.too_slow])


def check_trips(message: Any, kind: Any) -> None:
    for form in (msgspec.msgpack, msgspec.json):
        coded = form.encode(message)
        again = form.decode(coded, type=kind)
        assert again == message, (kind, message, coded)
        assert type(again) is type(message)


@slow
@given(message_classes(), st.data())
def test_a_drawn_message_comes_back_equal(kind: Any, data: st.DataObject) -> None:
    drawn = messages(kind)
    for _ in range(3):
        check_trips(data.draw(drawn), kind)
