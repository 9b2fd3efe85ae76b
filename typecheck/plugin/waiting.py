# actor-blocking: loops that wait for another message; functions that block where they are called.
import asyncio
import enum
import functools
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import anyio
import anyio.to_thread

from airssys_rt import Actor, ActorRef, Message, Request, on


class Go(Message): ...


class Put(Message):
    item: int


class Take(Request[int]):
    least: int = 1
    path: str = ""


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

    async def pre_start(self) -> None:
        while not self.ready:  # E: actor-blocking "return, and go on in that message's handler"
            await anyio.sleep(0.1)

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


# ---------------------------------------------------------------- functions that block


def read(path: str) -> str:
    with open(path) as file:
        return file.read()


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def write(path: str) -> None:
    Path(path).write_text("a")


def indirectly(path: str) -> str:
    return read(path)


def quick(path: str) -> str:
    def later() -> str:
        return open(path).read()

    return path + later.__name__


@functools.cache
def cached(path: str) -> str:
    return open(path).read()


def lines(path: str) -> Iterator[str]:
    yield from open(path)


async def waits(path: str) -> str:
    return await anyio.Path(path).read_text()


def maybe(path: str, wait: bool) -> None:
    if wait:
        time.sleep(1)


def polls(pile: queue.Queue[int]) -> int:
    return pile.get(False)


def takes(pile: queue.Queue[int]) -> int:
    return pile.get()


class Reads(Actor[Go | Take]):
    def __init__(self) -> None:
        self.text = read("a")  # E: actor-blocking "async pre_start"

    @on(Go)
    def go(self, msg: Go) -> None:
        read("a")  # E: actor-blocking "for it calls "
        append(Path("a"), "b")  # E: actor-blocking "call it in an async method"
        write("a")  # E: actor-blocking "pathlib.Path.write_text"
        indirectly("a")
        quick("a")
        cached("a")
        lines("a")
        maybe("a", False)
        polls(queue.Queue())
        takes(queue.Queue())  # E: actor-blocking "queue.Queue.get"
        self.helped()

        async def work() -> int:
            time.sleep(1)  # E: actor-blocking "time.sleep"
            read("a")  # E: actor-blocking "await anyio.to_thread.run_sync(read, ...)"
            Path("a").write_text("b")  # E: actor-blocking
            return 1

        async def other() -> int:
            await anyio.to_thread.run_sync(read, "a")
            return 1

        def never() -> str:
            return read("a")

        self.pipe(work(), lambda size: Go(), lambda error: Go())
        self.pipe(other(), lambda size: Go(), lambda error: Go())
        threading.Thread(target=read).start()
        threading.Thread(target=never).start()

    def helped(self) -> None:
        read("b")  # E: actor-blocking "which "

    @on(Take)
    async def take(self, msg: Take) -> int:
        def call() -> bytes:
            return subprocess.run(["ls"], check=True).stdout  # E: actor-blocking "subprocess.run"

        def threaded() -> str:
            time.sleep(1)
            return read("a")

        call()
        await anyio.to_thread.run_sync(threaded)
        read(msg.path)  # E: actor-blocking "await anyio.to_thread.run_sync(read, ...)"
        await anyio.to_thread.run_sync(read, "a")
        await anyio.to_thread.run_sync(lambda: read("a"))
        await waits("a")
        return 1

    initial = go | take
