"""Publishes prices on a topic; three kinds of listeners."""

from typing import TypeAlias

from typing_extensions import override

from airssys_rt import Actor, ActorSystem, Message, Name, on


class Price(Message):
    stock: str
    cents: int


class Closed(Message): ...


MarketEvent: TypeAlias = Price | Closed
MARKET = Name[MarketEvent]("market")


class Quote(Message):
    stock: str
    cents: int


class Exchange(Actor[Quote]):
    @on(Quote)
    def quote(self, msg: Quote) -> None:
        self.system.topic(MARKET).publish(Price(msg.stock, msg.cents))

    initial = quote


class Ticker(Actor[MarketEvent]):
    def __init__(self) -> None:
        self.last: dict[str, int] = {}

    @override
    def pre_start(self) -> None:
        self.system.topic(MARKET).subscribe(self.ref)

    @on(Price)
    def price(self, msg: Price) -> None:
        self.last[msg.stock] = msg.cents

    @on(Closed)
    def closed(self, msg: Closed) -> None:
        self.stop()

    initial = price | closed


class Say(Message):
    text: str


class Board(Actor[Say]):
    @override
    def pre_start(self) -> None:
        topic = self.system.topic(MARKET)
        topic.subscribe(self.ref, via=lambda event: Say(type(event).__name__))

    @on(Say)
    def say(self, msg: Say) -> None:
        self.log.info(msg.text)

    initial = say


async def main() -> None:
    async with ActorSystem() as system:
        await system.spawn(Ticker).started()
        await system.spawn(Board).started()
        system.spawn(Exchange).tell(Quote("ACME", 4200))
        async with system.topic(MARKET).stream(buffer=10) as events:
            async for event in events:
                if isinstance(event, Closed):
                    break
