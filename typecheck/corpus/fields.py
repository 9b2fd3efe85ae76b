"""Messages with every kind of field that is fine."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Literal, NamedTuple, NewType, TypeAlias
from uuid import UUID

import msgspec

from airssys_rt import Actor, ActorRef, AnyRef, Message, ReplyTo, Request, on

UserId = NewType("UserId", int)
Percent: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Point(NamedTuple):
    x: float
    y: float


@dataclass(frozen=True)
class Address:
    street: str
    lines: tuple[str, ...] = ()


class Inner(msgspec.Struct, frozen=True):
    numbers: tuple[int, ...]
    address: Address | None = None


class Scalars(Message):
    yes: bool
    count: int
    ratio: float
    text: str
    data: bytes
    nothing: None
    money: Decimal
    key: UUID
    at: datetime
    day: date
    hour: time
    lasting: timedelta


class Shapes(Message):
    colour: Colour
    level: Level
    mode: Literal["r", "w"]
    user: UserId
    share: Percent
    short: Annotated[str, msgspec.Meta(max_length=3)]
    point: Point
    inner: Inner
    address: Address
    raw: msgspec.Raw
    maybe: int | None = None


class Collections(Message):
    pair: tuple[int, str]
    many: tuple[Inner, ...]
    unique: frozenset[str]
    table: Mapping[str, int]
    row: Sequence[int]
    chosen: AbstractSet[str] = frozenset()
    nested: Mapping[str, tuple[Point, ...]] = msgspec.field(default_factory=dict[str, tuple[Point, ...]])


class Refs(Message):
    to: ActorRef[Scalars]
    some: AnyRef
    answer: ReplyTo[int]
    label: str = msgspec.field(default="", name="l")


class Renamed(Message, tag="renamed", kw_only=True, rename="camel"):
    first_name: str
    last_name: str = ""


class Sum(Request[Decimal]):
    parts: tuple[Decimal, ...]


FieldsMsg: TypeAlias = Scalars | Shapes | Collections | Refs | Renamed | Sum


class Fields(Actor[FieldsMsg]):
    def __init__(self) -> None:
        self.seen = 0

    @on(Scalars)
    def scalars(self, msg: Scalars) -> None:
        self.seen += msg.count

    @on(Shapes)
    def shapes(self, msg: Shapes) -> None:
        self.seen += msg.level

    @on(Collections)
    def collections(self, msg: Collections) -> None:
        self.seen += len(msg.many) + sum(msg.row)

    @on(Refs)
    def refs(self, msg: Refs) -> None:
        msg.answer.reply(self.seen)

    @on(Renamed)
    def renamed(self, msg: Renamed) -> None:
        self.log.info("%s %s", msg.first_name, msg.last_name)

    @on(Sum)
    def sum(self, msg: Sum) -> Decimal:
        return sum(msg.parts, Decimal(0))

    initial = scalars | shapes | collections | refs | renamed | sum
