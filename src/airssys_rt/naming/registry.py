"""The registry: names to actors.

`props(...).named(NAME)` registers while the actor is spawned, `register` when it is there already.
Laws: a name stands for one actor, which accepts what the name promises, from its registration
until it is over for good or the name is taken from it; restarts change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import TypeVar as AnyTypeVar

from airssys_rt.core.signals import Normal
from airssys_rt.errors import ActorStopped, BadArgument
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import Grave
from airssys_rt.kernel.props import DEFAULT
from airssys_rt.kernel.ref import ActorRef, AdapterRef, cell_of
from airssys_rt.kernel.spawn import check_covers
from airssys_rt.kernel.spawn import register as enter
from airssys_rt.kernel.steps import stopped_error
from airssys_rt.naming.access import check_name, check_use

if TYPE_CHECKING:
    from airssys_rt.core.name import Name, NameOf
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["NamedRef", "named_ref", "register", "resolved", "unregister", "whereis"]

M = TypeVar("M")
M_contra = AnyTypeVar("M_contra", contravariant=True)


def whereis(scheduler: Scheduler, name: NameOf[M]) -> ActorRef[M] | None:
    """The actor that holds the name now."""
    check_name(name)
    cell = scheduler.registered.get(name.text)
    return None if cell is None else ActorRef(cell)


def named_ref(scheduler: Scheduler, name: NameOf[M]) -> ActorRef[M]:
    """A ref that looks the name up at each send."""
    check_name(name)
    return NamedRef(scheduler, name.text)


def resolved(ref: ActorRef[M]) -> ActorRef[M]:
    """A ref to the actor itself, where the ref is one to a name."""
    return ActorRef(cell_of(ref)) if isinstance(ref, NamedRef) else ref


def register(scheduler: Scheduler, name: Name[M], ref: ActorRef[M]) -> None:
    """Give a name to an actor that is there; see `ActorSystem.register`."""
    check_name(name)
    check_use(scheduler, repr(name))
    cell = cell_of(ref)
    if isinstance(ref, AdapterRef):
        raise BadArgument(
            f"an adapter cannot be registered as {name.text!r}",
            why="a name leads to an actor, past the adapter's function",
            mend="register the actor's own ref, or an actor that accepts what the adapter does",
        )
    if cell.scheduler is not scheduler:
        raise BadArgument(
            f"{cell.path} cannot be registered as {name.text!r}: it lives in another system",
            why="a name stands for an actor of the system",
            mend="register it in its own system, and hand its ref to this one",
        )
    if cell.outcome is not None:
        raise ActorStopped(
            f"{cell.path} cannot be registered as {name.text!r}: it is over",
            why="a name stands for a live actor",
            mend="spawn another actor with props(...).named(NAME)",
        )
    # a factory says what it makes only when it has made it
    factory = cell.factory if cell.actor is None else type(cell.actor)
    if scheduler.registered.get(name.text) is cell:
        check_covers(name, factory)
    else:
        enter(cell, name, factory)


# Any: what the name promises does not matter any more
def unregister(scheduler: Scheduler, name: Name[Any]) -> None:
    """Take a name from who holds it; see `ActorSystem.unregister`."""
    check_name(name)
    check_use(scheduler, repr(name))
    cell = scheduler.registered.pop(name.text, None)
    if cell is not None and cell.rich is not None:
        cell.rich.not_when_over(name)


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
