"""Health checks: who is not well is restarted."""

from __future__ import annotations

import anyio
import pytest

from airssys_rt import Actor, ActorSystem, BadArgument, Health, Message, ProtocolError, on, props
from tests.runtime.kit import Script, cell
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio


class Mood(Message):
    well: bool


class Hang(Message):
    pass


class Patient(Actor[Health | Mood | Hang]):
    asked = 0

    def __init__(self) -> None:
        self.well = True

    @on(Health)
    def health(self, msg: Health) -> bool:
        type(self).asked += 1
        return self.well

    @on(Mood)
    def mood(self, msg: Mood) -> None:
        self.well = msg.well

    @on(Hang)
    async def hang(self, msg: Hang) -> None:
        await anyio.sleep_forever()

    initial = health | mood | hang


CHECKED = props(Patient).restart("permanent").health(interval=10.0, timeout=1.0, threshold=2)


async def test_a_child_that_is_well_is_asked_and_left_alone() -> None:
    clock = VirtualClock()
    Patient.asked = 0
    async with ActorSystem("health", clock=clock) as system:
        ref = system.spawn(CHECKED)
        await ref.started()
        for _ in range(3):
            await advance(system, clock, 10.0)
        assert Patient.asked == 3
        assert cell(ref).incarnation == 1


async def test_a_child_that_is_not_well_is_restarted_after_so_many_checks() -> None:
    clock = VirtualClock()
    async with ActorSystem("health", clock=clock) as system:
        ref = system.spawn(CHECKED)
        ref.tell(Mood(False))
        await advance(system, clock, 10.0)
        assert cell(ref).incarnation == 1
        await advance(system, clock, 10.0)
        assert cell(ref).incarnation == 2


async def test_a_good_answer_forgives_the_bad_ones() -> None:
    clock = VirtualClock()
    async with ActorSystem("health", clock=clock) as system:
        ref = system.spawn(CHECKED)
        for well in (False, True, False, True):
            ref.tell(Mood(well))
            await advance(system, clock, 10.0)
        assert cell(ref).incarnation == 1


async def test_a_child_that_does_not_answer_is_killed_and_restarted() -> None:
    clock = VirtualClock()
    async with ActorSystem("health", clock=clock) as system:
        ref = system.spawn(CHECKED.shutdown(3.0))
        await ref.started()
        ref.tell(Hang())
        for _ in range(2):
            await advance_busy(clock, 10.0)
            await advance_busy(clock, 1.0)
        await advance_busy(clock, 3.0)
        await anyio.sleep(0.01)
        assert cell(ref).incarnation == 2
        await advance(system, clock, 10.0)
        assert cell(ref).incarnation == 2


async def advance_busy(clock: VirtualClock, seconds: float) -> None:
    """Move the time though a handler is suspended."""
    for _ in range(20):
        await anyio.lowlevel.checkpoint()
    clock.jump(seconds)
    for _ in range(20):
        await anyio.lowlevel.checkpoint()


def test_the_union_must_contain_health() -> None:
    with pytest.raises(ProtocolError, match="Health"):
        props(Script).health(interval=1.0, timeout=1.0)  # type: ignore[misc]


@pytest.mark.parametrize(("interval", "timeout", "threshold"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_check_that_cannot_be_is_refused(interval: float, timeout: float, threshold: int) -> None:
    with pytest.raises(BadArgument):
        props(Patient).health(interval=interval, timeout=timeout, threshold=threshold)
