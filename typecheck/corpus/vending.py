"""A vending machine: coins, a choice, change; refusals are answers."""

from typing import TypeAlias

from airssys_rt import Actor, Message, Refused, Request, on


class Coin(Request[int]):
    cents: int


class Choose(Request[str]):
    slot: str


class GiveBack(Request[int]): ...


class Service(Message):
    on_duty: bool


VendingMsg: TypeAlias = Coin | Choose | GiveBack | Service


class Vending(Actor[VendingMsg]):
    def __init__(self, prices: dict[str, int]) -> None:
        self.prices = dict(prices)
        self.credit = 0

    @on(Coin)
    def coin(self, msg: Coin) -> int:
        if msg.cents not in (5, 10, 20, 50):
            raise Refused("unknown coin")
        self.credit += msg.cents
        self.become(self.paid)
        return self.credit

    @on(Choose)
    def pay_first(self, msg: Choose) -> str:
        if self.credit >= self.prices[msg.slot]:
            return self.sell(msg.slot)
        raise Refused({"price": self.prices[msg.slot]})

    @on(Choose)
    def choose(self, msg: Choose) -> str:
        price = self.prices.get(msg.slot)
        if price is None:
            raise Refused("empty slot")
        if self.credit < price:
            raise Refused({"missing": price - self.credit})
        return self.sell(msg.slot)

    def sell(self, slot: str) -> str:
        self.credit -= self.prices[slot]
        if not self.credit:
            self.become(self.initial)
        return slot

    @on(GiveBack)
    def give_back(self, msg: GiveBack) -> int:
        cents, self.credit = self.credit, 0
        self.become(self.initial)
        return cents

    @on(Service)
    def service(self, msg: Service) -> None:
        if msg.on_duty:
            self.become(self.closed)

    @on(Service)
    def end_service(self, msg: Service) -> None:
        if not msg.on_duty:
            self.become(self.initial)

    initial = coin | pay_first | give_back | service
    paid = coin | choose | give_back
    closed = end_service
    flow = (
        initial.to(paid, initial, closed),
        paid.to(paid, initial),
        closed.to(initial),
    )
