"""Supervisors as actors: declared children, and children added at run time.

`class Bank(Supervisor): children = (props(...), ...)`, or `props(Supervisor, [props(...), ...])`.
Laws: children start in order, each when the one before it has started, and stop in reverse; a
supervisor has started when all its declared children have; its handlers never wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from airssys_rt.core.handler import on
from airssys_rt.core.message import Later
from airssys_rt.core.ref import AnyRef
from airssys_rt.errors import BadArgument, Refused
from airssys_rt.kernel.actor import Actor
from airssys_rt.kernel.props import Props
from airssys_rt.kernel.ref import ActorRef
from airssys_rt.kernel.waits import Wait
from airssys_rt.supervision import requests
from airssys_rt.supervision.checks import (
    begins,
    check_choice,
    check_limits,
    check_most,
    check_no_handlers,
    check_props,
    check_unused,
    declared,
    uses_own_constructor,
)
from airssys_rt.supervision.child import Child
from airssys_rt.supervision.control import (
    AnyStart,
    ChildCount,
    ChildInfo,
    CountChildren,
    DeleteChild,
    RestartChild,
    SupervisorMsg,
    TerminateChild,
    WhichChildren,
)
from airssys_rt.supervision.overseer import Overseer
from airssys_rt.supervision.strategy import RUNS, AutoShutdown, Strategy

__all__ = ["DynamicSupervisor", "Supervisor"]

# Any throughout: children of every protocol


class Overseeing(Actor[SupervisorMsg]):
    """What both kinds of supervisors answer."""

    __supervises__: ClassVar[bool] = True
    _begun = False

    # Any: class keywords of mixins
    def __init_subclass__(cls, **keywords: Any) -> None:
        check_no_handlers(cls, CONTROL)
        super().__init_subclass__(**keywords)
        if "pre_start" in vars(cls) and cls.__module__ != __name__:
            type.__setattr__(
                cls, "pre_start", begins(cls.pre_start)
            )  # to checkers, it is as it was

    def _begin(self) -> None:
        if not hasattr(self, "_intensity"):
            raise uses_own_constructor(type(self))
        self._begun = True

    def _overseer(self) -> Overseer:
        overseer = self.__engine__().more.overseer
        assert isinstance(overseer, Overseer)
        return overseer

    @on(WhichChildren)
    def which_children(self, msg: WhichChildren) -> tuple[ChildInfo, ...]:
        """The children, in their start order."""
        return requests.infos(self._overseer(), is_supervisor)

    @on(CountChildren)
    def count_children(self, msg: CountChildren) -> ChildCount:
        """How many children there are."""
        return requests.count(self._overseer(), is_supervisor)

    @on(AnyStart)
    def start_child(self, msg: AnyStart) -> ActorRef[Any] | Later:
        """Start a child."""
        reply = self.defer(msg)
        try:
            props = self._checked(msg.props)
        except BadArgument as error:
            reply.fail(error)
            return reply
        requests.start(self._overseer(), props, reply)
        return reply

    def _checked(self, props: Props[Any]) -> Props[Any]:
        check_props(type(self).__name__, props)
        return requests.permanent(props)

    @on(TerminateChild)
    def terminate_child(self, msg: TerminateChild) -> Later | None:
        """Stop a child."""
        reply = self.defer(msg)
        requests.terminate(self._overseer(), msg.child, reply)
        return reply

    @on(RestartChild)
    def restart_child(self, msg: RestartChild) -> AnyRef | Later:
        """Start a terminated child again."""
        reply = self.defer(msg)
        requests.restart(self._overseer(), msg.child, reply)
        return reply

    @on(DeleteChild)
    def delete_child(self, msg: DeleteChild) -> Later | None:
        """Forget a terminated child."""
        reply = self.defer(msg)
        requests.delete(self._overseer(), msg.child, reply)
        return reply

    initial = (
        which_children
        | count_children
        | start_child
        | terminate_child
        | restart_child
        | delete_child
    )


CONTROL = frozenset(Overseeing.initial.table)


class Supervisor(Overseeing):
    """Starts its declared children in order and restarts them (OTP: `supervisor`).

    `strategy`: who is restarted with a failed child: `"one_for_one"`, it alone; `"one_for_all"`,
    all; `"rest_for_one"`, it and those declared behind it.  More than `intensity` restarts in
    `period` seconds end the supervisor itself.  `auto_shutdown`: whether the end of one significant
    child, or of the last, ends it, too.  `children`: `Props`, permanent unless they say otherwise.
    The constructor's arguments take the place of the class's attributes; it raises `BadArgument`.
    """

    strategy: ClassVar[Strategy] = "one_for_one"
    auto_shutdown: ClassVar[AutoShutdown] = "never"
    children: ClassVar[tuple[Props[Any], ...]] = ()

    def __init__(
        self,
        children: Iterable[Props[Any]] | None = None,
        *,
        strategy: Strategy | None = None,
        intensity: int | None = None,
        period: float | None = None,
        auto_shutdown: AutoShutdown | None = None,
    ) -> None:
        cls = type(self)
        given = cls.children if children is None else children
        self._strategy: Strategy = cls.strategy if strategy is None else strategy
        self._intensity = cls.intensity if intensity is None else intensity
        self._period = cls.period if period is None else period
        self._auto: AutoShutdown = cls.auto_shutdown if auto_shutdown is None else auto_shutdown
        check_limits(cls.__name__, self._intensity, self._period)
        check_choice(cls.__name__, "strategy", self._strategy, tuple(RUNS))
        check_choice(cls.__name__, "auto_shutdown", self._auto, AUTO)
        children = list(declared(cls.__name__, given))
        # many children may share one recipe: it is checked, and completed, once
        checked = {id(props): props for props in children}
        checked = {key: self._checked(props) for key, props in checked.items()}
        self._children = [checked[id(props)] for props in children]

    def _checked(self, props: Props[Any]) -> Props[Any]:
        props = super()._checked(props)
        if props.spec.significant and (self._auto == "never" or props.spec.restart == "permanent"):
            raise BadArgument(
                f"{props!r} cannot be significant in {type(self).__name__}",
                why='with auto_shutdown="never" it would mean nothing, and a permanent child'
                " never ends by itself",
                mend='set auto_shutdown, and make it "transient" or "temporary"',
            )
        return props

    async def pre_start(self) -> None:
        """Start the declared children.  Raises `StartFailed`."""
        self._begin()
        cell = self.__engine__()
        overseer = Overseer(
            *(cell, self._strategy, self._intensity, self._period, self._auto), declares=True
        )
        cell.more.overseer = overseer
        wait = Wait(None, cell)
        overseer.boot(self._children, wait)
        await cell.scheduler.wait(wait)
        wait.result()


class DynamicSupervisor(Overseeing):
    """Supervises children that are added at run time, each for itself (OTP, Elixir: the same).

    `StartChild` adds one; `max_children` bounds them.  Raises `BadArgument`.
    """

    def __init__(
        self,
        max_children: int | None = None,
        *,
        intensity: int | None = None,
        period: float | None = None,
    ) -> None:
        cls = type(self)
        self._most = max_children
        self._intensity = cls.intensity if intensity is None else intensity
        self._period = cls.period if period is None else period
        check_limits(cls.__name__, self._intensity, self._period)
        check_most(cls.__name__, max_children)

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        check_unused(cls, ("children", "strategy", "auto_shutdown"))

    def _checked(self, props: Props[Any]) -> Props[Any]:
        props = super()._checked(props)
        if props.spec.significant:
            raise BadArgument(
                f"{props!r} cannot be significant in {type(self).__name__}",
                why="a DynamicSupervisor goes on when its children are over",
                mend="leave .significant() out, or start it in a Supervisor with auto_shutdown",
            )
        return props

    def pre_start(self) -> None:
        """Be ready to start children."""
        self._begin()
        cell = self.__engine__()
        cell.more.overseer = Overseer(cell, "one_for_one", self._intensity, self._period)

    @on(AnyStart)
    def start_child(self, msg: AnyStart) -> ActorRef[Any] | Later:
        """Start a child, unless there are `max_children`."""
        if self._most is not None and len(self.__engine__().more.children) >= self._most:
            raise Refused("max_children")
        return super().start_child(msg)

    @on(RestartChild)
    def restart_child(self, msg: RestartChild) -> AnyRef | Later:
        """Not to be had: a child that is over is forgotten."""
        raise Refused("not_found")

    @on(DeleteChild)
    def delete_child(self, msg: DeleteChild) -> Later | None:
        """Not to be had: a child that is over is forgotten."""
        raise Refused("not_found")


AUTO = ("never", "any_significant", "all_significant")


def is_supervisor(child: Child) -> bool:
    """Whether a child is a supervisor itself."""
    cell = child.cell
    if cell is not None:
        maker = cell.factory if cell.actor is None else type(cell.actor)
    else:
        maker = child.props.recipe[0] if child.props is not None else None
    return getattr(maker, "__supervises__", False) is True
