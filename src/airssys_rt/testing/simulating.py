"""`simulate`: a scenario as a test, alone or with data that Hypothesis draws.

With data, Hypothesis makes programs and shrinks them, over schedules that are the same for the same
program; when it has found the smallest program, the schedule is made small.
"""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any

from airssys_rt.errors import Counterexample
from airssys_rt.testing.chosen import CHOSEN
from airssys_rt.testing.exploring import Settings, counterexample, explore, name_of, search
from airssys_rt.testing.laws import LAWS
from airssys_rt.testing.schedule import PCT

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from hypothesis.strategies import SearchStrategy

    from airssys_rt.testing.exploring import Failing, Policy
    from airssys_rt.testing.world import World

__all__ = ["simulate"]

# Any throughout: the scenario's arguments are what the strategies draw
TOLD = frozenset({"token", "chart", "mermaid", "test", "choices", "body"})
PER_PROGRAM = 5  # schedules for each program that Hypothesis draws
SETTINGS_CHOSEN = "_hypothesis_internal_settings_applied"  # on what `@settings` has decorated


class Unshrunk(Counterexample):
    """A failure whose schedule is made small when somebody reads it: once, for the last program."""

    def __init__(self, failing: Failing, count: int) -> None:
        super().__init__("a scenario fails")
        self._failing = failing
        self._count = count
        self._found: Counterexample | None = None

    def found(self) -> Counterexample:
        """The failure with its smallest schedule."""
        if self._found is None:
            self._found = counterexample(self._failing, self._count)
        return self._found

    def __getattribute__(self, name: str) -> Any:
        """What a counterexample tells is told when it is known."""
        return getattr(self.found(), name) if name in TOLD else super().__getattribute__(name)

    def __str__(self) -> str:
        return str(self.found())


def simulate(
    *,
    schedules: int | None = None,
    policy: Policy | None = None,
    seed: int | None = None,
    laws: Iterable[str] = LAWS,
    strict_wire: bool = False,
    debug: bool = False,
    most_steps: int = 10_000,
    **drawn: SearchStrategy[Any],
) -> Callable[[Callable[..., Coroutine[Any, Any, object]]], Callable[..., None]]:
    """Make a test of a scenario: `async def test_it(world)`, or with arguments that are drawn.

    The options are those of `explore`; further keywords are Hypothesis strategies, for arguments of
    their names, and `schedules` then counts for each program (5 unless it is given, here or by
    `--actor-schedules`). Hypothesis's deadline for a draw is off, unless `@settings` sets one.
    """
    policy = policy or PCT(3)

    def decorate(scenario: Callable[..., Coroutine[Any, Any, object]]) -> Callable[..., None]:
        if not drawn:

            def undecorated(world: World) -> Coroutine[Any, Any, object]:
                return scenario(world)

            undecorated.__name__ = f"{name_of(scenario)}.scenario"

            @wraps(scenario)
            def alone() -> None:
                __tracebackhide__ = True
                explore(
                    undecorated,
                    schedules=schedules,
                    policy=policy,
                    seed=seed,
                    laws=laws,
                    strict_wire=strict_wire,
                    debug=debug,
                    most_steps=most_steps,
                )

            test: Callable[..., None] = dressed(alone, scenario, ())
            return test

        from hypothesis import given
        from hypothesis import settings as of_hypothesis

        settings = Settings(tuple(laws), strict_wire, debug, most_steps)

        @wraps(scenario)
        def programs(**values: Any) -> None:
            __tracebackhide__ = True
            most = CHOSEN.schedules_or(schedules, PER_PROGRAM)

            def one(world: World) -> Coroutine[Any, Any, object]:
                return scenario(world, **values)

            arguments = ", ".join(f"{name}={value!r}" for name, value in values.items())
            one.__name__ = f"lambda world: {name_of(scenario)}.scenario(world, {arguments})"
            result, failing = search(one, settings, policy, CHOSEN.seed_or(seed), most)
            if failing is not None:
                raise Unshrunk(failing, result.schedules) from failing.error

        chosen = hasattr(programs, SETTINGS_CHOSEN)  # below `@simulate`
        if not chosen:
            of_hypothesis(deadline=None)(programs)  # a draw is several schedules
        made: Callable[..., None] = given(**drawn)(dressed(programs, scenario, drawn))
        if not chosen:
            vars(made).pop(SETTINGS_CHOSEN, None)  # the user may, above it
        whole: Callable[..., None] = dressed(made, scenario, ())
        return whole

    return decorate


def dressed(test: Any, scenario: object, names: Iterable[str]) -> Any:
    """A test that says what it takes, for pytest and Hypothesis, and whose scenario it is."""
    if hasattr(test, "__wrapped__"):  # pytest and Hypothesis would look through to the scenario
        del test.__wrapped__
    keyword = inspect.Parameter.KEYWORD_ONLY
    test.__signature__ = inspect.Signature([inspect.Parameter(name, keyword) for name in names])
    test.scenario = scenario
    return test
