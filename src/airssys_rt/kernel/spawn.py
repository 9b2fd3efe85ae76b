"""Spawning: making a slot.  The dispatcher constructs the actor when it first runs the cell."""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident
from typing import TYPE_CHECKING, Any

from airssys_rt.core.union import union_members
from airssys_rt.errors import ActorStopped, BadArgument, NameTaken, ProtocolError
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import START
from airssys_rt.kernel.more import NO_CHILDREN
from airssys_rt.kernel.native.twins import accelerated
from airssys_rt.kernel.props import DEFAULT, Props
from airssys_rt.kernel.ref import ActorRef

if TYPE_CHECKING:
    from airssys_rt.core.name import Name
    from airssys_rt.kernel.actor import Actor
    from airssys_rt.kernel.props import Spec
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["check_covers", "register", "root_cell", "spawn"]

NEW = Life.NEW
SPAWNS = frozenset({Life.STARTING, Life.RUNNING})

# Any: the actor's factory, its arguments and its union


def root_cell(scheduler: Scheduler) -> Cell:
    """The parent of all actors of a system."""
    root = Cell(scheduler, None, "", Life.RUNNING, None, DEFAULT)
    scheduler.actors += 1
    root.more.children = {}
    return root


@accelerated
def spawn(
    parent: Cell,
    what: Props[Any] | Callable[..., Actor[Any]],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    label: str | None = None,
) -> ActorRef[Any]:
    """Make a child of `parent`; see `ActorSystem.spawn`.  `label` stands for a missing name."""
    if type(what) is type:
        # a class, as mostly; without arguments it is its own recipe
        recipe: Any = (what, args, kwargs) if args or kwargs else what
        spec = DEFAULT
    elif isinstance(what, Props):
        if args or kwargs:
            raise ProtocolError(
                "spawn(props, ...) takes no further arguments",
                why="the props hold the constructor's arguments",
                mend="give them to props(cls, ...)",
            )
        recipe, spec = what.recipe, what.spec
    elif not callable(what):
        raise ProtocolError(
            f"spawn() got {what!r}, which makes no actor",
            where=parent.path,
            why="the engine constructs the actor, so that it can do so again",
            mend="give the class and its arguments, spawn(Account, 100), not an instance",
        )
    else:
        recipe, spec = (what, args, kwargs), DEFAULT
    if spec is not DEFAULT:
        check_conditions(parent, spec)
    scheduler = parent.scheduler
    if not scheduler.open:
        scheduler.check_open()
    if parent.life not in SPAWNS:
        raise ActorStopped(
            f"{parent.path} spawns no more: it is stopping",
            why="a child would outlive its parent",
            mend="spawn before the actor stops",
        )
    if scheduler.limits is not None:
        scheduler.limits.check_spawn(parent)
    more = parent.rich or parent.more
    if spec.name is None:
        scheduler.serial = serial = scheduler.serial + 1
        cell = Cell(scheduler, parent, label or serial, NEW, recipe, spec)
    else:
        if more.names is None:
            more.names = {}
        if spec.name in more.names:
            raise NameTaken(
                f"{more.names[spec.name].path} is there already",
                why="siblings have different names",
                mend="choose another name, or stop the other actor first",
            )
        cell = Cell(scheduler, parent, spec.name, NEW, recipe, spec)
        if spec.registered is not None:
            register(cell, spec.registered, cell.factory)
        more.names[spec.name] = cell
    if spec.mailbox is None and not scheduler.guarded:
        # `cell.wake(START)`, written out
        if scheduler.here() is not scheduler.home and get_ident() != scheduler.thread:
            raise scheduler.wrong_thread(cell)
        cell.first = START
        cell.box = cell
        scheduler.ready.append(cell)
        if not scheduler.awake:
            scheduler.port.unpark()
    else:
        scheduler.check_thread(cell)
        box = scheduler.make_box(cell, spec.mailbox)
        cell.guard(box)
        box.put(START)
    if more.children is NO_CHILDREN:
        more.children = {}
    more.children[cell] = None
    scheduler.actors += 1
    if spec.restart is not None and spec.supervised:
        overseer = more.overseer
        if overseer is None:
            overseer = more.overseer = scheduler.oversee(parent)
        overseer.adopt(cell)
    return ActorRef(cell)


def check_conditions(parent: Cell, spec: Spec) -> None:
    """Raise for conditions that could have no effect."""
    supervisor = parent.actor is not None and parent.actor.__supervises__
    vain = ""
    if spec.restart is None and spec.backoff is not None:  # who says "temporary" knows it
        vain = "a backoff"
    elif not spec.supervised and not supervisor and spec.health is not None:
        vain = "a health check"
    if vain:
        raise BadArgument(
            f"{vain} for an actor that is never restarted",
            where=f"a child of {parent.path}",
            why="a plain spawn is temporary",
            mend='add .restart("permanent") or .restart("transient")',
        )
    if spec.significant and not supervisor:
        raise BadArgument(
            "a significant actor without a supervisor",
            where=f"a child of {parent.path}",
            why="its end would end its Supervisor, as that one's auto_shutdown says",
            mend="leave .significant() out, or declare it in a Supervisor with auto_shutdown",
        )


def register(cell: Cell, name: Name[Any], factory: Callable[..., Actor[Any]]) -> None:
    """Enter a cell into the system's register under a `Name`."""
    scheduler = cell.scheduler
    holder = scheduler.registered.get(name.text)
    if holder is not None:
        raise NameTaken(
            f"the name {name.text!r} is held by {holder.path}",
            why="a name stands for one actor of a system",
            mend="choose another name, or stop the other actor first",
        )
    check_covers(name, factory)
    scheduler.registered[name.text] = cell
    cell.more.when_over(name, lambda: scheduler.registered.pop(name.text, None))


def check_covers(name: Name[Any], factory: Callable[..., Actor[Any]]) -> None:
    """Raise if the actor's union lacks a member that the name promises."""
    origin = getattr(factory, "__origin__", factory)
    protocol = getattr(origin, "__protocol__", None)
    members = protocol.members if protocol is not None else None
    promised = union_members(name.accepts) if name.accepts is not None else None
    if members is not None and promised is not None and not promised <= members:
        lacking = ", ".join(sorted(key.__name__ for key in promised - members))
        raise ProtocolError(
            f"{getattr(origin, '__name__', origin)!s} cannot be registered as"
            f" {name.text!r}: it does not accept {lacking}",
            why="a Name[M] gives out refs that accept M",
            mend="add the members to the actor's union, or narrow the name's type",
        )
