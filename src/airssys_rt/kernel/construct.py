"""Constructing an actor inside its cell, so that every verb works in `__init__` already.

The kernel says which cell is under construction; `Actor.__new__` takes it.
"""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING, Any, cast

from airssys_rt.errors import ProtocolError

if TYPE_CHECKING:
    from airssys_rt.kernel.actor import Actor
    from airssys_rt.kernel.cell import Cell, Full

__all__ = ["construct", "take_cell"]


class Construction(local):
    """What the present thread constructs: systems of several threads must not mix."""

    def __init__(self) -> None:
        self.cells: list[Cell | None] = []


_under = Construction()
# Any: the keyword arguments of an actor that takes none
NO_KWARGS: dict[str, Any] = {}


# Any: an actor of whatever protocol
def construct(cell: Cell) -> Actor[Any]:
    """Build the actor from the cell's recipe."""
    # Any: a class with a protocol of its own, or any other callable
    recipe: Any = cell.recipe
    maker: Any
    if type(recipe) is tuple:
        maker, args, kwargs = cast("Full", recipe)
    else:
        maker, args, kwargs = recipe, (), NO_KWARGS
    protocol = getattr(maker, "__protocol__", None)
    if protocol is not None and protocol.plain_maker is maker:
        # a plain class, as most are: what `Actor.__new__` does, without looking for the cell
        plain: Actor[Any] = object.__new__(maker)
        plain.__cell__ = cell
        if args or kwargs:
            check_arguments(maker, args, kwargs)
            maker.__init__(plain, *args, **kwargs)
        elif not protocol.plain_init:
            maker.__init__(plain)
        return plain
    _under.cells.append(cell)
    try:
        # Any: a factory that is no actor's may return whatever it likes
        made: Any = maker(*args, **kwargs)
    finally:
        _under.cells.pop()
    if getattr(made, "__cell__", None) is not cell:
        raise ProtocolError(
            f"{getattr(maker, '__name__', maker)!s} did not construct an actor"
            f" but gave {type(made).__name__}",
            where=cell.path,
            why="the factory must make a new actor at each call, its first one",
            mend="give spawn an Actor class, or a function that returns a new instance",
        )
    actor: Actor[Any] = made
    return actor


# Any: constructor arguments
def check_arguments(cls: type[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise for arguments that nobody takes; `object` forgives them, as `__new__` is ours."""
    if (args or kwargs) and cls.__init__ is object.__init__:
        raise TypeError(f"{cls.__name__}() takes no arguments: it has no __init__")


def take_cell(cls: type[Any]) -> Cell | None:
    """The cell that the instance now being made belongs to; None if it is made by hand."""
    cells = _under.cells
    if not cells:
        return None
    cell = cells[-1]
    if cell is None or cell.recipe is None:
        return None
    factory = cell.factory
    # a class makes itself; what it makes besides, in its constructor, is made by hand
    origin = getattr(factory, "__origin__", factory)
    if isinstance(origin, type) and origin is not cls:
        return None
    cells[-1] = None
    return cell
