"""A connection that queues queries until it is up: postponed by policy, not by hand."""

from typing import TypeAlias

from airssys_rt import Actor, Message, Request, on, on_enter


class Connect(Message):
    host: str


class Lost(Message): ...


class Query(Request[str]):
    text: str


ConnectionMsg: TypeAlias = Connect | Lost | Query


class Connection(Actor[ConnectionMsg]):
    unhandled = "stash"

    def __init__(self) -> None:
        self.host = ""
        self.attempts = 0

    @on(Connect)
    def connect(self, msg: Connect) -> None:
        self.host = msg.host
        self.become(self.up)

    @on(Connect)
    def move(self, msg: Connect) -> None:
        self.host = msg.host

    @on(Lost)
    def never_up(self, msg: Lost) -> None:
        self.log.info("lost before it was up")

    @on(Lost)
    def lost(self, msg: Lost) -> None:
        self.become(self.initial)

    @on(Query)
    def query(self, msg: Query) -> str:
        return f"{msg.text} at {self.host}"

    @on(Query)
    def no_answer(self, msg: Query) -> str:
        return "not connected"

    initial = connect | never_up | no_answer
    up = initial.replace(move, lost, query)
    waiting = connect | lost
    flow = (initial.to(up), up.to(initial, waiting), waiting.to(up, initial))

    @on_enter(initial)
    def count_attempt(self) -> None:
        self.attempts += 1
        if self.attempts > 1:
            self.become(self.up)

    @on_enter(up)
    async def greeted(self) -> None:
        self.log.info("connected to %s", self.host)
        if not self.host:
            self.become(self.waiting)
