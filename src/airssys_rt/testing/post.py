"""The posts of a net: where a cell stands in it, its channels, and its own turns.

Laws: a channel is one sender and one receiver, and keeps its order; each step of a post is one item
of its cell, run by the real engine.
"""

from __future__ import annotations

from collections import deque
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from airssys_rt.kernel.mailbox import Grave, GuardedBox, HoldingBox, Notice
from airssys_rt.testing.ledger import due as is_due
from airssys_rt.testing.ledger import settle_item
from airssys_rt.testing.net import Option

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.core.protocol import State
    from airssys_rt.core.signals import DeadLetter
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.testing.net import Net

__all__ = ["Channel", "Post", "Turn", "push"]


class Post:
    """A cell in the net: its channels, and its own turns."""

    __slots__ = (
        "aside",
        "blocked",
        "cell",
        "channels",
        "gone",
        "inner",
        "kids",
        "net",
        "slow",
        "stashed",
        "state",
        "tag",
        "turn",
    )

    def __init__(self, net: Net, cell: Cell, tag: str) -> None:
        self.net = net
        self.cell = cell
        self.tag = tag
        self.blocked = False  # nothing may arrive now
        self.inner = False  # the engine's own, no actor
        self.slow = False  # a fault has its last handler take time
        self.channels: dict[object, Channel] = {}
        self.kids: dict[str, int] = {}  # how many there were that have no name, by kind
        self.turn = Turn(net, self)
        self.state: State | None = None  # the behaviour whose handlers are noted
        # Any: items of whatever protocol
        self.aside: list[Any] = []  # what the actor has put aside, as of the last step
        self.stashed: list[Any] = []  # of these, what is in its stash
        self.gone: list[DeadLetter] = []  # dead letters since then

    def number(self, kind: str) -> str:
        """A name for the next of its kind: a child, a job, a timer."""
        number = self.kids[kind] = self.kids.get(kind, 0) + 1
        return kind if number == 1 else f"{kind}-{number}"

    def open(self, sender: object) -> Channel:
        """The channel from a sender that has sent nothing yet."""
        channel = self.channels[sender] = Channel(self.net, self, sender)
        if self.net.parted:
            channel.cut = self.net.is_parted(channel)
        return channel

    # Any: an item of whatever protocol
    def send(self, sender: object, item: Any) -> None:
        """Put an item into a channel."""
        net = self.net
        channel = self.channels.get(sender) or self.open(sender)
        net.count += 1
        channel.items.append((net.count, item))
        if channel.place < 0 and not self.blocked and not channel.cut:
            net.enable(channel)

    # Any: items of whatever protocol
    def empty(self) -> list[Any]:
        """Take all that was sent, has not arrived and is not held, in send order."""
        found: list[tuple[int, Any]] = []
        for channel in self.channels.values():
            if channel.items and not channel.cut:
                found += channel.items
                channel.last = channel.items[-1][0]
                channel.taken += len(channel.items)
                channel.items.clear()
                if channel.place >= 0:
                    self.net.disable(channel)
        return [item for _, item in sorted(found, key=itemgetter(0))]

    def block(self) -> None:
        """Nothing may arrive now."""
        if not self.blocked:
            self.blocked = True
            for channel in self.channels.values():
                if channel.place >= 0:
                    self.net.disable(channel)

    def unblock(self) -> None:
        """Messages may arrive again."""
        if self.blocked and not self.slow:
            self.blocked = False
            for channel in self.channels.values():
                if channel.items and not channel.cut:
                    self.net.enable(channel)

    def settle(self) -> None:
        """The cell has done something of its own: messages may arrive if it rests now."""
        box = self.cell.box
        if isinstance(box, HoldingBox):
            self.block()
            self.net.down[self] = None
        elif self.blocked and (
            box is None or (isinstance(box, GuardedBox) and box.idle) or isinstance(box, Grave)
        ):
            self.unblock()


class Channel(Option):
    """What one sender has sent to one receiver and has not arrived, in its order."""

    __slots__ = ("cut", "items", "label", "last", "late", "post", "sender", "taken")

    kind = "message"

    def __init__(self, net: Net, post: Post, sender: object) -> None:
        self.net = net
        self.place = -1
        self.prio = 0.0
        self.post = post
        self.sender = sender
        tag: str | None = getattr(sender, "tag", None)
        if tag is None:  # a timer
            tag = post.number(type(sender).__name__.lower())
        self.label = tag
        # Any: items of whatever protocol
        self.items: deque[tuple[int, Any]] = deque()
        self.taken = 0  # how many have arrived
        self.cut = False  # by a partition, or because a fault has it late
        self.late = False
        self.last = 0  # the number of the last that has arrived

    @property
    def age(self) -> int:
        """When its first message was sent."""
        return self.items[0][0]

    @property
    def name(self) -> str:
        """Sender and receiver."""
        return f"{self.label}>{self.post.tag}"

    def run(self) -> None:
        """The first message arrives and is handled."""
        net = self.net
        items = self.items
        number, item = items.popleft()
        notice = type(item) is Notice
        if notice or number <= self.last:
            net.check_order(self, number, item)
        self.last = number
        self.taken += 1
        if not items:
            # `net.disable`, written out
            enabled = net.enabled
            last = enabled.pop()
            if last is not self:
                enabled[self.place] = last
                last.place = self.place
            self.place = -1
        post = self.post
        cell = post.cell
        box = cell.box
        scheduler = net.scheduler
        net.active = post
        if type(box) in net.live:
            if cell.msg is not None or cell.suspension is not None:
                net.overlap(post)
            if cell.state is not post.state:
                net.watch(post)
            if net.supervised is not None:
                net.supervised.handles(cell, item)
            calls = net.calls
            due = notice and is_due(item, post)
            scheduler.current = cell
            push(box, item)
            box.idle = False
            scheduler.turn(cell, 0)
            scheduler.current = None
            if scheduler.suspension is not None:
                net.suspended(post)
            if net.supervised is not None:
                net.supervised.after(cell)
            if net.booked and (
                net.called is not item
                or net.calls != calls + 1
                or cell.rich is not None
                or post.aside
            ):
                settle_item(net, post, item, net.calls - calls, due=due)
        else:
            net.arrive(post, item)
        net.active = None


# Any: items of whatever protocol; the mailbox's own `append` puts them into channels
push: Callable[[deque[Any], Any], None] = deque[Any].append


class Turn(Option):
    """A cell acts on a signal, starts, or handles what it has put aside."""

    __slots__ = ("post", "since")

    kind = "turn"

    def __init__(self, net: Net, post: Post) -> None:
        self.net = net
        self.place = -1
        self.prio = 0.0
        self.post = post
        self.since = 0

    @property
    def age(self) -> int:
        """Since when the cell is ready."""
        return self.since

    @property
    def name(self) -> str:
        """The cell."""
        return f"{self.post.tag}!"

    def run(self) -> None:
        """One item."""
        net, post = self.net, self.post
        net.disable(self)
        scheduler, cell = net.scheduler, post.cell
        net.active = post
        if cell.state is not post.state:
            net.watch(post)
        scheduler.current = cell
        if net.supervised is not None:
            net.supervised.before(cell)
        if net.booked:
            net.book_turn(post)
        else:
            scheduler.turn(cell, 0)
        scheduler.current = None
        if scheduler.suspension is not None:
            net.suspended(post)
        else:
            post.settle()
        net.active = None
        if net.supervised is not None:
            net.supervised.judge()
