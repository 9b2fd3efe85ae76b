"""A wrong actor class is an error when it is defined, and the error says how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airssys_rt import Actor, ProtocolError, on
from tests.core.wrong_classes import WRONG, Pong, a_verb_is_redefined
from tests.core.wrong_flows import Ping, Sound


@pytest.mark.parametrize(("define", "word"), [pytest.param(*w, id=w[0].__name__) for w in WRONG])
def test_a_wrong_class_is_an_error_that_says_what_where_why_and_how_to_mend_it(
    define: Callable[[], None], word: str
) -> None:
    with pytest.raises(ProtocolError) as caught:
        define()
    error = caught.value
    text = str(error)
    assert text.startswith(f"RT001 {error.what}")
    assert word in error.what
    for label in ("where", "why", "mend"):
        part: Any = getattr(error, label)
        assert part, f"the error has no {label}"
        assert f"  {label:<5}  {part}" in text


def test_a_sound_class_is_accepted_with_its_table() -> None:
    protocol = Sound.__protocol__
    assert set(protocol.members or ()) == {Ping}
    assert protocol.initial is not None
    assert protocol.initial.accepts(Ping)
    assert not protocol.initial.accepts(Pong)


def test_an_actor_class_without_initial_may_be_a_base() -> None:
    class Base(Actor[Ping]): ...

    assert Base.__protocol__.initial is None


def test_a_protocol_error_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        a_verb_is_redefined()


def test_final_states_are_known_by_their_class_and_have_no_transition() -> None:
    class Door(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        @on(Ping)
        def closed(self, msg: Ping) -> None: ...

        initial = ping
        flow = (initial.to(closed), closed.final())

    protocol = Door.__protocol__
    first, last = protocol.state(Door.initial), protocol.state(Door.closed)
    assert protocol.finals == {Door.closed}
    assert protocol.allows(first, last, push=False)
    assert not protocol.allows(last, first, push=False)
    assert Sound.__protocol__.finals == frozenset()


def test_a_flow_of_nothing_but_a_final_state_allows_no_transition() -> None:
    class Stays(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping
        flow = (initial.final(),)

    protocol = Stays.__protocol__
    only = protocol.state(Stays.initial)
    assert protocol.edges == frozenset()
    assert not protocol.allows(only, only, push=False)


def test_a_final_state_is_final_under_its_name_in_a_subclass() -> None:
    class Door(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        @on(Ping)
        def closed(self, msg: Ping) -> None: ...

        initial = ping
        flow = (initial.to(closed), closed.final())

    class Gate(Door):
        @on(Ping)
        def closed(self, msg: Ping) -> None: ...

    assert Gate.__protocol__.finals == {Gate.closed}
    assert Gate.closed is not Door.closed
