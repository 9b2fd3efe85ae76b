# The facade for programs without an event loop has the same types, without await.
from typing import TypeAlias, assert_type

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    BlockingRef,
    BlockingSystem,
    ExitReason,
    Message,
    Request,
    Snapshot,
    blocking,
    on,
    props,
)


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Owner(Request[str]): ...


class Foreign(Message): ...


Msg: TypeAlias = Deposit | Withdraw


class Account(Actor[Msg]):
    def __init__(self, balance: int, *, owner: str = "") -> None: ...

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Withdraw)
    def withdraw(self, msg: Withdraw) -> int:
        return 0

    initial = deposit | withdraw


def account_of(owner: str) -> Account:
    return Account(0, owner=owner)


def take_str(value: str) -> None: ...


def use() -> None:
    with blocking(ActorSystem("bank")) as system:
        assert_type(system, BlockingSystem)
        account = system.spawn(Account, 100, owner="me")
        assert_type(account, BlockingRef[Msg])
        assert_type(system.spawn(props(Account, 100)), BlockingRef[Msg])
        assert_type(system.spawn(account_of, "me"), BlockingRef[Msg])
        assert_type(account.ref, ActorRef[Msg])
        assert_type(account.ask(Withdraw(1)), int)
        assert_type(account.ask(Withdraw(1), timeout=None), int)
        assert_type(account.tell(Deposit(1)), None)
        assert_type(account.send(Deposit(1)), None)
        assert_type(account.stopped(), ExitReason)
        assert_type(system.snapshot(), Snapshot)
        assert_type(system.drain(1.0), bool)
        account.started()
        account.stop(drain=True)
        narrow: BlockingRef[Deposit] = account
        spawned: BlockingRef[Deposit] = system.spawn(Account, 1)
        print(narrow, spawned)
        account.tell(Foreign())  # E
        account.send(Foreign())  # E
        account.ask(Deposit(1))  # E
        account.ask(Owner())  # E
        account.ask(Foreign())  # E
        take_str(account.ask(Withdraw(1)))  # E
        system.spawn(Account)  # E
        system.spawn(Account, "1")  # E
        system.spawn(Account, 1, nope=1)  # E
        system.spawn(account_of, 1)  # E
        system.spawn(int, 1)  # E
        system.spawn(props(Account, 1), 1)  # E
        wide: BlockingRef[Msg | Foreign] = account  # E
        wide_spawned: BlockingRef[Msg | Foreign] = system.spawn(Account, 1)  # E
        print(wide, wide_spawned)


async def wrong() -> None:
    blocking("bank")  # E
    blocking(ActorSystem("bank"), backend=3)  # E
    async with blocking(ActorSystem("bank")):  # E
        print("no")
