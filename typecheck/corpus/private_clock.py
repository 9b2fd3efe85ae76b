"""Keeps its ticks to itself: a public ref by contravariance, a name of the public protocol."""

from typing import TypeAlias

from typing_extensions import override

from airssys_rt import Actor, ActorRef, ActorSystem, Message, Name, Request, on, props


class Ticks(Request[int]): ...


class Faster(Message):
    factor: float


class _Tick(Message): ...


Public: TypeAlias = Ticks | Faster
ClockMsg: TypeAlias = Public | _Tick
CLOCK = Name[Public]("clock")


class Clock(Actor[ClockMsg]):
    def __init__(self, pause: float) -> None:
        self.pause = pause
        self.ticks = 0

    @override
    async def pre_start(self) -> None:
        self.after(self.pause, _Tick())

    @on(Ticks)
    def get(self, msg: Ticks) -> int:
        return self.ticks

    @on(Faster)
    def faster(self, msg: Faster) -> None:
        self.pause /= msg.factor

    @on(_Tick)
    def tick(self, msg: _Tick) -> None:
        self.ticks += 1
        self.after(self.pause, msg)

    initial = get | faster | tick


def start_clock(system: ActorSystem) -> ActorRef[Public]:
    return system.spawn(props(Clock, 1.0).named(CLOCK))


async def main() -> None:
    async with ActorSystem() as system:
        clock: ActorRef[Public] = start_clock(system)
        clock.tell(Faster(2.0))
        only_ticks: ActorRef[Ticks] = clock
        print(await only_ticks.ask(Ticks()), await system.ref(CLOCK).ask(Ticks()))
