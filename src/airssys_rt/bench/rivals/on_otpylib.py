"""otpylib: generic servers on its asyncio backend."""

# pyright: basic, reportInvalidTypeForm=false

from __future__ import annotations

import asyncio
from importlib import import_module
from itertools import count
from typing import Any

from airssys_rt.bench.measure import Span, Stopwatch, check
from airssys_rt.bench.rivals.serve import RING, serve_async

# Any: the library need not be there when types are checked
server: Any = import_module("otpylib.gen_server")
process: Any = import_module("otpylib.process")
module: Any = import_module("otpylib.module")
runtime: Any = import_module("otpylib.runtime")
backends: Any = import_module("otpylib.runtime.backends.asyncio_backend.backend")

NUMBERS = count()


class Callbacks:
    """Counts, and echoes."""

    async def init(self, _argument: Any) -> Any:
        return 0

    async def handle_call(self, message: Any, _caller: Any, state: Any) -> Any:
        return server.Reply(payload=state if message == "count" else message), state

    async def handle_cast(self, _message: Any, state: Any) -> Any:
        return server.NoReply(), state + 1

    async def handle_info(self, _message: Any, state: Any) -> Any:
        return server.NoReply(), state

    async def terminate(self, _reason: Any, _state: Any) -> None:
        return


# by a call, because checkers do not know what arguments the metaclass takes
Counter: Any = module.OTPModule(
    "Counter", (Callbacks,), dict(vars(Callbacks)), behavior=module.GEN_SERVER, version="1.0.0"
)


async def make() -> Any:
    return await server.start(Counter, None, f"counter-{next(NUMBERS)}")


async def tell(n: int) -> Span:
    pid = await make()
    watch = Stopwatch()
    for i in range(n):
        await server.cast(pid, i)
    handled = await server.call(pid, "count")
    span = watch.lap(n)
    check(handled, n, "messages handled")
    return span


async def ask(n: int) -> Span:
    pid = await make()
    total = 0
    watch = Stopwatch()
    for i in range(n):
        total += await server.call(pid, i)
    span = watch.lap(n)
    check(total, n * (n - 1) // 2, "sum of the replies")
    return span


async def spawn(n: int) -> Span:
    watch = Stopwatch()
    pids = [await make() for _ in range(n)]
    check(await server.call(pids[-1], 1), 1, "reply of the last")
    return watch.lap(n)


async def ring(n: int) -> Span:
    """Bare processes, as generic servers are not needed for it."""
    done = asyncio.get_running_loop().create_future()

    async def node() -> None:
        neighbour = await process.receive()
        while (left := await process.receive()) >= 0:
            if left:
                await process.send(neighbour, left - 1)
            else:
                done.set_result(None)

    pids = [await process.spawn(node) for _ in range(RING)]
    for pid, neighbour in zip(pids, [*pids[1:], pids[0]], strict=True):
        await process.send(pid, neighbour)
    watch = Stopwatch()
    await process.send(pids[0], n - 1)
    await done
    span = watch.lap(n)
    for pid in pids:
        await process.send(pid, -1)
    return span


async def run() -> None:
    """Serve, in a process of the library's own."""
    backend = backends.AsyncIOBackend()
    await backend.initialize()
    runtime.set_runtime(backend)
    over = asyncio.Event()

    async def first() -> None:
        await serve_async({"tell": tell, "ask": ask, "spawn": spawn, "ring": ring})
        over.set()

    await process.spawn(first, mailbox=True)
    await over.wait()
    await backend.shutdown()


def main() -> None:
    """Serve."""
    asyncio.run(run())
