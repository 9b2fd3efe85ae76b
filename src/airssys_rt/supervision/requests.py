"""What supervisors do when they are asked (OTP: the calls of `supervisor`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from msgspec.structs import replace

from airssys_rt.core.ref import AnyRef
from airssys_rt.errors import NameTaken, Refused
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.props import Props
from airssys_rt.kernel.ref import cell_of
from airssys_rt.supervision.child import Child
from airssys_rt.supervision.control import ChildCount, ChildInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airssys_rt.kernel.reply import ReplyTo
    from airssys_rt.supervision.overseer import Overseer

__all__ = ["begin", "children_of", "count", "delete", "infos", "restart", "start", "terminate"]

Kind: TypeAlias = "Callable[[Child], bool]"

STATES = {
    Life.NEW: "starting",
    Life.STARTING: "starting",
    Life.RUNNING: "running",
    Life.STOPPING: "stopping",
    Life.DOWN: "restarting",
    Life.DEAD: "stopped",
}
# Any throughout: children of every protocol


def permanent(props: Props[Any]) -> Props[Any]:
    """Props with the restart type that children of a supervisor have by default."""
    spec = props.spec
    if spec.restart is not None:
        return props
    return Props(props.recipe, replace(spec, restart="permanent"))


def children_of(overseer: Overseer) -> Iterator[Child]:
    """All children, in their start order."""
    if overseer.order is not None:
        yield from overseer.order
        return
    for cell in overseer.owner.more.children:
        yield overseer.records.get(cell) or Child(cell, None, 0.0)


def infos(overseer: Overseer, is_supervisor: Kind) -> tuple[ChildInfo, ...]:
    """How each child is."""
    return tuple(
        ChildInfo(
            id=child.id,
            ref=None if child.cell is None else child.cell.scheduler.make_ref(child.cell),
            state=cast("Any", state_of(child)),
            kind="supervisor" if is_supervisor(child) else "worker",
            restart=child.spec.restart or "temporary",
            restarts=child.restarts,
        )
        for child in children_of(overseer)
    )


def state_of(child: Child) -> str:
    """How a child is; one that could not be started with its group is tried again."""
    if child.cell is not None:
        return STATES[child.cell.life]
    return "restarting" if child.failing else "stopped"


def check_ended(child: Child) -> None:
    """Raise `Refused` if the child is there, or will be."""
    state = state_of(child)
    if state != "stopped" or child.cell is not None:
        raise Refused("restarting" if state == "restarting" else "running")


def count(overseer: Overseer, is_supervisor: Kind) -> ChildCount:
    """How many children there are."""
    children = list(children_of(overseer))
    supervisors = sum(is_supervisor(child) for child in children)
    return ChildCount(
        specs=len(children),
        active=sum(child.lives for child in children),
        supervisors=supervisors,
        workers=len(children) - supervisors,
    )


def find(overseer: Overseer, wanted: str | AnyRef) -> Child:
    """The child with the id or ref.  Raises `Refused`."""
    cell = cell_of(wanted) if isinstance(wanted, AnyRef) else None
    for child in children_of(overseer):
        if child.cell is cell if cell is not None else child.id == wanted:
            return child
    raise Refused("not_found")


def start(overseer: Overseer, props: Props[Any], reply: ReplyTo[Any]) -> None:
    """Start a child; the reply is its ref."""
    props = permanent(props)
    child = Child(None, props, overseer.owner.scheduler.now())
    child.starter, child.fresh = reply, True

    def act() -> None:
        name = props.spec.name
        if name is not None and any(other.id == name for other in overseer.order or ()):
            reply.fail(
                NameTaken(
                    f"{overseer.owner.path} has a child {name!r} already",
                    why="it was terminated, or it is there",
                    mend="restart that one with RestartChild, delete it, or choose another name",
                )
            )
        else:
            add(overseer, child)

    overseer.when_idle(act, reply)


def add(overseer: Overseer, child: Child) -> None:
    """Start a new child, the last in the order."""
    if overseer.order is not None:
        overseer.order.append(child)
    if overseer.start(child) is not None and overseer.order is not None:
        overseer.order.remove(child)


def begin(overseer: Overseer, child: Child) -> None:
    """Start a new child, behind the plan that is carried out."""
    assert child.starter is not None
    overseer.when_idle(lambda: add(overseer, child), child.starter)


def terminate(overseer: Overseer, wanted: str | AnyRef, reply: ReplyTo[Any]) -> None:
    """Stop a child; the reply comes when it is over."""

    def act() -> None:
        try:
            child = find(overseer, wanted)
        except Refused as error:
            reply.fail(error)
            return
        if child.cell is None:
            reply.reply(None)
        else:
            child.terminators = (*child.terminators, reply)
            overseer.records[child.cell] = child
        child.retire(overseer.owner.scheduler)

    overseer.when_idle(act, reply)


def ended(overseer: Overseer, wanted: str) -> Child:
    """The child with the id, if it was terminated or ended by itself.  Raises `Refused`."""
    child = find(overseer, wanted)
    check_ended(child)
    return child


def with_ended(
    overseer: Overseer, wanted: str, reply: ReplyTo[Any], act: Callable[[Child], object]
) -> None:
    """Do something with an ended child, behind the plan that is carried out."""

    def look() -> None:
        try:
            child = ended(overseer, wanted)
        except Refused as error:
            reply.fail(error)
        else:
            act(child)

    overseer.when_idle(look, reply)


def restart(overseer: Overseer, wanted: str, reply: ReplyTo[Any]) -> None:
    """Start a terminated child again."""

    def act(child: Child) -> None:
        child.starter = reply
        overseer.start(child)

    with_ended(overseer, wanted, reply, act)


def delete(overseer: Overseer, wanted: str, reply: ReplyTo[Any]) -> None:
    """Forget a terminated child."""

    def act(child: Child) -> None:
        if overseer.order is not None:
            overseer.order.remove(child)
        reply.reply(None)

    with_ended(overseer, wanted, reply, act)
