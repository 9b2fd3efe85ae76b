# `initial` accepts exactly the union; `become` takes any part of it; replace, on_enter, flow.
from typing import TypeAlias, assert_type

from airssys_rt import Accepts, Actor, Behaviour, Edge, Message, Request, on, on_enter


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Freeze(Message): ...


class Thaw(Message): ...


class Foreign(Message): ...


class ForeignRequest(Request[int]): ...


Msg: TypeAlias = Deposit | Withdraw | Freeze | Thaw


class Account(Actor[Msg]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        return 0

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None:
        self.become(self.frozen)
        self.become(self.frozen, push=True)
        self.become(self.deposit | self.thaw)  # E[mypy] as in Annotated; give it a name in the class body
        self.become(self.initial)
        self.become(self.thaw)
        self.become(Account.frozen)
        self.become(Account.thaw, True)
        self.unbecome()

    @on(Thaw)
    def thaw(self, msg: Thaw) -> None:
        self.become(self.foreign)  # E
        self.become(self.mixed)  # E
        self.become(self.foreign, push=True)  # E
        self.become(self.foreign_request)  # E
        self.become(self.foreign | self.thaw)  # E
        self.become(Account.mixed)  # E
        self.become(Deposit)  # E
        self.become("frozen")  # E
        self.become(None)  # E
        self.become()  # E
        self.become(self.frozen, push="yes")  # E
        self.become(self.plain)  # E
        self.become(self.melted)  # E
        self.unbecome(self.initial)  # E

    @on(Foreign)
    def foreign(self, msg: Foreign) -> None: ...

    @on(ForeignRequest)
    async def foreign_request(self, msg: ForeignRequest) -> int:
        return 0

    def plain(self, msg: Thaw) -> None: ...

    initial = deposit | withdraw | freeze | thaw
    frozen = thaw
    mixed = thaw | foreign


class Single(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit


class Annotated(Actor[Msg]):
    initial: Behaviour[Msg] = Account.initial
    part: Behaviour[Deposit | Thaw] = Account.deposit | Account.thaw
    seen: Accepts[Msg] = Account.deposit | Account.thaw  # E[mypy] takes the type wanted for that of both operands


class Missing(Actor[Msg]):
    initial = Account.deposit | Account.withdraw | Account.freeze  # E


class MissingRequest(Actor[Deposit | Withdraw]):
    initial = Account.deposit  # E


class Extra(Actor[Deposit | Withdraw]):
    initial = Account.deposit | Account.withdraw | Account.foreign  # E


class ExtraRequest(Actor[Deposit]):
    initial = Account.deposit | Account.foreign_request  # E


class ForeignOnly(Actor[Deposit]):
    initial = Account.foreign  # E


class WholeOfAnother(Actor[Deposit | Withdraw]):
    initial = Account.initial  # E


class NoBehaviour(Actor[Deposit]):
    initial = Deposit  # E


class NoneAtAll(Actor[Deposit]):
    initial = None  # E


class Composed(Actor[Deposit | Foreign]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Foreign)
    def foreign(self, msg: Foreign) -> None: ...

    def plain(self, msg: Foreign) -> None: ...

    initial = deposit | foreign
    nonsense = deposit | plain  # E
    number = deposit | 3  # E


class Unknown(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit | deposits  # E


class Door(Actor[Deposit | Freeze | Thaw]):
    @on(Deposit)
    def take(self, msg: Deposit) -> None: ...

    @on(Deposit)
    def hold(self, msg: Deposit) -> None: ...

    @on(Freeze)
    def close(self, msg: Freeze) -> None: ...

    @on(Thaw)
    def open(self, msg: Thaw) -> None: ...

    @on(Foreign)
    def foreign(self, msg: Foreign) -> None: ...

    initial = take | close | open
    holding = initial.replace(hold)
    twice = initial.replace(hold, close)
    few = take | open
    other = take | foreign
    wrong = initial.replace(foreign)  # E
    worse = few.replace(close)  # E
    plainly = initial.replace(Deposit)  # E

    flow = (initial.to(few, holding), few.push(initial), holding.to(initial))

    @on_enter(initial)
    def entered(self) -> None: ...

    @on_enter(few, holding)
    async def entered_others(self) -> None: ...

    @on_enter(Deposit)  # E
    def entered_what(self) -> None: ...

    def show(self) -> None:
        assert_type(self.entered(), None)
        assert_type(Door.initial, Behaviour[Deposit | Freeze | Thaw])
        assert_type(Door.holding, Behaviour[Deposit | Freeze | Thaw])
        assert_type(Door.few, Behaviour[Deposit | Thaw])
        assert_type(Door.initial.to(Door.few), Edge)
        self.become(self.holding)
        self.become(self.other)  # E


class WrongFlow(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit
    flow = (initial, deposit)  # E


class WrongFlowTarget(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit
    flow = (initial.to(Deposit),)  # E


class NotATuple(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit
    flow = initial.to(initial)  # E


class Closing(Actor[Deposit | Freeze]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None:
        self.become(self.closed)
        assert_type(self.closed.final(), Edge)

    @on(Deposit)
    def refuse(self, msg: Deposit) -> None: ...

    initial = deposit | freeze
    closed = refuse
    flow = (initial.to(closed), closed.final())

    def show(self) -> None:
        assert_type(Closing.initial.final(), Edge)
        assert_type(Closing.closed.final().final, bool)
        Closing.closed.final(Closing.initial)  # E


class ClosedByName(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit
    flow = (initial.to(initial), initial.final)  # E


class Settings(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit
    unhandled = "stash"
    stash_capacity = 10


class WrongSettings(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit
    unhandled = "ignore"  # E
    stash_capacity = "many"  # E
