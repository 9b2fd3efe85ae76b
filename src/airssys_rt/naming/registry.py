"""The registry: names to actors.  Registration itself is part of spawning."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from typing_extensions import TypeVar as AnyTypeVar

from airssys_rt.core.signals import Normal
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import Grave
from airssys_rt.kernel.props import DEFAULT
from airssys_rt.kernel.ref import ActorRef
from airssys_rt.kernel.steps import stopped_error

if TYPE_CHECKING:
    from airssys_rt.core.name import NameOf
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["NamedRef", "named_ref", "whereis"]

M = TypeVar("M")
M_contra = AnyTypeVar("M_contra", contravariant=True)


def whereis(scheduler: Scheduler, name: NameOf[M]) -> ActorRef[M] | None:
    """The actor that holds the name now."""
    cell = scheduler.registered.get(name.text)
    return None if cell is None else ActorRef(cell)


def named_ref(scheduler: Scheduler, name: NameOf[M]) -> ActorRef[M]:
    """A ref that looks the name up at each send."""
    return NamedRef(scheduler, name.text)


class NamedRef(ActorRef[M_contra]):
    """A ref to whoever holds a name; to nobody, as long as nobody does."""

    __slots__ = ("_nobody", "_scheduler", "_text")

    def __init__(self, scheduler: Scheduler, text: str) -> None:
        self._scheduler = scheduler
        self._text = text
        nobody = Cell(scheduler, None, text, Life.DEAD, None, DEFAULT)
        nobody.box = Grave(nobody, "no_such_actor")
        nobody.outcome = Normal()
        nobody.start_error = stopped_error(nobody, "no_such_actor")
        self._nobody = nobody

    # a slot of ActorRef read through a property here: refs never assign it after they are made
    @property
    def _cell(self) -> Cell:  # type: ignore[override]  # ty: ignore
        return self._scheduler.registered.get(self._text, self._nobody)
