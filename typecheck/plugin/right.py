# Right programs: the plugin is silent about all of this.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, ClassVar, Final, Literal, NamedTuple, NewType, Optional, TypeAlias, TypedDict, Union
from uuid import UUID

import msgspec

from airssys_rt import Accepts, Actor, ActorRef, Behaviour, Later, Message, Request, on, on_enter


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Freeze(Message): ...


class Thaw(Message): ...


Money: TypeAlias = Deposit | Withdraw
OldStyle = Union[Money, Freeze, Optional[Thaw]]


class Account(Actor["AccountMsg"]):
    """The alias of its union is defined below."""

    def __init__(self, balance: int = 0) -> None:
        self.balance = balance

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        self.balance += msg.amount
        self.unstash_all()

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int | Later:
        if msg.amount > self.balance:
            return self.stash()
        return self.balance

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None:
        self.become(self.frozen, push=True)

    @on(Thaw)
    def thaw(self, msg: Thaw) -> None: ...

    @on(Thaw)
    def unfreeze(self, msg: Thaw) -> None:
        self.unbecome()

    money = deposit | withdraw
    initial = money | freeze | thaw
    frozen = unfreeze | withdraw
    flow = (initial.push(frozen),)

    @on_enter(frozen)
    def entered(self) -> None: ...


AccountMsg: TypeAlias = Money | Freeze | Thaw


class Single(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit


class Annotated_(Actor[Union[Deposit, Union[Freeze, Thaw]]]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None: ...

    @on(Thaw)
    def thaw(self, msg: Thaw) -> None: ...

    cold: Accepts[Freeze | Thaw] = freeze
    initial: Behaviour[Deposit | Freeze | Thaw] = deposit | freeze | thaw

    def pre_start(self) -> None:
        self.become(self.cold)


class Changing(Actor[Deposit | Freeze | Thaw]):
    """Without `flow` everything may become everything."""

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Deposit)
    def hold(self, msg: Deposit) -> None: ...

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None:
        self.become(self.holding)

    @on(Thaw)
    def thaw(self, msg: Thaw) -> None:
        self.become(self.initial)

    initial = deposit | freeze | thaw
    holding = initial.replace(hold)


class Colour(Enum):
    RED = 1


class Point(NamedTuple):
    x: int
    y: int


class Style(TypedDict):
    name: str


Key = NewType("Key", int)


class Inner(msgspec.Struct, frozen=True):
    number: int


class Tree(Message):
    """A message may hold messages, also its own kind."""

    children: tuple[Tree, ...] = ()
    later: Later_ | None = None


class Later_(Message):
    text: str


class Fields(Message):
    number: int
    text: str = ""
    share: float = 0.5
    raw: bytes = b""
    yes: bool = True
    none: None = None
    colour: Colour = Colour.RED
    point: Point = Point(0, 0)
    key: Key = Key(1)
    inner: Inner = Inner(1)
    when: datetime | None = None
    much: Decimal = Decimal(0)
    who: UUID | None = None
    few: tuple[int, ...] = ()
    pair: tuple[int, str] = (1, "")
    some: frozenset[str] = frozenset()
    words: Sequence[str] = ()
    table: Mapping[str, int] = msgspec.field(default_factory=dict)
    which: Literal["a", "b"] = "a"
    limited: Annotated[int, msgspec.Meta(ge=0)] = 0
    kind: ClassVar[str] = "fields"


class Taken(Actor[Fields | Tree | Later_]):
    @on(Fields)
    def fields(self, msg: Fields) -> None: ...

    @on(Tree)
    def tree(self, msg: Tree) -> None: ...

    @on(Later_)
    def later(self, msg: Later_) -> None: ...

    initial = fields | tree | later


async def use(ref: ActorRef[AccountMsg]) -> None:
    ref.tell(Deposit(1))
    print(await ref.ask(Withdraw(1)))
