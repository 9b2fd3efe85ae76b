"""How a pool chooses a member for a message.

Laws: a member that runs is preferred to one that does not, except by `consistent_hash`, where a
key has one owner, whose slot keeps its messages meanwhile; a choice depends on nothing but the
message, the members and what was chosen before, and of chance only the system's own is used.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeAlias

from typing_extensions import TypeVar

from airssys_rt.errors import BadArgument
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import EMPTY, ClosedBox, Grave, HoldingBox

if TYPE_CHECKING:
    from random import Random

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.kernel.mailbox import Box

__all__ = [
    "ROUTINGS",
    "ByKey",
    "Choice",
    "ConsistentHash",
    "Key",
    "Ring",
    "Routing",
    "consistent_hash",
    "load",
]

M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)

Key: TypeAlias = str | int | bytes
Routing: TypeAlias = Literal["round_robin", "random", "least_loaded", "broadcast"]

RUNNING = Life.RUNNING
POINTS = 128  # of a member on the ring: shares differ by some 9 percent then


class ConsistentHash(Generic[M_contra]):
    """Routing by a key of the message; made by `consistent_hash`."""

    __slots__ = ("_key",)

    def __init__(self, key: Callable[[M_contra], Key]) -> None:
        self._key = key

    @property
    def key(self) -> Callable[[M_contra], Key]:
        """What a message is routed by."""
        return self._key

    def __repr__(self) -> str:
        return f"consistent_hash({getattr(self._key, '__name__', self._key)!s})"


def consistent_hash(key: Callable[[M], Key], /) -> ConsistentHash[M]:
    """Have a pool give all messages with the same key to the same member (Karger et al., 1997).

    `key` gives a `str`, `int` or `bytes`; it runs where the message is sent, so it should be quick
    and have no effects.  Who owns which key is the same in every process; a pool that grows from
    n to n + 1 members moves about one key of n + 1, all to the new one.
    """
    return ConsistentHash(key)


class Choice(Protocol):
    """A way to choose."""

    def change(self, members: dict[int, Cell]) -> None:
        """These are the members now, by their numbers."""
        ...

    # Any: messages of every protocol
    def pick(self, msg: Any, /) -> Cell | None:
        """The member for a message; None if there is none that takes any."""
        ...

    def among(self, members: list[Cell]) -> Cell:
        """Choose of these, which are not none."""
        ...


class RoundRobin:
    """One after the other."""

    def __init__(self, _random: Random) -> None:
        self._members: list[Cell] = []
        self._place = -1

    def change(self, members: dict[int, Cell]) -> None:
        """These are the members now, by their numbers."""
        self._members = [members[number] for number in sorted(members)]

    def pick(self, _msg: object, /) -> Cell | None:
        """The next member that runs."""
        place = self._place + 1
        members = self._members
        if place >= len(members):
            place = 0
            if not members:
                return None
        self._place = place
        member = members[place]
        return member if member.life == RUNNING else self._other(place)

    def _other(self, place: int) -> Cell | None:
        """The one whose turn it is does not run: one behind it that does."""
        members = self._members
        for step in range(place + 1, place + len(members)):
            member = members[step % len(members)]
            if member.life == RUNNING:
                self._place = step % len(members)
                return member
        return self._idle()

    def among(self, members: list[Cell]) -> Cell:
        """The next one of these."""
        self._place += 1
        return members[self._place % len(members)]

    def _idle(self) -> Cell | None:
        """Nobody runs: one whose slot waits for its next incarnation."""
        waiting = [member for member in self._members if takes(member)]
        return self.among(waiting) if waiting else None


class AtRandom(RoundRobin):
    """Any one."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self._random = random.random

    def pick(self, _msg: object, /) -> Cell | None:
        """Any member that runs."""
        members = self._members
        if not members:
            return None
        member = members[int(self._random() * len(members))]
        if member.life == RUNNING:
            return member
        running = [member for member in members if member.life == RUNNING]
        return self.among(running) if running else self._idle()

    def among(self, members: list[Cell]) -> Cell:
        """Any of these."""
        return members[int(self._random() * len(members))]


class LeastLoaded(RoundRobin):
    """The one with the fewest messages, queued or being handled; of equals the next one."""

    def pick(self, _msg: object, /) -> Cell | None:
        """The member that runs and has the least to do."""
        members = self._members
        count = len(members)
        best, least = -1, 0
        for step in range(self._place + 1, self._place + 1 + count):
            place = step if step < count else step % count
            member = members[place]
            if member.life == RUNNING:
                if member.box is None and member.msg is None:
                    best = place
                    break
                now = load(member)
                if best < 0 or now < least:
                    best, least = place, now
        if best < 0:
            return self._idle()
        self._place = best
        return members[best]

    def among(self, members: list[Cell]) -> Cell:
        """The one of these that has the least to do."""
        self._place += 1
        turn = self._place % len(members)
        return min(members[turn:] + members[:turn], key=load)


class Ring:
    """Points on a circle, many for each owner; a key belongs to the owner of the next point."""

    __slots__ = ("_owners", "_places", "_points")

    def __init__(self) -> None:
        self._points: dict[int, list[int]] = {}  # by owner, kept: to hash is dear
        self._places: list[int] = []
        self._owners: list[int] = []

    def change(self, owners: set[int]) -> None:
        """These are the owners now."""
        for owner in owners - self._points.keys():
            self._points[owner] = [place(f"{owner}/{n}".encode()) for n in range(POINTS)]
        ring = sorted((point, owner) for owner in owners for point in self._points[owner])
        self._places = [point for point, _ in ring]
        self._owners = [owner for _, owner in ring]

    def owner(self, key: Key) -> int:
        """Whose the key is; there is at least one owner.  Raises `BadArgument` for no key."""
        where = bisect_right(self._places, place(as_bytes(key)))
        return self._owners[where if where < len(self._owners) else 0]


class ByKey:
    """The owner of the message's key, whether it runs or not."""

    # Any: the key function's own message type
    def __init__(self, key: Callable[[Any], Key]) -> None:
        self._key = key
        self._ring = Ring()
        self._members: dict[int, Cell] = {}

    def change(self, members: dict[int, Cell]) -> None:
        """These are the members now, by their numbers."""
        self._members = dict(members)
        self._ring.change(set(members))

    def pick(self, msg: Any, /) -> Cell | None:
        """The owner; raises what the key function raises."""
        if not self._members:
            return None
        return self._members[self._ring.owner(self._key(msg))]

    def among(self, members: list[Cell]) -> Cell:
        """Not a matter of choice."""
        return members[0]


ROUTINGS: dict[str, Callable[[Random], Choice]] = {
    "round_robin": RoundRobin,
    "random": AtRandom,
    "least_loaded": LeastLoaded,
    "broadcast": RoundRobin,  # for what cannot go to all: nothing does
}


def place(data: bytes) -> int:
    """Where on the circle; the same in every process."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


def as_bytes(key: object) -> bytes:
    """A key as what is hashed; keys of different types differ."""
    if isinstance(key, str):
        return b"s" + key.encode("utf-8", "surrogatepass")
    if isinstance(key, int):
        return b"i%d" % key
    if isinstance(key, bytes):
        return b"b" + key
    raise BadArgument(
        f"the key of a message is {key!r}",
        why="what a key is hashed to must be the same in every process",
        mend="have the key function of consistent_hash give a str, int or bytes",
    )


def takes(member: Cell) -> bool:
    """Whether a message for the member is kept, though it may have to wait."""
    return not isinstance(member.box, (ClosedBox, Grave))


def load(member: Cell) -> int:
    """How many messages are queued at a member or being handled by it."""
    box = member.box
    busy = member.msg is not None or member.suspension is not None
    if box is None:
        return busy
    if box is member:
        return busy + (member.first is not EMPTY)
    queue: Box = box.inner if isinstance(box, HoldingBox) else box
    inner: list[Cell] | None = getattr(queue, "members", None)  # a pool of pools
    return busy + len(queue) if inner is None else sum(map(load, inner))
