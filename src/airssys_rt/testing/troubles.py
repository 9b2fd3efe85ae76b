"""What a scenario lets go wrong in its world: faults, lossy links, partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airssys_rt.errors import BadArgument
from airssys_rt.kernel.ending import kill
from airssys_rt.kernel.ref import cell_of

if TYPE_CHECKING:
    from airssys_rt.core.ref import AnyRef
    from airssys_rt.testing.faults import Faults
    from airssys_rt.testing.worldnet import WorldNet

__all__ = ["Troubles"]


class Troubles:
    """The verbs of a `World` that make trouble."""

    faults: Faults
    net: WorldNet
    groups: dict[str, tuple[str, ...]]

    def tag(self, ref: AnyRef) -> str:
        """The name of an actor in traces."""
        return self.net.posts[cell_of(ref)].tag

    def inject(
        self,
        *actors: AnyRef | str,
        crash: float = 0.0,
        crash_after: float = 0.0,
        slow: float = 0.0,
        overflow: float = 0.0,
        jump: float = 0.0,
        seconds: float = 1.0,
        most: int = 3,
    ) -> None:
        """Let faults come to actors, those named or all, with these chances at each message.

        A slow handler and a jump of the clock take up to `seconds`; at most `most` faults of
        whatever kind come in a run.
        """
        self.faults.most = most
        for actor in actors or ("*",):
            tag = actor if isinstance(actor, str) else self.tag(actor)
            kinds = (
                ("crash", crash),
                ("crash_after", crash_after),
                ("slow", slow),
                ("overflow", overflow),
                ("jump", jump),
            )
            for kind, chance in kinds:
                if chance:
                    self.faults.actor(kind, tag, chance, seconds)

    def lossy(
        self,
        sender: AnyRef | str = "*",
        receiver: AnyRef | str = "*",
        *,
        drop: float = 0.0,
        delay: float = 0.0,
        seconds: float = 1.0,
        most: int = 3,
    ) -> None:
        """Mark a link lossy: its messages may be lost, or late by up to `seconds`.

        So may the replies that `sender` gives to asks of `receiver`.
        """
        self.faults.most = most
        ends = [end if isinstance(end, str) else self.tag(end) for end in (sender, receiver)]
        for kind, chance in (("drop", drop), ("delay", delay)):
            if chance:
                self.faults.link(kind, ends[0], ends[1], chance, seconds)

    def kill(self, ref: AnyRef) -> None:
        """Kill an actor now, as its supervisor would; its parent restarts it or not.

        A partition does not keep it.
        """
        cell = cell_of(ref)
        if self.net.supervised is not None:
            self.net.supervised.killed(cell)
        kill(cell)

    def calm(self) -> None:
        """No more faults, and no partition."""
        self.faults.stop()
        self.heal()

    def partition(self, one: str, other: str) -> None:
        """Hold every message and every reply between two named groups, both ways, until `heal`.

        What is on its way is held, too.  The deadlines of asks go on; a reply that comes after
        them is late.  `Down` and a trapped `Exit` are messages, and are held; so are the ends of
        `started()`, `stopped()` and of a `send` that waits for room.  Orders and what supervision
        does pass: a stop, a kill, an exit that is not trapped.
        """
        for name in (one, other):
            if name not in self.groups:
                raise BadArgument(
                    f"there is no group {name!r}", mend="name it first: world.group_of(name, *refs)"
                )
        self.net.parted.append((self.groups[one], self.groups[other]))
        self.net.cut()

    def heal(self) -> None:
        """End all partitions: what was held arrives, each channel in its order."""
        self.net.heal()

    def group_of(self, name: str, *refs: AnyRef | str) -> None:
        """Name a group of actors (refs, or names that begin so), for `partition`."""
        tags = (ref if isinstance(ref, str) else self.tag(ref) for ref in refs)
        self.groups[name] = tuple(tags)
