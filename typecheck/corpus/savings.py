"""Inherits handlers, overrides one, adds a message and calls what it overrides."""

from typing import TypeAlias

from typing_extensions import override

from airssys_rt import Actor, Message, Refused, Request, on


class Deposit(Message):
    cents: int


class Withdraw(Request[int]):
    cents: int


AccountMsg: TypeAlias = Deposit | Withdraw


class Account(Actor[AccountMsg]):
    def __init__(self, cents: int = 0) -> None:
        self.cents = cents

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        self.cents += msg.cents

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        if msg.cents > self.cents:
            raise Refused(self.cents)
        self.cents -= msg.cents
        return self.cents

    initial = deposit | withdraw


class Limited(Account):
    """The same protocol, with another rule."""

    limit = 1_000

    @on(Withdraw)
    @override
    async def withdraw(self, msg: Withdraw) -> int:
        if msg.cents > self.limit:
            raise Refused("above the limit")
        return await super().withdraw(msg)


class AddInterest(Message):
    percent: int


SavingsMsg: TypeAlias = AccountMsg | AddInterest


class Savings(Actor[SavingsMsg]):
    """Composes: it has an account, and a larger protocol."""

    def __init__(self) -> None:
        self.account = self.spawn(Limited, 100)
        self.deposits = 0

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        self.deposits += msg.cents
        self.account.tell(msg)

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        return await self.account.ask(msg, timeout=1.0)

    @on(AddInterest)
    def interest(self, msg: AddInterest) -> None:
        self.account.tell(Deposit(self.deposits * msg.percent // 100))

    initial = deposit | withdraw | interest
