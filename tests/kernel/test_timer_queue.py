"""The queues of alarms and deadlines against naive models, and the memory that they hold."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from airssys_rt.kernel.deadlines import COMPACT as MOST_SETTLED
from airssys_rt.kernel.deadlines import QUEUES, Deadlines
from airssys_rt.kernel.timers import COMPACT as MOST_DEAD
from airssys_rt.kernel.timers import Alarm, TimerQueue
from airssys_rt.kernel.waits import Wait


class Recorded(Alarm):
    """Notes when it fires; periodic with an interval."""

    def __init__(self, when: float, fired: list[Alarm], interval: float | None) -> None:
        super().__init__(when)
        self.fired = fired
        self.interval = interval

    def fire(self, now: float) -> float | None:
        self.fired.append(self)
        return None if self.interval is None else now + self.interval


class TimerQueueMachine(RuleBasedStateMachine):
    """The queue beside a plain list of (when, order, alarm)."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = TimerQueue()
        self.model: list[tuple[float, int, Recorded]] = []
        self.old: list[Recorded] = []
        self.order = 0
        self.now = 0.0
        self.fired: list[Alarm] = []

    def note(self, alarm: Recorded) -> None:
        self.order += 1
        self.model.append((alarm.when, self.order, alarm))

    @rule(delay=st.integers(0, 5), interval=st.none() | st.integers(1, 3))
    def add(self, delay: int, interval: int | None) -> None:
        alarm = Recorded(self.now + delay, self.fired, interval)
        earliest = all(alarm.when < when for when, _, _ in self.model)
        self.note(alarm)
        if earliest:
            assert self.queue.add(alarm)
        else:
            self.queue.add(alarm)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.model))
        self.model.remove(entry)
        alarm = entry[2]
        alarm.live = False
        self.queue.dropped(alarm)

    @precondition(lambda self: self.old)
    @rule(data=st.data())
    def cancel_what_has_fired(self, data: st.DataObject) -> None:
        alarm = data.draw(st.sampled_from(self.old))
        self.old.remove(alarm)
        alarm.live = False
        self.queue.dropped(alarm)

    @rule(seconds=st.integers(0, 6))
    def fire(self, seconds: int) -> None:
        self.now += seconds
        due = sorted(entry for entry in self.model if entry[0] <= self.now)
        self.model = [entry for entry in self.model if entry[0] > self.now]
        del self.fired[:]
        self.queue.fire(self.now)
        assert self.fired == [alarm for _, _, alarm in due]
        for _, _, alarm in due:
            if alarm.interval is not None:
                self.note(alarm)
            else:
                self.old.append(alarm)

    @invariant()
    def the_next_is_the_earliest(self) -> None:
        assert self.queue.next() == min((when for when, _, _ in self.model), default=None)

    @invariant()
    def the_length_is_the_number_of_live_ones(self) -> None:
        assert len(self.queue) == len(self.model)


TestTimerQueue = TimerQueueMachine.TestCase


def test_cancelled_alarms_do_not_pile_up() -> None:
    queue = TimerQueue()
    kept = [Alarm(1e9 + number) for number in range(100)]
    for alarm in kept:
        queue.add(alarm)
    for number in range(10_000):
        alarm = Alarm(1e6 + number)
        queue.add(alarm)
        alarm.live = False
        queue.dropped(alarm)
    assert len(queue) == 100
    assert len(queue._heap) <= 2 * 100 + MOST_DEAD + 2
    assert queue.next() == 1e9


class DeadlinesMachine(RuleBasedStateMachine):
    """Deadlines beside a plain list; there are more timeout values than there are queues."""

    def __init__(self) -> None:
        super().__init__()
        self.deadlines = Deadlines()
        self.model: list[tuple[float, Wait]] = []
        self.now = 1.0

    @rule(
        timeout=st.sampled_from([1.0, 5.0]) | st.integers(1, 3 * QUEUES).map(float),
        pause=st.sampled_from([0.0, 0.5]),
    )
    def add(self, timeout: float, pause: float) -> None:
        self.now += pause
        wait = Wait(None, None)
        assert self.deadlines.add(wait, timeout, self.now) == self.now + timeout
        self.model.append((self.now + timeout, wait))

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.model))
        self.model.remove(entry)
        self.deadlines.settled(entry[1])

    @rule(seconds=st.integers(0, 10))
    def expire(self, seconds: int) -> None:
        self.now += seconds
        due = {wait for when, wait in self.model if when <= self.now}
        self.model = [entry for entry in self.model if entry[0] > self.now]
        late = self.deadlines.expired(self.now)
        assert len(late) == len(due)
        assert set(late) == due
        # what the asker does when it wakes
        for wait in late:
            if wait.deadline:
                self.deadlines.settled(wait)

    @invariant()
    def the_next_is_the_earliest(self) -> None:
        assert self.deadlines.next() == min((when for when, _ in self.model), default=None)

    @invariant()
    def the_length_is_the_number_of_unsettled_ones(self) -> None:
        assert len(self.deadlines) == len(self.model)


TestDeadlines = DeadlinesMachine.TestCase


def held(deadlines: Deadlines) -> int:
    queues: dict[Any, Any] = deadlines._queues
    return len(deadlines._heap) + sum(len(queue) for queue in queues.values())


@settings(max_examples=10)
@given(st.booleans(), st.integers(0, 100))
def test_settled_waits_are_forgotten_soon_not_at_their_deadline(fixed: bool, open_: int) -> None:
    deadlines = Deadlines()
    for _ in range(open_):
        deadlines.add(Wait(None, None), 3600.0, 1.0)
    for number in range(5_000):
        wait = Wait(None, None)
        deadlines.add(wait, 60.0 if fixed else 60.0 + number / 1000, 1.0)
        deadlines.settled(wait)
    assert len(deadlines) == open_
    assert held(deadlines) <= 2 * open_ + MOST_SETTLED + 2


def test_a_timeout_value_whose_asks_are_settled_gives_its_queue_back() -> None:
    deadlines = Deadlines()
    for number in range(QUEUES):
        wait = Wait(None, None)
        deadlines.add(wait, 100.0 + number, 1.0)
        deadlines.settled(wait)
    assert deadlines.next() is None
    deadlines.add(Wait(None, None), 5.0, 1.0)
    assert 5.0 in deadlines._queues
