"""Offloads to interpreters: a program of its own, `python interpreters_program.py BACKEND UVLOOP`.

A process that has interpreters must not fork as uvloop does, so they are not made in the process
that runs the tests.
"""

from __future__ import annotations

import math
import sys
import time

import anyio

from airssys_rt import ActorSystem, Unsendable, Workers
from tests.runtime.offloaded import pid


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")


async def main() -> None:
    workers = Workers("interpreter", limit=2)
    say(await workers.run(math.factorial, 5))
    try:
        await workers.run(divmod, 1, 0)
    except ZeroDivisionError as error:
        say(type(error).__name__)
    try:
        await workers.run(pid)  # its module imports msgspec
    except Unsendable as error:
        say(error.code)
    results: list[int] = []
    async with ActorSystem() as system, anyio.create_task_group() as tasks:
        say(system.name)

        async def one(n: int) -> None:
            results.append(await workers.run(math.factorial, n))

        for n in range(4):
            tasks.start_soon(one, n)
    say(sorted(results))
    with anyio.move_on_after(0.01):
        await workers.run(time.sleep, 0.05)  # outside of a system, it is waited for
    say("end")


if __name__ == "__main__":
    anyio.run(
        main, backend=sys.argv[1], backend_options={"use_uvloop": True} if sys.argv[2:] else {}
    )
