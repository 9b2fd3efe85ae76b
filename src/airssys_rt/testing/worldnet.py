"""The net, and what stands around it in a world: time, suspended handlers, partitions."""

from __future__ import annotations

from heapq import heappush
from typing import TYPE_CHECKING, Any

from airssys_rt.errors import LawBroken
from airssys_rt.testing.boxes import adopt
from airssys_rt.testing.faults import fits
from airssys_rt.testing.net import Channel, Net, Post
from airssys_rt.testing.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.kernel.cell import Cell

__all__ = ["WorldNet"]


class Later:
    """Something that is done at a time."""

    __slots__ = ("wake",)

    def __init__(self, wake: Callable[[], object]) -> None:
        self.wake = wake


class WorldNet(Net):
    """The net, and what in a world stands around it."""

    def adopt(self, cell: Cell) -> Post:
        """Take in a cell that the engine made for itself."""
        return adopt(self, cell)

    def overlap(self, post: Post) -> None:
        """A message is handled while another one is."""
        world: Any = self.scheduler.system
        if "serial" in world.laws:
            raise LawBroken(
                f"{post.tag} handles a message while it handles another one",
                where=post.tag,
                why="law 'serial': an actor handles one message at a time",
                mend="this is the engine's fault, or that of who changes its cells",
            )

    def is_parted(self, channel: Channel) -> bool:
        """Whether a partition holds what the channel carries."""
        sender, receiver = channel.label, channel.post.tag
        return any(
            (within(sender, one) and within(receiver, other))
            or (within(sender, other) and within(receiver, one))
            for one, other in self.parted
        )

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
        if cell.rich is not None and cell.rich.killed:
            task.cancel()
        task.park(suspension.yielded)


def within(tag: str, group: tuple[str, ...]) -> bool:
    """Whether an actor is in a group."""
    return any(fits(tag, member) for member in group)
