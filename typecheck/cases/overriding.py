# Subclasses of actors: handlers overridden, super(), more behaviours.
from typing import TypeAlias, assert_type

from typing_extensions import override

from airssys_rt import Actor, ActorSystem, Later, Message, Request, on


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Close(Message): ...


Msg: TypeAlias = Deposit | Withdraw | Close


class Account(Actor[Msg]):
    def __init__(self, balance: int = 0) -> None:
        self.balance = balance

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        self.balance += msg.amount

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        return self.balance

    @on(Close)
    def close(self, msg: Close) -> None: ...

    initial = deposit | withdraw | close


class Savings(Account):
    @on(Deposit)
    @override
    def deposit(self, msg: Deposit) -> None:
        assert_type(super().deposit(msg), None)
        super().deposit(Deposit(1))
        super().deposit(Withdraw(1))  # E
        super().deposit()  # E
        self.become(self.locked)

    @on(Withdraw)
    @override
    async def withdraw(self, msg: Withdraw) -> int:
        assert_type(await super().withdraw(msg), int)
        left: str = await super().withdraw(msg)  # E
        print(left)
        super().withdraw(msg)  # E
        return await super().withdraw(msg)

    @on(Close)
    def reopen(self, msg: Close) -> None: ...

    locked = Account.deposit | reopen


class Deferring(Account):
    @on(Withdraw)
    @override
    async def withdraw(self, msg: Withdraw) -> int | Later:
        return self.stash()


class Wrong(Account):
    @on(Withdraw)  # E
    async def withdraw_text(self, msg: Withdraw) -> str:
        return ""

    @on(Withdraw)
    @override
    def withdraw(self, msg: Withdraw) -> int:  # E callers of the base's handler await it
        return 0


class Fewer(Account):
    initial = Account.deposit | Account.withdraw  # E[mypy,ty,pyrefly] pyright looks no further than to Account


class Verbs(Account):
    def tell_all(self) -> None: ...

    @override
    def become(self) -> None: ...  # E

    @override
    def spawn(self, what: int) -> int:  # E
        return what


def use(system: ActorSystem) -> None:
    savings = system.spawn(Savings, 3)
    savings.tell(Deposit(1))
    savings.tell(3)  # E
    system.spawn(Savings, "3")  # E
    made = Savings(3)
    assert_type(made.balance, int)
    assert_type(made.deposit(Deposit(1)), None)
    Savings("3")  # E
    Savings(3, 4)  # E
