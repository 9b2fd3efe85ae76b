# Replies that come later, from elsewhere, or as a refusal.
from typing import TypeAlias, assert_type

from typing_extensions import override

from airssys_rt import (
    Actor,
    ActorError,
    ActorRef,
    ActorStopped,
    AskCycle,
    AskTimeout,
    HandlerFailed,
    Later,
    Message,
    Refused,
    ReplyTo,
    Request,
    on,
)


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Owner(Request[str]): ...


class Stranger(Request[int]): ...


Msg: TypeAlias = Deposit | Withdraw | Owner


class Account(Actor[Msg]):
    def __init__(self, other: ActorRef[Msg], narrow: ActorRef[Owner]) -> None:
        self.other = other
        self.narrow = narrow
        self.waiting: list[ReplyTo[int]] = []

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:
        for reply in self.waiting:
            reply.reply(msg.amount)
            reply.reply(True)
            reply.fail(Refused("no"))
            reply.reply("much")  # E
            reply.reply(None)  # E
            reply.reply()  # E
            reply.fail("no")  # E
            reply.fail()  # E
            reply.answer(1)  # E
        self.stash()
        self.unstash_all()
        self.defer(msg).reply(None)

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int | Later:
        if msg.amount == 1:
            return self.stash()
        if msg.amount == 2:
            reply = self.defer(msg)
            assert_type(reply, ReplyTo[int])
            self.waiting.append(reply)
            return reply
        if msg.amount == 3:
            return self.forward(self.other, msg)
        if msg.amount == 4:
            raise Refused({"left": 0})
        if msg.amount == 5:
            return self.forward(self.narrow, msg)  # E
        if msg.amount == 6:
            return self.forward(self.other, Stranger())  # E
        if msg.amount == 7:
            return "much"  # E
        if msg.amount == 8:
            self.stash(msg)  # E
            self.defer()  # E
            self.defer(3)  # E
            self.forward(self.other)  # E
            self.waiting.append(self.defer(Owner()))  # E
        return 0

    @on(Owner)
    def owner(self, msg: Owner) -> str | Later:
        self.waiting.append(self.defer(msg))  # E
        wrong: ReplyTo[int] = self.defer(msg)  # E
        print(wrong)
        return self.forward(self.narrow, msg)

    initial = deposit | withdraw | owner


class Always(Actor[Withdraw | Owner]):
    """A handler may leave the reply's type out if it never answers now."""

    @on(Withdraw)
    def withdraw(self, msg: Withdraw) -> Later:
        return self.stash()

    @on(Owner)
    async def owner(self, msg: Owner) -> ReplyTo[str]:
        return self.defer(msg)

    initial = withdraw | owner


class Wrong(Actor[Withdraw | Owner]):
    @on(Withdraw)  # E
    def withdraw(self, msg: Withdraw) -> str | Later:
        return self.stash()

    @on(Owner)  # E
    async def owner(self, msg: Owner) -> int | Later:
        return self.stash()


class Caller(Always):
    @on(Owner)
    @override
    async def owner(self, msg: Owner) -> ReplyTo[str]:
        assert_type(self.withdraw(Withdraw(1)), int)
        return self.defer(msg)


def narrower(reply: ReplyTo[int | str]) -> ReplyTo[int]:
    return reply


def wider(reply: ReplyTo[int]) -> ReplyTo[int | str]:
    return reply  # E


async def asker(ref: ActorRef[Msg]) -> int:
    try:
        return await ref.ask(Withdraw(1), timeout=1.0)
    except Refused as refused:
        assert_type(refused.payload, object)
        refused.payload.upper()  # E
    except (AskTimeout, ActorStopped, HandlerFailed) as error:
        assert_type(error.what + error.where + error.why + error.mend + error.code, str)
    except AskCycle as cycle:
        assert_type(cycle.cycle, tuple[str, ...])
    except ActorError as error:
        assert_type(error.code, str)
    Refused()  # E
    return 0


def as_builtin() -> None:
    try:
        print()
    except TimeoutError as error:
        print(isinstance(error, AskTimeout))
