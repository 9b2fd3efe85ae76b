"""Asks without blocking itself: a pipe whose messages carry the right to reply."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Later, Message, ReplyTo, Request, on


class Price(Request[int]):
    item: str


class Shop(Actor[Price]):
    def __init__(self) -> None:
        self.prices = {"apple": 3, "pear": 4}

    @on(Price)
    def price(self, msg: Price) -> int:
        return self.prices[msg.item]

    initial = price


class Quote(Request[int]):
    item: str


class UnderWay(Request[int]): ...


class _Got(Message):
    price: int
    to: ReplyTo[int]


class _Failed(Message):
    error: object
    to: ReplyTo[int]


BrokerPublic: TypeAlias = Quote | UnderWay
BrokerMsg: TypeAlias = BrokerPublic | _Got | _Failed


class Broker(Actor[BrokerMsg]):
    def __init__(self, shop: ActorRef[Price], margin: int) -> None:
        self.shop = shop
        self.margin = margin
        self.under_way = 0

    @on(Quote)
    def quote(self, msg: Quote) -> int | Later:
        self.under_way += 1
        to = self.defer(msg)
        self.pipe(
            self.shop.ask(Price(msg.item)),
            lambda price: _Got(price, to),
            lambda error: _Failed(error, to),
        )
        return to

    @on(UnderWay)
    def count(self, msg: UnderWay) -> int:
        return self.under_way

    @on(_Got)
    def got(self, msg: _Got) -> None:
        self.under_way -= 1
        msg.to.reply(msg.price + self.margin)

    @on(_Failed)
    def failed(self, msg: _Failed) -> None:
        self.under_way -= 1
        msg.to.fail(LookupError(str(msg.error)))

    initial = quote | count | got | failed
