"""Stand-ins: the actors around the one under test.

A stand-in has a real cell, so it is monitored, linked, stopped and restarted as any actor; but no
code of a user's runs in it, and what it is sent is written down at once instead of being handled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Protocol, cast, overload

import msgspec
from typing_extensions import TypeVar

from airssys_rt.core.handler import on
from airssys_rt.core.message import Message
from airssys_rt.core.name import Name, check_text
from airssys_rt.core.ref import AnyRef
from airssys_rt.core.signals import Normal
from airssys_rt.errors import BadArgument
from airssys_rt.kernel.actor import Actor
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.links import Link, Links
from airssys_rt.kernel.mailbox import START, Adapted, Control, DrainStop, GuardedBox, Notice
from airssys_rt.kernel.props import DEFAULT
from airssys_rt.kernel.ref import Accepting, ActorRef, cell_of
from airssys_rt.kernel.spawn import register
from airssys_rt.kernel.waits import Call
from airssys_rt.kernel.watch import Monitor
from airssys_rt.testing.effects import Demonitored, Linked, Monitored, Spawned, Unlinked

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Full
    from airssys_rt.kernel.scheduler import Scheduler
    from airssys_rt.testing.effects import Effect

__all__ = ["Ground", "RecordingBox", "StandIn", "adopt", "adopt_all", "replace_child", "stand_in"]

M = TypeVar("M")

# Any throughout: messages of every protocol


class Ground(Protocol):
    """Who writes down what stand-ins are sent: the port of their scheduler."""

    def note(self, effect: Effect) -> None:
        """Write an effect down, if it is the actor's under test."""
        ...

    def sent(self, cell: Cell, msg: Any) -> None:
        """A stand-in was sent a message."""
        ...

    def asked(self, cell: Cell, call: Call) -> None:
        """A stand-in was asked."""
        ...

    def stop_sent(self, cell: Cell) -> None:
        """A stand-in was told to stop."""
        ...


class Nothing(Message):
    """What nobody sends."""


class StandIn(Actor[M], Generic[M]):
    """The instance in a stand-in's cell; it has nothing to do."""

    @on(Nothing)
    def nothing(self, msg: Nothing) -> None:
        """No message gets here."""

    # a class with a type variable declares no union that this could be checked against;
    # Any: checkers would compare it all the same
    initial = cast("Any", nothing)


def ground_of(cell: Cell) -> Ground:
    """Who writes down what happens to the cell."""
    port: object = cell.scheduler.port
    if not hasattr(port, "asked"):
        raise BadArgument(
            f"the stand-in {cell.path} belongs to no kit",
            why="a kit finds stand-ins in its actor's arguments, and in lists and messages there",
            mend="make it with kit.stand_in(...)",
        )
    return cast("Ground", port)


class RecordingBox(GuardedBox):
    """A mailbox that hands messages to who writes them down, and keeps orders for the engine."""

    __slots__ = ()

    def append(self, item: Any) -> None:
        """Write down what was sent."""
        self.cell.scheduler.check_open()
        self.take(item)

    def put(self, item: Any) -> None:
        """Write down what the engine brings, unless it is an order."""
        if isinstance(item, Control):
            if isinstance(item, DrainStop):
                ground_of(self.cell).stop_sent(self.cell)
            super().put(item)
        else:
            self.take(item)

    def rouse(self) -> None:
        """There is an order: perhaps to stop."""
        rich = self.cell.rich
        last = rich.signals[-1] if rich is not None and rich.signals else ("", None)
        if last[0] == "end" and isinstance(last[1], Normal):
            ground_of(self.cell).stop_sent(self.cell)
        super().rouse()

    def take(self, item: Any) -> None:
        """Hand over one item."""
        ground = ground_of(self.cell)
        if isinstance(item, Adapted):
            call = item.msg
            if isinstance(call, Call):
                call.msg = item.fn(call.msg)
                item = call
            else:
                item = item.fn(item.msg)
        elif isinstance(item, Notice):
            if not item.source.live or not item.source.taken():
                return
            item = item.msg if item.adapt is None else item.adapt(item.msg)
        if isinstance(item, Call):
            ground.asked(self.cell, item)
        else:
            ground.sent(self.cell, item)


class WatchLog(dict[Monitor, None]):
    """The monitors on a stand-in; who sets one is seen."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell

    def __setitem__(self, made: Monitor, value: None) -> None:
        super().__setitem__(made, value)
        ground_of(self.cell).note(Monitored(ActorRef[Any](self.cell)))

    # Any: as dict's own; ty reads the overloads of dict.pop as two positional signatures
    def pop(self, made: Monitor, default: Any = None, /) -> Any:  # ty: ignore[incompatible-method-override]
        """As dict's."""
        if made in self:
            ground_of(self.cell).note(Demonitored(ActorRef[Any](self.cell)))
        return super().pop(made, default)


class LinkLog(dict[Cell, Link]):
    """The links of a stand-in; who makes one is seen."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell

    def __setitem__(self, other: Cell, made: Link) -> None:
        super().__setitem__(other, made)
        ground_of(self.cell).note(Linked(ActorRef[Any](self.cell)))

    def __delitem__(self, other: Cell) -> None:
        super().__delitem__(other)
        ground_of(self.cell).note(Unlinked(ActorRef[Any](self.cell)))


def furnish(cell: Cell) -> None:
    """Make a stand-in of a cell that has not started."""
    cell.name = cell.label  # the factory, which it comes from, goes
    cell.recipe = StandIn
    box = RecordingBox(cell, idle=False)
    box.extend([START])
    cell.guard(box)
    more = cell.more
    more.watchers = WatchLog(cell)
    more.links = Links()
    more.links.active = LinkLog(cell)


def replace_child(cell: Cell) -> Spawned:
    """A child was spawned: have a stand-in take its place."""
    recipe: Any = cell.recipe
    actor: Any = cell.factory
    full: Full = cast("Full", recipe) if type(recipe) is tuple else (actor, (), {})
    furnish(cell)
    return Spawned(*full, cell.spec.name, ActorRef[Any](cell))


@overload
def stand_in(name: str, of: Callable[..., Accepting[M]], /) -> ActorRef[M]: ...
@overload
def stand_in(name: Name[M], /) -> ActorRef[M]: ...
def stand_in(name: str | Name[Any], of: object = None, /) -> ActorRef[Any]:
    """A ref to an actor that is not there, for the arguments of an `ActorKit`.

    `of` is the class it stands for; a `Name` is registered in the kit's system.  What it is sent
    is an effect in the kit that got it as an argument, also inside of a container or a message.
    """
    text = name.text if isinstance(name, Name) else name
    check_text(text)
    loose: Any = LOOSE
    cell = Cell(loose, None, text, Life.NEW, StandIn, DEFAULT)
    if isinstance(name, Name):
        cell.more.at_end = {name: lambda: None}
    furnish(cell)
    return ActorRef(cell)


class Loose:
    """The scheduler of stand-ins that no kit has got yet: it does nothing."""

    port: object = None
    open = True

    def check_open(self) -> None:
        """There is nothing to be closed."""


LOOSE = Loose()


def is_loose(scheduler: object) -> bool:
    """Whether no kit has got the stand-in."""
    return scheduler is LOOSE


def adopt(scheduler: Scheduler, root: Cell, ref: AnyRef) -> None:
    """Give a loose stand-in a place in a kit's tree, and let it start."""
    cell = cell_of(ref)
    loose = is_loose(cell.scheduler)
    if cell.scheduler is scheduler or not (loose or isinstance(cell.box, RecordingBox)):
        return
    if not loose:
        raise BadArgument(
            f"the stand-in {cell.path} belongs to another kit",
            why="each kit writes down what its own stand-ins are sent",
            mend="make one for each kit",
        )
    names = cast("list[Name[Any]]", list(cell.more.at_end or ()))
    cell.more.at_end = None
    cell.scheduler = scheduler
    cell.parent = root
    root.more.children[cell] = None
    scheduler.actors += 1
    for name in names:
        register(cell, name, StandIn)
    scheduler.enqueue(cell)


def adopt_all(scheduler: Scheduler, root: Cell, values: object) -> None:
    """Adopt the loose stand-ins among values, and inside of containers and Structs."""
    for ref in refs_in(values):
        adopt(scheduler, root, ref)


def refs_in(value: Any) -> Iterator[AnyRef]:
    """The refs in a value."""
    if isinstance(value, ActorRef):
        ref = cast("AnyRef", value)
        if hasattr(ref, "_cell"):  # not a ref that names nobody
            yield ref
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from refs_in(getattr(value, name))
    elif isinstance(value, dict):
        yield from refs_in(list(cast("dict[object, object]", value).values()))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in cast("list[Any]", value):
            yield from refs_in(part)


def renewed(value: Any) -> Any:
    """The value with new loose stand-ins in the place of its stand-ins."""
    whole: object = value
    if isinstance(whole, ActorRef):
        return another(value) if isinstance(value._cell.box, RecordingBox) else value
    if type(whole) is dict:
        return {key: renewed(part) for key, part in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        parts = cast("list[Any]", value)
        return type(value)(renewed(part) for part in parts)
    return value


def another(ref: ActorRef[Any]) -> ActorRef[Any]:
    """A loose stand-in for the same one."""
    cell = cell_of(ref)
    names: list[Any] = [name for name in (cell.more.at_end or {}) if isinstance(name, Name)]
    return stand_in(names[0]) if names else stand_in(cell.label, Actor[Any])
