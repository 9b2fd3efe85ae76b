"""A circuit against a plain model, and a token bucket against its law."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from airssys_rt.kernel.waits import Wait
from airssys_rt.naming.breaker import CHANGES, Circuit, Outcome
from airssys_rt.naming.limited import Bucket

OUTCOMES: list[Outcome] = ["answered", "failed", "void"]


class CircuitMachine(RuleBasedStateMachine):
    """All that can happen to a circuit, beside the story of what happened."""

    @initialize(failures=st.integers(1, 3), reset_after=st.integers(1, 5))
    def make(self, failures: int, reset_after: int) -> None:
        self.failures, self.reset_after = failures, reset_after
        self.circuit = Circuit(failures, reset_after)
        self.now = 100.0
        self.state = "closed"
        self.row: list[Outcome] = []  # of asks since the circuit closed
        self.opened = 0.0
        self.asks: list[tuple[int, int]] = []  # on their way: the circuit's mark, and the period
        self.period = 0
        self.trials = 0

    @rule(seconds=st.integers(1, 3))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def ask(self) -> None:
        if self.state == "open" and self.now - self.opened >= self.reset_after:
            self.enter("half_open")
        expected = self.state == "closed" or (self.state == "half_open" and not self.trials)
        assert self.circuit.admits(self.now) is expected
        if expected:
            self.asks.append((self.circuit.changes, self.period))
            self.trials += self.state == "half_open"

    @precondition(lambda self: self.asks)
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES))
    def an_ask_is_over(self, data: st.DataObject, outcome: Outcome) -> None:
        entry = data.draw(st.sampled_from(self.asks))
        self.asks.remove(entry)
        begun, period = entry
        self.circuit.settle(begun, outcome, self.now)
        if period != self.period:
            return
        if self.state == "closed":
            if outcome != "void":
                self.row.append(outcome)
            if self.row[-self.failures :] == ["failed"] * self.failures:
                self.enter("open")
        else:
            self.trials -= 1
            if outcome != "void":
                self.enter("closed" if outcome == "answered" else "open")

    def enter(self, state: Literal["closed", "open", "half_open"]) -> None:
        self.state = state
        self.period += 1
        self.row = []
        self.trials = 0
        if state == "open":
            self.opened = self.now

    @invariant()
    def it_is_where_the_model_is(self) -> None:
        if hasattr(self, "circuit"):
            assert self.circuit.state == self.state
            assert self.trials <= 1


TestCircuit = CircuitMachine.TestCase


def test_every_state_of_the_table_can_be_left_and_is_reached() -> None:
    assert {state for state, _ in CHANGES} == set(CHANGES.values())


STEPS = st.lists(
    st.tuples(st.floats(0, 3, allow_subnormal=False), st.integers(1, 5)), min_size=1, max_size=60
)


@given(rate=st.floats(0.1, 1000), burst=st.integers(1, 20), steps=STEPS)
def test_no_stretch_of_time_sees_more_than_the_rate_and_the_burst(
    rate: float, burst: int, steps: list[tuple[float, int]]
) -> None:
    bucket = Bucket(rate, burst)
    now = 1000.0
    passed: list[float] = []
    for seconds, tries in steps:
        now += seconds
        passed += [now for _ in range(tries) if bucket.take(now)]
    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            allowed = Fraction(rate) * Fraction(passed[last] - start) + burst
            assert last - first + 1 <= allowed + Fraction(1, 1_000_000)


@given(rate=st.integers(1, 100), burst=st.integers(1, 20))
def test_who_asks_for_all_gets_the_burst_and_then_the_rate(rate: int, burst: int) -> None:
    bucket = Bucket(rate, burst)
    assert sum(bucket.take(50.0) for _ in range(burst + 5)) == burst
    now = 50.0
    for number in range(1, 30):
        now = max(now, bucket.next_at)
        assert now == pytest.approx(50.0 + number / rate)
        assert bucket.take(now)
        assert not bucket.take(now)
    assert sum(bucket.take(now + 1000) for _ in range(burst + 5)) == burst


@given(rate=st.floats(0.1, 100), gone=st.sets(st.integers(0, 9)))
def test_tokens_go_to_those_who_wait_in_their_order_and_not_to_those_who_left(
    rate: float, gone: set[int]
) -> None:
    bucket = Bucket(rate, 1)
    assert bucket.take(1.0)
    waits = [Wait(None, None) for _ in range(10)]
    bucket.waiting.extend(waits)
    for number in gone:
        waits[number].give_up()
    served = 0
    again = bucket.serve(1.0)
    while again is not None:
        served += 1
        again = bucket.serve(again)
        done = [number for number in range(10) if waits[number].done]
        assert done == [number for number in range(10) if number not in gone][:served]
    assert served == 10 - len(gone)
