"""Actor classes to draw: with a flow and without, of odd names, generic, inherited."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

from airssys_rt import Actor, ActorRef, Later, Message, Request, Supervisor, on, on_enter

K = TypeVar("K")
V = TypeVar("V")


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Freeze(Message): ...


class Thaw(Message): ...


class Close(Request["ActorRef[Deposit] | None"]): ...


AccountMsg: TypeAlias = Deposit | Withdraw | Freeze | Thaw | Close


class Account(Actor[AccountMsg]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        return msg.amount

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None:
        self.become(self.frozen, push=True)

    @on(Thaw)
    def thaw(self, msg: Thaw) -> None: ...

    @on(Close)
    def close(self, msg: Close) -> ActorRef[Deposit] | None:
        self.become(self.closed)
        return None

    @on(Thaw)
    def unfreeze(self, msg: Thaw) -> None:
        self.unbecome()

    @on(Withdraw)
    def withdraw_all(self, msg: Withdraw) -> int:
        return 0

    initial = deposit | withdraw | freeze | thaw | close
    frozen = unfreeze
    closed = withdraw_all
    flow = (initial.push(frozen), initial.to(closed), closed.final())


class Savings(Account):
    """Redefines a handler which is a state that it inherits."""

    @on(Withdraw)
    def withdraw_all(self, msg: Withdraw) -> int:
        return 1


class Get(Request[V], Generic[K, V]):
    key: K


class GetAll(Request[dict[K, V]], Generic[K, V]): ...


class Put(Message, Generic[K, V]):
    key: K
    value: V


class Store(Actor[Get[K, V] | Put[K, V] | GetAll[K, V]], Generic[K, V]):
    @on(Get)
    def get(self, msg: Get[K, V]) -> Any:
        raise NotImplementedError

    @on(Put)
    def put(self, msg: Put[K, V]) -> None: ...

    @on(GetAll)
    def get_all(self, msg: GetAll[K, V]) -> Any:
        raise NotImplementedError

    initial = get | put | get_all


class Numbers(Store[str, int]): ...


class Ask(Request[Annotated[Literal["a", "b"] | None, "why"]]): ...


class Many(Request[tuple[int, ...]]): ...


class Loose(Actor[Deposit | Ask | Many | Freeze]):
    """No flow; `few` is a state since a method becomes it, `common` only a part of others."""

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        self.become(self.few if msg.amount else self.initial)

    @on(Ask)
    def ask_it(self, msg: Ask) -> Literal["a", "b"] | None:
        return None

    @on(Many)
    def many(self, msg: Many) -> tuple[int, ...] | Later:
        return self.stash()

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None: ...

    @on(Freeze)
    def freeze_again(self, msg: Freeze) -> None: ...

    common = ask_it | many
    initial = common | deposit | freeze
    few = many | freeze
    other = common | freeze_again
    quiet = deposit

    @on_enter(freeze)
    def entered(self) -> None: ...


class One(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit


class Odd(Actor[Deposit | Freeze]):
    """Names that mean something to Mermaid, or are no ASCII."""

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None: ...

    initial = deposit | freeze
    end = freeze
    vars()["größe"] = deposit
    flow = (initial.to(end, deposit), end.push(end))


class Base(Actor[Deposit]): ...


class Top(Supervisor):
    children = ()


class Outer:
    class Inner(One): ...


not_an_actor = One.__name__
