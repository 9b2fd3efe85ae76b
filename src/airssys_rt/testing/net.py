"""The net of a simulated world: everything that could happen next.

An `Option` is one thing that could happen: the first message of a channel arrives and is handled,
a cell acts on a signal or starts, a suspended coroutine goes on.  A policy chooses among the
enabled options; each is run by the real engine, one item of one cell at a time.

Laws: a channel is one sender and one receiver, and keeps its order; a cell that acts on a signal,
starts, is suspended or is down lets nothing arrive until it is done with that; whatever is enabled
may come next, so that nothing is promised which the library does not promise.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Any

from airssys_rt.kernel.mailbox import Grave, GuardedBox, HoldingBox

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.kernel.waits import Wait
    from airssys_rt.testing.task import Task

START = 1000.0  # the time at which a world begins

__all__ = ["Channel", "Net", "Option", "Post", "Sender", "Turn"]


class Option(ABC):
    """One thing that could happen next."""

    __slots__ = ("net", "place", "prio")

    kind = "option"

    def __init__(self, net: Net) -> None:
        self.net = net
        self.place = -1  # in net.enabled
        self.prio = 0.0  # what a policy has given it; 0: nothing yet

    @abstractmethod
    def run(self) -> None:
        """Have it happen."""

    @property
    @abstractmethod
    def age(self) -> int:
        """When it came to be, on the net's count: the least is the next in send order."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is called in every run of the scenario."""


class Sender:
    """Who sends what no actor sends: a task of the scenario, a timer, the clock."""

    __slots__ = ("tag",)

    def __init__(self, tag: str) -> None:
        self.tag = tag


class Post:
    """A cell in the net: its channels, and its own turns."""

    __slots__ = ("blocked", "cell", "channels", "inner", "kids", "net", "slow", "tag", "turn")

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

    __slots__ = ("cut", "items", "label", "post", "sender", "taken")

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
        self.cut = False  # by a partition

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
        item = items.popleft()[1]
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
            scheduler.current = cell
            push(box, item)
            box.idle = False
            scheduler.turn(cell, 0)
            scheduler.current = None
            if scheduler.suspension is not None:
                net.suspended(post)
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
        scheduler.current = cell
        scheduler.turn(cell, 0)
        scheduler.current = None
        if scheduler.suspension is not None:
            net.suspended(post)
        else:
            post.settle()
        net.active = None


class Net(ABC):
    """All options of a world."""

    scheduler: Scheduler

    def __init__(self) -> None:
        self.enabled: list[Option] = []
        self.count = 0  # of all that was ever sent or became ready
        self.active: object = None  # in whose name something is sent now
        self.posts: dict[Cell, Post] = {}
        self.down: dict[Post, None] = {}  # cells between two incarnations
        self.live: frozenset[type] = frozenset()  # the classes of mailboxes that take messages
        self.refused = 0  # messages that arrived at a mailbox which takes none
        # the partitions: pairs of groups
        self.parted: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        self.now = START
        # what is due: coroutines and actions; Any: both have `wake`
        self.naps: list[tuple[float, int, Any]] = []
        self.expired: list[tuple[Task, Wait]] = []  # asks that ran into their deadline
        self.guarded = False  # what is sent is checked, or makes the trip through its encoding
        self.overflowing = False  # a fault: bounded mailboxes are full
        self.outside = Sender("outside")
        self.touched: set[str] = set()  # what is shared, by the present step
        self.dropped: list[object] = []  # messages that a fault has lost
        self.tasks: list[Task] = []  # that are not over

    def enable(self, option: Option) -> None:
        """It may happen."""
        option.place = len(self.enabled)
        self.enabled.append(option)

    def disable(self, option: Option) -> None:
        """It may not."""
        last = self.enabled.pop()
        if last is not option:
            self.enabled[option.place] = last
            last.place = option.place
        option.place = -1

    def gather(self) -> None:
        """What the last step made ready has its own turns now, before any message."""
        ready = self.scheduler.ready
        while ready:
            cell = ready.popleft()
            post = self.posts.get(cell) or self.adopt(cell)
            post.block()
            turn = post.turn
            if turn.place < 0:
                self.count += 1
                turn.since = self.count
                self.enable(turn)
        if self.down:
            self.look_down()

    def look_down(self) -> None:
        """Slots that were given up refuse what arrives, those that were reopened take it."""
        for post in list(self.down):
            if not isinstance(post.cell.box, HoldingBox):
                del self.down[post]
                if post.turn.place < 0 and post.cell.suspension is None:
                    post.settle()

    @abstractmethod
    def adopt(self, cell: Cell) -> Post:
        """Take in a cell that the engine made for itself."""

    @abstractmethod
    def suspended(self, post: Post) -> None:
        """The step left a handler that waits for something."""

    @abstractmethod
    def overlap(self, post: Post) -> None:
        """A message is handled while another one is."""

    @abstractmethod
    def is_parted(self, channel: Channel) -> bool:
        """Whether a partition holds what the channel carries."""

    # Any: an item of whatever protocol
    def arrive(self, post: Post, item: Any) -> None:
        """An item arrives at a mailbox that takes none any more."""
        self.refused += 1
        box: Any = post.cell.box
        if type(item) in NOTICES:
            box.put(item)
        else:
            box.append(item)


def notices() -> frozenset[type]:
    """The classes of the engine's own items."""
    from airssys_rt.kernel.mailbox import DrainStop, Notice

    return frozenset({Notice, DrainStop})


NOTICES = notices()
