# Ways to write a union: private members, matching to the end, recursion, the older alias.
from typing import TypeAlias, Union, assert_never, assert_type

from airssys_rt import Actor, ActorRef, ActorSystem, Message, Request, on


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class _Tick(Message): ...


Public = Deposit | Withdraw
Msg = Public | _Tick


class Account(Actor[Msg]):
    def __init__(self) -> None:
        self.every(1.0, _Tick())

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        return 0

    @on(_Tick)
    def tick(self, msg: _Tick) -> None:
        self.ref.tell(_Tick())

    initial = deposit | withdraw | tick


def open_account(system: ActorSystem) -> ActorRef[Public]:
    ref: ActorRef[Public] = system.spawn(Account)
    ref.tell(_Tick())  # E[mypy,pyrefly] the others narrow a variable to what is assigned
    return ref


async def use(system: ActorSystem, public: ActorRef[Public]) -> None:
    assert_type(await open_account(system).ask(Withdraw(1)), int)
    open_account(system).tell(Deposit(1))
    open_account(system).tell(_Tick())  # E
    private: ActorRef[Msg] = public  # E
    print(private)


def full(msg: Msg) -> int:
    match msg:
        case Deposit(amount) | Withdraw(amount):
            return amount
        case _Tick():
            return 0
        case _:
            assert_never(msg)


def part(msg: Msg) -> int:
    match msg:
        case Deposit(amount) | Withdraw(amount):
            return amount
        case _:
            assert_never(msg)  # E


def part_by_class(msg: Public) -> int:
    if isinstance(msg, Deposit):
        return msg.amount
    assert_never(msg)  # E


class Subscribe(Message):
    who: "ActorRef[TopicMsg]"


class Publish(Message):
    text: str


TopicMsg: TypeAlias = "Subscribe | Publish"


class Hub(Actor[TopicMsg]):
    def __init__(self) -> None:
        self.members: list[ActorRef[TopicMsg]] = []

    @on(Subscribe)
    def subscribe(self, msg: Subscribe) -> None:
        self.members.append(msg.who)
        self.members.append(msg)  # E

    @on(Publish)
    def publish(self, msg: Publish) -> None:
        for member in self.members:
            member.tell(msg)
            member.tell(msg.text)  # E

    initial = subscribe | publish


Older = Union[Deposit, Withdraw]
Annotated: TypeAlias = Union[Older, _Tick]


class OldStyle(Actor[Annotated]):
    initial = Account.initial


class OldStyleMissing(Actor[Annotated]):
    initial = Account.deposit | Account.withdraw  # E


class Inline(Actor[Deposit | Withdraw]):
    initial = Account.deposit | Account.withdraw


class InlineInAnotherOrder(Actor[Deposit | Withdraw]):
    initial = Account.withdraw | Account.deposit


def hubs(system: ActorSystem) -> None:
    hub = system.spawn(Hub)
    assert_type(hub, ActorRef[TopicMsg])
    hub.tell(Subscribe(hub))
    hub.tell(Subscribe(system.spawn(Hub)))
    hub.tell(Subscribe(system.spawn(Inline)))  # E
    publisher: ActorRef[Publish] = hub
    publisher.tell(Publish("x"))
    assert_type(system.spawn(OldStyle), ActorRef[Deposit | Withdraw | _Tick])


class NotAMessage: ...


class Foreign(Actor[Deposit | NotAMessage]):
    """Checkers do not bound the union; the class is refused when it is defined."""

    initial = Account.deposit  # E


def no_union_of_refs(ref: ActorRef[Deposit] | ActorRef[Withdraw]) -> None:
    ref.tell(Deposit(1))  # E
