"""Heats or does not: two states without a stack, and a timeout that is handled in both."""

from typing import TypeAlias

from typing_extensions import override

from airssys_rt import Actor, ActorRef, Message, Request, on


class Measured(Message):
    celsius: float


class Heating(Request[bool]): ...


class _Silent(Message): ...


class Valve(Message):
    open: bool


ThermostatMsg: TypeAlias = Measured | Heating | _Silent


class Thermostat(Actor[ThermostatMsg]):
    def __init__(self, wanted: float, valve: ActorRef[Valve]) -> None:
        self.wanted = wanted
        self.valve = valve

    @override
    def pre_start(self) -> None:
        self.receive_timeout(120.0, _Silent())

    @on(Measured)
    def when_off(self, msg: Measured) -> None:
        if msg.celsius < self.wanted - 0.5:
            self.valve.tell(Valve(open=True))
            self.become(self.heating)

    @on(Measured)
    def when_on(self, msg: Measured) -> None:
        if msg.celsius > self.wanted + 0.5:
            self.valve.tell(Valve(open=False))
            self.become(self.initial)

    @on(Heating)
    def no(self, msg: Heating) -> bool:
        return False

    @on(Heating)
    def yes(self, msg: Heating) -> bool:
        return True

    @on(_Silent)
    def silent(self, msg: _Silent) -> None:
        self.log.warning("the sensor is silent")

    @on(_Silent)
    def silent_and_hot(self, msg: _Silent) -> None:
        self.valve.tell(Valve(open=False))
        self.become(self.initial)

    initial = when_off | no | silent
    heating = when_on | yes | silent_and_hot
    flow = (initial.to(heating), heating.to(initial))
