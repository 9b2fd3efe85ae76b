"""An actor that does next to everything, for programs that run on both engines."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import anyio

from airssys_rt import Actor, ActorRef, Later, Message, Refused, ReplyTo, Request, on


class Note(Message):
    """Written down."""

    n: int


class Pass(Message):
    """Passed on to the others, round by round."""

    left: int


class NoteLater(Message):
    """Written down by an async handler, which suspends `times` times."""

    n: int
    times: int


class Fail(Message):
    """Ends the incarnation."""

    how: int


class Change(Message):
    """To the other behaviour, and back."""


class Breed(Message):
    """Spawns a child and tells it something."""

    n: int


class Odd(Message):
    """What its sync-looking handler returns is odd: a number, or a coroutine."""

    n: int


class Foreign(Message):
    """In nobody's union."""


class Sum(Request[int]):
    """Answered at once."""

    n: int


class SumLater(Request[int]):
    """Answered by an async handler, which may suspend."""

    n: int
    times: int


class Hard(Request[int]):
    """Refused, failed, stashed, deferred and answered, deferred and dropped, forwarded."""

    how: int


class Through(Request[int]):
    """Answered with what another actor answers."""

    n: int


Msg: TypeAlias = (
    Note | Pass | NoteLater | Fail | Change | Breed | Odd | Sum | SumLater | Hard | Through
)


class Log:
    """What has happened, and who is there."""

    def __init__(self) -> None:
        self.entries: list[object] = []
        self.refs: list[ActorRef[Msg]] = []


class Subject(Actor[Msg]):
    """Does next to everything that a handler can do."""

    def __init__(self, log: Log, number: int, *, fails: bool = False) -> None:
        self.notes, self.number, self.total = log, number, 0
        self.kept: ReplyTo[int] | None = None
        if fails:
            raise ValueError(number)

    def write(self, *entry: object) -> None:
        self.notes.entries.append((self.ref.path, self.number, *entry))

    def other(self, n: int) -> ActorRef[Msg]:
        return self.notes.refs[(self.number + n) % len(self.notes.refs)]

    @on(Note)
    def note(self, msg: Note) -> None:
        self.total += msg.n
        self.write("note", msg.n)

    @on(Pass)
    def hand_on(self, msg: Pass) -> None:
        self.write("pass", msg.left)
        if msg.left:
            self.other(msg.left).tell(Pass(msg.left - 1))
            self.ref.tell(Note(msg.left))

    @on(NoteLater)
    async def note_later(self, msg: NoteLater) -> None:
        for _ in range(msg.times):
            await anyio.sleep(0)
        self.write("later", msg.n, msg.times)

    @on(Fail)
    def fail(self, msg: Fail) -> None:
        self.write("fail", msg.how)
        raise (ValueError, Refused)[msg.how % 2](msg.how)

    @on(Change)
    def change(self, _msg: Change) -> None:
        self.become(self.other_way, push=True)

    @on(Change)
    def change_back(self, _msg: Change) -> None:
        self.write("back")
        self.unbecome()

    @on(Breed)
    def breed(self, msg: Breed) -> None:
        child = self.spawn(Subject, self.notes, msg.n, fails=msg.n % 3 == 0)
        child.tell(Note(msg.n))
        child.tell(Note(-msg.n))

    @on(Odd)
    def odd(self, msg: Odd) -> None:
        self.write("odd", msg.n)
        # Any: wrong on purpose
        result: Any = None if msg.n == 0 else msg.n if msg.n % 2 else self.much_later(msg.n)
        return cast("None", result)

    async def much_later(self, n: int) -> None:
        if n % 4:
            await anyio.sleep(0)
        self.write("coroutine", n)

    @on(Sum)
    def add(self, msg: Sum) -> int:
        self.total += msg.n
        return self.total

    @on(SumLater)
    async def sum_later(self, msg: SumLater) -> int:
        for _ in range(msg.times):
            await anyio.sleep(0)
        return self.total + msg.n

    @on(Hard)
    def hard(self, msg: Hard) -> int | Later:
        self.write("hard", msg.how)
        match msg.how % 8:
            case 0:
                raise Refused(msg.how)
            case 1:
                raise ValueError(msg.how)
            case 2:
                kept, self.kept = self.kept, None
                if kept is not None:
                    kept.reply(-1)
                    return msg.how
                self.kept = self.defer(msg)
                self.ref.tell(Odd(1))
                return self.kept
            case 3:
                return self.defer(msg)
            case 4:
                return self.forward(self.other(1), Sum(msg.how))
            case 5 if self.total % 2:
                self.total += 1
                put_aside = self.stash()
                self.unstash_all()
                return put_aside
            case 6:
                self.defer(msg)  # and dropped
                return msg.how
            case 7:
                self.stash()
                self.total += 1
                return msg.how
            case _:
                return Later()  # of nothing

    @on(Through)
    async def through(self, msg: Through) -> int:
        return await self.other(1).ask(Sum(msg.n))

    initial = (
        note | hand_on | note_later | fail | change | breed | odd | add | sum_later | hard | through
    )
    other_way = change_back | note | add
