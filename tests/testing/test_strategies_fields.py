"""What `messages` draws for fields of every kind, and what it says of those it cannot draw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, NamedTuple, TypedDict, TypeVar, Union

import attrs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from msgspec import Meta

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    ActorSystem,
    AnyRef,
    BadArgument,
    Down,
    LifecycleEvent,
    Message,
    ProtocolError,
    ReplyTo,
)
from airssys_rt.testing import messages
from tests.testing.finding import find, occurs
from tests.testing.generated import Span
from tests.testing.protocols import (
    Account,
    Balance,
    Open,
    Order,
    Report,
    Tree,
    kinds_of,
)

T = TypeVar("T")


# ---------------------------------------------------------------- fields of other kinds


def test_a_field_for_a_ref_gets_one_that_names_nobody() -> None:
    message = find(messages(Report), lambda m: m.to.name == "nobody-2")
    ref: Any = message.to
    assert isinstance(ref, ActorRef)
    ref.tell(1)
    ref.tell_from_thread(1)
    ref.stop()
    assert hash(ref) == hash(message.to)
    assert ref != find(messages(Report), lambda m: True).to
    assert repr(ref) == "<nobody /nobody-2>"


@pytest.mark.anyio
async def test_nobody_is_an_actor_that_has_stopped() -> None:
    ref: Any = find(messages(Report), lambda m: True).to
    await ref.send(1)
    await ref.started()
    assert type(await ref.stopped()).__name__ == "Normal"
    with pytest.raises(ActorStopped, match="stopped before it answered"):
        await ref.ask(Balance())


@pytest.mark.anyio
async def test_a_test_can_give_a_ref_of_its_own() -> None:
    async with ActorSystem(strict_wire=True) as system:
        ref: Any = system.spawn(Account)
        for base in (ActorRef, AnyRef):
            drawn = find(messages(Report, using={base: st.just(ref)}), lambda m: True)
            assert drawn.to is ref
            told: Any = drawn
            ref.tell(told)
        await system.drain()
        assert system.snapshot().dead_letters == 0


def test_signals_and_events_can_be_drawn() -> None:
    assert kinds_of(messages(Down)) == {Down}
    assert len(kinds_of(messages(LifecycleEvent), 200)) == 8


class Answer(Message):
    to: ReplyTo[int]


class Money:
    def __init__(self, cents: int) -> None:
        self.cents = cents


class Pay(Message):
    money: Money


def test_what_only_the_engine_makes_has_to_be_given() -> None:
    with pytest.raises(ProtocolError, match="no strategy for ReplyTo"):
        messages(Answer)
    mark: Any = object()
    assert find(messages(Answer, using={ReplyTo: st.just(mark)}), lambda m: True).to is mark


def test_a_class_that_msgspec_does_not_know_is_drawn_by_its_annotations() -> None:
    assert find(messages(Pay), lambda m: m.money.cents > 5).money.cents == 6
    given_cents = messages(Pay, using={Money: st.builds(Money, st.just(3))})
    assert find(given_cents, lambda m: True).money.cents == 3


@pytest.mark.parametrize("kind", [int, "Money", list[int]])
def test_a_strategy_for_what_is_no_class_of_a_field_is_an_error(kind: Any) -> None:
    with pytest.raises(BadArgument, match="has no meaning"):
        messages(Pay, using={kind: st.just(1)})


def test_a_strategy_given_for_a_struct_takes_the_place_of_its_own() -> None:
    drawn = messages(Order, using={Span: st.just(Span(3, 4))})
    assert find(drawn, lambda m: True).span == Span(3, 4)


@attrs.define
class Hidden:
    number: int = attrs.field(alias="count", validator=attrs.validators.gt(4))


@dataclass
class Counted:
    number: int
    double: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("odd")


class Foreign(Message):
    hidden: Hidden
    counted: Counted


@given(messages(Foreign))
def test_classes_of_attrs_and_dataclasses_say_themselves_what_they_take(message: Foreign) -> None:
    assert message.hidden.number > 4
    assert message.counted.number % 2 == 0
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=Foreign) == message


# ---------------------------------------------------------------- fields with defaults


class Wrong(Message):
    limit: int = None  # type: ignore[assignment]


class Numbered(Message):
    number: int = msgspec.field(default_factory=iter(range(10**6)).__next__)


class Kept(Message):
    items: list[int] = msgspec.field(default_factory=lambda: [42])


def test_a_default_outside_of_its_type_is_not_drawn() -> None:
    assert find(messages(Wrong), lambda m: True) == Wrong(0)


def test_a_default_that_differs_each_time_is_not_drawn() -> None:
    assert find(messages(Numbered), lambda m: True) == Numbered(0)


def test_a_good_default_is_what_a_message_shrinks_to() -> None:
    assert find(messages(Kept), lambda m: True) == Kept([42])
    assert find(messages(Kept), lambda m: not m.items) == Kept([])


# ---------------------------------------------------------------- types that lead to themselves


@dataclass
class Link:
    next: "Link | None"  # noqa: UP037


class Folder(TypedDict, total=False):
    inside: list[Folder]


class Pile(msgspec.Struct, Generic[T], tag=True):
    item: T
    below: "Pile[T] | Other[T] | None"  # noqa: UP037


class Other(msgspec.Struct, Generic[T], tag=True):
    piles: dict[str, Pile[T]]


class Linked(Message):
    next: "Linked | msgspec.UnsetType" = msgspec.UNSET  # noqa: UP037


class Misled(Message):
    next: "Misled" = None  # type: ignore[assignment]  # noqa: UP037


class Cycles(Message):
    linked: Linked
    link: Link
    folder: Folder
    pile: Pile[bool]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(messages(Cycles))
def test_values_that_hold_their_own_kind_come_to_an_end(message: Cycles) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=Cycles) == message


def test_values_that_hold_their_own_kind_are_deep_and_wide() -> None:
    def depth(tree: Tree) -> int:
        return 1 + max((depth(child) for child in tree.children), default=0)

    assert depth(find(messages(Tree), lambda tree: depth(tree) > 3)) == 4
    assert occurs(messages(Tree), lambda tree: len(tree.children) > 3)


# ---------------------------------------------------------------- what cannot be drawn


class Endless(Message):
    inner: "Endless"  # noqa: UP037


class Impossible(Message):
    number: Annotated[int, Meta(gt=3, lt=4)]


class Never(Message):
    number: int

    def __post_init__(self) -> None:
        raise ValueError


class Sets(Message):
    both: tuple[set[int], set[str]] | int


class Unknown(Message):
    both: tuple[int] | list[int]


def test_a_class_without_values_is_an_error() -> None:
    for endless in (Endless, Misled):
        with pytest.raises(ProtocolError, match="ever comes to an end"):
            messages(endless)
    with pytest.raises(ProtocolError, match="there is no multiple of 1 from 4 to 3"):
        messages(Impossible)
    with pytest.raises(Unsatisfiable):
        find(messages(Never), lambda m: True)


def test_a_type_that_msgspec_does_not_take_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="Unknown has a field that msgspec does not take"):
        messages(Unknown)


def test_a_class_whose_names_are_local_is_an_error() -> None:
    class Local: ...

    class Inner(Message):
        local: "Local"  # noqa: UP037

    with pytest.raises(ProtocolError, match="cannot be resolved"):
        messages(Inner)


class Base(Actor[T], Generic[T]): ...


@pytest.mark.parametrize("protocol", [Base, 3, int, Union[int, Open]])  # noqa: UP007
def test_what_is_no_protocol_is_an_error(protocol: Any) -> None:
    with pytest.raises((ProtocolError, BadArgument)):
        messages(protocol)


# ---------------------------------------------------------------- limits


class Point(NamedTuple):
    x: int
    y: int = 0


class Options(TypedDict, total=False):
    name: str


class Odd(Message):
    ints: int
    floats: float
    text: str
    keys: dict[bool | tuple[int, str] | None, int]
    ext: msgspec.msgpack.Ext
    raw: msgspec.Raw
    point: Point
    options: Options
    anything: Any


@settings(max_examples=200)
@given(messages(Odd))
def test_what_json_lacks_makes_the_trip_in_msgpack(message: Odd) -> None:
    assert -(2**63) <= message.ints < 2**64
    assert abs(message.floats) < float("inf")
    message.text.encode()
    coded = msgspec.msgpack.encode(message)
    assert msgspec.msgpack.decode(coded, type=Odd) == message
    assert msgspec.json.decode(bytes(message.raw)) == msgspec.msgpack.decode(message.raw) - 48


@pytest.mark.parametrize("limit", [2**63 - 1, 2**64 - 1, -(2**63)])
def test_the_limits_of_integers_are_drawn(limit: int) -> None:
    class Number(Message):
        value: int

    def near(message: Number) -> bool:
        return message.value >= limit if limit > 0 else message.value <= limit

    assert find(messages(Number), near).value == limit
