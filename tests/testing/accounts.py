"""The actors that the tests of the test tools test."""

from __future__ import annotations

from typing import TypeAlias

import anyio

from airssys_rt import (
    Actor,
    ActorRef,
    Down,
    Later,
    Message,
    Refused,
    ReplyTo,
    Request,
    on,
    on_enter,
    props,
)


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Freeze(Message): ...


class Thaw(Message): ...


AccountMsg: TypeAlias = Deposit | Withdraw | Freeze | Thaw


class Account(Actor[AccountMsg]):
    def __init__(self, balance: int = 0) -> None:
        self.balance = balance

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        self.balance += msg.amount

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        if msg.amount > self.balance:
            raise Refused("insufficient funds")
        self.balance -= msg.amount
        return self.balance

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None:
        self.become(self.frozen, push=True)

    @on(Thaw)
    def thaw(self, msg: Thaw) -> None:
        """Not frozen: nothing to do."""

    @on(Thaw)
    def unfreeze(self, msg: Thaw) -> None:
        self.unbecome()

    initial = deposit | withdraw | freeze | thaw
    frozen = unfreeze
    flow = (initial.push(frozen),)


# -- an actor that does everything that can be seen ------------------------------------------------


class Price(Request[int]):
    item: str


class Log(Message):
    text: str


OtherMsg: TypeAlias = Price | Log


class Other(Actor[OtherMsg]):
    @on(Price)
    def price(self, msg: Price) -> int:
        raise AssertionError("a stand-in runs no code of the actor's")

    @on(Log)
    def log_it(self, msg: Log) -> None:
        raise AssertionError("a stand-in runs no code of the actor's")

    initial = price | log_it


class Do(Message):
    """Do the thing of this name."""

    what: str


class Buy(Request[int]):
    """Ask the price, in the way of this name."""

    how: str


class Priced(Message):
    price: int


class NotPriced(Message):
    error: str


class Tick(Message):
    number: int = 0


ShopMsg: TypeAlias = Do | Buy | Priced | NotPriced | Tick | Down


class Shop(Actor[ShopMsg]):
    def __init__(self, other: ActorRef[OtherMsg]) -> None:
        self.other = other
        self.seen: list[object] = []
        self.child: ActorRef[OtherMsg] | None = None
        self.reply: ReplyTo[int] | None = None

    @on(Do)
    async def do(self, msg: Do) -> None:
        match msg.what:
            case "tell":
                self.other.tell(Log("told"))
            case "send":
                await self.other.send(Log("sent"))
            case "spawn":
                self.child = self.spawn(props(Other).named("helper"))
                self.child.tell(Log("hello"))
            case "monitor":
                self.monitor(self.other)
            case "link":
                self.link(self.other)
            case "unlink":
                self.unlink(self.other)
            case "stop other":
                self.other.stop()
            case "drain other":
                self.other.stop(drain=True)
            case "after":
                self.after(2.5, Tick(1))
                self.after(1, Tick(2), key="k")
                self.every(2, Tick(3))
                self.after(1.5, Log("late"), to=self.other)
            case "replace":
                self.after(3, Tick(4), key="k")
                self.cancel_timer("k")
            case "pipe":
                self.pipe(self.other.ask(Price("tea")), Priced, lambda e: NotPriced(str(e)))
            case "close":
                self.become(self.closed)
                self.state_timeout(10, Tick(9))
            case "next":
                self.next(Tick(7))
                self.next(Tick(8))
            case "sleep":
                await anyio.sleep(1)
            case "self":
                self.ref.tell(Tick(5))
            case "crash":
                raise ValueError("as told")
            case "answer":
                assert self.reply is not None
                self.reply.reply(42)
            case _:
                self.stop()

    @on(Buy)
    async def buy(self, msg: Buy) -> int | Later:
        if msg.how == "ask":
            return 2 * await self.other.ask(Price("tea"), timeout=5)
        if msg.how == "forward":
            return self.forward(self.other, Price("tea"))
        if msg.how == "defer":
            self.reply = self.defer(msg)
            return self.reply
        if msg.how == "crash":
            raise ValueError("as told")
        return self.stash()

    @on(Priced)
    def priced(self, msg: Priced) -> None:
        self.seen.append(msg)

    @on(NotPriced)
    def not_priced(self, msg: NotPriced) -> None:
        self.seen.append(msg)

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.seen.append((round(self.now(), 3), msg.number))

    @on(Tick)
    def open_again(self, msg: Tick) -> None:
        self.unstash_all()
        self.become(self.initial)

    @on(Down)
    def down(self, msg: Down) -> None:
        self.seen.append((msg.path, type(msg.reason).__name__))

    initial = do | buy | priced | not_priced | tick | down
    closed = open_again | buy

    @on_enter(closed)
    def shut(self) -> None:
        self.other.tell(Log("closed"))
