# Unions as `type` aliases: the same protocol, written with newer syntax.
from typing import assert_never, assert_type, override

from airssys_rt import (
    Accepts,
    Actor,
    ActorRef,
    ActorSystem,
    Behaviour,
    Down,
    Later,
    Message,
    Name,
    Props,
    ReplyTo,
    Request,
    on,
    props,
)


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Freeze(Message): ...


class Thaw(Message): ...


class Foreign(Message): ...


class ForeignRequest(Request[int]): ...


class _Tick(Message): ...


type Public = Deposit | Withdraw
type Msg = Public | Freeze | Thaw | _Tick
BANK = Name[Public]("bank")
FOREIGN = Name[Public | Foreign]("foreign")


class Account(Actor[Msg]):
    def __init__(self, balance: int = 0) -> None:
        self.balance = balance
        self.waiting: list[ReplyTo[int]] = []

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        self.balance += msg.amount

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int | Later:
        if msg.amount:
            reply = self.defer(msg)
            assert_type(reply, ReplyTo[int])
            self.waiting.append(reply)
            return reply
        return self.balance

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None:
        self.become(self.frozen, push=True)
        self.become(self.foreign)  # E
        self.after(1.0, _Tick())
        self.after(1.0, Foreign())  # E
        self.next(Thaw())
        self.next(Foreign())  # E
        self.monitor(self.ref)  # E
        self.monitor(self.ref, via=lambda down: _Tick())
        self.pipe(self.ref.ask(Withdraw(1)), Deposit, lambda error: Freeze())
        self.pipe(self.ref.ask(Withdraw(1)), Foreign, lambda error: Freeze())  # E

    @on(Thaw)
    def thaw(self, msg: Thaw) -> None:
        """Not frozen: nothing to do."""

    @on(Thaw)
    def unfreeze(self, msg: Thaw) -> None:
        self.unbecome()

    @on(_Tick)
    async def tick(self, msg: _Tick) -> None: ...

    @on(Foreign)
    def foreign(self, msg: Foreign) -> None: ...

    @on(Withdraw)  # E
    def wrong_reply(self, msg: Withdraw) -> str:
        return ""

    @on(Withdraw)  # E
    async def wrong_reply_later(self, msg: Withdraw) -> str:
        return ""

    initial = deposit | withdraw | freeze | thaw | tick
    frozen = unfreeze
    flow = (initial.push(frozen),)


class Missing(Actor[Msg]):
    initial = Account.deposit | Account.withdraw | Account.freeze | Account.thaw  # E


class Extra(Actor[Public]):
    initial = Account.deposit | Account.withdraw | Account.foreign  # E


class Watcher(Actor[Public | Down]):
    @on(Down)
    def down(self, msg: Down) -> None:
        self.monitor(msg.ref)

    initial = Account.deposit | Account.withdraw | down
    part: Accepts[Public] = Account.deposit
    whole: Behaviour[Public] = Account.deposit | Account.withdraw


class Savings(Account):
    @on(Deposit)
    @override
    def deposit(self, msg: Deposit) -> None:
        super().deposit(msg)


def open_account(system: ActorSystem) -> ActorRef[Public]:
    return system.spawn(Account, 100)


def recipe() -> Props[Public]:
    return props(Account, 100).named(BANK)


async def use(system: ActorSystem, wide: ActorRef[Msg], public: ActorRef[Public]) -> None:
    account = system.spawn(Account, 100)
    assert_type(account, ActorRef[Msg])
    assert_type(await account.ask(Withdraw(1)), int)
    assert_type(system.ref(BANK), ActorRef[Public])
    account.tell(_Tick())
    account.tell(Foreign())  # E
    await account.send(Foreign())  # E
    await account.ask(ForeignRequest())  # E
    await account.ask(Deposit(1))  # E
    account.ask(Withdraw(1))  # E
    narrow: ActorRef[Public] = wide
    narrow_spawned: ActorRef[Public] = system.spawn(Account, 100)
    wrong: ActorRef[Msg] = public  # E
    print(narrow, narrow_spawned, wrong)
    open_account(system).tell(_Tick())  # E
    system.spawn(Account, "100")  # E
    system.spawn(recipe()).tell(Deposit(1))
    system.spawn(recipe()).tell(_Tick())  # E
    props(Account, "100")  # E
    props(Account).named(FOREIGN)  # E


def full(msg: Msg) -> int:
    match msg:
        case Deposit(amount) | Withdraw(amount):
            return amount
        case Freeze() | Thaw() | _Tick():
            return 0
        case _:
            assert_never(msg)


def part(msg: Msg) -> int:
    match msg:
        case Deposit(amount) | Withdraw(amount):
            return amount
        case Freeze() | _Tick():
            return 0
        case _:
            assert_never(msg)  # E


class Subscribe(Message):
    who: "ActorRef[HubMsg]"


class Publish(Message):
    text: str


type HubMsg = Subscribe | Publish


class Hub(Actor[HubMsg]):
    @on(Subscribe)
    def subscribe(self, msg: Subscribe) -> None:
        msg.who.tell(Publish("hello"))
        msg.who.tell("hello")  # E

    @on(Publish)
    def publish(self, msg: Publish) -> None: ...

    initial = subscribe | publish
