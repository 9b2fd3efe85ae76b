"""Asks many, answers once with the best offer: asks in pipes, one reply kept meanwhile."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Later, Message, Refused, ReplyTo, Request, on


class Offer(Request[int]):
    item: str


class Dealer(Actor[Offer]):
    def __init__(self, price: int) -> None:
        self.price = price

    @on(Offer)
    async def offer(self, msg: Offer) -> int:
        if not msg.item:
            raise Refused("what?")
        return self.price + len(msg.item)

    initial = offer


class Best(Request[int]):
    item: str


class _Offered(Message):
    round: int
    price: int


class _NoOffer(Message):
    round: int
    why: str


BuyerMsg: TypeAlias = Best | _Offered | _NoOffer


class Buyer(Actor[BuyerMsg]):
    def __init__(self, dealers: tuple[ActorRef[Offer], ...]) -> None:
        self.dealers = dealers
        self.round = 0
        self.open: dict[int, ReplyTo[int]] = {}
        self.prices: dict[int, list[int]] = {}
        self.missing: dict[int, int] = {}

    @on(Best)
    def best(self, msg: Best) -> Later:
        self.round += 1
        now = self.round
        reply = self.defer(msg)
        self.open[now] = reply
        self.prices[now] = []
        self.missing[now] = len(self.dealers)
        for dealer in self.dealers:
            self.pipe(
                dealer.ask(Offer(msg.item), timeout=1.0),
                lambda price: _Offered(now, price),
                lambda error: _NoOffer(now, str(error)),
            )
        return reply

    @on(_Offered)
    def offered(self, msg: _Offered) -> None:
        self.prices[msg.round].append(msg.price)
        self.one_less(msg.round)

    @on(_NoOffer)
    def no_offer(self, msg: _NoOffer) -> None:
        self.log.info("no offer: %s", msg.why)
        self.one_less(msg.round)

    def one_less(self, now: int) -> None:
        self.missing[now] -= 1
        if self.missing[now]:
            return
        reply, prices = self.open.pop(now), self.prices.pop(now)
        if prices:
            reply.reply(min(prices))
        else:
            reply.fail(LookupError("nobody has it"))

    initial = best | offered | no_offer
