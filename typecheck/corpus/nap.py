"""Blocking calls by name, all of them handed to a thread or awaited."""

import subprocess
import time
from typing import TypeAlias

import anyio
import anyio.to_thread

from typing_extensions import override

from airssys_rt import Actor, Message, Request, on


class Nap(Message):
    seconds: float


class Uptime(Request[str]): ...


class Naps(Request[int]): ...


NapMsg: TypeAlias = Nap | Uptime | Naps


class Napper(Actor[NapMsg]):
    def __init__(self) -> None:
        self.naps = 0

    @override
    async def pre_start(self) -> None:
        await anyio.to_thread.run_sync(time.sleep, 0.01)

    @on(Nap)
    async def nap(self, msg: Nap) -> None:
        await anyio.sleep(msg.seconds / 2)
        await anyio.to_thread.run_sync(time.sleep, msg.seconds / 2)
        self.naps += 1

    @on(Uptime)
    async def uptime(self, msg: Uptime) -> str:
        def call() -> str:
            return subprocess.run(["uptime"], capture_output=True, text=True, check=True).stdout

        return await anyio.to_thread.run_sync(call)

    @on(Naps)
    def count(self, msg: Naps) -> int:
        return self.naps

    initial = nap | uptime | count
