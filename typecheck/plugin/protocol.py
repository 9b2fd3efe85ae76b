# A behaviour has one handler for each message that it is for, and a class uses all of its handlers.
from typing import TypeAlias

from airssys_rt import Actor, Behaviour, Message, Request, on


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Freeze(Message): ...


class Thaw(Message): ...


class Foreign(Message): ...


Msg: TypeAlias = Deposit | Withdraw | Freeze | Thaw


class Handlers(Actor[Msg]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        return 0

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None: ...

    @on(Thaw)
    def thaw(self, msg: Thaw) -> None: ...

    initial = deposit | withdraw | freeze | thaw


class Missing(Actor[Msg]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Withdraw)
    def withdraw(self, msg: Withdraw) -> int:
        return 0

    initial = deposit | withdraw  # E: actor-missing "Freeze", assignment


class MissingInSteps(Actor[Msg]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Withdraw)
    def withdraw(self, msg: Withdraw) -> int:
        return 0

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None: ...

    money = deposit | withdraw
    initial = money | freeze  # E: actor-missing "Thaw", assignment


class OnlyOne(Actor[Deposit | Freeze]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit  # E: actor-missing "Freeze", assignment


class Extra(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Foreign)
    def foreign(self, msg: Foreign) -> None: ...

    initial = deposit | foreign  # E: actor-extra "Foreign", assignment


class ExtraElsewhere(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Foreign)
    def foreign(self, msg: Foreign) -> None: ...

    initial = deposit
    other = deposit | foreign  # E: actor-extra "Foreign", actor-become "other"


class Twice(Actor[Deposit | Freeze]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Deposit)
    def again(self, msg: Deposit) -> None: ...

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None: ...

    initial = deposit | freeze | again  # E: actor-duplicate "Deposit"


class SameHandlerTwice(Actor[Deposit | Freeze]):
    """The same handler on both sides is one handler."""

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None: ...

    both = deposit | freeze
    initial = both | deposit


class Unused(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Deposit)
    def other(self, msg: Deposit) -> None: ...  # E: actor-unused "other"

    initial = deposit


class UsedByReplace(Actor[Deposit | Freeze]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Deposit)
    def hold(self, msg: Deposit) -> None:
        self.become(self.initial)

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None:
        self.become(self.holding)

    initial = deposit | freeze
    holding = initial.replace(hold)


class UsedByBecome(Actor[Deposit | Freeze]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Deposit)
    def hold(self, msg: Deposit) -> None:
        self.become(self.initial)

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None:
        self.become(self.hold)

    initial = deposit | freeze


class AllAtOnce(Actor[Msg]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Deposit)
    def again(self, msg: Deposit) -> None: ...

    @on(Foreign)
    def foreign(self, msg: Foreign) -> None: ...

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None: ...  # E: actor-unused "freeze"

    initial = deposit | again | foreign  # E: actor-missing, actor-duplicate, actor-extra, assignment


class Conditional(Actor[Deposit]):
    if __name__ == "__main__":

        @on(Deposit)
        def deposit(self, msg: Deposit) -> None: ...

    else:

        @on(Deposit)
        def deposit(self, msg: Deposit) -> None: ...

    initial = deposit


class ByHand(Actor[Deposit]):
    """What the plugin cannot follow it leaves to the types."""

    initial: Behaviour[Deposit] = Handlers.deposit
