"""Behaviours are values: composition makes new ones and keeps to one handler a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airssys_rt import Accepts, Behaviour, Message, ProtocolError, on


class A(Message): ...


class B(Message): ...


class C(Message): ...


class D(Message): ...


KINDS = (A, B, C, D)


class Handlers:
    """Two handlers for each of four messages; handlers need no actor to be composed."""

    @on(A)
    def a1(self, msg: A) -> None: ...

    @on(A)
    def a2(self, msg: A) -> None: ...

    @on(B)
    def b1(self, msg: B) -> None: ...

    @on(B)
    def b2(self, msg: B) -> None: ...

    @on(C)
    def c1(self, msg: C) -> None: ...

    @on(D)
    def d1(self, msg: D) -> None: ...


ALL: list[Behaviour[object]] = [getattr(Handlers, n) for n in ("a1", "a2", "b1", "b2", "c1", "d1")]


def functions(behaviour: Accepts[object]) -> dict[type[object], str]:
    return {key: entry.name for key, entry in behaviour.table.items()}


def test_or_accepts_what_either_accepts() -> None:
    both = Handlers.a1 | Handlers.b1 | Handlers.c1
    assert functions(both) == {A: "a1", B: "b1", C: "c1"}


def test_or_takes_the_same_handler_twice() -> None:
    twice = Handlers.a1 | Handlers.b1 | Handlers.a1
    assert functions(twice) == {A: "a1", B: "b1"}


def test_or_refuses_two_handlers_of_a_message_and_names_both() -> None:
    with pytest.raises(ProtocolError) as caught:
        Handlers.a1 | Handlers.b1 | Handlers.a2
    assert "a1" in str(caught.value)
    assert "a2" in str(caught.value)


def test_replace_exchanges_handlers_and_leaves_the_original_alone() -> None:
    both = Handlers.a1 | Handlers.b1
    other = both.replace(Handlers.a2)
    assert functions(other) == {A: "a2", B: "b1"}
    assert functions(both) == {A: "a1", B: "b1"}
    new = Handlers.a2 | Handlers.b2
    assert functions(both.replace(new)) == {A: "a2", B: "b2"}
    assert functions(both.replace(Handlers.a2, Handlers.b2)) == {A: "a2", B: "b2"}


def test_replace_adds_no_handler() -> None:
    with pytest.raises(ProtocolError, match="C"):
        (Handlers.a1 | Handlers.b1).replace(Handlers.c1)  # type: ignore[arg-type]


def test_an_edge_holds_its_origin_its_targets_and_whether_it_pushes() -> None:
    both = Handlers.a1 | Handlers.b1
    edge = both.to(Handlers.a1, Handlers.b1)
    assert edge == (both, (Handlers.a1, Handlers.b1), False, False)
    assert both.push(Handlers.a1).push is True


def test_a_final_state_is_an_edge_without_targets() -> None:
    both = Handlers.a1 | Handlers.b1
    assert both.final() == (both, (), False, True)
    assert Handlers.a1.final().origin is Handlers.a1


def test_a_behaviour_shows_its_messages() -> None:
    assert repr(Handlers.b1 | Handlers.a1) == "<behaviour A, B>"
    assert repr(Handlers.a1) == "<handler a1 on A>"


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=6))
def test_or_is_the_union_of_tables_or_an_error_whatever_the_order(
    parts: list[Behaviour[object]],
) -> None:
    wanted: dict[type[object], set[str]] = {}
    for part in parts:
        for key, name in functions(part).items():
            wanted.setdefault(key, set()).add(name)

    def compose() -> Behaviour[object]:
        whole = parts[0]
        for part in parts[1:]:
            whole |= part
        return whole

    if any(len(names) > 1 for names in wanted.values()):
        with pytest.raises(ProtocolError):
            compose()
    else:
        assert functions(compose()) == {key: min(names) for key, names in wanted.items()}
    assert [len(part.table) for part in ALL] == [1] * len(ALL)
