"""The mailboxes of a simulated world: what is sent goes into a channel, not into the mailbox.

It arrives when the schedule says so.  Orders of the engine, and what an actor has put aside, go
straight in: no schedule may move them behind a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import Down, Exit
from airssys_rt.kernel.mailbox import (
    UNCOUNTED,
    Bounded,
    BoundedBox,
    Control,
    DrainStop,
    Errand,
    GuardedBox,
    Notice,
)
from airssys_rt.kernel.ref import cell_of
from airssys_rt.kernel.timers import Timer
from airssys_rt.testing.post import Post, push

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.waits import Wait
    from airssys_rt.testing.net import Net

__all__ = ["LIVE", "WorldBounded", "WorldBox", "adopt", "box_maker"]

# Any throughout: messages of every protocol


class WorldBox(GuardedBox):
    """A mailbox without a bound."""

    __slots__ = ("guarded", "post")

    def __init__(self, post: Post, *, guarded: bool) -> None:
        super().__init__(post.cell)
        self.post = post
        self.guarded = guarded

    def append(self, item: Any) -> None:
        """Take what is sent."""
        if self.guarded:
            item = self.cell.scheduler.admit(self.cell, item)
        post = self.post
        net = post.net
        channel = post.channels.get(net.active)
        if channel is None:
            channel = post.open(net.active)
        net.count += 1
        channel.items.append((net.count, item))
        if channel.place < 0 and not post.blocked and not channel.cut:
            # `net.enable`, written out
            enabled = net.enabled
            channel.place = len(enabled)
            enabled.append(channel)

    def put(self, item: Any) -> None:
        """Take what the engine sends."""
        if isinstance(item, Control) and not isinstance(item, DrainStop):
            if type(item) is Errand:
                take_in(self, self.post)
            super().put(item)
        else:
            self.post.send(sender_of(self.post.net, item), item)


class WorldBounded(BoundedBox):
    """A mailbox with a bound: what is on its way to it counts."""

    __slots__ = ("post", "senders")

    def __init__(self, post: Post, bound: Bounded) -> None:
        super().__init__(post.cell, bound)
        self.post = post
        self.senders: dict[Wait, object] = {}  # who waits for room

    def append(self, item: Any) -> None:
        """Take what is sent, if there is room."""
        net = self.post.net
        net.touched.add(self.post.tag)
        if net.overflowing:
            self.overflow_now(item)
        else:
            super().append(item)

    def overflow_now(self, item: Any) -> None:
        """Behave as if it were full."""
        capacity, self.capacity = self.capacity, self.load
        try:
            if self.overflow == "drop_oldest" and not self.load:
                self.cell.scheduler.refuse(item, self.cell, "overflow")
            else:
                super().append(item)
        finally:
            self.capacity = capacity

    def put(self, item: Any) -> None:
        """Take what is sent and has room, and what the engine sends."""
        if isinstance(item, Control) and not isinstance(item, DrainStop):
            if type(item) is Errand:
                take_in(self, self.post)
            super().put(item)
        else:
            self.post.send(sender_of(self.post.net, item), item)

    def wait_for_room(self, wait: Wait, item: Any) -> None:
        """Queue a sender."""
        self.senders[wait] = self.post.net.active
        super().wait_for_room(wait, item)

    def taken(self, item: Any) -> None:
        """A fault has taken an item on its way: it counts no more."""
        if type(item) not in UNCOUNTED:
            self.load -= 1
            self._admit_waiter()

    def _take_oldest(self) -> Any:
        post = self.post
        waiting = (
            (age, channel)
            for channel in post.channels.values()
            for age, item in channel.items
            if type(item) not in UNCOUNTED
        )
        age, channel = min(waiting, key=lambda entry: entry[0])
        index = next(i for i, entry in enumerate(channel.items) if entry[0] == age)
        item = channel.items[index][1]
        del channel.items[index]
        if not channel.items and channel.place >= 0:
            post.net.disable(channel)
        return item

    def _admit_waiter(self) -> None:
        while self.waiters and self.load < self.capacity:
            wait, item = self.waiters.popleft()
            if not wait.gone and not wait.done:
                self.load += 1
                self.post.send(self.senders.pop(wait), item)
                wait.settle(None)


def take_in(box: GuardedBox, post: Post) -> None:
    """Have arrive, in send order, all that was sent: an errand has its place behind it."""
    for item in post.empty():
        push(box, item)
        if not isinstance(item, Control):
            post.aside.append(item)  # for the books it waits there, as if the actor had put it


def adopt(net: Net, cell: Cell) -> Post:
    """Take in a cell that the engine made for itself, and that is ready."""
    post = net.posts[cell] = Post(net, cell, tag_for(net, cell))
    post.inner = True
    items = cell.items()
    box = WorldBox(post, guarded=False)
    cell.guard(box)
    for item in items:
        box.appendleft(item)
    box.reverse()
    box.idle = False
    return post


LIVE = frozenset({WorldBox, WorldBounded})


def sender_of(net: Net, item: Any) -> object:
    """In whose name an item of the engine comes: order is kept behind what that one sent."""
    if type(item) is Notice:
        if isinstance(item.msg, (Down, Exit)):
            # of a name that nobody held, no cell was ever in the net
            return net.posts.get(cell_of(item.msg.ref), net.active)
        if isinstance(item.source, Timer):
            return net.posts.get(item.source._owner, net.active)
    return net.active


def box_maker(net: Net) -> Any:
    """What makes the mailbox of a cell of the net."""

    def make(cell: Cell, bound: Bounded | None) -> GuardedBox:
        post = Post(net, cell, tag_for(net, cell))
        net.posts[cell] = post
        if net.supervised is not None:
            net.supervised.spawned(cell)
        elif cell.spec.restart is not None or getattr(cell.factory, "__supervises__", False):
            net.oversee(cell)
        if bound is not None:
            return WorldBounded(post, bound)
        return WorldBox(post, guarded=net.guarded)

    return make


def tag_for(net: Net, cell: Cell) -> str:
    """The same name for the same actor, whatever the schedule: its place among its siblings."""
    above = net.posts[cell.parent] if cell.parent is not None else None
    label = cell.name
    if above is None:
        return "system"
    if not isinstance(label, str):
        factory = cell.factory
        kind = getattr(factory, "__name__", "actor").lower()
        label = above.number(kind)
    return label if above.cell.parent is None else f"{above.tag}/{label}"
