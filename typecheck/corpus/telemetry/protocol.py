"""The protocol of the agents, and that of the collector, which know each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from airssys_rt import ActorRef, Message, Request


class Measure(Message):
    metric: str


class Pause(Message):
    seconds: float


class Resume(Message): ...


AgentMsg: TypeAlias = Measure | Pause | Resume


class Register(Request[int]):
    name: str
    agent: ActorRef[AgentMsg]


class Report(Message):
    agent: int
    metric: str
    values: Sequence[float]


class Last(Request[Sequence[float]]):
    metric: str


CollectorMsg: TypeAlias = Register | Report | Last
