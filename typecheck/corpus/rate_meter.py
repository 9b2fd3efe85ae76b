"""Measures a rate by the system's clock, and tells another actor once a second."""

from collections import deque
from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, Request, on


class Hit(Message): ...


class Rate(Request[float]): ...


class _Report(Message): ...


class Measured(Message):
    at: float
    rate: float


MeterMsg: TypeAlias = Hit | Rate | _Report


class Meter(Actor[MeterMsg]):
    window = 10.0

    def __init__(self, to: ActorRef[Measured]) -> None:
        self.to = to
        self.hits: deque[float] = deque()
        self.every(1.0, _Report())

    def rate(self) -> float:
        now = self.now()
        while self.hits and self.hits[0] < now - self.window:
            self.hits.popleft()
        return len(self.hits) / self.window

    @on(Hit)
    def hit(self, msg: Hit) -> None:
        self.hits.append(self.now())

    @on(Rate)
    def get_rate(self, msg: Rate) -> float:
        return self.rate()

    @on(_Report)
    def report(self, msg: _Report) -> None:
        self.to.tell(Measured(self.now(), self.rate()))
        self.after(0.5, Measured(self.now(), 0.0), to=self.to)

    initial = hit | get_rate | report
