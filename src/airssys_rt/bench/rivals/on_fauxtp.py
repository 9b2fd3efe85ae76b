"""fauxtp: generic servers on anyio."""

# pyright: basic, reportInvalidTypeForm=false

from __future__ import annotations

from importlib import import_module
from typing import Any

import anyio

from airssys_rt.bench.measure import Span, Stopwatch, check
from airssys_rt.bench.rivals.serve import RING, serve_async

# Any: the library need not be there when types are checked
fauxtp: Any = import_module("fauxtp")


class Server(fauxtp.GenServer):  # type: ignore[misc]
    """Counts, echoes, and passes hops on; its state is the count, or the neighbour."""

    async def init(self) -> Any:
        return 0

    async def handle_call(self, request: Any, _from: Any, state: Any) -> Any:
        return (state if request == "count" else request), state

    async def handle_cast(self, request: Any, state: Any) -> Any:
        match request:
            case ("link", neighbour, done):
                return neighbour, done
            case ("hop", left):
                if left:
                    await fauxtp.cast(state[0], ("hop", left - 1))
                else:
                    state[1].set()
                return state
            case _:
                return state + 1


async def run() -> None:
    """Serve, in one task group."""
    cast, call = fauxtp.cast, fauxtp.call

    async with anyio.create_task_group() as tasks:

        async def make(count: int) -> list[Any]:
            return [await Server.start(task_group=tasks) for _ in range(count)]

        async def tell(n: int) -> Span:
            (pid,) = await make(1)
            watch = Stopwatch()
            for i in range(n):
                await cast(pid, i)
            count = await call(pid, "count")
            span = watch.lap(n)
            check(count, n, "messages handled")
            return span

        async def ask(n: int) -> Span:
            (pid,) = await make(1)
            total = 0
            watch = Stopwatch()
            for i in range(n):
                total += await call(pid, i)
            span = watch.lap(n)
            check(total, n * (n - 1) // 2, "sum of the replies")
            return span

        async def spawn(n: int) -> Span:
            watch = Stopwatch()
            pids = await make(n)
            check(await call(pids[-1], 1), 1, "reply of the last")
            return watch.lap(n)

        async def ring(n: int) -> Span:
            done = anyio.Event()
            pids = await make(RING)
            for pid, neighbour in zip(pids, [*pids[1:], pids[0]], strict=True):
                await cast(pid, ("link", neighbour, done))
            await call(pids[-1], 1)
            watch = Stopwatch()
            await cast(pids[0], ("hop", n - 1))
            await done.wait()
            return watch.lap(n)

        # each case leaves its actors to the end of the run, but begins with its own
        await serve_async({"tell": tell, "ask": ask, "spawn": spawn, "ring": ring})
        tasks.cancel_scope.cancel()


def main() -> None:
    """Serve."""
    anyio.run(run)
