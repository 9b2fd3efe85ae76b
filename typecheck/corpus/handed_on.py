"""Passes the right to reply on to a worker, in a message."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Later, Message, ReplyTo, Request, on


class Task(Message):
    text: str
    to: ReplyTo[str]


class Worker(Actor[Task]):
    @on(Task)
    async def work(self, msg: Task) -> None:
        if msg.text:
            msg.to.reply(msg.text[::-1])
        else:
            msg.to.fail(ValueError("no text"))

    initial = work


class Reverse(Request[str]):
    text: str


class Shout(Request[str]):
    text: str


DispatcherMsg: TypeAlias = Reverse | Shout


class Dispatcher(Actor[DispatcherMsg]):
    def __init__(self, size: int) -> None:
        self.workers: list[ActorRef[Task]] = [self.spawn(Worker) for _ in range(size)]
        self.turn = 0

    @on(Reverse)
    def reverse(self, msg: Reverse) -> Later:
        to = self.defer(msg)
        self.turn = (self.turn + 1) % len(self.workers)
        self.workers[self.turn].tell(Task(msg.text, to))
        return to

    @on(Shout)
    def shout(self, msg: Shout) -> ReplyTo[str]:
        to = self.defer(msg)
        self.answer(to, msg.text)
        return to

    def answer(self, to: ReplyTo[str], text: str) -> None:
        to.reply(text.upper())

    initial = reverse | shout
