"""Tests whose body runs in a world: what pytest's plugin does with the fixture `world`.

A test that alone uses the world has a new one for each schedule, and a failure is made small.  If
other fixtures use it too, pytest makes them anew: the test then is as many tests as schedules, and
a failure is shown as it came.
"""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

import pytest

from airssys_rt.testing.chosen import CHOSEN
from airssys_rt.testing.exploring import Settings, counterexample, report, run_in, search
from airssys_rt.testing.laws import LAWS
from airssys_rt.testing.probe import TestProbe
from airssys_rt.testing.schedule import PCT, Driver, UniformDriver
from airssys_rt.testing.trace import Recorder
from airssys_rt.testing.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from airssys_rt.testing.exploring import Policy

__all__ = ["make", "played", "several"]

# Any throughout: fixtures' values, and options of marks

OPTIONS = ("debug", "laws", "most_steps", "policy", "schedules", "seed", "strict_wire")
OURS = frozenset({"actor_schedule", "probe", "world"})


class Seeded:
    """One schedule: in send order for the seed 0, at random for any other."""

    schedules = 1

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def drivers(self, seed: int, schedules: int, /) -> Iterator[Driver]:
        """Its driver; those of the policy, if more are wanted."""
        if schedules > 1:
            return self.policy.drivers(seed, schedules)
        return iter([driver_of(seed)])


def driver_of(seed: int) -> Driver:
    """The schedule of a seed."""
    return UniformDriver(seed) if seed else Driver()


class Plan:
    """How a test runs in worlds: its mark `simulate`, and the options of the run."""

    def __init__(self, definition: pytest.Item) -> None:
        options: dict[str, Any] = {}
        for mark in reversed(list(definition.iter_markers("simulate"))):
            options.update(mark.kwargs)
            unknown = sorted(set(mark.kwargs).difference(OPTIONS))
            if mark.args or unknown:
                raise pytest.UsageError(
                    f"{definition.nodeid}: the mark simulate takes {', '.join(OPTIONS)}"
                    f" by name, not {', '.join([*map(repr, mark.args), *unknown])}"
                )
        policy = options.pop("policy", None)
        self.policy = Seeded(PCT(3) if policy is None else policy)
        chosen = CHOSEN.schedules_or(options.pop("schedules", None), self.policy.schedules)
        self.schedules: int = chosen
        self.seed: int = CHOSEN.seed_or(options.pop("seed", None))
        options["laws"] = tuple(options.get("laws", LAWS))
        self.settings = Settings(**options)


# Any: pytest has no public name for where the fixtures of a test are defined
def shared(definition: Any) -> bool:
    """Whether fixtures besides ours use the world."""
    known = definition._fixtureinfo.name2fixturedefs
    return any(
        not OURS.isdisjoint(made.argnames)
        for name, makers in known.items()
        if name not in OURS
        for made in makers
    )


def several(metafunc: pytest.Metafunc) -> None:
    """Make as many tests as schedules of one whose fixtures use the world."""
    plan = Plan(metafunc.definition)
    if plan.schedules > 1 and shared(metafunc.definition):
        metafunc.parametrize("actor_schedule", range(plan.schedules), indirect=True)


def make(item: pytest.Item, number: int) -> World:
    """The world of a test."""
    plan = Plan(item)
    return plan.settings.world(plan.seed + number)


def played(item: pytest.Function) -> Callable[..., None]:
    """A function that runs the test's body in its world, or in many."""
    body: Any = item.obj
    if not iscoroutinefunction(body):
        raise pytest.UsageError(
            f"{item.nodeid} uses the fixture world: make it async, its body runs in the world"
        )
    if "actor_system" in item.fixturenames:
        raise pytest.UsageError(
            f"{item.nodeid} uses actor_system and world: a world is the system of its test"
        )
    plan = Plan(item)
    alone = not shared(item)

    def play(**kwargs: Any) -> None:
        __tracebackhide__ = True
        if alone:
            explored(body, kwargs, plan)
        else:
            number: Any = item.funcargs["actor_schedule"]
            once(body, kwargs, plan.seed + number)

    return play


def explored(body: Any, kwargs: dict[str, Any], plan: Plan) -> None:
    """Run a test's body under its schedules, each in a world of its own."""
    __tracebackhide__ = True

    def scenario(world: World) -> Coroutine[Any, Any, object]:
        ours: dict[str, Any] = {"world": world}
        if isinstance(kwargs.get("probe"), TestProbe):
            ours["probe"] = TestProbe(world)
        one: Coroutine[Any, Any, object] = body(
            **{name: ours.get(name, value) for name, value in kwargs.items()}
        )
        return one

    scenario.__name__ = called(body, kwargs)
    found, failing = search(scenario, plan.settings, plan.policy, plan.seed, plan.schedules)
    if failing is not None:
        raise counterexample(failing, found.schedules)


def once(body: Any, kwargs: dict[str, Any], seed: int) -> None:
    """Run a test's body in the world that its fixtures have."""
    __tracebackhide__ = True
    recorder = Recorder(driver_of(seed))

    def scenario(_world: World) -> Coroutine[Any, Any, object]:
        one: Coroutine[Any, Any, object] = body(**kwargs)
        return one

    scenario.__name__ = called(body, kwargs)
    error = run_in(kwargs["world"], scenario, recorder)
    if error is not None:
        found = report(scenario, recorder, error, f"seed {seed}")
        found.mend = f"--actor-seed={seed} runs it again, without --actor-schedules"
        raise found from error


def called(body: Any, kwargs: dict[str, Any]) -> str:
    """How a replay calls the test."""
    name: str = body.__name__
    others = [f"{name}={value!r}" for name, value in kwargs.items() if name != "world"]
    return f"lambda world: {name}({', '.join(['world', *others])})" if others else name
