"""Everybody waits until enough have come: replies kept in a list, given by a later handler."""

from typing import TypeAlias

from airssys_rt import Actor, ActorSystem, Later, Message, ReplyTo, Request, on


class Arrive(Request[int]):
    name: str


class Abandon(Message):
    why: str


BarrierMsg: TypeAlias = Arrive | Abandon


class Barrier(Actor[BarrierMsg]):
    def __init__(self, size: int) -> None:
        self.size = size
        self.waiting: list[ReplyTo[int]] = []

    @on(Arrive)
    def arrive(self, msg: Arrive) -> int | Later:
        if len(self.waiting) + 1 < self.size:
            self.waiting.append(self.defer(msg))
            return self.waiting[-1]
        for reply in self.waiting:
            reply.reply(self.size)
        self.waiting.clear()
        return self.size

    @on(Abandon)
    def abandon(self, msg: Abandon) -> None:
        for reply in self.waiting:
            reply.fail(TimeoutError(msg.why))
        self.waiting = []

    initial = arrive | abandon


async def main() -> None:
    async with ActorSystem() as system:
        barrier = system.spawn(Barrier, 1)
        print(await barrier.ask(Arrive("ada"), timeout=None))
