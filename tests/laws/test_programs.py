"""Laws that hold for every program, whatever fails, stops, hangs or is cancelled in it."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airssys_rt import ActorError, ActorSystem, Bounded
from tests.laws.ledger import Ledger, run
from tests.laws.programs import MAILBOXES, PROGRAMS, Step
from tests.runtime.kit import engine

pytestmark = pytest.mark.anyio

RUN = {"failed", "killed"}  # why a message that a handler has begun becomes a dead letter


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    logger = logging.getLogger("airssys_rt")
    logger.disabled = True
    yield
    logger.disabled = False


def check_order(ledger: Ledger) -> None:
    """The messages of one sender to one receiver are handled in the order of their sending."""
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for receiver, sender, number in ledger.begun:
        numbers[receiver, sender].append(number)
    for pair, found in numbers.items():
        assert found == sorted(found), pair


def check_no_loss(ledger: Ledger) -> None:
    """Each message that was sent is handled, or a dead letter, and never twice."""
    begun = Counter(number for _, _, number in ledger.begun)
    letters = Counter(letter.message.number for letter in ledger.letters)  # type: ignore[attr-defined]
    reasons = {letter.message.number: letter.reason for letter in ledger.letters}  # type: ignore[attr-defined]
    for number in range(1, ledger.numbers + 1):
        assert begun[number] <= 1, number
        assert letters[number] <= 1, number
        if number in ledger.sent:
            assert begun[number] or letters[number], f"{number} was lost"
        elif number not in ledger.unsure:
            assert not begun[number], f"{number} was not sent"
            assert not letters[number], f"{number} was not sent"
        if letters[number] and begun[number]:
            assert reasons[number] in RUN, (number, reasons[number])


def check_asks(ledger: Ledger, late: int) -> None:
    """Each ask has one outcome; a reply is the right one; one too late is counted."""
    good, failed = 0, 0
    for number, outcomes in ledger.answers.items():
        assert len(outcomes) == 1, (number, outcomes)
        outcome = outcomes[0]
        if outcome == number:
            good += 1
            assert number in ledger.replied
        elif isinstance(outcome, ActorError):
            failed += number in ledger.replied
        else:
            assert outcome == "cancelled"
    # a reply may come in the very moment in which its asker is cancelled: it is not counted then
    assert failed <= late <= len(ledger.replied) - good


def check_ends(ledger: Ledger) -> None:
    """`post_stop` runs once for each start, not after a kill; children end before parents."""
    events = Counter(ledger.events)
    for (actor, what), count in events.items():
        assert count == 1, (actor, what)
    killed = {actor for actor, what in ledger.events if what == "kill"}
    for actor, what in events:
        if what == "start" and actor not in killed:
            assert events[actor, "stop"] <= 1
    order = [actor for actor, what in ledger.events if what == "stop"]
    for actor in order:
        if actor.endswith(".child") and actor[0] in order:
            assert order.index(actor) < order.index(actor[0])
    for actor, what in events:
        if what == "start" and len(actor) == 1 and actor not in killed:
            assert events[actor, "stop"] == 1, f"{actor} had no post_stop"


def check_rest(system: ActorSystem) -> None:
    """Nothing is left in the engine."""
    scheduler = engine(system)
    assert (scheduler.awake, scheduler.suspended, len(scheduler.ready)) == (0, 0, 0)
    assert scheduler.current is None
    assert scheduler.actors == 0
    assert len(scheduler.deadlines) == 0


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(program=PROGRAMS, mailboxes=MAILBOXES, hurry=st.booleans())
async def test_every_program_keeps_the_laws(
    program: list[list[Step]], mailboxes: list[Bounded | None], hurry: bool
) -> None:
    with anyio.fail_after(20):
        ledger, system = await run(program, mailboxes, hurry=hurry)
    assert ledger.faults == []
    assert ledger.busy == set()
    check_order(ledger)
    check_no_loss(ledger)
    check_asks(ledger, engine(system).late_replies)
    check_ends(ledger)
    check_rest(system)
