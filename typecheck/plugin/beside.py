# Right programs: threads, pipes, containers and loops beside which nothing is to be reported.
import asyncio
import logging
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Final, TypeAlias

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    Message,
    Request,
    blocking,
    on,
)


class Go(Message): ...


class Res(Message):
    value: int = 0


class Err(Message):
    error: Exception


class Get(Request[int]): ...


M: TypeAlias = Go | Res | Err | Get


def compute(ref: ActorRef[M], items: list[int]) -> int:
    ref.tell_from_thread(Res(1))
    items = list(items)
    items.append(1)
    return sum(items)


class Table:
    names: list[str] = []

    def __init__(self, system: ActorSystem, ref: ActorRef[M]) -> None:
        self.ref = ref
        self.n = 0

    def work(self) -> None:
        self.n += 1
        anyio.from_thread.run_sync(self.ref.tell, Go())
        anyio.from_thread.run_sync(lambda: self.ref.tell(Go()))

    def go(self) -> None:
        threading.Thread(target=self.work).start()
        self.ref.tell(Go())


class Base(Actor[M]):
    routes = {"a": 1}
    hooks: ClassVar[list[Any]] = []
    _cache: "ClassVar[dict[str, int]]" = {}
    limits: Final = {"a": 1}
    defaults: dict[str, int] = {}
    queue: deque[int]
    log_lines: list[str] = []

    def __init__(self) -> None:
        super().__init__()
        self.defaults = dict(self.defaults)
        self.total = 0
        self.items: list[int] = []
        self.lock = threading.Lock()
        self.pool = ThreadPoolExecutor()
        self.stopping = threading.Event()
        self.logger = logging.getLogger()

    async def pre_start(self) -> None:
        self.log_lines = []
        self.loop = asyncio.get_running_loop()
        threading.Thread(target=self.listen, args=(self.ref,), daemon=True).start()

    def listen(self, ref: ActorRef[M]) -> None:
        while not self.stopping.is_set():
            ref.tell_from_thread(Res(len(self.items)))
            copy = self.items.copy()
            copy.append(1)
            self.loop.call_soon_threadsafe(self.ref.tell, Go())
            self.loop.call_soon_threadsafe(lambda: self.ref.tell(Go()))

    def post_stop(self, reason: object, /) -> None:
        self.stopping.set()

    @on(Go)
    async def go(self, msg: Go) -> None:
        self.defaults["a"] = 2
        self.log_lines.append("x")
        self.hooks.append(1)
        self._cache["b"] = 1
        value = await anyio.to_thread.run_sync(compute, self.ref, self.items)
        self.total += value
        fut = self.loop.run_in_executor(self.pool, self._calc)
        self.total += await fut
        results = await asyncio.gather(
            asyncio.to_thread(self._calc), asyncio.to_thread(self._store)
        )
        async with anyio.create_task_group() as tg:
            tg.start_soon(anyio.to_thread.run_sync, self._store)
            tg.start_soon(self._part)
            while not self.total:
                await anyio.sleep(0.01)

        async def work() -> int:
            total = self.total
            items = [*self.items]
            items.append(total)
            await anyio.to_thread.run_sync(compute, self.ref, items)
            self.logger.info("x")
            self.ref.tell(Go())
            return total

        self.pipe(work(), Res, Err)
        self.pipe(anyio.to_thread.run_sync(self._calc), Res, Err)
        self.pool.submit(self._calc).add_done_callback(
            lambda f: self.ref.tell_from_thread(Res(f.result()))
        )

    async def _part(self) -> None:
        self.total += 1

    def _calc(self) -> int:
        return sum(self.items)

    def _store(self) -> None:
        self.last = 1

    @on(Res)
    def res(self, msg: Res) -> None:
        self.items.append(msg.value)
        while self.items and self.items[0] < 3:
            self.items.pop(0)

    @on(Err)
    def err(self, msg: Err) -> None:
        self.log.error("x")

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.total

    initial = go | res | err | get


def main() -> None:
    with blocking(ActorSystem()) as system:
        ref = system.spawn(Base)
        threading.Thread(target=lambda: ref.tell(Go())).start()
        threading.Thread(target=lambda: ref.ask(Get())).start()
