# actor-blocking: what runs on the event loop's thread, and what may run in another.
import asyncio
import concurrent.futures
import fcntl
import os
import queue
import select
import shutil
import socket
import sqlite3
import subprocess
import threading
import time as clock
import urllib.request
from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path, PosixPath
from time import sleep as zz
from typing import TYPE_CHECKING, TypeAlias

import anyio
import anyio.to_thread

from airssys_rt import Actor, ActorRef, ActorSystem, Behaviour, Message, Request, blocking, on, on_enter


class Go(Message): ...


class Load(Request[str]):
    path: str


Msg: TypeAlias = Go | Load


class Mine(PosixPath):
    def write_text(self, data: str, *rest: str | None) -> int:
        return len(data)


class Pile(queue.Queue[int]): ...


# ---------------------------------------------------------------- functions


class Functions(Actor[Msg]):
    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = open(path).read()  # E: actor-blocking "do it in an async pre_start"
        zz(1)  # E: actor-blocking "time.sleep"

    async def pre_start(self) -> None:
        self.data = shutil.copy("a", "b")  # E: actor-blocking

    def post_stop(self, reason: object, /) -> None:
        os.fsync(1)  # E: actor-blocking

    @on(Go)
    def go(self, msg: Go) -> None:
        clock.sleep(1)  # E: actor-blocking "make "
        subprocess.run(["ls"])  # E: actor-blocking
        subprocess.Popen(["ls"])  # E: actor-blocking
        os.system("ls")  # E: actor-blocking
        input()  # E: actor-blocking
        socket.getaddrinfo("localhost", 80)  # E: actor-blocking
        asyncio.run(self.later())  # E: actor-blocking
        anyio.run(self.later)  # E: actor-blocking
        concurrent.futures.wait([])  # E: actor-blocking
        fcntl.flock(1, fcntl.LOCK_EX)  # E: actor-blocking
        select.select([1], [], [])  # E: actor-blocking
        print([urllib.request.urlopen(url) for url in ("a", "b")])  # E: actor-blocking
        sqlite3.connect("x")  # E: actor-blocking
        blocking(ActorSystem("other"))  # E: actor-blocking "airssys_rt.blocking"

    async def later(self) -> None:
        """Made here, run elsewhere."""

    @on(Load)
    async def load(self, msg: Load) -> str:
        if TYPE_CHECKING:
            zz(0)  # E: actor-blocking
        else:
            zz(0)
        fcntl.flock(1, fcntl.LOCK_EX | fcntl.LOCK_NB)
        select.select([1], [], [], 0)
        os.waitpid(1, os.WNOHANG)
        await anyio.sleep(1)
        await anyio.to_thread.run_sync(clock.sleep, 1)
        await anyio.to_thread.run_sync(lambda: clock.sleep(1))
        await anyio.to_thread.run_sync(partial(open, msg.path))

        def inner() -> None:
            zz(1)

        await anyio.to_thread.run_sync(inner)
        async with await anyio.open_file(msg.path) as file:
            return await file.read()

    initial: Behaviour[Msg] = go | load

    @on_enter(initial)
    def entered(self) -> None:
        zz(1)  # E: actor-blocking "hook"


# ---------------------------------------------------------------- methods


class Methods(Actor[Msg]):
    def __init__(self, path: Path, mine: Mine, db: sqlite3.Connection, sock: socket.socket) -> None:
        self.path, self.mine, self.db, self.sock = path, mine, db, sock
        self.lock, self.rlock = threading.Lock(), threading.RLock()
        self.event, self.thread = threading.Event(), threading.Thread()
        self.jobs: queue.Queue[int] = queue.Queue()
        self.pile = Pile()
        self.calm = anyio.Path("x")
        self.guard = anyio.Lock()
        self.pool = concurrent.futures.ThreadPoolExecutor()
        self.fields: dict[str, int] = {}

    @on(Go)
    async def go(self, msg: Go) -> None:
        self.path.read_text()  # E: actor-blocking "pathlib.Path.read_text"
        print(str(len([self.mine.read_text()])))  # E: actor-blocking
        self.mine.write_text("x")
        self.db.execute("select 1").fetchall()  # E: actor-blocking "sqlite3.Connection.execute", actor-blocking "fetchall"
        self.sock.recv(10)  # E: actor-blocking "socket.socket.recv"
        self.sock.recv(10, socket.MSG_DONTWAIT)
        self.lock.acquire()  # E: actor-blocking "threading.Lock.acquire"
        self.lock.acquire(timeout=1)  # E: actor-blocking
        self.lock.acquire(False)
        self.lock.acquire(blocking=False)
        self.rlock.acquire()  # E: actor-blocking "threading.RLock.acquire"
        with self.lock:  # E: actor-blocking "with threading.Lock"
            pass
        self.event.wait()  # E: actor-blocking
        self.event.wait(0)
        self.event.is_set()
        self.thread.join()  # E: actor-blocking
        self.jobs.get()  # E: actor-blocking
        self.jobs.get(False)
        self.jobs.get(block=False)
        self.jobs.get_nowait()
        self.jobs.put_nowait(1)
        self.jobs.put(1)  # E: actor-blocking
        self.jobs.put(1, False)
        self.pile.get(timeout=0)
        self.pile.get()  # E: actor-blocking "queue.Queue.get"
        self.fields.get("x")
        self.pool.submit(print).result()  # E: actor-blocking "concurrent.futures.Future.result"
        self.pool.shutdown(wait=False)
        self.pool.shutdown()  # E: actor-blocking
        with self.pool:  # E: actor-blocking
            pass
        subprocess.Popen(["ls"]).communicate()  # E: actor-blocking "communicate", actor-blocking "Popen"
        " ".join(("a", "b"))
        StringIO().read()
        await self.calm.read_text()
        async with self.guard:
            await self.guard.acquire()
        asyncio.get_running_loop().create_future().result()

    @on(Load)
    async def load(self, msg: Load) -> str:
        reader = self.path.read_text
        await anyio.to_thread.run_sync(reader)
        await anyio.to_thread.run_sync(lambda: self.path.read_text())

        def inner() -> str:
            return self.path.read_text()

        await anyio.to_thread.run_sync(inner)
        return await anyio.to_thread.run_sync(self.path.read_text)

    initial: Behaviour[Msg] = go | load


# ---------------------------------------------------------------- helpers


class Helpers(Actor[Msg]):
    def __init__(self, path: Path) -> None:
        self.path = path

    @on(Go)
    async def go(self, msg: Go) -> None:
        self.near()
        await self.awaited()
        print(self.prop)
        await anyio.to_thread.run_sync(self.work)
        await anyio.to_thread.run_sync(lambda: self.also_work())
        self.pipe(self.piped(), self.turned, self.failed)

    def near(self) -> None:
        self.far()
        zz(1)  # E: actor-blocking "which "

    def far(self) -> None:
        self.path.read_text()  # E: actor-blocking
        self.near()

    async def awaited(self) -> None:
        zz(1)  # E: actor-blocking

    @property
    def prop(self) -> str:
        return self.path.read_text()  # E: actor-blocking

    async def piped(self) -> int:
        zz(1)  # E: actor-blocking
        return 1

    def turned(self, value: int) -> Go:
        zz(1)  # E: actor-blocking
        return Go()

    def failed(self, error: Exception) -> Go:
        return Go()

    def work(self) -> None:
        zz(1)
        self.path.read_text()
        self.deeper()

    def also_work(self) -> None:
        self.path.read_text()

    def deeper(self) -> None:
        zz(1)

    @on(Load)
    def load(self, msg: Load) -> str:
        return self.rest()

    def rest(self) -> str:
        return ""

    initial: Behaviour[Msg] = go | load


class Derived(Helpers):
    def rest(self) -> str:
        zz(1)  # E: actor-blocking "which "
        return self.path.read_text()  # E: actor-blocking

    def deeper(self) -> None:
        zz(1)


class Elsewhere:
    def work(self) -> None:
        zz(1)


def plain(path: Path) -> str:
    zz(1)
    return path.read_text()


def made() -> Iterator[type[Actor[Go]]]:
    class Local(Actor[Go]):
        @on(Go)
        def go(self, msg: Go) -> None:
            zz(1)  # E: actor-blocking
            Path("x").read_text()  # E: actor-blocking

        initial = go

    yield Local
