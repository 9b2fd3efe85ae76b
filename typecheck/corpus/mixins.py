"""Handlers that several actors share stand in a class that is no actor."""

from typing import TypeAlias

from airssys_rt import Actor, Message, Request, on


class Ping(Request[str]): ...


class SetName(Message):
    name: str


class Named:
    name: str = "nobody"

    @on(Ping)
    def ping(self, msg: Ping) -> str:
        return f"{self.name} is here"

    @on(SetName)
    def set_name(self, msg: SetName) -> None:
        self.name = msg.name

    naming = ping | set_name


class Work(Message):
    amount: int


class Done(Request[int]): ...


WorkerMsg: TypeAlias = Ping | SetName | Work | Done


class Worker(Named, Actor[WorkerMsg]):
    def __init__(self) -> None:
        self.done = 0

    @on(Work)
    def work(self, msg: Work) -> None:
        self.done += msg.amount

    @on(Done)
    def get_done(self, msg: Done) -> int:
        return self.done

    initial = Named.naming | work | get_done


class Idler(Named, Actor[Ping | SetName]):
    initial = Named.ping | Named.set_name
