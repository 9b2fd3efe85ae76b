"""A thousand ends in a tree under load: nothing is lost, nobody is left, nothing leaks.

Supervisors of every strategy, nested, with children of every restart type, some with bounded
mailboxes, backoff or handlers that suspend.  While messages pour in, actors crash, are killed,
stopped, terminated, and whole supervisors with them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import anyio
import pytest
import sniffio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    Backoff,
    Bounded,
    DynamicSupervisor,
    MailboxFull,
    Message,
    Props,
    Supervisor,
    on,
    props,
)
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.ending import kill
from airssys_rt.kernel.life import Life
from tests.runtime.kit import collect, engine

pytestmark = pytest.mark.anyio

KILLS = 1000


class Work(Message):
    number: int


class Slow(Message):
    number: int


class Crash(Message):
    number: int


class End(Message):
    number: int


Msg = Work | Slow | Crash | End


class Worker(Actor[Msg]):
    handled: list[int]
    busy: ClassVar[WeakKeyDictionary[Cell, int]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self.every(0.002, Work(-1), key="tick")

    def pre_start(self) -> None:
        assert not self.busy.get(self.__engine__()), "the last incarnation is not over"

    @on(Work)
    def work(self, msg: Work) -> None:
        type(self).handled.append(msg.number)

    @on(Slow)
    async def slow(self, msg: Slow) -> None:
        type(self).handled.append(msg.number)
        cell = self.__engine__()
        self.busy[cell] = self.busy.get(cell, 0) + 1
        assert self.busy[cell] == 1, "two handlers at once"
        try:
            with anyio.CancelScope(shield=msg.number % 3 == 0):
                await anyio.sleep(0.0005)
        finally:
            self.busy[cell] -= 1

    @on(Crash)
    def crash(self, msg: Crash) -> None:
        raise RuntimeError("crash")

    @on(End)
    def end(self, msg: End) -> None:
        type(self).handled.append(msg.number)
        self.stop()

    initial = work | slow | crash | end


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    logger = logging.getLogger("airssys_rt")
    logger.disabled = True
    yield
    logger.disabled = False


def worker(random: Random) -> Props[Msg]:
    made = props(Worker).restart(random.choice(["permanent", "transient", "temporary"]))
    if random.random() < 0.3:
        made = made.mailbox(Bounded(3, random.choice(["reject", "drop_newest", "drop_oldest"])))
    if random.random() < 0.3:
        made = made.backoff(Backoff(first=0.001, cap=0.004))
    if random.random() < 0.2:
        made = made.shutdown(random.choice([0.001, "brutal_kill"]))
    return made


def tree(random: Random, depth: int) -> Props[Any]:
    """A supervisor of workers and, while there is depth, of supervisors."""
    below: list[Props[Any]] = [worker(random) for _ in range(random.randint(1, 4))]
    if depth:
        below += [tree(random, depth - 1) for _ in range(random.randint(1, 2))]
    random.shuffle(below)
    strategy: Any = random.choice(["one_for_one", "one_for_all", "rest_for_one"])
    intensity = random.choice([2, 10, 10_000])
    return props(Supervisor, below, strategy=strategy, intensity=intensity, period=0.05)


def below(cell: Cell) -> list[Cell]:
    children = list(cell.rich.children) if cell.rich is not None else []
    return children + [deeper for child in children for deeper in below(child)]


def tasks_now() -> int:
    if sniffio.current_async_library() == "asyncio":
        return len(asyncio.all_tasks())
    import trio

    return trio.lowlevel.current_statistics().tasks_living


@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
async def test_a_thousand_ends_lose_and_leave_nothing(seed: int) -> None:
    random = Random(seed)
    Worker.handled = []
    sent: set[int] = set()
    before = tasks_now()
    with anyio.fail_after(60):
        async with ActorSystem("chaos", shutdown=0.2, drain=5.0) as system:
            letters = collect(system)
            scheduler = engine(system)
            root = system._parts.root  # type: ignore[union-attr]
            dynamic = props(DynamicSupervisor, intensity=10_000)
            tops = [tree(random, 2), tree(random, 1), dynamic]
            supers = [system.spawn(top.named(f"top{n}")) for n, top in enumerate(tops)]
            for ref in supers:
                await ref.started()
            ends = 0
            number = 0
            while ends < KILLS:
                cells = [c for c in below(root) if c.life != Life.DEAD]
                workers = [c for c in cells if c.factory is Worker]
                if len(workers) < 5 or not cells:
                    again = system.spawn(tree(random, 1))
                    await again.started()
                    continue
                for _ in range(20):
                    target: ActorRef[Any] = ActorRef(random.choice(workers))
                    number += 1
                    kind = random.choices([Work, Slow, Crash, End], [20, 4, 5, 1])[0]
                    try:
                        target.tell(kind(number))
                    except MailboxFull:
                        continue
                    sent.add(number)
                    ends += kind in (Crash, End)
                if random.random() < 0.3:
                    victim = random.choice(cells)
                    if random.random() < 0.5:
                        kill(victim)
                    else:
                        ActorRef[Any](victim).stop()
                    ends += 1
                if random.random() < 0.2:
                    system.spawn(worker(random).restart("temporary"))
                if random.random() < 0.3:
                    await anyio.sleep(random.choice([0, 0.001]))
        assert all(c.life == Life.DEAD for c in below(root))
    handled = Counter(n for n in Worker.handled if n > 0)
    dead = Counter(
        letter.message.number
        for letter in letters
        if isinstance(letter.message, (Work, Slow, Crash, End)) and letter.message.number > 0
    )
    lost = sent - set(handled) - set(dead)
    assert not lost
    assert set(handled) | set(dead) <= sent
    assert max(handled.values(), default=1) == 1
    assert max(dead.values(), default=1) == 1
    # begun and then killed or failed: both are true of it
    both = set(handled) & set(dead)
    reasons = {letter.message.number: letter.reason for letter in letters}  # type: ignore[attr-defined]
    assert {reasons[n] for n in both} <= {"failed", "killed"}
    assert scheduler.actors == 0
    assert (scheduler.awake, scheduler.suspended, len(scheduler.ready)) == (0, 0, 0)
    assert not scheduler.holding
    assert not [entry for entry in scheduler.timers._heap if entry[2].live]
    assert len(scheduler.deadlines) == 0
    assert tasks_now() <= before
