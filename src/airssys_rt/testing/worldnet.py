"""The net, and what stands around it in a world: time, suspended handlers, partitions."""

from __future__ import annotations

from heapq import heappush
from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import Down, Exit
from airssys_rt.errors import LawBroken
from airssys_rt.kernel.mailbox import ClosedBox, Grave, Notice
from airssys_rt.kernel.ref import cell_of
from airssys_rt.kernel.scheduler import Scheduler
from airssys_rt.testing.boxes import adopt
from airssys_rt.testing.faults import fits, mend
from airssys_rt.testing.ledger import message_of
from airssys_rt.testing.net import Net
from airssys_rt.testing.post import Channel, Post
from airssys_rt.testing.replies import HeldReply
from airssys_rt.testing.supervised import Supervised
from airssys_rt.testing.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.core.signals import DeadReason
    from airssys_rt.kernel.cell import Cell

__all__ = ["WorldNet", "WorldScheduler"]


class Later:
    """Something that is done at a time."""

    __slots__ = ("wake",)

    def __init__(self, wake: Callable[[], object]) -> None:
        self.wake = wake


class WorldScheduler(Scheduler):
    """The engine's scheduler; what a partition holds is refused only when it arrives."""

    __slots__ = ()

    def refuse(self, item: object, cell: Cell, reason: DeadReason) -> None:
        """As `Scheduler.refuse`."""
        world: Any = self.system
        net: WorldNet = world.net
        if net.parted and isinstance(cell.box, (ClosedBox, Grave)):
            post, sender = net.posts[cell], net.active
            known = any(item is one for one in post.aside)
            if not known and net.is_cut(str(getattr(sender, "tag", "")), post.tag):
                post.send(sender, item)
                return
        super().refuse(item, cell, reason)


class WorldNet(Net):
    """The net, and what in a world stands around it."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[HeldReply] = []  # by a partition

    def adopt(self, cell: Cell) -> Post:
        """Take in a cell that the engine made for itself."""
        return adopt(self, cell)

    def oversee(self, cell: Cell) -> None:
        """The first supervisor, or child that may be restarted, is spawned: see what follows."""
        if "supervised" in self.laws:
            self.supervised = Supervised(self)
            self.scheduler.observed = True
            for known in self.posts:
                self.supervised.spawned(known)

    def overlap(self, post: Post) -> None:
        """A message is handled while another one is."""
        if "serial" in self.laws:
            raise LawBroken(
                f"{post.tag} handles a message while it handles another one",
                where=post.tag,
                why="law 'serial': an actor handles one message at a time",
                mend="this is the engine's fault, or that of who changes its cells",
            )

    # Any: an item of whatever protocol
    def check_order(self, channel: Channel, number: int, item: Any) -> None:
        """An item arrives that is not behind the last one, or that must be behind others."""
        passed = number <= channel.last
        if isinstance(item, Notice) and isinstance(item.msg, (Down, Exit)):
            post = self.posts.get(cell_of(item.msg.ref))
            other = channel.post.channels.get(post)
            passed |= other is not None and bool(other.items) and other.items[0][0] < number
        if passed and "order" in self.laws:
            raise LawBroken(
                f"{message_of(item)!r} to {channel.post.tag} has overtaken what was sent before it",
                where=channel.post.tag,
                why="law 'order': what one sender sends to one receiver arrives in its order",
                mend="this is the engine's fault, or that of who changes its cells",
            )

    def is_parted(self, channel: Channel) -> bool:
        """Whether a partition holds what the channel carries."""
        return self.is_cut(channel.label, channel.post.tag)

    def is_cut(self, sender: str, receiver: str) -> bool:
        """Whether a partition is between two actors."""
        return any(
            (within(sender, one) and within(receiver, other))
            or (within(sender, other) and within(receiver, one))
            for one, other in self.parted
        )

    def hold_reply(self, task: Task) -> bool:
        """Hold the answer that a task has got if it came through a partition."""
        if task.reply is None or task.giver is None or not self.is_cut(task.giver, task.tag):
            return False
        self.held.append(HeldReply(task))
        return True

    def cut(self) -> None:
        """Hold what is on its way between the groups of the partitions."""
        self.was_parted = True
        for post in self.posts.values():
            for channel in post.channels.values():
                if self.is_parted(channel):
                    channel.cut = True
                    if channel.place >= 0:
                        self.disable(channel)
        for task in self.tasks:
            self.hold_reply(task)

    def heal(self) -> None:
        """End all partitions: what was held may arrive, each in its place in the order sent."""
        held = [reply for reply in self.held if self.is_held(reply)]
        self.held = [reply for reply in self.held if not self.is_held(reply)]
        if self.parted:
            self.parted = []
            for post in self.posts.values():
                for channel in post.channels.values():
                    if not channel.late:
                        mend(channel)
        for reply in held:
            reply.give()

    def is_held(self, reply: HeldReply) -> bool:
        """Whether a partition holds a reply."""
        return self.is_cut(reply.giver, reply.task.tag)

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Have something done later."""
        self.count += 1
        heappush(self.naps, (self.now + seconds, self.count, Later(action)))

    def suspended(self, post: Post) -> None:
        """The step left a handler that waits for something: the world goes on with it."""
        scheduler = self.scheduler
        suspension = scheduler.suspension
        assert suspension is not None
        scheduler.suspension = None
        cell = suspension.cell
        post.block()

        # Any: what a handler returns
        def done(result: Any, error: BaseException | None) -> None:
            scheduler.finish(suspension, result, error)
            post.settle()

        task = Task(
            self,
            suspension.coro,
            done,
            tag=post.tag,
            sender=post,
            cell=cell,
            context=suspension.context,
        )
        suspension.scope = task
        task.item = cell.msg
        task.scopes, self.scopes = self.scopes, []
        for scope in task.scopes:
            scope.task = task
        if cell.rich is not None and cell.rich.killed:
            task.cancel()
        task.park(suspension.yielded)


def within(tag: str, group: tuple[str, ...]) -> bool:
    """Whether an actor is in a group."""
    return any(fits(tag, member) for member in group)
