"""Actors that the tests of simulated worlds play with."""

from __future__ import annotations

from airssys_rt import Actor, ActorRef, Message, Request, on

__all__ = ["Add", "Counter", "Get", "Go", "Note", "Notes", "Put", "Racer", "Read", "Register"]


class Read(Request[int]):
    """What is the value?"""


class Put(Message):
    value: int


class Register(Actor[Read | Put]):
    """A value that is read and written."""

    def __init__(self, value: int = 0) -> None:
        self.value = value

    @on(Read)
    def read(self, msg: Read) -> int:
        return self.value

    @on(Put)
    def put(self, msg: Put) -> None:
        self.value = msg.value

    initial = read | put


class Go(Message):
    """Begin."""


class Racer(Actor[Go]):
    """Adds one by reading and writing: the lost update."""

    def __init__(self, register: ActorRef[Read | Put]) -> None:
        self.register = register

    @on(Go)
    async def go(self, msg: Go) -> None:
        value = await self.register.ask(Read())
        self.register.tell(Put(value + 1))

    initial = go


class Add(Message):
    amount: int


class Get(Request[int]):
    """What is the sum?"""


class Counter(Actor[Add | Get]):
    """Adds in one step."""

    def __init__(self) -> None:
        self.sum = 0

    @on(Add)
    def add(self, msg: Add) -> None:
        self.sum += msg.amount

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.sum

    initial = add | get


class Note(Message):
    text: str


class Notes(Actor[Note]):
    """Keeps what it gets, in the order in which it gets it."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    @on(Note)
    def note(self, msg: Note) -> None:
        self.texts.append(msg.text)

    initial = note
