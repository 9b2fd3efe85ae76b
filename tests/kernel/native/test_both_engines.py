"""The compiled twins do what the functions do that they stand for."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Iterator

import pytest
from hypothesis import example, given

from airssys_rt import ActorSystem
from airssys_rt.kernel import more, props
from airssys_rt.kernel.cell import NO_HANDLER, Cell
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import EMPTY, START
from airssys_rt.kernel.ref import ActorRef, cell_of
from tests.kernel.native.compiled import Engines
from tests.kernel.native.programs import MESSAGES, REQUESTS, SETTINGS, STEPS, Run, Settings, Step
from tests.kernel.native.subjects import Log, Subject, Sum

# everything, with all numbers: in bursts, to a fresh actor each round, what ends it at the end;
# and one by one, to actors at rest
BURST = (
    *("spawn", "note", "pass", "later", "breed", "odd", "foreign", "turn", "pass", "note", "note"),
    *("change", "note", "breed", "change", "turn", "sum", "sum later", "hard", "hard", "turn"),
    *("through", "turn", "sum", "fail", "sum", "note", "turn"),
)
REST = ("turn", "turn", "turn")
ONE_BY_ONE = [step for what in (*MESSAGES, *REQUESTS) for step in ("spawn", *REST, what, *REST)]
ALL = [(what, -1, n) for n in range(12) for what in (*BURST, *ONE_BY_ONE)]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The actors fail on purpose, thousands of times."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def record(steps: list[Step], settings: Settings) -> list[object]:
    return asyncio.run(Run(steps, settings).main())


@given(steps=STEPS, settings=SETTINGS)
@example(steps=ALL, settings=Settings())
@example(steps=ALL, settings=Settings(restart=True, observed=True))
@example(steps=ALL, settings=Settings(debug=True))
@example(steps=ALL, settings=Settings(bound=3))
def test_a_program_does_the_same_on_both_engines(
    engines: Engines, steps: list[Step], settings: Settings
) -> None:
    with engines.pure():
        wanted = record(steps, settings)
    with engines.compiled():
        assert record(steps, settings) == wanted


@given(steps=STEPS)
def test_so_does_one_with_the_plainest_actors(engines: Engines, steps: list[Step]) -> None:
    with engines.pure():
        wanted = record(steps, Settings())
    with engines.compiled():
        assert record(steps, Settings()) == wanted


def test_the_record_shows_what_programs_do(engines: Engines) -> None:
    with engines.compiled():
        found = repr(record(ALL, Settings()))
    for word in (
        *("reply", "HandlerFailed", "Refused", "ActorStopped", "coroutine", "back"),
        *("'failed'", "'not_accepted'", "never given", "does not answer this request"),
    ):
        assert word in found
    assert {step[0] for step in ALL} == {*MESSAGES, *REQUESTS, "spawn", "turn"}


def slots(cell: Cell) -> dict[str, object]:
    """All that a cell holds, those of its relations by name."""
    names = [name for name in Cell.__slots__ if name != "__weakref__"]
    values = {name: getattr(cell, name) for name in names}
    values["box"] = "itself" if cell.box is cell else cell.box
    values["scheduler"] = type(cell.scheduler)
    values["parent"] = cell.parent and cell.parent.path
    for name in ("recipe", "rich", "state"):
        values[name] = type(values[name])
    return values


async def spawned() -> list[dict[str, object]]:
    log = Log()
    async with ActorSystem("twins") as system:
        refs = [system.spawn(Subject, log, 1), system.spawn(Subject, log, number=2)]
        before = [slots(cell_of(ref)) for ref in refs]
        await refs[-1].started()
        return before + [slots(cell_of(ref)) | {"actor": None} for ref in refs]


def test_a_cell_is_made_and_started_alike(engines: Engines) -> None:
    with engines.pure():
        wanted = asyncio.run(spawned())
    assert wanted[0]["life"] == Life.NEW
    assert wanted[2]["life"] == Life.RUNNING
    with engines.compiled():
        found = asyncio.run(spawned())
    for mine, other in zip(found, wanted, strict=True):
        assert mine == other


MARKS = (
    *(None, True, False, EMPTY, START, NO_HANDLER, more.NO_CHILDREN, props.DEFAULT),
    *(Cell, ActorRef, Life.NEW, Life.RUNNING, Sum, Subject),
)


def counts() -> list[int]:
    gc.collect()
    return [sys.getrefcount(mark) for mark in MARKS]


def test_every_reference_that_is_taken_is_given_back(engines: Engines) -> None:
    with engines.compiled():
        for settings in (Settings(), Settings(restart=True)):
            record(ALL, settings)
        before = counts()
        for _ in range(3):
            record(ALL, Settings())
            record(ALL, Settings(restart=True))
        after = counts()
    # each program does some hundred things: one reference lost at each would be thousands
    assert [abs(late - early) < 100 for early, late in zip(before, after, strict=True)] == [
        True
    ] * len(MARKS)


def test_nothing_of_a_run_is_left(engines: Engines) -> None:
    with engines.compiled():
        record(ALL, Settings())
        gc.collect()
        before = sum(isinstance(found, (Cell, Subject)) for found in gc.get_objects())
        record(ALL, Settings())
        gc.collect()
        assert sum(isinstance(found, (Cell, Subject)) for found in gc.get_objects()) == before
