"""Sends what it has gathered: each collection is copied before it goes into a message."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, on


class Sample(Message):
    name: str
    value: float


class Flush(Message): ...


class Batch(Message):
    samples: Sequence[float]
    names: frozenset[str]
    last: Mapping[str, float]


CollectorMsg: TypeAlias = Sample | Flush


class Collector(Actor[CollectorMsg]):
    def __init__(self, sink: ActorRef[Batch], size: int) -> None:
        self.sink = sink
        self.size = size
        self.samples: list[float] = []
        self.names: set[str] = set()
        self.last: dict[str, float] = {}

    @on(Sample)
    def sample(self, msg: Sample) -> None:
        self.samples.append(msg.value)
        self.names.add(msg.name)
        self.last[msg.name] = msg.value
        if len(self.samples) >= self.size:
            self.ref.tell(Flush())

    @on(Flush)
    def flush(self, msg: Flush) -> None:
        self.sink.tell(Batch(tuple(self.samples), frozenset(self.names), dict(self.last)))
        self.samples.clear()
        self.names.clear()

    initial = sample | flush
