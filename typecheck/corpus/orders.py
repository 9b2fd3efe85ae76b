"""Orders with identities, money and states, taken apart by `match` to the end."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Literal, TypeAlias, assert_never
from uuid import UUID

from airssys_rt import Actor, Message, Refused, Request, on


class State(Enum):
    NEW = "new"
    PAID = "paid"
    SENT = "sent"


class Item(Message):
    sku: str
    price: Decimal
    pieces: int = 1


class Place(Request[UUID]):
    order: UUID
    items: tuple[Item, ...]
    at: datetime


class Pay(Request[Literal["paid", "already_paid"]]):
    order: UUID
    amount: Decimal


class Send(Message):
    order: UUID


OrdersMsg: TypeAlias = Place | Pay | Send


class Orders(Actor[OrdersMsg]):
    def __init__(self) -> None:
        self.states: dict[UUID, State] = {}
        self.totals: dict[UUID, Decimal] = {}

    @on(Place)
    def place(self, msg: Place) -> UUID:
        if not msg.items:
            raise Refused("an order has items")
        self.states[msg.order] = State.NEW
        self.totals[msg.order] = sum((i.price * i.pieces for i in msg.items), Decimal(0))
        return msg.order

    @on(Pay)
    def pay(self, msg: Pay) -> Literal["paid", "already_paid"]:
        match self.states[msg.order]:
            case State.NEW:
                if msg.amount != self.totals[msg.order]:
                    raise Refused({"due": str(self.totals[msg.order])})
                self.states[msg.order] = State.PAID
                return "paid"
            case State.PAID | State.SENT:
                return "already_paid"

    @on(Send)
    def send(self, msg: Send) -> None:
        if self.states.get(msg.order) is State.PAID:
            self.states[msg.order] = State.SENT

    initial = place | pay | send


def describe(msg: OrdersMsg) -> str:
    match msg:
        case Place(order=order):
            return f"place {order}"
        case Pay(order=order, amount=amount):
            return f"pay {amount} for {order}"
        case Send(order):
            return f"send {order}"
        case _:
            assert_never(msg)
