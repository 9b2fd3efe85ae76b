"""What a scenario lets go wrong in its world: faults, lossy links, partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airssys_rt.errors import BadArgument
from airssys_rt.kernel.ending import kill
from airssys_rt.kernel.ref import cell_of
from airssys_rt.testing.faults import mend

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
        """Mark a link lossy: its messages may be lost, or late by up to `seconds`."""
        self.faults.most = most
        ends = [end if isinstance(end, str) else self.tag(end) for end in (sender, receiver)]
        for kind, chance in (("drop", drop), ("delay", delay)):
            if chance:
                self.faults.link(kind, ends[0], ends[1], chance, seconds)

    def kill(self, ref: AnyRef) -> None:
        """Kill an actor now, as its supervisor would; its parent restarts it or not."""
        kill(cell_of(ref))

    def calm(self) -> None:
        """No more faults, and no partition."""
        self.faults.stop()
        self.heal()

    def partition(self, one: str, other: str) -> None:
        """Hold every message between two named groups, both ways, until `heal`."""
        for name in (one, other):
            if name not in self.groups:
                raise BadArgument(
                    f"there is no group {name!r}", mend="name it first: world.group_of(name, *refs)"
                )
        self.net.parted.append((self.groups[one], self.groups[other]))
        for post in self.net.posts.values():
            for channel in post.channels.values():
                if self.net.is_parted(channel):
                    channel.cut = True
                    if channel.place >= 0:
                        self.net.disable(channel)

    def heal(self) -> None:
        """End all partitions: what was held may arrive."""
        held = self.net.parted
        self.net.parted = []
        if held:
            for post in self.net.posts.values():
                for channel in post.channels.values():
                    mend(channel)

    def group_of(self, name: str, *refs: AnyRef | str) -> None:
        """Name a group of actors (refs, or names that begin so), for `partition`."""
        tags = (ref if isinstance(ref, str) else self.tag(ref) for ref in refs)
        self.groups[name] = tuple(tags)
