"""A frozen picture of a system: its actors, as a tree, with counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from airssys_rt.kernel.mailbox import Control

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell

__all__ = ["ActorInfo", "Snapshot", "picture"]


class ActorInfo(msgspec.Struct, frozen=True):
    """One actor: `handled`, `queued` and `stashed` are counts of messages."""

    path: str
    actor: str
    life: str
    behaviour: str
    incarnation: int
    handled: int
    queued: int
    stashed: int
    suspended: bool
    children: tuple[ActorInfo, ...]


class Snapshot(msgspec.Struct, frozen=True):
    """A system: the top-level actors, and counts of the whole."""

    system: str
    actors: int
    dead_letters: int
    late_replies: int
    tree: tuple[ActorInfo, ...]


def picture(cell: Cell) -> ActorInfo:
    """An actor and its children, as they are now."""
    rich = cell.rich
    factory = cell.factory
    return ActorInfo(
        path=cell.path,
        actor=type(cell.actor).__name__
        if cell.actor is not None
        else getattr(factory, "__name__", ""),
        life=cell.life,
        behaviour=cell.state.name if cell.state is not None else "",
        incarnation=cell.incarnation,
        handled=cell.handled,
        queued=sum(not isinstance(item, Control) for item in cell.items()),
        stashed=len(rich.stash) if rich is not None and rich.stash else 0,
        suspended=cell.suspension is not None,
        children=tuple(picture(child) for child in rich.children) if rich is not None else (),
    )
