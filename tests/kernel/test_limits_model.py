"""The count of a system's messages against what is in its mailboxes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from airssys_rt import Bounded, Overloaded, Relieved, props
from airssys_rt.kernel.limits import CountedBox, Limits
from airssys_rt.kernel.mailbox import TOKEN, Notice
from airssys_rt.kernel.waits import Wait
from tests.kernel.boxes import Slow


class Source:
    live = True

    def taken(self) -> bool:
        return True


class FakePort:
    def __init__(self) -> None:
        self.events: list[object] = []

    def event(self, event: object) -> None:
        self.events.append(event)


class FakeScheduler:
    """As much of one as boxes and limits need."""

    def __init__(self) -> None:
        self.port = FakePort()
        self.observed = True
        self.guarded = False
        self.actors = 1
        self.limits: Limits | None = None
        self.refused: list[object] = []

    def admit(self, _cell: object, item: Any) -> Any:
        return item

    def enqueue(self, _cell: object) -> None: ...

    def hasten(self, _cell: object) -> None: ...

    def refuse(self, item: object, _cell: object, _reason: object) -> None:
        self.refused.append(item)


class FakeCell:
    path = "/box"

    def __init__(self, scheduler: FakeScheduler, bound: Bounded | None) -> None:
        self.scheduler = scheduler
        self.spec = props(Slow, []).mailbox(bound or Bounded(1)).spec


class CountMachine(RuleBasedStateMachine):
    """Three mailboxes of a system, and all that is done to them."""

    @initialize(
        most=st.integers(1, 8),
        capacity=st.integers(1, 4),
        overflow=st.sampled_from(["drop_newest", "drop_oldest"]),
    )
    def make(self, most: int, capacity: int, overflow: Any) -> None:
        self.scheduler = FakeScheduler()
        # Any: stands for the engine's
        engines: Any = self.scheduler
        self.limits = Limits(engines, None, most)
        self.most = most
        bounds = (None, None, Bounded(capacity, overflow))
        cells: list[Any] = [FakeCell(self.scheduler, bound) for bound in bounds]
        self.boxes = [
            CountedBox(cell, bound, self.limits) for cell, bound in zip(cells, bounds, strict=True)
        ]
        self.capacity = capacity
        self.told = self.taken = 0

    @rule(which=st.integers(0, 2))
    def tell(self, which: int) -> None:
        before = self.waiting()
        full = which == 2 and len(self.boxes[2]) == self.capacity
        lost = len(self.scheduler.refused)
        self.boxes[which].append(self.told)
        if before == self.most:  # never an older one in its place
            assert self.scheduler.refused[lost:] == [self.told]
        else:
            assert len(self.scheduler.refused) == lost + full
        self.told += 1

    @rule(which=st.integers(0, 1))
    def notice(self, which: int) -> None:
        self.boxes[which].put(Notice("tick", Source()))

    @rule(which=st.integers(0, 1))
    def signal(self, which: int) -> None:
        self.boxes[which].appendleft(TOKEN)

    @precondition(lambda self: len(self.boxes[2]) >= self.capacity)
    @rule()
    def send(self) -> None:
        self.boxes[2].wait_for_room(Wait(None, None), self.told)
        self.told += 1

    @rule(which=st.integers(0, 2))
    def take(self, which: int) -> None:
        if self.boxes[which]:
            item = self.boxes[which].popleft()
            self.taken += isinstance(item, int)

    @rule(which=st.integers(0, 1))
    def close(self, which: int) -> None:
        """As `Cell.close_box` does it: the messages are refused elsewhere."""
        box = self.boxes[which]
        lost = [item for item in box if isinstance(item, int)]
        self.scheduler.refused += lost
        box.load = 0
        self.boxes[which] = CountedBox(box.cell, None, self.limits)

    def waiting(self) -> int:
        return sum(isinstance(item, int) for box in self.boxes for item in box)

    @invariant()
    def the_count_is_what_waits_and_each_message_is_somewhere(self) -> None:
        if hasattr(self, "boxes"):
            waiting = self.waiting()
            assert self.limits.queued == waiting <= self.most
            held = len(self.boxes[2].waiters)
            assert self.told == self.taken + waiting + held + len(self.scheduler.refused)

    @invariant()
    def it_is_reported_in_turns(self) -> None:
        if hasattr(self, "boxes"):
            kinds = [type(event) for event in self.scheduler.port.events]
            assert kinds == [Overloaded, Relieved] * (len(kinds) // 2) + [Overloaded] * (
                len(kinds) % 2
            )
            if self.limits.messages.biting:
                assert self.limits.queued > self.most * 3 // 4
            assert self.limits.messages.biting is (len(kinds) % 2 == 1)


TestCount = CountMachine.TestCase
