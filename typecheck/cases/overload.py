# A breaker and a limited ref take and answer what the ref behind them does.
from typing import TypeAlias, assert_type

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    Down,
    Message,
    Name,
    Request,
    breaker,
    limited,
    on,
)


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Foreign(Message): ...


class ForeignRequest(Request[bytes]): ...


class Watch(Message):
    account: ActorRef[Deposit]


Msg: TypeAlias = Deposit | Withdraw
BANK = Name[Msg]("bank")


class Account(Actor[Msg]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Withdraw)
    def withdraw(self, msg: Withdraw) -> int:
        return 0

    initial = deposit | withdraw


def take_msg(ref: ActorRef[Msg]) -> None: ...
def take_deposit(ref: ActorRef[Deposit]) -> None: ...
def take_foreign(ref: ActorRef[Foreign]) -> None: ...


async def guarded(system: ActorSystem) -> None:
    account = breaker(system.spawn(Account), failures=3, reset_after=1.5)
    assert_type(account, ActorRef[Msg])
    account.tell(Deposit(1))
    account.tell(Foreign())  # E
    await account.send(Deposit(1))
    await account.send(Foreign())  # E
    assert_type(await account.ask(Withdraw(1)), int)
    await account.ask(ForeignRequest())  # E
    await account.ask(Deposit(1))  # E
    take_msg(account)
    take_deposit(account)
    take_foreign(account)  # E

    slow = limited(account, rate=10)
    assert_type(slow, ActorRef[Msg])
    assert_type(await slow.ask(Withdraw(1), timeout=None), int)
    slow.tell(Foreign())  # E
    assert_type(limited(system.ref(BANK), rate=0.5, burst=2), ActorRef[Msg])
    only: ActorRef[Deposit] = breaker(limited(system.spawn(Account), rate=1))
    only.tell(Deposit(1))
    wrong: ActorRef[Foreign] = breaker(account)  # E
    take_foreign(wrong)


def arguments(account: ActorRef[Msg]) -> None:
    limited(account)  # E
    limited(account, 10)  # E
    limited(account, rate="10")  # E
    limited(account, rate=1, burst=1.5)  # E
    breaker(account, 5)  # E
    breaker(account, failures=2.5)  # E
    breaker(account, reset_after="soon")  # E
    breaker(Account)  # E
    limited("account", rate=1)  # E
    ActorSystem(max_actors=10, max_queued=None)
    ActorSystem(max_actors="ten")  # E
    ActorSystem(max_queued=1.5)  # E


class Watcher(Actor[Watch | Down]):
    @on(Watch)
    def watch(self, msg: Watch) -> None:
        self.monitor(breaker(msg.account))
        self.after(1.0, Deposit(1), to=limited(msg.account, rate=1))
        self.after(1.0, Foreign(), to=limited(msg.account, rate=1))  # E

    @on(Down)
    def down(self, msg: Down) -> None: ...

    initial = watch | down
