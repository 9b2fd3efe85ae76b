# `@on(T)`: the parameter takes a T, the result is T's reply.
from typing import TypeAlias, assert_type

from airssys_rt import Actor, Later, Message, Request, on


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Owner(Request[str | None]): ...


class Clear(Request[None]): ...


class Plain:
    """Not a message."""


Msg: TypeAlias = Deposit | Withdraw | Owner | Clear


class Sync(Actor[Msg]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        assert_type(msg.amount, int)

    @on(Withdraw)
    def withdraw(self, msg: Withdraw) -> int:
        return msg.amount

    @on(Owner)
    def owner(self, msg: Owner) -> str | None:
        return None

    @on(Clear)
    def clear(self, msg: Clear) -> None: ...

    initial = deposit | withdraw | owner | clear


class Async(Actor[Msg]):
    @on(Deposit)
    async def deposit(self, msg: Deposit) -> None:
        assert_type(msg.amount, int)

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        return msg.amount

    @on(Owner)
    async def owner(self, msg: Owner) -> str | None:
        return "me"

    @on(Clear)
    async def clear(self, msg: Clear) -> None: ...

    initial = deposit | withdraw | owner | clear


class Narrower(Actor[Owner | Withdraw]):
    """A handler may answer with less, and take more."""

    @on(Owner)
    def owner(self, msg: Owner) -> str:
        return "me"

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw | Deposit) -> bool:
        return True

    initial = owner | withdraw


class WrongSyncReplies(Actor[Msg]):
    @on(Deposit)  # E
    def deposit(self, msg: Deposit) -> int:
        return 1

    @on(Withdraw)  # E
    def withdraw(self, msg: Withdraw) -> str:
        return ""

    @on(Withdraw)  # E
    def no_reply(self, msg: Withdraw) -> None: ...

    @on(Withdraw)  # E
    def perhaps(self, msg: Withdraw) -> int | None:
        return None

    @on(Owner)  # E
    def owner(self, msg: Owner) -> int:
        return 0

    @on(Clear)  # E
    def clear(self, msg: Clear) -> bool:
        return True


class WrongAsyncReplies(Actor[Msg]):
    @on(Deposit)  # E
    async def deposit(self, msg: Deposit) -> int:
        return 1

    @on(Withdraw)  # E
    async def withdraw(self, msg: Withdraw) -> str:
        return ""

    @on(Withdraw)  # E
    async def no_reply(self, msg: Withdraw) -> None: ...

    @on(Withdraw)  # E
    async def perhaps(self, msg: Withdraw) -> int | None:
        return None

    @on(Owner)  # E
    async def owner(self, msg: Owner) -> int:
        return 0

    @on(Clear)  # E
    async def clear(self, msg: Clear) -> bool:
        return True


class WrongParameters(Actor[Msg]):
    @on(Deposit)  # E
    def foreign(self, msg: Withdraw) -> None: ...

    @on(Withdraw)  # E
    async def foreign_request(self, msg: Deposit) -> int:
        return 0

    @on(Deposit)  # E
    def number(self, msg: int) -> None: ...

    @on(Deposit)  # E
    def none(self) -> None: ...

    @on(Deposit)  # E
    async def two(self, msg: Deposit, more: int) -> None: ...

    @on(Deposit)  # E
    def by_name(self, *, msg: Deposit) -> None: ...

    @on(Deposit)
    def optional(self, msg: Deposit, more: int = 0) -> None: ...


class NotHandlers(Actor[Msg]):
    @on(Plain)  # E
    def plain(self, msg: Plain) -> None: ...

    @on(int)  # E
    def number(self, msg: int) -> None: ...

    @on(Deposit(1))  # E
    def instance(self, msg: Deposit) -> None: ...

    @on()  # E
    def nothing(self, msg: Deposit) -> None: ...

    @on  # E
    def bare(self, msg: Deposit) -> None: ...


class WrongBodies(Actor[Msg]):
    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        return "much"  # E

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        msg.amount = 3  # E
        print(msg.sum)  # E
        self.withdrawn(msg)  # E


class Calling(Sync):
    """A handler read from an actor is a plain callable."""

    @on(Deposit)
    async def calls(self, msg: Deposit) -> None:
        assert_type(self.withdraw(Withdraw(1)), int)
        assert_type(self.deposit(msg), None)
        assert_type(self.owner(Owner()), str | None)
        self.withdraw(Deposit(1))  # E
        self.withdraw()  # E
        self.withdraw(Withdraw(1)).upper()  # E
        self.deposit("msg")  # E


class CallingAsync(Async):
    @on(Deposit)
    async def calls(self, msg: Deposit) -> None:
        assert_type(await self.withdraw(Withdraw(1)), int)
        assert_type(await self.deposit(msg), None)
        await self.withdraw(Deposit(1))  # E
        (await self.withdraw(Withdraw(1))).upper()  # E
        self.withdraw(Withdraw(1))  # E
        self.deposit(msg)  # E


class Later1(Actor[Withdraw]):
    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int | Later:
        return self.stash()

    @on(Withdraw)
    async def calls(self, msg: Withdraw) -> int:
        got = await self.withdraw(msg)
        return got

    initial = withdraw


def by_hand() -> None:
    actor = Sync()
    assert_type(actor.withdraw(Withdraw(3)), int)
    actor.withdraw(Deposit(3))  # E
