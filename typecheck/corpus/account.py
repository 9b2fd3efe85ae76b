"""A bank account that can be frozen: a pushed behaviour, a refusal on one path."""

from typing import TypeAlias

from airssys_rt import Actor, ActorSystem, Message, Refused, Request, on


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Balance(Request[int]): ...


class Freeze(Message):
    reason: str


class Thaw(Message): ...


AccountMsg: TypeAlias = Deposit | Withdraw | Balance | Freeze | Thaw


class Account(Actor[AccountMsg]):
    def __init__(self, balance: int = 0) -> None:
        self.balance = balance
        self.reason = ""

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        self.balance += msg.amount

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        if msg.amount > self.balance:
            raise Refused("insufficient funds")
        self.balance -= msg.amount
        return self.balance

    @on(Balance)
    def tell_balance(self, msg: Balance) -> int:
        return self.balance

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None:
        self.reason = msg.reason
        self.become(self.frozen, push=True)

    @on(Thaw)
    def thaw(self, msg: Thaw) -> None:
        """Not frozen: nothing to do."""

    @on(Thaw)
    def unfreeze(self, msg: Thaw) -> None:
        self.unbecome()

    initial = deposit | withdraw | tell_balance | freeze | thaw
    frozen = tell_balance | unfreeze
    flow = (initial.push(frozen),)


async def main() -> None:
    async with ActorSystem("bank") as system:
        account = system.spawn(Account, 100)
        account.tell(Deposit(5))
        left = await account.ask(Withdraw(20))
        account.tell(Freeze(f"{left} left"))
        print(await account.ask(Balance(), timeout=1.0))
