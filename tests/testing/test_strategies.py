"""What `messages` draws: only what is accepted, with every field valid, as plain as can be."""

from __future__ import annotations

import datetime as dt
from typing import Any, Union, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airssys_rt import (
    Actor,
    ActorSystem,
    BadArgument,
    Behaviour,
    DeadLetter,
    on,
)
from airssys_rt.testing import messages
from tests.testing.finding import find, quick
from tests.testing.generated import Branch, Leaf, Slot, Span, message_classes
from tests.testing.protocols import (
    MEMBERS,
    Account,
    AccountMsg,
    Balance,
    Chain,
    Deposit,
    Mixed,
    Open,
    Order,
    Report,
    Tree,
    kinds_of,
)


@pytest.mark.parametrize("protocol", [Account, AccountMsg, Union[MEMBERS]])  # noqa: UP007
def test_all_members_of_a_protocol_are_drawn_and_nothing_else(protocol: Any) -> None:
    assert kinds_of(messages(protocol)) == set(MEMBERS)


def test_one_message_class_is_a_protocol() -> None:
    assert kinds_of(messages(Deposit)) == {Deposit}


@pytest.mark.parametrize(
    ("behaviour", "accepted"),
    [
        (Account.shut, {Open, Balance}),
        (Account.deposit, {Deposit}),
        (Account.initial, set(MEMBERS)),
    ],
)
def test_a_behaviour_divides_the_protocol(behaviour: Any, accepted: set[type]) -> None:
    assert kinds_of(messages(Account, behaviour=behaviour)) == accepted
    if others := set(MEMBERS) - accepted:
        assert kinds_of(messages(Account, behaviour=behaviour, invalid=True)) == others


def test_what_leaves_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(BadArgument, match="takes all of the protocol's messages"):
        messages(Account, behaviour=Account.initial, invalid=True)
    with pytest.raises(BadArgument, match="the behaviour takes Deposit, and the protocol does not"):
        messages(Open | Balance, behaviour=Account.deposit)
    with pytest.raises(BadArgument, match="takes none"):
        messages(Account, behaviour=Behaviour[Any]({}))


def test_invalid_values_are_near_misses_of_every_kind() -> None:
    found = kinds_of(messages(Account, invalid=True), 400)
    assert not found & set(MEMBERS)
    assert {type(None), int, str, dict, tuple, RuntimeError} <= found
    assert {"Stranger", "StrangeRequest", "StructMeta"} <= {kind.__name__ for kind in found}
    # instances of subclasses, which the exact dispatch does not take
    assert {kind.__name__ for kind in found if issubclass(kind, MEMBERS)} == {
        "Open",
        "Deposit",
        "Balance",
        "Report",
    }


class Mirror(Account):
    def __init__(self, behaviour: Any) -> None:
        self.first = behaviour

    def pre_start(self) -> None:
        if self.first is not None:
            self.become(self.first)


class Watcher(Actor[DeadLetter]):
    def __init__(self, letters: list[DeadLetter]) -> None:
        self.letters = letters

    @on(DeadLetter)
    def letter(self, msg: DeadLetter) -> None:
        self.letters.append(msg)

    initial = letter


@pytest.mark.anyio
@pytest.mark.parametrize("behaviour", [Account.shut, None])
async def test_an_actor_handles_what_is_valid_and_nothing_that_is_not(behaviour: Any) -> None:
    valid, invalid = list[Any](), list[Any]()
    collect(messages(Account, behaviour=behaviour), valid)
    collect(messages(Account, behaviour=behaviour, invalid=True), invalid)
    letters: list[DeadLetter] = []
    async with ActorSystem() as system:
        system.dead_letters.subscribe(system.spawn(Watcher, letters))
        mirror: Any = system.spawn(Mirror, behaviour)
        for value in [*valid, *invalid]:
            mirror.tell(value)
        await system.drain()
    assert [letter.reason for letter in letters] == ["not_accepted"] * len(invalid)


def collect(strategy: st.SearchStrategy[Any], into: list[Any]) -> None:
    @settings(max_examples=30, database=None, derandomize=True)
    @given(strategy)
    def add(value: Any) -> None:
        into.append(value)

    add()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(message_classes(), st.data())
def test_the_complement_of_a_made_up_class_has_none_of_it(kind: Any, data: st.DataObject) -> None:
    value = data.draw(messages(kind, invalid=True))
    assert type(value) is not (get_origin(kind) or kind)


# ---------------------------------------------------------------- shrinking


@pytest.mark.parametrize(
    ("protocol", "condition", "smallest"),
    [
        (Account, lambda m: True, Open()),
        (Deposit, lambda m: True, Deposit(1)),
        (Deposit, lambda m: m.amount > 1000, Deposit(1001)),
        (Deposit, lambda m: m.note != "", Deposit(1, "0")),
        (Tree, lambda m: True, Tree(0)),
        (Tree, lambda m: len(m.children) > 1, Tree(0, (Tree(0), Tree(0)))),
        (
            Tree,
            lambda m: any(child.children for child in m.children),
            Tree(0, (Tree(0, (Tree(0),)),)),
        ),
        (Chain, lambda m: m.next and m.next.next, Chain(Chain(Chain(None)))),
        (Mixed, lambda m: True, Mixed(None)),
        (Mixed, lambda m: m.value is not None, Mixed("")),
        (Mixed, lambda m: isinstance(m.value, Leaf) and m.value.value != 7, Mixed(Leaf(0))),
        (
            Order,
            lambda m: m.span.high > 10,
            Order("AAA-00000000", Span(0, 11), ("", "")),
        ),
        (Slot[int | None], lambda m: m.item, Slot(1)),
        (Branch, lambda m: m.parts, Branch((Leaf(),))),
    ],
)
def test_a_message_shrinks_to_the_plainest_one(
    protocol: Any, condition: Any, smallest: Any
) -> None:
    assert find(messages(protocol), condition) == smallest


def test_refs_and_times_shrink_to_the_first_of_their_kind() -> None:
    found = find(messages(Report), lambda m: True)
    assert found.to.path == "/nobody-1"
    assert found.at == dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def test_a_failure_shows_the_message_as_it_is_written() -> None:
    @settings(quick, print_blob=False)
    @given(messages(Order))
    def fails(message: Order) -> None:
        assert not message.tags

    with pytest.raises(AssertionError) as caught:
        fails()
    [note, *_] = caught.value.__notes__
    assert "message=Order(" in note
    assert "span=Span(low=0, high=0)" in note
