"""What the shop's actors say to each other."""

from collections.abc import Mapping
from typing import TypeAlias

from airssys_rt import ActorRef, Message, Name, Request


class Line(Message):
    sku: str
    pieces: int


class Reserve(Request[bool]):
    lines: tuple[Line, ...]


class Restock(Message):
    line: Line


class Levels(Request[Mapping[str, int]]): ...


StockMsg: TypeAlias = Reserve | Restock | Levels
STOCK = Name[StockMsg]("stock")


class Shipped(Message):
    order: int


class Order(Request[int]):
    lines: tuple[Line, ...]
    customer: ActorRef[Shipped]


class Ship(Message):
    order: int


class Open(Request[int]): ...


CheckoutMsg: TypeAlias = Order | Ship | Open
