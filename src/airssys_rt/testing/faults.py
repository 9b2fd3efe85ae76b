"""Faults that a world injects, each a choice that is recorded and shrunk like the order of steps.

Nothing is injected until the scenario says what may come.  A message is lost or late only on a
link that was marked lossy; a crash, a slow handler and an overflow come to the actors named; the
clock jumps for all.  `most` bounds how many come in one run, so that a run can recover.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.errors import BadArgument
from airssys_rt.kernel import steps
from airssys_rt.kernel.failing import crash
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import Control, HoldingBox, Notice
from airssys_rt.testing.boxes import WorldBounded
from airssys_rt.testing.post import Channel
from airssys_rt.testing.replies import HeldReply
from airssys_rt.testing.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.testing.net import Option
    from airssys_rt.testing.post import Post
    from airssys_rt.testing.world import World

__all__ = ["KINDS", "Fault", "Faults", "Injected", "apply"]

Fault = tuple[str, float]

KINDS = ("drop", "delay", "crash", "crash_after", "slow", "overflow", "jump")
LASTING = frozenset({"delay", "slow", "jump"})


class Injected(Exception):
    """The failure of an actor that a world had crash."""


class Faults:
    """Which faults may come, and how often."""

    def __init__(self) -> None:
        self.active = False
        self.most = 0
        self.done = 0
        self._links: list[tuple[str, str, str, float, float]] = []
        self._actors: list[tuple[str, str, float, float]] = []

    def link(self, kind: str, sender: str, receiver: str, chance: float, seconds: float) -> None:
        """A fault of messages from one actor to another."""
        check_chance(kind, chance)
        self._links.append((kind, sender, receiver, chance, seconds))
        self.active = True

    def actor(self, kind: str, tag: str, chance: float, seconds: float) -> None:
        """A fault of actors."""
        check_chance(kind, chance)
        self._actors.append((kind, tag, chance, seconds))
        self.active = True

    def draw(self, chance: Callable[[], float], world: World, option: Option) -> Fault | None:
        """Whether a fault comes with this step, and which."""
        if self.done >= self.most:
            return None
        if isinstance(option, Task):
            return self.draw_reply(chance, option) if option.reply is not None else None
        if not isinstance(option, Channel):
            return None
        tag = option.post.tag
        sender = option.label
        for kind, one, other, odds, seconds in self._links:
            if fits(sender, one) and fits(tag, other) and chance() < odds and takes(option, kind):
                return kind, length(chance, kind, seconds)
        for kind, one, odds, seconds in self._actors:
            if fits(tag, one) and chance() < odds and takes(option, kind):
                return kind, length(chance, kind, seconds)
        return None

    def draw_reply(self, chance: Callable[[], float], task: Task) -> Fault | None:
        """Whether a reply is lost or late on its way to its asker."""
        for kind, one, other, odds, seconds in self._links:
            if fits(str(task.giver), one) and fits(task.tag, other) and chance() < odds:
                return kind, length(chance, kind, seconds)
        return None

    def stop(self) -> None:
        """No more faults."""
        self._links.clear()
        self._actors.clear()
        self.most = 0


def check_chance(kind: str, chance: float) -> None:
    """Raise unless it is a chance."""
    if not 0 < chance <= 1:
        raise BadArgument(
            f"{kind}={chance!r} is no chance", mend="give a number from 0 to 1, as 0.1"
        )


def length(chance: Callable[[], float], kind: str, seconds: float) -> float:
    """How long a fault takes, for those that take time."""
    return round(chance() * seconds, 3) if kind in LASTING else 0.0


def fits(tag: str, pattern: str) -> bool:
    """Whether an actor or its job is meant: by its name, its parent's, or by `*`."""
    return pattern in {"*", tag} or tag.startswith((pattern + "/", pattern + "|"))


def takes(channel: Channel, kind: str) -> bool:
    """Whether the next message of a channel can have that fault."""
    item = channel.items[0][1]
    cell = channel.post.cell
    if kind == "jump":
        return True
    if isinstance(item, (Notice, Control)):
        return False
    if kind in ("crash", "crash_after"):
        return cell.life == Life.RUNNING and cell.parent is not None
    return True


def apply(world: World, option: Option, fault: Fault) -> None:
    """Have a step happen with a fault."""
    kind, seconds = fault
    world.faults.done += 1
    if isinstance(option, Channel):
        APPLY[kind](world, option, seconds)
    elif isinstance(option, Task) and option.reply is not None:
        withhold(world, option, None if kind == "drop" else seconds)
    else:  # a replay that went another way: there is nothing to lose
        option.run()


def withhold(world: World, task: Task, seconds: float | None) -> None:
    """A reply is late, or lost: its asker waits on, until its deadline."""
    held = HeldReply(task)
    if seconds is None:
        world.net.dropped.append(held.value)
        return
    world.net.held.append(held)

    def arrive() -> None:
        if held in world.net.held and not world.net.is_held(held):
            world.net.held.remove(held)
            held.give()

    world.net.later(seconds, arrive)


def drop(world: World, channel: Channel, _seconds: float) -> None:
    """The message is lost."""
    world.net.dropped.append(take(channel))


def delay(world: World, channel: Channel, seconds: float) -> None:
    """The message is late, and what comes behind it on the link, too."""
    channel.cut = channel.late = True
    world.net.disable(channel)
    world.net.later(seconds, lambda: mend(channel))


def mend(channel: Channel) -> None:
    """Messages of a channel may arrive again, unless a partition holds them."""
    channel.late = False
    channel.cut = channel.net.is_parted(channel)
    if channel.cut:
        return
    if channel.items and channel.place < 0 and not channel.post.blocked:
        channel.net.enable(channel)


def crash_before(world: World, channel: Channel, _seconds: float) -> None:
    """The receiver fails instead of handling the message."""
    scheduler, cell = world.scheduler, channel.post.cell
    item = take(channel)
    world.net.active = channel.post
    scheduler.current = cell
    cell.msg = item
    steps.fault(cell, item, Injected("crashed before it handled the message"))
    cell.msg = None
    scheduler.current = None
    world.net.active = None


def crash_after(world: World, channel: Channel, _seconds: float) -> None:
    """The receiver fails when it has handled the message."""
    scheduler, cell = world.scheduler, channel.post.cell
    channel.run()
    if cell.life == Life.RUNNING and cell.suspension is None:
        world.net.active = channel.post
        scheduler.current = cell
        crash(cell, Injected("crashed after it handled the message"), "afterwards")
        scheduler.current = None
        world.net.active = None


def slow(world: World, channel: Channel, seconds: float) -> None:
    """The receiver takes its time with the message."""
    post: Post = channel.post
    channel.run()
    post.slow = True
    post.block()

    def go_on() -> None:
        post.slow = False
        post.settle()

    world.net.later(seconds, go_on)


def overflow(world: World, channel: Channel, _seconds: float) -> None:
    """The bounded mailboxes that this step sends to are full."""
    world.net.overflowing = True
    try:
        channel.run()
    finally:
        world.net.overflowing = False


def jump(world: World, _channel: Channel, seconds: float) -> None:
    """Time passes before the message arrives: what is due then may come before it."""
    world.net.now += seconds
    world.fire()


APPLY: dict[str, Callable[[World, Channel, float], None]] = {
    "drop": drop,
    "delay": delay,
    "crash": crash_before,
    "crash_after": crash_after,
    "slow": slow,
    "overflow": overflow,
    "jump": jump,
}


# Any: an item of whatever protocol
def take(channel: Channel) -> Any:
    """Take the first item out of a channel."""
    item = channel.items.popleft()[1]
    channel.taken += 1
    if not channel.items:
        channel.net.disable(channel)
    box = channel.post.cell.box
    inner = box.inner if isinstance(box, HoldingBox) else box
    if isinstance(inner, WorldBounded):
        inner.taken(item)
    return item
