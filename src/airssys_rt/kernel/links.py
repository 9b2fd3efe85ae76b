"""Links: two actors that end together, or are told of each other's end (OTP: `link`).

A link binds two incarnations, in both directions.  When one ends, the other gets an exit signal:
it ends with the same reason, unless that is `Normal`, or, if its class traps exits, it is sent an
`Exit`.  Laws: at most one link between two actors; a link ends with either incarnation, after at
most one exit signal, to the other one; an exit signal to who is ending is void; an `Exit` arrives
behind everything that its actor sent before, and not at all after `unlink`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.core.signals import Exit, Killed, Normal
from airssys_rt.errors import ActorStopped, BadArgument, ProtocolError
from airssys_rt.kernel.failure import failed
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from airssys_rt.core.signals import ExitReason
    from airssys_rt.kernel.cell import Cell

__all__ = ["Links", "cut", "link", "unlink"]

VOID = frozenset({Life.STOPPING, Life.DOWN, Life.DEAD})

# Any throughout: actors of every protocol, and messages of the holder's own union


class Link:
    """One end of a link: what its holder gets when the other one ends."""

    __slots__ = ("holder", "live", "other", "via")

    def __init__(self, holder: Cell, other: Cell, via: Callable[[Exit], Any] | None) -> None:
        self.holder = holder
        self.other = other
        self.via = via
        self.live = True

    def tell(self, reason: ExitReason) -> None:
        """Send the holder, which traps exits, its `Exit`."""
        other = self.other
        ref = other.scheduler.make_ref(other)
        links_of(self.holder).queued.setdefault(other, []).append(self)
        self.holder.put(Notice(Exit(ref, other.path, reason), self, self.via))

    def taken(self) -> bool:
        """The `Exit` is about to be handled."""
        rich = self.holder.rich
        if rich is not None and rich.links is not None:
            queued = rich.links.queued
            waiting = queued.get(self.other, [])
            if self in waiting:
                waiting.remove(self)
                if not waiting:
                    del queued[self.other]
        return True

    def __repr__(self) -> str:
        return f"<link of {self.holder.path} with {self.other.path}>"


class Links:
    """The links of one incarnation, and those over whose `Exit` waits in its mailbox."""

    __slots__ = ("active", "queued")

    def __init__(self) -> None:
        self.active: dict[Cell, Link] = {}
        self.queued: dict[Cell, list[Link]] = {}


def links_of(cell: Cell) -> Links:
    """The cell's links, made now if need be."""
    more = cell.more
    if more.links is None:
        more.links = Links()
    return more.links


def link(
    cell: Cell, cls: type[Any], target: Cell, via: Callable[[Exit], Any] | None
) -> ExitReason | None:
    """Link the running incarnation of `cell`, an actor of `cls`, with that of `target`.

    Returns the reason by which the caller must end, if the target is over and it does not trap.
    Raises `ActorStopped`, `BadArgument`, `ProtocolError`.
    """
    if cell.outcome is not None or (cell.rich is not None and cell.rich.ending is not None):
        raise ActorStopped(
            f"{cell.path} links with nobody any more: it is stopping",
            why="a link ends with the actor",
            mend="link earlier",
        )
    if via is None:
        check_accepts(cell, cls)
    elif not cls.trap_exits:
        raise BadArgument(
            f"{cls.__name__} gives link() a via= and does not trap exits",
            where=cell.path,
            why="an exit signal ends it, so there is no Exit to make a message of",
            mend="set trap_exits = True in the class, or leave via= out",
        )
    if target is cell:
        return None
    reason = over_by(target)
    if reason is None:
        mine = links_of(cell).active
        if target in mine:
            mine[target].via = via
            return None
        kind = class_of(target)
        if kind is not None:
            check_accepts(target, kind)
        mine[target] = Link(cell, target, via)
        links_of(target).active[cell] = Link(target, cell, None)
    elif cls.trap_exits:
        Link(cell, target, via).tell(reason)
    else:
        return reason
    return None


def over_by(target: Cell) -> ExitReason | None:
    """With what reason a link to the target ends at once; None if an incarnation is there."""
    rich = target.rich
    reason = target.outcome
    if reason is None and rich is not None:
        if target.life == Life.DOWN:
            reason = rich.last
        elif rich.killed:
            reason = Killed()
    if isinstance(reason, Normal):
        # OTP: noproc.  It ended well, but who links with it relies on its being there
        error = ActorStopped(
            f"{target.path} is over: there is nobody to link with",
            why="it ended before the link was made",
            mend="link earlier, or monitor it, which tells how it ended",
        )
        error.__cause__ = target.start_error
        return failed(error)
    return reason


def unlink(cell: Cell, target: Cell) -> None:
    """Take the link away at both ends; an `Exit` of the target that is queued is void."""
    links = cell.rich.links if cell.rich is not None else None
    if links is None:
        return
    if links.active.pop(target, None) is not None:
        theirs = target.rich.links if target.rich is not None else None
        assert theirs is not None
        del theirs.active[cell]
    for waiting in links.queued.pop(target, ()):
        waiting.live = False


def cut(cell: Cell, reason: ExitReason) -> list[Cell]:
    """The incarnation is over: end its links; those that must end by that are returned."""
    links = cell.rich.links if cell.rich is not None else None
    if links is None:
        return []
    assert cell.rich is not None
    cell.rich.links = None
    for waiting in links.queued.values():  # they are not for the next incarnation
        for gone in waiting:
            gone.live = False
    found: list[Cell] = []
    for partner in links.active:
        theirs = partner.rich.links if partner.rich is not None else None
        end = theirs.active.pop(cell, None) if theirs is not None else None
        if end is None or partner.life in VOID:
            continue
        if getattr(class_of(partner), "trap_exits", False):
            end.tell(reason)
        elif not isinstance(reason, Normal):
            found.append(partner)
    return found


def class_of(cell: Cell) -> type[Any] | None:
    """The actor's class; None as long as only the function that makes it knows."""
    if cell.actor is not None:
        return type(cell.actor)
    factory = getattr(cell.factory, "__origin__", cell.factory)
    return factory if isinstance(factory, type) else None


def check_accepts(cell: Cell, cls: type[Any]) -> None:
    """Raise if the actor traps exits and could not take one."""
    members = cls.__protocol__.members
    if cls.trap_exits and members is not None and Exit not in members:
        raise ProtocolError(
            f"{cls.__name__} traps exits and does not accept Exit",
            where=cell.path,
            why="the end of a linked actor comes as an Exit message",
            mend="add Exit to its union with a handler @on(Exit), or have it make the link"
            " itself, with link(ref, via=...)",
        )
