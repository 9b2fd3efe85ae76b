"""The smallest useful actor, and a program that uses it."""

from typing import TypeAlias

from airssys_rt import Actor, ActorSystem, Message, Request, on


class Add(Message):
    amount: int = 1


class Reset(Message): ...


class Get(Request[int]): ...


CounterMsg: TypeAlias = Add | Reset | Get


class Counter(Actor[CounterMsg]):
    def __init__(self, start: int = 0, *, step: int = 1) -> None:
        self.start = start
        self.step = step
        self.value = start

    @on(Add)
    def add(self, msg: Add) -> None:
        self.value += msg.amount * self.step

    @on(Reset)
    def reset(self, msg: Reset) -> None:
        self.value = self.start

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.value

    initial = add | reset | get


async def main() -> int:
    async with ActorSystem() as system:
        counter = system.spawn(Counter, 3, step=2)
        counter.tell(Add(4))
        counter.tell(Add())
        counter.tell(Reset())
        return await counter.ask(Get())
