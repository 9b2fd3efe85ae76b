"""A lock that is given to one after the other, and comes back when its holder ends."""

from collections import deque
from typing import TypeAlias

from airssys_rt import Actor, AnyRef, Down, Later, Message, ReplyTo, Request, on


class Acquire(Request[int]):
    who: AnyRef


class Release(Message):
    who: AnyRef


LockMsg: TypeAlias = Acquire | Release | Down


class Lock(Actor[LockMsg]):
    def __init__(self) -> None:
        self.holder: AnyRef | None = None
        self.turns = 0
        self.queue: deque[tuple[AnyRef, ReplyTo[int]]] = deque()

    @on(Acquire)
    def acquire(self, msg: Acquire) -> int | Later:
        self.monitor(msg.who)
        if self.holder is None:
            return self.give(msg.who)
        reply = self.defer(msg)
        self.queue.append((msg.who, reply))
        return reply

    def give(self, who: AnyRef) -> int:
        self.holder = who
        self.turns += 1
        return self.turns

    @on(Release)
    def release(self, msg: Release) -> None:
        self.free(msg.who)

    @on(Down)
    def down(self, msg: Down) -> None:
        self.free(msg.ref)

    def free(self, who: AnyRef) -> None:
        if who != self.holder:
            return
        self.holder = None
        if self.queue:
            waiting, reply = self.queue.popleft()
            reply.reply(self.give(waiting))

    initial = acquire | release | down
