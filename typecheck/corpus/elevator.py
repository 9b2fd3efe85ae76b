"""An elevator: moving it takes no calls but puts them aside, and goes on when it has arrived."""

from typing import TypeAlias

from airssys_rt import Actor, Message, Request, on


class Call(Message):
    floor: int


class Where(Request[int]): ...


class _Arrived(Message):
    floor: int


ElevatorMsg: TypeAlias = Call | Where | _Arrived


class Elevator(Actor[ElevatorMsg]):
    seconds_per_floor = 2.0

    def __init__(self) -> None:
        self.floor = 0

    @on(Call)
    def start(self, msg: Call) -> None:
        distance = abs(msg.floor - self.floor)
        if distance == 0:
            return
        self.become(self.moving)
        self.after(distance * self.seconds_per_floor, _Arrived(msg.floor))

    @on(Call)
    def later(self, msg: Call) -> None:
        self.stash()

    @on(Where)
    def where(self, msg: Where) -> int:
        return self.floor

    @on(_Arrived)
    def stray(self, msg: _Arrived) -> None:
        self.log.debug("arrived twice at %d", msg.floor)

    @on(_Arrived)
    def arrived(self, msg: _Arrived) -> None:
        self.floor = msg.floor
        self.become(self.initial)
        self.unstash_all()

    initial = start | where | stray
    moving = later | where | arrived
    flow = (initial.to(moving), moving.to(initial))
