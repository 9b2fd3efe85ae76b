"""The union in `Actor[...]`: aliases, generics, and names that are not known yet."""

from __future__ import annotations

import sys
from typing import Any, Generic, Union

import pytest
from typing_extensions import TypeAliasType, TypeVar

from airssys_rt import Actor, Message, ProtocolError, Request, on
from airssys_rt.core.union import union_members

K = TypeVar("K")
V = TypeVar("V")
M = TypeVar("M")


class Ping(Message): ...


class Pong(Message): ...


class Get(Request[V], Generic[K, V]):
    key: K


class Put(Message, Generic[K, V]):
    key: K
    value: V


class Cache(Actor[Get[K, V] | Put[K, V]], Generic[K, V]):
    def __init__(self) -> None:
        self.held: dict[K, V] = {}

    @on(Get)
    def get(self, msg: Get[K, V]) -> V:
        return self.held[msg.key]

    @on(Put)
    def put(self, msg: Put[K, V]) -> None:
        self.held[msg.key] = msg.value

    initial = get | put


def members(cls: type[Actor[Any]]) -> set[type[Any]] | None:
    found = cls.__protocol__.members
    return None if found is None else set(found)


def test_a_generic_actors_members_are_the_classes_of_its_messages() -> None:
    assert members(Cache) == {Get, Put}


def test_a_subclass_of_a_generic_actor_has_its_members() -> None:
    class Ages(Cache[str, int]): ...

    assert members(Ages) == {Get, Put}
    assert Ages.__protocol__.initial is not None


def test_an_alias_stands_for_its_union() -> None:
    # what `type Both = Ping | Pong` makes on 3.12
    both = TypeAliasType("both", Ping | Pong)

    class Holder(Actor[both]): ...

    assert members(Holder) == {Ping, Pong}


def test_unions_may_be_nested() -> None:
    both = TypeAliasType("both", Ping | Pong)

    class Holder(Actor[Union[both, Get[int, int]]]): ...  # noqa: UP007

    assert members(Holder) == {Ping, Pong, Get}


def test_a_union_with_a_forward_reference_is_not_checked() -> None:
    class Text(Actor["Ping | Pong"]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping  # type: ignore[assignment]

    class Member(Actor[Union[Ping, "Pong"]]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping  # type: ignore[assignment]

    assert members(Text) is None
    assert members(Member) is None


def test_a_generic_base_leaves_the_union_to_its_subclasses() -> None:
    class Base(Actor[M], Generic[M]): ...

    class Narrow(Base[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping

    assert members(Base) is None
    assert members(Narrow) == {Ping}


def test_a_subclass_of_a_generic_base_is_checked_against_its_own_union() -> None:
    class Base(Actor[M | Pong], Generic[M]): ...

    with pytest.raises(ProtocolError, match="Pong"):

        class Narrow(Base[Ping]):
            @on(Ping)
            def ping(self, msg: Ping) -> None: ...

            initial = ping  # type: ignore[assignment]


class Unresolved:
    """As an alias of 3.12 that names what is defined below it."""

    @property
    def __value__(self) -> object:
        raise NameError("name 'Below' is not defined")


def test_an_alias_that_cannot_be_resolved_yet_has_no_members_yet() -> None:
    assert union_members(Unresolved()) is None
    assert set(union_members(Union[Ping, Pong]) or ()) == {Ping, Pong}  # noqa: UP007


NEW_SYNTAX = """
from airssys_rt import Actor, Message, Request, on

class Ping(Message): ...
class Pong(Message): ...
class Get[K, V](Request[V]):
    key: K

type Both = Ping | Pong
type Ask[K, V] = Get[K, V] | Both

class Holder(Actor[Both]):
    @on(Ping)
    def ping(self, msg: Ping) -> None: ...
    @on(Pong)
    def pong(self, msg: Pong) -> None: ...
    initial = ping | pong

class Cache[K, V](Actor[Ask[K, V]]):
    @on(Get)
    def get(self, msg: Get[K, V]) -> V: ...
    initial = Holder.ping | Holder.pong | get

class Ages(Cache[str, int]): ...

type Later = Ping | Undefined

class Early(Actor[Later]):
    @on(Ping)
    def ping(self, msg: Ping) -> None: ...
    initial = ping
"""

new_syntax = pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is of Python 3.12")


@new_syntax
def test_the_syntax_of_3_12_declares_unions_and_generic_actors() -> None:
    names: dict[str, Any] = {"__name__": __name__}
    exec(compile(NEW_SYNTAX, __file__, "exec", dont_inherit=True), names)
    ping, pong, get = names["Ping"], names["Pong"], names["Get"]
    assert names["Holder"].__protocol__.members == {ping, pong}
    assert names["Cache"].__protocol__.members == {ping, pong, get}
    assert names["Ages"].__protocol__.members == {ping, pong, get}


@new_syntax
def test_an_alias_that_cannot_be_resolved_yet_is_not_checked() -> None:
    names: dict[str, Any] = {"__name__": __name__}
    exec(compile(NEW_SYNTAX, __file__, "exec", dont_inherit=True), names)
    assert names["Early"].__protocol__.members is None


@new_syntax
def test_an_alias_is_checked_like_its_union() -> None:
    names: dict[str, Any] = {"__name__": __name__}
    wrong = NEW_SYNTAX.replace("initial = ping | pong", "initial = ping")
    with pytest.raises(ProtocolError, match="Pong"):
        exec(compile(wrong, __file__, "exec", dont_inherit=True), names)
