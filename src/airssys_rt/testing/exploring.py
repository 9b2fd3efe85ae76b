"""`explore` and `replay`: many schedules of a scenario, and one of them again.

Laws: the first run is in send order; a failing run is run again with the same choices, and must
fail again, else the scenario is named as one that does not replay; what is reported is the failure
of the smallest schedule found.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

import msgspec

from airssys_rt.errors import ActorError, BadArgument, Counterexample, LawBroken
from airssys_rt.testing.chart import mermaid, text_chart
from airssys_rt.testing.choices import Choices, Hint, HintDriver, ReplayDriver
from airssys_rt.testing.chosen import CHOSEN
from airssys_rt.testing.laws import LAWS
from airssys_rt.testing.schedule import PCT, Driver, Pruned
from airssys_rt.testing.shrink import smaller
from airssys_rt.testing.trace import Recorder
from airssys_rt.testing.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from types import TracebackType

__all__ = ["Exploration", "Failing", "Policy", "Settings", "explore", "replay"]


class Policy(Protocol):
    """How schedules are chosen."""

    @property
    def schedules(self) -> int:
        """How many are tried unless `explore` is told."""
        ...

    def drivers(self, seed: int, schedules: int, /) -> Iterator[Driver]:
        """A driver for each run."""
        ...


class Exploration(msgspec.Struct, frozen=True):
    """What an exploration has done that found nothing.

    `complete` says that every schedule was tried, as far as the policy tells them apart.
    """

    schedules: int
    steps: int
    complete: bool = False


class Settings(msgspec.Struct, frozen=True):
    """How worlds are made for the runs."""

    laws: tuple[str, ...] = LAWS
    strict_wire: bool = False
    debug: bool = False
    most_steps: int = 10_000

    def world(self, seed: int) -> World:
        """A world for one run."""
        return World(
            seed=seed,
            laws=self.laws,
            strict_wire=self.strict_wire,
            debug=self.debug,
            most_steps=self.most_steps,
        )


class Failing:
    """A scenario that failed under some schedule."""

    def __init__(
        self,
        scenario: Callable[[World], Coroutine[object, object, object]],
        settings: Settings,
        error: BaseException,
        again: Callable[[], Driver],
    ) -> None:
        self.scenario = scenario
        self.settings = settings
        self.error = error
        self.again = again  # the driver of the failing run, anew

    def attempt(self, driver: Driver) -> BaseException | None:
        """One run; how it failed."""
        return run(self.scenario, self.settings, driver)

    def smallest(self) -> tuple[Recorder, BaseException] | None:
        """The run made small; None if it does not fail again."""
        found = Recorder(self.again())
        error = self.attempt(found)
        if error is None or kind_of(error) != kind_of(self.error):
            return None
        wanted = kind_of(error)
        while True:

            def fails(hints: list[Hint], seed: int = found.seed) -> bool:
                again = self.attempt(HintDriver(seed, hints))
                return again is not None and kind_of(again) == wanted

            before = len(found.hints)
            small = Recorder(HintDriver(found.seed, smaller(found.hints, fails)))
            again = self.attempt(small)
            if again is None or kind_of(again) != wanted or len(small.hints) > before:
                return found, error
            error, found = again, small
            if len(small.hints) == before:
                return found, error


def explore(
    scenario: Callable[[World], Coroutine[object, object, object]],
    *,
    schedules: int | None = None,
    policy: Policy | None = None,
    seed: int | None = None,
    laws: Iterable[str] = LAWS,
    strict_wire: bool = False,
    debug: bool = False,
    most_steps: int = 10_000,
) -> Exploration:
    """Run a scenario under many schedules; the policy is `PCT(3)` unless another one is given.

    Without `schedules` and `seed` it does as pytest's `--actor-schedules` and `--actor-seed` say;
    without these, the policy has a number of schedules, and the seed is 0.

    Raises `Counterexample` for the first that fails: with the schedule made small, a chart, a token
    for `replay`, and a test to keep.
    """
    __tracebackhide__ = True
    settings = Settings(tuple(laws), strict_wire, debug, most_steps)
    policy = policy or PCT(3)
    most = CHOSEN.schedules_or(schedules, policy.schedules)
    result, failing = search(scenario, settings, policy, CHOSEN.seed_or(seed), most)
    if failing is not None:
        raise counterexample(failing, result.schedules)
    return result


def search(
    scenario: Callable[[World], Coroutine[object, object, object]],
    settings: Settings,
    policy: Policy,
    seed: int,
    schedules: int,
) -> tuple[Exploration, Failing | None]:
    """Run schedules until one fails."""
    if schedules < 1:
        raise BadArgument(f"{schedules} schedules find nothing", mend="give 1 or more")
    count = steps = 0
    complete = False
    driver: Driver | None = None
    for one in policy.drivers(seed, schedules):
        if count == schedules:
            break
        driver = one
        count += 1
        error = run(scenario, settings, driver)
        steps += driver.steps
        if error is not None:
            return Exploration(count, steps), Failing(scenario, settings, error, driver.again())
    else:
        complete = driver is not None and driver.complete
    return Exploration(count, steps, complete), None


def run(
    scenario: Callable[[World], Coroutine[object, object, object]],
    settings: Settings,
    driver: Driver,
) -> BaseException | None:
    """One run; how it failed, if it did."""
    return run_in(settings.world(driver.seed), scenario, driver)


def run_in(
    world: World,
    scenario: Callable[[World], Coroutine[object, object, object]],
    driver: Driver,
) -> BaseException | None:
    """One run in a world that is there; how it failed, if it did."""
    try:
        world.run(scenario, driver)
    except Pruned:
        return None
    except BaseException as error:
        if not isinstance(error, Exception) and not fails_a_test(error):
            raise
        return error.with_traceback(users_part(error.__traceback__))
    if world.port.ended is not None:
        raise world.port.ended
    return None


def fails_a_test(error: BaseException) -> bool:
    """Whether it is what `pytest.fail`, or `pytest.raises` in vain, raises: no `Exception`."""
    pytest = sys.modules.get("pytest")
    return pytest is not None and isinstance(error, pytest.fail.Exception)


def users_part(trace: TracebackType | None) -> TracebackType | None:
    """A traceback from the first line of the scenario on, if it gets there."""
    part = trace
    while part is not None:
        module = str(part.tb_frame.f_globals.get("__name__"))
        if not module.startswith(("airssys_rt.testing.", "airssys_rt.kernel.")):
            return part
        part = part.tb_next
    return trace


def replay(
    scenario: Callable[[World], Coroutine[object, object, object]],
    token: str,
    *,
    laws: Iterable[str] = LAWS,
    strict_wire: bool = False,
    debug: bool = False,
    most_steps: int = 10_000,
) -> None:
    """Run a scenario once more with the choices that a failure has printed.

    Raises `Counterexample` if it still fails.
    """
    __tracebackhide__ = True
    settings = Settings(tuple(laws), strict_wire, debug, most_steps)
    choices = Choices.of(token)
    recorder = Recorder(ReplayDriver(choices))
    error = run(scenario, settings, recorder)
    if error is not None:
        raise report(scenario, recorder, error, "as recorded") from error


def kind_of(error: BaseException) -> tuple[type[BaseException], str]:
    """What counts as the same failure."""
    return type(error), error.why.split(":")[0] if isinstance(error, LawBroken) else ""


def counterexample(failing: Failing, count: int) -> Counterexample:
    """The report of a failing scenario, its schedule made small."""
    found = failing.smallest()
    if found is None:
        result = Counterexample(
            f"{name_of(failing.scenario)} does not replay: the same choices did something else",
            why=f"it failed with {failing.error!r}, and then not, or otherwise",
            mend="let it and its actors depend on nothing but messages, self.random, self.now()"
            " and the order of what they do: no sets of objects, no wall clock, no globals",
        )
        result.__cause__ = failing.error
        return result
    recorder, error = found
    result = report(failing.scenario, recorder, error, f"schedule {count}")
    result.__cause__ = error
    return result


def name_of(scenario: object) -> str:
    """What a scenario is called."""
    return getattr(scenario, "__name__", "scenario")


def report(
    scenario: object, recorder: Recorder, error: BaseException, which: str
) -> Counterexample:
    """What is printed of a failing run."""
    name, token = name_of(scenario), recorder.choices.token()
    chart = text_chart(recorder.events)
    test = regression_test(name, token)
    text = error.what if isinstance(error, ActorError) else str(error)
    head = text if isinstance(error, LawBroken) else f"{type(error).__name__}: {text}"
    places = len(recorder.hints)
    deviates = f"{places} differ from send order (*)" if places else "in send order"
    result = Counterexample(
        f"{name} fails ({which}): {head}",
        why=error.why if isinstance(error, ActorError) else "",
        mend=f'replay({name}, "{token}") runs it again',
    )
    result.token, result.chart, result.test = token, chart, test
    result.mermaid = mermaid(recorder.events)
    result.choices = places
    result.body = (
        f"{len(recorder.events)} steps, {deviates}; seed {recorder.seed}\n\n{chart}\n\n"
        f"as a test:\n\n{indented(test)}\n\nas Mermaid:\n\n{indented(result.mermaid)}\n"
    )
    return result


def indented(text: str) -> str:
    """Text with a margin."""
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())


def regression_test(name: str, token: str) -> str:
    """A test that keeps what was found."""
    plain = name.removeprefix("lambda world: ").split("(")[0].removesuffix(".scenario")
    plain = plain.removeprefix("test_")
    return (
        "from airssys_rt.testing import replay\n\n\n"
        f"def test_{plain}_under_the_schedule_that_broke_it() -> None:\n"
        f'    replay({name}, "{token}")'
    )
