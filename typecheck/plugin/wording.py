# A message that its receiver does not take: the error names what would fit, and says how to mend.
from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar, assert_type, overload

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    Down,
    Group,
    Later,
    Message,
    Request,
    Topic,
    blocking,
    on,
)
from airssys_rt.core import signals

T = TypeVar("T")
M = TypeVar("M", bound=Message)


class Deposit(Message):
    amount: int


class Close(Message): ...


class Withdraw(Request[int]):
    amount: int


class Owner(Request[str | None]): ...


class Rename(Request[None]):
    name: str


class Freeze(Message):
    reason: str
    days: int


Small: TypeAlias = Deposit | Close | Withdraw
Msg: TypeAlias = Deposit | Close | Withdraw | Owner | Rename | Freeze


class Foreign(Message): ...


class ForeignRequest(Request[bytes]): ...


class Deposits(Message):
    amounts: tuple[int, ...]


class Halt(Message):
    reason: str
    days: int


class Take(Request[int]): ...


class SmallDeposit(Deposit): ...


class Box(Request[T], Generic[T]):
    inside: T


def any_message() -> Any: ...
def make(kind: type[T]) -> T:
    raise NotImplementedError


# ---------------------------------------------------------------- wrong


def telling(ref: ActorRef[Small], wide: ActorRef[Msg], only: ActorRef[Close]) -> None:
    ref.tell(Foreign())  # E: arg-type "This ref does not take "
    ref.tell_from_thread(Foreign())  # E: arg-type "add "
    only.tell(Foreign())  # E: arg-type " only; send "
    wide.tell(Deposits((1,)))  # E: arg-type "nearest to that it takes "
    wide.tell(Halt("x", 1))  # E: arg-type "nearest to that it takes "
    wide.tell(Take())  # E: arg-type "nearest to that it takes "
    wide.tell(Foreign())  # E: arg-type " and 3 more; send one of these, or add "
    ref.tell(Deposit)  # E: arg-type " is a class; make one: Deposit(...)"
    ref.tell(Close)  # E: arg-type " is a class; make one: Close()"
    ref.tell(Foreign)  # E: arg-type "does not take the class "
    ref.tell(3)  # E: arg-type "send one of these"
    ref.tell(None)  # E: arg-type "does not take None; it takes "
    ref.tell(
        Foreign(),  # E: arg-type "This ref does not take "
    )


def maybe(ref: ActorRef[Small], one: Deposit | None, mixed: Deposit | Foreign) -> None:
    ref.tell(one)  # E: arg-type "check for None first"
    ref.tell(mixed)  # E: arg-type "narrow it first, with isinstance or match"


def too_wide(ref: ActorRef[Small], msg: Message) -> None:
    ref.tell(msg)  # E: arg-type "narrow it first, with isinstance or match"


def a_namesake(ref: ActorRef[signals.Started | Close], down: Down) -> None:
    class Started(Message): ...

    ref.tell(Started())  # E: arg-type "import Started from airssys_rt.core.signals"
    ref.tell(down)  # E: arg-type


async def awaiting(ref: ActorRef[Small], store: ActorRef[Box[Deposit]]) -> None:
    ref.tell(store.ask(Box(Deposit(1))))  # E: arg-type "await it first"
    ref.tell(await store.ask(Box(Deposit(1))))


async def asking(ref: ActorRef[Small], wide: ActorRef[Msg], told: ActorRef[Close]) -> None:
    await ref.send(Foreign())  # E: arg-type "This ref does not take "
    await ref.ask(Deposit(1))  # E: arg-type "without a reply, so it cannot be asked; tell it"
    await ref.ask(ForeignRequest())  # E: arg-type "; it answers "
    await ref.ask(Withdraw)  # E: arg-type "make one: Withdraw(...)"
    await wide.ask(Foreign())  # E: arg-type "it answers "
    await told.ask(Owner())  # E: arg-type "it answers no request, and takes "
    size: bytes = await ref.ask(ForeignRequest())  # E: arg-type
    text: str = await ref.ask(Deposit(1))  # E: arg-type
    (await ref.ask(Take())).bit_length()  # E: arg-type
    print(size, text)


def elsewhere(topic: Topic[Deposit], group: Group[Small]) -> None:
    topic.publish(Foreign())  # E: arg-type "This topic does not take "
    group.broadcast(Foreign())  # E: arg-type "This group does not take "
    with blocking(ActorSystem("bank")) as system:
        ref = system.spawn(Clerk, topic, group)
        ref.tell(Foreign())  # E: arg-type "This ref does not take "
        ref.ask(Deposit(1))  # E: arg-type "cannot be asked"
        assert_type(ref.ask(Withdraw(1)), int)


class Clerk(Actor[Small]):
    def __init__(self, topic: Topic[Deposit], group: Group[Small]) -> None:
        self.next(Foreign())  # E: arg-type "does not take "
        self.next(Close)  # E: arg-type "make one: Close()"
        self.next(self.deposit)  # E: arg-type "not handlers; make one: Deposit(...)"
        self.next(SmallDeposit(1))  # E: actor-sealed "dispatch by the exact class"
        self.next(Deposit(1))
        self.ref.tell(Foreign())  # E: arg-type
        self.spawn(Clerk, topic, group).tell(Foreign())  # E: arg-type
        self.adapter(closed).tell(3)  # E: arg-type "it takes "
        self.adapter(closed).tell("x")

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        self.next(msg)

    @on(Close)
    def close(self, msg: Close) -> None: ...

    @on(Withdraw)
    def withdraw(self, msg: Withdraw) -> int | Later:
        if msg.amount:
            return self.forward(self.ref, msg)
        return self.forward(self.other(), msg)  # E: misc "This ref does not take "

    def other(self) -> ActorRef[Owner]:
        raise NotImplementedError

    initial = deposit | close | withdraw


def closed(text: str) -> Close:
    return Close()


# ---------------------------------------------------------------- a subclass of a member


def exact(ref: ActorRef[Small], either: ActorRef[Deposit | SmallDeposit]) -> None:
    ref.tell(SmallDeposit(1))  # E: actor-sealed "dispatch by the exact class"
    either.tell(SmallDeposit(1))
    either.tell(Deposit(1))


# ---------------------------------------------------------------- right: as without the plugin


Boxes: TypeAlias = Box[int] | Close


async def right(ref: ActorRef[Msg], small: ActorRef[Small], boxes: ActorRef[Boxes]) -> None:
    ref.tell(Deposit(1))
    ref.tell(any_message())
    ref.tell(make(Deposit))
    either = Deposit(1) if small.name else Close()
    ref.tell(either)
    ref.tell(msg := Deposit(2))
    assert_type(msg, Deposit)
    await ref.send(Withdraw(1))
    assert_type(await ref.ask(Withdraw(1)), int)
    assert_type(await ref.ask(Owner()), str | None)
    assert_type(await ref.ask(Rename("x"), timeout=None), None)
    assert_type(await ref.ask(make(Withdraw)), int)
    assert_type(await boxes.ask(Box(1)), int)
    boxes.tell(Box(1))
    assert_type(await ref.ask(any_message()), Any)
    amount: int | str = await ref.ask(Withdraw(await ref.ask(Withdraw(1))))
    print(amount)
    messages: tuple[Deposit] = (Deposit(1),)
    ref.tell(*messages)
    send: Callable[[Deposit], None] = ref.tell
    send(Deposit(1))
    for one in (Deposit(1), Close()):
        ref.tell(one)


def generic(ref: ActorRef[M], msg: M, refs: list[ActorRef[M]]) -> None:
    ref.tell(msg)
    for one in refs:
        one.tell(msg)


def of_anything(ref: ActorRef[object], untyped: ActorRef[Any], numbers: ActorRef[int]) -> None:
    ref.tell(3)
    ref.tell(None)
    untyped.tell(Foreign())
    numbers.tell(True)


class Base(Message): ...


class Derived(Base): ...


def adapters_take_subclasses(ref: ActorRef[Base]) -> None:
    ref.tell(Derived())


@overload
def pick(n: int) -> Deposit: ...
@overload
def pick(n: str) -> Close: ...
def pick(n: int | str) -> Deposit | Close:
    return Close()


def picked(ref: ActorRef[Small], refs: ActorRef[Deposit] | ActorRef[Close]) -> None:
    ref.tell(pick(1))
    ref.tell(pick("x"))
    refs.tell(Deposit(1))  # E: arg-type "This ref does not take "


class Same(Generic[M]):
    def __init__(self, ref: ActorRef[M]) -> None:
        self.ref = ref

    def pass_on(self, msg: M) -> None:
        self.ref.tell(msg)


def mistakes_of_other_kinds(ref: ActorRef[Small]) -> None:
    ref.tell()  # E: call-arg
    ref.tell(Deposit(1), Close())  # E: call-arg
    ref.tell(Deposit("1"))  # E: arg-type "Deposit"
    ref.tell(unknown)  # E: name-defined
