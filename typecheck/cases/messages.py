# Messages are frozen dataclass-like Structs; a request names its reply type.
from typing import Annotated, Generic, TypeVar, assert_type

import msgspec

from airssys_rt import ActorRef, Message, Request

T = TypeVar("T")


class Point(Message):
    x: int
    y: int = 0


class Tagged(Message, tag="label", kw_only=True):
    text: str
    sizes: tuple[int, ...] = ()


class Mixed(Message):
    amount: int
    note: str = msgspec.field(default="", name="n")
    many: list[str] = msgspec.field(default_factory=list[str])


class Get(Request[int]):
    key: str


class Lookup(Request[T | None], Generic[T]):
    key: str
    default: T


class Tell(Message, Generic[T]):
    value: T


class Hello(Message):
    who: "ActorRef[Point]"


class Limited(Message):
    percent: Annotated[int, msgspec.Meta(ge=0, le=100)]


class Farther(Point):
    z: int = 0


class Empty(Message): ...


def right() -> None:
    assert_type(Point(1), Point)
    assert_type(Point(1, 2).y, int)
    assert_type(Point(x=1, y=2).x, int)
    assert_type(Tagged(text="a", sizes=(1, 2)).sizes, tuple[int, ...])
    assert_type(Mixed(1, "x", ["y"]).many, list[str])
    assert_type(Get("k").key, str)
    assert_type(Tell(3), Tell[int])
    assert_type(Tell("x").value, str)
    assert_type(Lookup("k", 3), Lookup[int])
    assert_type(Limited(3).percent, int)
    assert_type(Farther(1, 2, 3).z, int)
    assert_type(Empty(), Empty)


def wrong_constructor_arguments() -> None:
    Point()  # E
    Point("1")  # E
    Point(1, 2, 3)  # E
    Point(1, z=2)  # E
    Point(y=2)  # E
    Tagged("a")  # E
    Tagged()  # E
    Tagged(text=1)  # E
    Mixed(1, 2)  # E
    Mixed(1, many=[1])  # E
    Get(3)  # E
    Get()  # E
    Farther(1, 2, "3")  # E
    Empty(1)  # E
    Tell[int]("x")  # E


def wrong_assignments(point: Point, label: Tagged, get: Get, tell: Tell[int]) -> None:
    point.x = 3  # E
    point.x += 1  # E
    label.text = "b"  # E
    get.key = "other"  # E
    tell.value = 3  # E
    del point.y  # E[pyright,ty,pyrefly] mypy knows no deletion of frozen fields
    point.z = 3  # E[mypy,pyright,ty] pyrefly takes any new attribute of a frozen dataclass


def wrong_reads(point: Point, get: Get) -> None:
    point.z  # E
    get.reply  # E


def positions(point: Point) -> int:
    match point:
        case Point(x=0, y=y):
            return y
        case Point(x, y):
            return x + y
