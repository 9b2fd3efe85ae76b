# actor-blocking: loops that wait for another message; functions that block where they are called.
import enum
import threading
import time
from typing import TypeAlias

import anyio
import asyncio

from airssys_rt import Actor, ActorRef, Message, Request, on


class Go(Message): ...


class Put(Message):
    item: int


class Take(Request[int]):
    least: int = 1


class Stop(Message): ...


Msg: TypeAlias = Go | Put | Take | Stop


class Mode(enum.Enum):
    OPEN = 1
    CLOSED = 2


class Waits(Actor[Msg]):
    def __init__(self, shared: list[int], peer: ActorRef[Go]) -> None:
        self.items: list[int] = []
        self.shared = shared
        self.lent: list[int] = []
        self.ready = False
        self.peer: ActorRef[Go] | None = None
        self.first = peer
        self.mode = Mode.OPEN
        self.event = threading.Event()
        self.beside = False
        self.deadline = 1.0
        self.tasked = False

    @on(Go)
    async def go(self, msg: Go) -> None:
        while not self.ready:  # E: actor-blocking "only another message does"
            await anyio.sleep(0.1)
        while len(self.items) < 3:  # E: actor-blocking "self.items"
            await asyncio.sleep(0)
        while self.mode is not Mode.CLOSED or not self.ready:  # E: actor-blocking
            await anyio.sleep(0.1)
        while not self.beside:
            await anyio.sleep(0.1)
        while not self.shared:
            await anyio.sleep(0.1)
        while not self.lent:
            await anyio.sleep(0.1)
        while not self.event.is_set():
            await anyio.sleep(0.1)
        while not self.ready and time.monotonic() < self.deadline:
            await anyio.sleep(0.1)
        while not self.ready:
            await anyio.sleep(0.1)
            if self.items:
                break
        while self.items:
            self.items.pop()
        tries = 0
        while not self.ready and tries < 5:
            await anyio.sleep(0.1)
            tries += 1
        while not self.ready:
            await self.look()
        while not self.tasked:
            await anyio.sleep(0.1)

    @on(Put)
    def put(self, msg: Put) -> None:
        self.items.append(msg.item)
        self.shared.append(msg.item)
        self.lent.append(msg.item)
        self.ready = True
        self.mode = Mode.CLOSED
        self.keep(self.lent)

        async def work() -> None:
            self.beside = True

        self.job = asyncio.ensure_future(work())
        self.task = asyncio.ensure_future(self.slow())

    def keep(self, items: list[int]) -> None:
        self.kept = items

    async def look(self) -> None:
        self.ready = True

    async def slow(self) -> None:
        self.tasked = True

    @on(Take)
    def take(self, msg: Take) -> int:
        while not self.items:  # E: actor-blocking "self.items"
            pass
        return self.items.pop()

    @on(Stop)
    def end(self, msg: Stop) -> None:
        self.stop()

    initial = go | put | take | end
