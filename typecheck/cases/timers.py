# What a timer brings must be in the union of the actor that gets it.
from logging import Logger, LoggerAdapter
from random import Random
from typing import TypeAlias, assert_type

from airssys_rt import Actor, ActorRef, Message, Request, Timer, on


class Tick(Message): ...


class Tock(Message):
    n: int


class Size(Request[int]): ...


class Foreign(Message): ...


Msg: TypeAlias = Tick | Tock | Size


class Clock(Actor[Msg]):
    def __init__(self, other: ActorRef[Foreign | Tick], narrow: ActorRef[Tick]) -> None:
        self.other = other
        self.narrow = narrow
        self.timer = self.after(1, Tick())
        assert_type(self.timer, Timer)

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        assert_type(self.after(0.5, Tock(1)), Timer)
        assert_type(self.after(0.5, Tock(1), "key"), Timer)
        assert_type(self.after(0.5, Tock(1), key=("a", 1)), Timer)
        assert_type(self.after(0.5, Size()), Timer)
        assert_type(self.after(0.5, Foreign(), to=self.other), Timer)
        assert_type(self.after(0.5, Tick(), to=self.other, key="other"), Timer)
        self.after(0.5, Foreign())  # E
        self.after(0.5, Foreign(), "key")  # E
        self.after(0.5, Tock(1), to=self.other)  # E
        self.after(0.5, Foreign(), to=self.narrow)  # E
        self.after(0.5, Tick(), to=Tick())  # E
        self.after("soon", Tick())  # E
        self.after(0.5)  # E
        self.after(0.5, Tick(), key=[])  # E
        self.after(0.5, lambda: None)  # E

    @on(Tock)
    async def tock(self, msg: Tock) -> None:
        assert_type(self.every(0.5, Tick()), Timer)
        assert_type(self.every(0.5, Tick(), key="beat"), Timer)
        assert_type(self.cancel_timer("beat"), bool)
        assert_type(self.cancel_timer(self.timer), bool)
        self.timer.cancel()
        self.every(0.5, Foreign())  # E
        self.every(0.5, Tick(), to=self.narrow)  # E
        self.every("often", Tick())  # E
        self.every(Tick())  # E
        self.cancel_timer([])  # E
        self.cancel_timer()  # E

    @on(Size)
    def size(self, msg: Size) -> int:
        assert_type(self.state_timeout(0.5, Tick()), None)
        self.state_timeout(None)
        self.state_timeout(0.5, Foreign())  # E
        self.state_timeout(0.5)  # E
        self.state_timeout(None, Tick())  # E
        self.state_timeout("soon", Tick())  # E
        assert_type(self.receive_timeout(0.5, Tock(3)), None)
        self.receive_timeout(None)
        self.receive_timeout(0.5, Foreign())  # E
        self.receive_timeout(0.5)  # E
        assert_type(self.next(Tick()), None)
        self.next(Size())
        self.next(Foreign())  # E
        self.next(Tick)  # E
        self.next()  # E
        assert_type(self.now(), float)
        assert_type(self.random, Random)
        assert_type(self.log, LoggerAdapter[Logger])
        assert_type(self.stop(), None)
        assert_type(self.unstash_all(), int)
        self.log = None  # E
        self.ref = self.narrow  # E
        return 1

    initial = tick | tock | size
