"""Schedules: how the next step is chosen, recorded and replayed.

A policy is data; a driver runs a world by it.  The order in which things were sent is the schedule
that deviates nowhere; what is recorded of a run is where it deviates from that.
"""

from __future__ import annotations

from operator import attrgetter
from random import Random
from typing import TYPE_CHECKING

import msgspec

from airssys_rt.errors import BadArgument, LawBroken
from airssys_rt.testing.faults import apply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airssys_rt.testing.faults import Fault
    from airssys_rt.testing.net import Option
    from airssys_rt.testing.world import World

__all__ = ["PCT", "Driver", "Pruned", "Uniform", "by_age", "happen"]

by_age = attrgetter("age")


class Uniform(msgspec.Struct, frozen=True):
    """Every enabled step is as likely as any other."""

    schedules = 200  # that are tried unless `explore` is told another number

    def drivers(self, seed: int, schedules: int, /) -> Iterator[Driver]:
        """The runs: the first one in send order."""
        yield Driver()
        for number in range(1, schedules):
            yield UniformDriver(seed_of(seed, number))


class PCT(msgspec.Struct, frozen=True):
    """Random priorities of channels, changed at `depth - 1` random steps.

    Finds a bug that needs `depth` ordered steps with a known least probability (Burckhardt et al.,
    ASPLOS 2010).
    """

    depth: int = 3

    schedules = 200

    def __post_init__(self) -> None:
        if self.depth < 1:
            raise BadArgument(f"PCT(depth={self.depth}) finds nothing", mend="give 1 or more")

    def drivers(self, seed: int, schedules: int, /) -> Iterator[Driver]:
        """The runs: the first one in send order, which tells about how long they are."""
        driver = Driver()
        length = 1
        yield driver
        for number in range(1, schedules):
            length = max(length, driver.steps)
            driver = PctDriver(seed_of(seed, number), self.depth, length)
            yield driver


class Pruned(Exception):
    """The rest of this run is a part of another one."""


def seed_of(seed: int, number: int) -> int:
    """The seed of one run of many."""
    return seed * 1_000_003 + number


class Driver:
    """Chooses the steps of one run.  This one: in send order."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed  # also of the world's own source of chance
        self.steps = 0

    complete = False  # whether, with this run, all were made that there are

    def again(self) -> Callable[[], Driver]:
        """What makes the same driver anew."""
        return Driver

    def prepare(self, world: World) -> None:
        """Look at the world before its first step."""

    def drive(self, world: World) -> None:
        """Run until nothing is enabled."""
        net = world.net
        enabled = net.enabled
        ready = net.scheduler.ready
        gather = net.gather
        down = net.down
        checks = world.always_checks
        most = world.most_steps
        steps = self.steps
        while enabled:
            goal = world.goal
            if len(enabled) == 1:
                option = enabled[0]
            else:
                option = self.choose(enabled) if goal is None else min(enabled, key=by_age)
            self.take(world, option)
            steps += 1
            self.steps = steps
            if ready or down:
                gather()
            if checks:
                check(world)
            if goal is not None and world.goal is goal:
                goal.stepped()
            if steps >= most:
                raise endless(world)

    def take(self, world: World, option: Option) -> None:
        """Have the step happen, with a fault if one comes."""
        fair = world.goal is not None
        fault = self.fault(world, option) if world.faults.active and not fair else None
        happen(world, option, fault)
        self.took(option)

    def took(self, option: Option) -> None:
        """Note that a step was taken."""

    def fault(self, world: World, option: Option) -> Fault | None:
        """The fault that comes with a step."""

    def choose(self, enabled: list[Option]) -> Option:
        """The next step, of two or more."""
        return min(enabled, key=by_age)

    def finish(self, world: World) -> None:
        """Run until nothing is enabled, in send order, beyond what is explored."""
        net = world.net
        enabled, most = net.enabled, self.steps + world.most_steps
        while enabled:
            (min(enabled, key=by_age) if len(enabled) > 1 else enabled[0]).run()
            self.steps += 1
            net.gather()
            if self.steps >= most:
                raise endless(world)


def happen(world: World, option: Option, fault: Fault | None) -> None:
    """Have a step happen, with a fault or without."""
    if fault is None:
        option.run()
    else:
        apply(world, option, fault)


class UniformDriver(Driver):
    """Any enabled step."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.random = Random(seed).random

    def again(self) -> Callable[[], Driver]:
        """What makes the same driver anew."""
        return lambda: UniformDriver(self.seed)

    def fault(self, world: World, option: Option) -> Fault | None:
        """As the dice fall."""
        return world.faults.draw(self.random, world, option)

    def choose(self, enabled: list[Option]) -> Option:
        """Any."""
        return enabled[int(self.random() * len(enabled))]

    def drive(self, world: World) -> None:
        """As `Driver.drive`, written out for speed."""
        if watched(world):
            super().drive(world)
            return
        net = world.net
        enabled = net.enabled
        ready = net.scheduler.ready
        gather = net.gather
        down = net.down
        most = world.most_steps
        chance = self.random
        steps = self.steps
        while enabled:
            count = len(enabled)
            (enabled[int(chance() * count)] if count > 1 else enabled[0]).run()
            if ready or down:
                gather()
            steps += 1
            if steps >= most:
                raise endless(world)
            if world.always_checks or world.faults.active or world.goal is not None:
                self.steps = steps
                super().drive(world)
                return
        self.steps = steps


class PctDriver(Driver):
    """The enabled step of the highest priority."""

    def __init__(self, seed: int, depth: int, length: int) -> None:
        super().__init__(seed)
        chance = Random(seed)
        self.random = chance.random
        self.low = 0.0
        self.chosen = 0
        span = max(length, depth)
        self.changes = set(chance.sample(range(span), min(depth - 1, span)))
        self.made_of = (depth, length)

    def again(self) -> Callable[[], Driver]:
        """What makes the same driver anew."""
        return lambda: PctDriver(self.seed, *self.made_of)

    def fault(self, world: World, option: Option) -> Fault | None:
        """As the dice fall."""
        return world.faults.draw(self.random, world, option)

    def choose(self, enabled: list[Option]) -> Option:
        """The highest."""
        best = enabled[0]
        for option in enabled:
            if not option.prio:
                option.prio = self.random() + 1.0
            if option.prio > best.prio:
                best = option
        self.chosen += 1
        if self.chosen - 1 in self.changes:
            self.low -= 1.0
            best.prio = self.low
            return self.choose(enabled)
        return best


def watched(world: World) -> bool:
    """Whether there is more to do at each step than to take it."""
    return bool(world.always_checks or world.faults.active or world.goal is not None)


def check(world: World) -> None:
    """The user's invariants."""
    for one in world.always_checks:
        if one() is False:
            raise LawBroken(
                f"the invariant {getattr(one, '__name__', 'of the scenario')} does not hold",
                why="it was given to world.always()",
                mend="see the trace for the step that broke it",
            )


def endless(world: World) -> LawBroken:
    """The run does not come to rest."""
    return LawBroken(
        f"after {world.most_steps} steps there is still something to do",
        why="messages that make messages, or timers without end",
        mend="end the traffic in the scenario, or raise most_steps",
    )
