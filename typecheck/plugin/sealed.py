# Unions are sealed: tagged frozen Structs, each class once, each tag once.
from typing import Generic, TypeAlias, TypeVar

import msgspec

from airssys_rt import Actor, Behaviour, Message, Request, on

T = TypeVar("T")


class A(Message): ...


class B(Message, tag="A"): ...


class C(Message, tag="c"): ...


class D(Request[int], tag="d"): ...


class Numbered(Message, tag=7): ...


class E(Message, frozen=False):  # E: actor-sealed "frozen", misc
    number: int = 0


class F(Message, tag=False): ...  # E: actor-sealed "tag"


class G(Request[T | None], Generic[T]):
    key: T


class Plain: ...


class Thawed(msgspec.Struct):
    number: int


class Clash(Actor[A | B]):  # E: actor-sealed "A"
    initial: Behaviour[A | B]


class Distinct(Actor[A | C | D]):
    initial: Behaviour[A | C | D]


class Mixed(Actor[A | Numbered]):  # E: actor-sealed "different types"
    initial: Behaviour[A | Numbered]


class NotMessages(Actor[A | Plain]):  # E: actor-sealed "Plain"
    initial: Behaviour[A | Plain]


class NotMessages2(Actor[int]):  # E: actor-sealed "int"
    initial: Behaviour[int]


class NotMessages3(Actor[A | Thawed]):  # E: actor-sealed "Thawed"
    initial: Behaviour[A | Thawed]


class SameClass(Actor[G[int] | G[str]]):  # E: actor-sealed "G"
    initial: Behaviour[G[int] | G[str]]


class OneOfAClass(Actor[A | G[int]]):
    initial: Behaviour[A | G[int]]


class Base(Message):
    number: int


class Derived(Base):
    """In the same module it is fine."""

    text: str = ""


class Family(Actor[Base | Derived]):
    initial: Behaviour[Base | Derived]
