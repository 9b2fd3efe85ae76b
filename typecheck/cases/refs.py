# What may be told, sent and asked, and which refs stand for which others.
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeAlias, assert_type

from airssys_rt import ActorRef, AnyRef, Down, ExitReason, Message, Request


class Deposit(Message):
    amount: int


class Close(Message): ...


class Withdraw(Request[int]):
    amount: int


class Owner(Request[str | None]): ...


class Rename(Request[None]):
    name: str


class Foreign(Message): ...


class ForeignRequest(Request[bytes]): ...


Msg: TypeAlias = Deposit | Close | Withdraw | Owner | Rename
A: TypeAlias = Deposit
AB: TypeAlias = Deposit | Close


def take_int(value: int) -> None: ...
def take_str(value: str) -> None: ...
def take_any_ref(ref: AnyRef) -> None: ...
def take_a(ref: ActorRef[A]) -> None: ...
def take_ab(ref: ActorRef[AB]) -> None: ...
def take_withdraw(ref: ActorRef[Withdraw]) -> None: ...


def telling(ref: ActorRef[Msg]) -> None:
    ref.tell(Deposit(1))
    ref.tell(Withdraw(1))
    assert_type(ref.tell(Close()), None)
    ref.tell_from_thread(Deposit(1))
    ref.tell(Foreign())  # E
    ref.tell(ForeignRequest())  # E
    ref.tell(Deposit)  # E
    ref.tell(3)  # E
    ref.tell()  # E
    ref.tell(Deposit(1), Close())  # E
    ref.tell(msg=Deposit(1))  # E
    ref.tell(None)  # E
    ref.tell_from_thread(Foreign())  # E
    ref.tel(Deposit(1))  # E
    take_int(ref.tell(Deposit(1)))  # E


async def sending(ref: ActorRef[Msg]) -> None:
    await ref.send(Deposit(1))
    await ref.send(Withdraw(1))
    await ref.send(Foreign())  # E
    await ref.send(ForeignRequest())  # E
    await ref.send("deposit")  # E
    ref.send(Deposit(1))  # E
    await ref.tell(Deposit(1))  # E


async def asking(ref: ActorRef[Msg]) -> None:
    assert_type(await ref.ask(Withdraw(1)), int)
    assert_type(await ref.ask(Withdraw(1), timeout=1.5), int)
    assert_type(await ref.ask(Withdraw(1), timeout=None), int)
    assert_type(await ref.ask(Owner()), str | None)
    assert_type(await ref.ask(Rename("x")), None)
    amount: int = await ref.ask(Withdraw(1))
    take_int(amount)
    wide: int | str = await ref.ask(Withdraw(1))
    print(wide)
    await ref.ask(Deposit(1))  # E
    await ref.ask(ForeignRequest())  # E
    await ref.ask(Foreign())  # E
    await ref.ask(Withdraw)  # E
    await ref.ask("withdraw")  # E
    await ref.ask()  # E
    await ref.ask(Withdraw("1"))  # E
    await ref.ask(Withdraw(1), 1.5)  # E
    await ref.ask(Withdraw(1), timeout="soon")  # E
    await ref.ask(Withdraw(1), deadline=3)  # E


async def wrong_types_taken(ref: ActorRef[Msg]) -> None:
    take_str(await ref.ask(Withdraw(1)))  # E
    take_str(await ref.ask(Owner()))  # E
    take_int(await ref.ask(Rename("x")))  # E
    text: str = await ref.ask(Withdraw(1))  # E
    print(text)
    (await ref.ask(Withdraw(1))).upper()  # E
    (await ref.ask(Owner())).upper()  # E


async def not_awaited(ref: ActorRef[Msg]) -> None:
    ref.ask(Withdraw(1))  # E
    ref.ask(Rename("x"), timeout=1.0)  # E
    take_int(ref.ask(Withdraw(1)))  # E
    amount: int = ref.ask(Withdraw(1))  # E
    print(amount)
    ref.started()  # E
    ref.stopped()  # E
    later: Awaitable[int] = ref.ask(Withdraw(1))
    coroutine: Coroutine[Any, Any, int] = ref.ask(Withdraw(1))
    assert_type(await later + await coroutine, int)


async def life(ref: ActorRef[Msg]) -> None:
    assert_type(ref.path, str)
    assert_type(ref.name, str)
    assert_type(ref.stop(), None)
    ref.stop(drain=True)
    assert_type(await ref.started(), None)
    assert_type(await ref.stopped(), ExitReason)
    ref.stop(True)  # E
    ref.path = "/elsewhere"  # E
    ref.name = "other"  # E


def a_wide_ref_stands_for_a_narrow_one(ref: ActorRef[Msg], ab: ActorRef[AB], a: ActorRef[A]) -> None:
    take_ab(ref)
    take_a(ref)
    take_a(ab)
    take_a(a)
    take_withdraw(ref)
    take_ab(a)  # E
    take_withdraw(ab)  # E
    take_withdraw(a)  # E
    refs: list[ActorRef[A]] = [ref, ab, a]
    wrong: list[ActorRef[AB]] = [ref, ab, a]  # E
    print(refs, wrong)


def narrow(a: ActorRef[A]) -> ActorRef[AB]:
    return a  # E


def widened(ab: ActorRef[AB]) -> ActorRef[A]:
    return ab


async def a_narrow_ref_takes_less(full: ActorRef[Msg]) -> None:
    ref: ActorRef[Withdraw] = widen(full)
    assert_type(await ref.ask(Withdraw(1)), int)
    ref.tell(Withdraw(1))
    ref.tell(Deposit(1))  # E
    await ref.ask(Owner())  # E


def widen(full: ActorRef[Msg]) -> ActorRef[Withdraw]:
    return full


async def any_ref(ref: AnyRef, typed: ActorRef[Msg], down: Down) -> None:
    take_any_ref(typed)
    take_any_ref(down.ref)
    assert_type(ref.path, str)
    assert_type(ref.name, str)
    assert_type(ref == typed, bool)
    assert_type(await ref.stopped(), ExitReason)
    await ref.started()
    ref.stop(drain=True)
    known: dict[AnyRef, int] = {ref: 1, typed: 2}
    print(known[down.ref])
    ref.tell(Deposit(1))  # E
    await ref.ask(Withdraw(1))  # E
    take_a(ref)  # E
    take_any_ref(Deposit(1))  # E
    AnyRef[Deposit]  # E


def made_by_the_engine_only() -> None:
    ActorRef[Msg]()  # E
