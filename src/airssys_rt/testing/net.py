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
from typing import TYPE_CHECKING, Any

from airssys_rt.kernel.mailbox import Control, HoldingBox
from airssys_rt.testing.ledger import Twin, look, refused, settle_item, take_aside

if TYPE_CHECKING:
    from airssys_rt.core.protocol import State
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.kernel.waits import Wait
    from airssys_rt.testing.post import Channel, Post
    from airssys_rt.testing.scopes import Scope
    from airssys_rt.testing.supervised import Supervised
    from airssys_rt.testing.task import Task

START = 1000.0  # the time at which a world begins

__all__ = ["Net", "Option", "Sender"]


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
        self.was_parted = False  # there has been a partition
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
        self.runner: Task | None = None  # that is stepped now
        self.scopes: list[Scope] = []  # that the code which runs now is in
        self.laws: frozenset[str] = frozenset()
        self.booked = False  # what becomes of messages is looked at
        self.calls = 0  # of handlers
        self.called: object = None  # the message of the last one
        self.supervised: Supervised | None = None  # what supervisors do is looked at
        self.twins: dict[State, Twin] = {}  # behaviours whose handlers note their calls

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

    def abandon(self) -> None:
        """The scenario has failed: what else could happen does not matter any more."""
        for option in self.enabled:
            option.place = -1
        self.enabled.clear()

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

    def judge(self, laws: frozenset[str]) -> None:
        """Hold the run to these laws."""
        self.laws = laws
        self.booked = "accounted" in laws
        if "supervised" not in laws:
            self.supervised = None

    def watch(self, post: Post) -> None:
        """The actor is in another behaviour: have its handlers note their calls."""
        cell = post.cell
        state = cell.state
        if state is not None and self.booked and not isinstance(state, Twin):
            twin = self.twins.get(state)
            if twin is None:
                twin = self.twins[state] = Twin(self, state)
            cell.state = state = twin
            cell.set_fast()
        post.state = state

    def book_turn(self, post: Post) -> None:
        """One item that stands in the mailbox itself: an order, or what was put aside."""
        cell = post.cell
        box = cell.box
        item = box[0] if box else None
        calls = self.calls
        plain = item is None or isinstance(item, Control)
        if not plain:
            take_aside(post, item)
        self.scheduler.turn(cell, 0)
        if plain:
            look(post)
        else:
            settle_item(self, post, item, self.calls - calls, due=True)

    # Any: an item of whatever protocol
    def book_task(self, cell: Cell, item: Any) -> None:
        """A step of a suspended handler, which may have put its message aside."""
        post = self.posts[cell]
        rich = cell.rich
        if post.aside or (rich is not None and (rich.stash or rich.nexts or cell.box)):
            look(post, item, item)

    @abstractmethod
    def check_order(self, channel: Channel, number: int, item: Any) -> None:
        """An item arrives that is not behind the last one, or that must be behind others."""

    @abstractmethod
    def oversee(self, cell: Cell) -> None:
        """The first supervisor, or child that may be restarted, is spawned: see what follows."""

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

    @abstractmethod
    def hold_reply(self, task: Task) -> bool:
        """Hold the answer that a task has got if it came through a partition."""

    # Any: an item of whatever protocol
    def arrive(self, post: Post, item: Any) -> None:
        """An item arrives at a mailbox that takes none any more."""
        self.refused += 1
        box: Any = post.cell.box
        if type(item) in NOTICES:
            box.put(item)
        else:
            box.append(item)
            if self.booked:
                refused(post, item)


def notices() -> frozenset[type]:
    """The classes of the engine's own items."""
    from airssys_rt.kernel.mailbox import DrainStop, Notice

    return frozenset({Notice, DrainStop})


NOTICES = notices()
