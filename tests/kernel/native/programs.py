"""Programs for both engines: what a task does to the actors, step by step, and what comes of it.

A program is data. Running it gives a record of all that can be seen of the run; slices of time are
made so long that the record does not depend on the clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import anyio
from hypothesis import strategies as st

from airssys_rt import ActorRef, ActorSystem, Bounded, StartChild, Supervisor, props
from airssys_rt.errors import ActorError
from tests.kernel.native.subjects import (
    Breed,
    Change,
    Fail,
    Foreign,
    Hard,
    Log,
    Msg,
    Note,
    NoteLater,
    Odd,
    Pass,
    Subject,
    Sum,
    SumLater,
    Through,
)
from tests.runtime.kit import engine

ACTORS = 3

# Any: messages of every kind
MESSAGES: dict[str, Callable[[int], Any]] = {
    "note": Note,
    "pass": Pass,
    "later": lambda n: NoteLater(n, n % 3),
    "fail": Fail,
    "change": lambda _n: Change(),
    "breed": Breed,
    "odd": Odd,
    "foreign": lambda _n: Foreign(),
}
REQUESTS: dict[str, Callable[[int], Any]] = {
    "sum": Sum,
    "sum later": lambda n: SumLater(n, n % 3),
    "hard": Hard,
    "through": Through,
}

Step: TypeAlias = tuple[str, int, int]  # what, to whom, with which number
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.sampled_from([*MESSAGES, *REQUESTS, *MESSAGES, *REQUESTS, "spawn", "stop", "turn"]),
        st.integers(0, 7),
        st.integers(0, 11),
    ),
    max_size=40,
)


@dataclass(frozen=True)
class Settings:
    """How the actors of a program are made, and its system."""

    restart: bool = False
    bound: int | None = None
    debug: bool = False
    observed: bool = False


SETTINGS = st.builds(
    Settings,
    restart=st.booleans(),
    bound=st.sampled_from([None, None, 1, 3]),
    debug=st.booleans(),
    observed=st.booleans(),
)


class Run:
    """One run of a program, and its record."""

    def __init__(self, steps: list[Step], settings: Settings) -> None:
        self.steps, self.settings = steps, settings
        self.log = Log()

    async def main(self) -> list[object]:
        """Run the program; its record."""
        entries = self.log.entries
        async with ActorSystem("twins", debug=self.settings.debug) as system:
            scheduler = engine(system)
            scheduler.slice = 1e6  # seconds
            port: Any = scheduler.port
            port.dead_letter = lambda letter: entries.append(
                ("dead letter", letter.path, letter.reason, repr(letter.message))
            )
            if self.settings.observed:
                scheduler.observed = True
                port.event = lambda event: entries.append((type(event).__name__, event.path))
            self.upper = system.spawn(Supervisor, intensity=1_000_000)
            for number in range(ACTORS):
                await self.spawn(system, number)
            async with anyio.create_task_group() as askers:
                for step in self.steps:
                    await self.take(system, askers, *step)
                await system.drain()
                entries.append(repr(system.snapshot()))
                for ref in self.log.refs:
                    ref.stop()
                await system.drain()
            entries.append((scheduler.late_replies, scheduler.serial, scheduler.actors))
        return entries

    async def spawn(self, system: ActorSystem, number: int) -> None:
        """One more actor: as plain as can be, or with conditions."""
        found: ActorRef[Msg]
        fails = number % 7 == 6 and not self.settings.restart
        if self.settings == Settings():
            self.log.refs.append(system.spawn(Subject, self.log, number, fails=fails))
            return
        recipe = props(Subject, self.log, number, fails=fails)
        if self.settings.bound is not None:
            recipe = recipe.mailbox(Bounded(self.settings.bound))
        if self.settings.restart:
            started = recipe.restart("transient")
            found = await self.upper.ask(StartChild(started))
        else:
            found = system.spawn(recipe)
        self.log.refs.append(found)

    async def take(self, system: ActorSystem, askers: Any, what: str, whom: int, n: int) -> None:
        """Do one step."""
        ref = self.log.refs[whom % len(self.log.refs)]
        self.log.entries.append(("step", what, whom, n))
        if what in MESSAGES:
            try:
                ref.tell(MESSAGES[what](n))
            except ActorError as error:
                self.note(error)
        elif what == "hard":  # its reply may be late
            askers.start_soon(self.ask, ref, what, n)
        elif what in REQUESTS:
            await self.ask(ref, what, n)
        elif what == "spawn":
            await self.spawn(system, n)
        elif what == "stop":
            ref.stop(drain=n % 2 == 0)
        else:
            await anyio.sleep(0)

    async def ask(self, ref: ActorRef[Msg], what: str, n: int) -> None:
        """Ask, and write down what comes of it."""
        try:
            reply = await ref.ask(REQUESTS[what](n), timeout=None if n % 2 else 600)
        except ActorError as error:
            self.note(error)
        else:
            self.log.entries.append(("reply", what, n, reply))

    def note(self, error: ActorError) -> None:
        """Write an error down, with what is behind it."""
        text = re.sub(" at 0x[0-9a-f]+", "", str(error))
        self.log.entries.append((type(error).__name__, text, repr(error.__cause__)))
