"""A bounded mailbox against a plain list: what it holds, what it drops, and whom it lets in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from airssys_rt import Bounded, MailboxFull
from airssys_rt.kernel.mailbox import TOKEN, Adapted, BoundedBox, Notice
from airssys_rt.kernel.waits import Call, Wait


class Held(NamedTuple):
    """An item of the model, and whether it counts against the bound."""

    item: Any
    counted: bool


class Source:
    """Where the notices come from."""

    live = True

    def taken(self) -> bool:
        return True


class BoundedMachine(RuleBasedStateMachine):
    """All that senders and the engine do to a box, beside a list."""

    @initialize(
        capacity=st.integers(1, 4),
        overflow=st.sampled_from(["reject", "drop_newest", "drop_oldest"]),
    )
    def make(self, capacity: int, overflow: Any) -> None:
        bound = Bounded(capacity, overflow=overflow)
        self.dropped: list[tuple[object, str]] = []
        scheduler = SimpleNamespace(
            admit=lambda _cell, item: item,
            enqueue=lambda _cell: None,
            hasten=lambda _cell: None,
            refuse=lambda item, _cell, reason: self.dropped.append((item, reason)),
        )
        # Any: stands for a cell and its scheduler
        cell: Any = SimpleNamespace(
            scheduler=scheduler, path="/box", spec=SimpleNamespace(mailbox=bound)
        )
        self.capacity, self.overflow = capacity, overflow
        self.box = BoundedBox(cell, bound)
        self.model: list[Held] = []
        self.waiting: list[tuple[Wait, object]] = []
        self.number = 0

    def load(self) -> int:
        return sum(held.counted for held in self.model)

    def made(self, kind: str) -> Any:
        self.number += 1
        msg = f"message {self.number}"
        if kind == "call":
            # Any: the target is not looked at
            cell: Any = None
            return Call(msg, cell, None)
        return Adapted(msg, str, 1) if kind == "adapted" else msg

    @rule(kind=st.sampled_from(["message", "call", "adapted"]))
    def tell(self, kind: str) -> None:
        item = self.made(kind)
        del self.dropped[:]
        if self.load() < self.capacity:
            self.box.append(item)
            self.model.append(Held(item, counted=True))
            assert self.dropped == []
        elif self.overflow == "reject":
            with pytest.raises(MailboxFull):
                self.box.append(item)
        elif self.overflow == "drop_newest":
            self.box.append(item)
            assert self.dropped == [(item, "overflow")]
        else:
            self.box.append(item)
            oldest = next(held for held in self.model if held.counted)
            self.model.remove(oldest)
            self.model.append(Held(item, counted=True))
            assert self.dropped == [(oldest.item, "overflow")]

    @rule()
    def notice(self) -> None:
        item = Notice(self.made("message"), Source())
        self.box.put(item)
        self.model.append(Held(item, counted=False))

    @precondition(lambda self: self.load() == self.capacity)
    @rule()
    def send(self) -> None:
        wait, item = Wait(None, None), self.made("message")
        self.box.wait_for_room(wait, item)
        self.waiting.append((wait, item))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.waiting))
        entry[0].give_up()
        self.waiting.remove(entry)

    @precondition(lambda self: self.model)
    @rule()
    def take(self) -> None:
        held = self.model.pop(0)
        assert self.box.popleft() is held.item
        if held.counted and self.waiting:
            wait, item = self.waiting.pop(0)
            assert wait.done
            self.model.append(Held(item, counted=True))

    @rule(count=st.integers(1, 3))
    def put_front(self, count: int) -> None:
        """As cells do it for unstashed messages: behind the token, if there is one."""
        items = [self.made("message") for _ in range(count)]
        token = self.box[0] is TOKEN if self.box else False
        if token:
            self.box.popleft()
        for item in reversed(items):
            self.box.appendleft(item)
        if token:
            self.box.appendleft(TOKEN)
        self.model[int(token) : int(token)] = [Held(item, counted=False) for item in items]

    @precondition(lambda self: not self.model or self.model[0].item is not TOKEN)
    @rule()
    def signal(self) -> None:
        self.box.appendleft(TOKEN)
        self.model.insert(0, Held(TOKEN, counted=False))

    @invariant()
    def it_holds_what_the_model_holds(self) -> None:
        if hasattr(self, "box"):
            assert list(self.box) == [held.item for held in self.model]
            assert self.box.load == self.load() <= self.capacity

    @invariant()
    def nobody_waits_while_there_is_room(self) -> None:
        if hasattr(self, "box") and self.waiting:
            assert self.load() == self.capacity
            assert not any(wait.done for wait, _ in self.waiting)


TestBoundedBox = BoundedMachine.TestCase
