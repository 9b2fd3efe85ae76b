"""The system of the fixture `actor_system`: what goes wrong in it is kept, and fails the test."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import DeadLetter, text_of
from airssys_rt.kernel.cell import Cell
from airssys_rt.runtime.system import ActorSystem

if TYPE_CHECKING:
    from airssys_rt.core.signals import DeadReason

__all__ = ["Faults", "checked_system"]

TURNS = 5  # of the loop, for tasks that are about to end
DRAIN = 2.0  # seconds for messages that are still being handled when the test is over


class Faults:
    """What went wrong in the system of `actor_system`, and what of it the test expects.

    `crashes` holds the exceptions, `dead_letters` the letters, `others` texts.
    """

    # Any: the arguments of marks
    def __init__(
        self, crashes: Sequence[tuple[Any, ...]] = (), letters: Sequence[tuple[Any, ...]] = ()
    ) -> None:
        self.crashes: list[BaseException] = []
        self.dead_letters: list[DeadLetter] = []
        self.others: list[str] = []
        self._texts: dict[int, str] = {}
        self._types: set[str] = set()
        self._reasons: set[str] | None = set()
        for types in crashes:
            self.expect_crashes(*types)
        for reasons in letters:
            self.expect_dead_letters(*reasons)

    def expect_crashes(self, *types: type[BaseException] | str) -> None:
        """Crashes by these exceptions, or by any if none is given, do not fail the test.

        Classes or their names; a class stands for those derived from it, too.
        """
        names = [kind if isinstance(kind, str) else kind.__name__ for kind in types]
        self._types.update(names or ["BaseException"])

    def expect_dead_letters(self, *reasons: DeadReason) -> None:
        """Dead letters of these reasons, or all if none is given, do not fail the test."""
        if not reasons:
            self._reasons = None
        elif self._reasons is not None:
            self._reasons.update(reasons)

    def crashed(self, cell: Cell, error: BaseException, doing: str) -> None:
        """An actor failed."""
        self.crashes.append(error)
        what = f"{type(error).__name__}: {text_of(error)}"
        self._texts[id(error)] = f"{cell.path} crashed {doing}: {what}"

    def take(self) -> list[str]:
        """What nobody expected, as texts, and forget it; what is kept for the test stays."""
        found = [
            self._texts.pop(id(error))
            for error in self.crashes
            if id(error) in self._texts
            and self._types.isdisjoint(base.__name__ for base in type(error).__mro__)
        ]
        reasons = self._reasons
        if reasons is not None:
            found += [
                f"dead letter to {letter.path}, {letter.reason}: {letter.message!r}"
                for letter in self.dead_letters[self._seen :]
                if letter.reason not in reasons
            ]
        self._seen = len(self.dead_letters)
        found += self.others
        self.others.clear()
        return found

    _seen = 0


# Any: options of ActorSystem
@asynccontextmanager
async def checked_system(
    faults: Faults, seed: int, options: Mapping[str, Any]
) -> AsyncGenerator[ActorSystem]:
    """A live system that tells `faults` what goes wrong in it."""
    before = loop_tasks()
    async with ActorSystem(**options) as system:
        parts = system._running()
        parts.scheduler.random.seed(seed)
        port: Any = parts.port  # Any: its methods are replaced
        bury, fail = port.dead_letter, port.failure

        def dead_letter(letter: DeadLetter) -> None:
            faults.dead_letters.append(letter)
            bury(letter)

        def failure(cell: Cell, error: BaseException, doing: str) -> None:
            faults.crashed(cell, error, doing)
            fail(cell, error, doing)

        port.dead_letter, port.failure = dead_letter, failure
        yield system
        if not await system.drain(DRAIN):
            busy = [cell for cell in walk(parts.root) if cell.suspension is not None]
            where = ", ".join(cell.path for cell in busy) or "the run queue"
            faults.others.append(f"still at work after the test, for {DRAIN:g} s: {where}")
    await settle(before, faults)


def walk(cell: Cell) -> list[Cell]:
    """The cell and all below it."""
    children = cell.rich.children if cell.rich is not None else ()
    return [cell, *(inner for child in children for inner in walk(child))]


# Any: whatever the tasks give
def loop_tasks() -> set[asyncio.Task[Any]]:
    """The tasks of the running asyncio loop; on trio none, where no task outlives its nursery."""
    trio: Any = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return set()
    return asyncio.all_tasks()


# Any: as above
def is_runner(task: asyncio.Task[Any]) -> bool:
    """Whether it is a task by which anyio's plugin runs tests and fixtures."""
    return getattr(task.get_coro(), "__qualname__", "").startswith("TestRunner.")


# Any: as above
async def settle(before: set[asyncio.Task[Any]], faults: Faults) -> None:
    """Note, and cancel, the tasks that the test has left."""
    if not before:
        return
    for _ in range(TURNS):
        await asyncio.sleep(0)
    found = [task for task in asyncio.all_tasks() - before if not task.done()]
    left = [task for task in found if not is_runner(task)]
    for task in left:
        faults.others.append(f"a task was left: {task.get_name()}, {task.get_coro()!r}")
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=DRAIN)
