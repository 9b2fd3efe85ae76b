"""A program that sends itself Ctrl-C; run by `test_sigint.py` in a process of its own.

sigint_program.py BACKEND steps FROM COUNT   at COUNT different lines of the engine
sigint_program.py BACKEND twice              again, while the ordered stop hangs
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import anyio

import airssys_rt
from airssys_rt import Actor, ActorRef, ActorSystem, Message, Request, on

ENGINE = str(Path(airssys_rt.__file__).parent)


class Poke(Message):
    """Handled at once."""


class Work(Message):
    """Handled by an async handler that suspends."""


class Read(Request[int]):
    """Handled at once, and answered."""


class Slow(Request[int]):
    """Answered after a turn of the loop."""


class Worker(Actor[Poke | Work | Read | Slow]):
    def __init__(self, log: list[str]) -> None:
        self.lines = log
        self.count = 0

    def pre_start(self) -> None:
        self.lines.append("started")

    async def post_stop(self, _reason: object) -> None:
        await anyio.sleep(0)
        self.lines.append("stopped")

    @on(Poke)
    def poke(self, _msg: Poke) -> None:
        self.count += 1

    @on(Work)
    async def work(self, _msg: Work) -> None:
        await anyio.sleep(0)
        self.count += 1

    @on(Read)
    def read(self, _msg: Read) -> int:
        return self.count

    @on(Slow)
    async def slow(self, _msg: Slow) -> int:
        await anyio.sleep(0)
        return self.count

    initial = poke | work | read | slow


class Front(Actor[Slow | Work]):
    def __init__(self, back: ActorRef[Read | Slow]) -> None:
        self.back = back

    @on(Slow)
    async def slow(self, _msg: Slow) -> int:
        return await self.back.ask(Read()) + await self.back.ask(Slow())

    @on(Work)
    async def work(self, _msg: Work) -> None:
        """Nothing to do."""

    initial = slow | work


async def program(log: list[str]) -> None:
    async with ActorSystem(shutdown=5) as system:
        worker = system.spawn(Worker, log)
        front = system.spawn(Front, worker)
        for _ in range(2):
            worker.tell(Poke())
            worker.tell(Work())
            await worker.ask(Read())
            await front.ask(Slow())
            await worker.send(Poke())
        worker.tell(Work())


class Tracer:
    """Counts the lines that run in the engine; at one of them it sends Ctrl-C."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.lines = 0

    def __call__(self, frame: FrameType, event: str, _arg: Any) -> Any:
        if not frame.f_code.co_filename.startswith(ENGINE):
            return None
        if event == "line":
            self.lines += 1
            if self.lines == self.at:
                os.kill(os.getpid(), signal.SIGINT)
        return self


def run(backend: str, main: Any, *args: Any) -> None:
    if backend == "trio":
        import trio

        trio.run(main, *args)
    elif backend == "uvloop":
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main(*args))
    else:
        asyncio.run(main(*args))


def traced(backend: str, at: int) -> tuple[list[str], bool, int]:
    """Run the program with Ctrl-C at a line: its log, whether it was interrupted, the lines."""
    log, tracer = list[str](), Tracer(at)
    interrupted = False
    sys.settrace(tracer)
    try:
        run(backend, program, log)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        sys.settrace(None)
    return log, interrupted, tracer.lines


def steps(backend: str, first: int, count: int) -> None:
    log, interrupted, lines = traced(backend, 0)
    assert (log, interrupted) == (["started", "stopped"], False), log
    for n in range(count):
        at = first + n * lines // count
        log, interrupted, reached = traced(backend, at)
        if reached < at:
            continue  # it took another way this time, and a shorter one
        assert interrupted, f"line {at} of {lines}: not interrupted, {log}"
        assert log in ([], ["started", "stopped"]), f"line {at} of {lines}: {log}"
    sys.stdout.write("all well\n")


async def hanging(log: list[str]) -> None:
    async with ActorSystem(shutdown=60) as system:

        class Stubborn(Actor[Poke]):
            async def post_stop(self, _reason: object) -> None:
                log.append("post_stop")
                await anyio.sleep(60)

            @on(Poke)
            def poke(self, _msg: Poke) -> None:
                """Nothing to do."""

            initial = poke

        await system.spawn(Stubborn).started()
        log.append("started")
        await anyio.sleep(60)


def twice(backend: str) -> None:
    log: list[str] = []
    start = time.monotonic()

    def interrupt() -> None:
        for entry in ("started", "post_stop"):
            while entry not in log:
                time.sleep(0.01)
            time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        run(backend, hanging, log)
    except KeyboardInterrupt:
        log.append("interrupted")
    thread.join()
    assert log == ["started", "post_stop", "interrupted"], log
    assert time.monotonic() - start < 30
    sys.stdout.write("all well\n")


if __name__ == "__main__":
    logging.getLogger("airssys_rt").addHandler(logging.NullHandler())
    logging.getLogger("airssys_rt").propagate = False
    if sys.argv[2] == "steps":
        steps(sys.argv[1], int(sys.argv[3]), int(sys.argv[4]))
    else:
        twice(sys.argv[1])
