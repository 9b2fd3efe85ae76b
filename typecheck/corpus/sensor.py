"""A device's thread tells an actor what it measures."""

import threading
from typing import TypeAlias

import anyio.to_thread

from airssys_rt import Actor, ActorRef, ActorSystem, Message, Refused, Request, on


class Reading(Message):
    celsius: float


class Mean(Request[float]): ...


SensorMsg: TypeAlias = Reading | Mean


class Sensor(Actor[SensorMsg]):
    def __init__(self) -> None:
        self.readings: list[float] = []

    @on(Reading)
    def reading(self, msg: Reading) -> None:
        self.readings.append(msg.celsius)

    @on(Mean)
    def mean(self, msg: Mean) -> float:
        if not self.readings:
            raise Refused("no readings yet")
        return sum(self.readings) / len(self.readings)

    initial = reading | mean


def drive(sensor: ActorRef[Reading]) -> None:
    for celsius in (20.0, 22.0):
        sensor.tell_from_thread(Reading(celsius))


async def main() -> None:
    async with ActorSystem() as system:
        sensor = system.spawn(Sensor)
        await sensor.started()
        thread = threading.Thread(target=drive, args=(sensor,))
        thread.start()
        await anyio.to_thread.run_sync(thread.join)
        print(await sensor.ask(Mean()))
