"""A job that is configured, run and collected: each step hands out the ref for the next one."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, Request, on


class Collect(Request[float]): ...


class Cancel(Message): ...


Running: TypeAlias = Collect | Cancel


class Start(Request[ActorRef[Running]]): ...


class Set(Message):
    key: str
    value: float


Configuring: TypeAlias = Set | Start
JobMsg: TypeAlias = Configuring | Running


class Job(Actor[JobMsg]):
    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    @on(Set)
    def set(self, msg: Set) -> None:
        self.values[msg.key] = msg.value

    @on(Start)
    async def start(self, msg: Start) -> ActorRef[Running]:
        self.become(self.running)
        return self.ref

    @on(Collect)
    def nothing_yet(self, msg: Collect) -> float:
        return 0.0

    @on(Collect)
    def collect(self, msg: Collect) -> float:
        return sum(self.values.values())

    @on(Cancel)
    def not_running(self, msg: Cancel) -> None:
        """Nothing to cancel."""

    @on(Cancel)
    def cancel(self, msg: Cancel) -> None:
        self.values.clear()
        self.become(self.initial)

    initial = set | start | nothing_yet | not_running
    running = collect | cancel
