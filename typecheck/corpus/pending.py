"""Requests to a device that answers by number: replies kept in a dict, popped by another handler."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Later, Message, ReplyTo, Request, on


class Read(Request[float]):
    register: int


class Answer(Message):
    number: int
    value: float


class Broken(Message):
    number: int
    text: str


class Wire(Message):
    number: int
    register: int


DeviceMsg: TypeAlias = Read | Answer | Broken


class Device(Actor[DeviceMsg]):
    def __init__(self, wire: ActorRef[Wire]) -> None:
        self.wire = wire
        self.number = 0
        self.pending: dict[int, ReplyTo[float]] = {}

    @on(Read)
    def read(self, msg: Read) -> Later:
        self.number += 1
        self.pending[self.number] = self.defer(msg)
        self.wire.tell(Wire(self.number, msg.register))
        return self.pending[self.number]

    @on(Answer)
    def answer(self, msg: Answer) -> None:
        reply = self.pending.pop(msg.number, None)
        if reply is not None:
            reply.reply(msg.value)

    @on(Broken)
    def broken(self, msg: Broken) -> None:
        reply = self.pending.pop(msg.number, None)
        if reply is not None:
            reply.fail(OSError(msg.text))

    initial = read | answer | broken
