"""The pytest plugin: fixtures with a live system or a world, and tests on every event loop.

It is loaded in every run of pytest where the library is installed, so it imports nothing of the
library until a test uses it, and changes nothing for tests that do not.  Tests and fixtures in a
live system are run by anyio's pytest plugin; a test in a world needs no event loop.
"""

from __future__ import annotations

import random
import sys
from collections.abc import AsyncIterator, Generator
from importlib.util import find_spec
from inspect import iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

import pytest

if TYPE_CHECKING:
    from airssys_rt import ActorSystem
    from airssys_rt.errors import Counterexample
    from airssys_rt.testing.checked import Faults
    from airssys_rt.testing.clock import VirtualTime
    from airssys_rt.testing.probe import TestProbe
    from airssys_rt.testing.world import World

FIXTURES = frozenset({"actor_system", "actor_faults", "probe", "virtual_time"})
BACKENDS = ("asyncio", "trio", "uvloop")
MARKS = (
    "actor_system(**options): options for the system of the fixture actor_system",
    "expect_crashes(*names): crashes by exceptions of these names, or any, do not fail the test",
    "expect_dead_letters(*reasons): dead letters of these reasons, or all, do not fail the test",
    "simulate(**options): options for the runs of a test that uses the fixture world",
    "virtual_time(**options): the test runs on a VirtualTime with these options",
)
MOST_SEED = 2**32


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("airssys-rt", "actors")
    group.addoption(
        "--actor-backends",
        metavar="NAMES",
        help="event loops for tests that use the fixtures of airssys-rt: asyncio, trio, uvloop,"
        " or all that are installed; separated by commas",
    )
    group.addoption(
        "--actor-seed",
        metavar="N",
        help="the seed of schedules, and of self.random in actor_system: a number, or 'random'",
    )
    group.addoption(
        "--actor-schedules",
        metavar="N",
        help="the number of schedules that explore, simulate and tests with the fixture world try"
        " where they do not say it",
    )
    parser.addini("actor_backends", "see --actor-backends", default="")
    parser.addini("actor_seed", "see --actor-seed", default="")
    parser.addini("actor_schedules", "see --actor-schedules", default="")


BEFORE = pytest.StashKey[tuple[int, int | None]]()
SEED = pytest.StashKey[int | None]()
SHARED = "airssys_rt_seed"  # what xdist gives its processes


def pytest_configure(config: pytest.Config) -> None:
    """The marks, and what was chosen."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
    chosen_backends(config)
    seed, schedules = chosen_seed(config), chosen_schedules(config)
    config.stash[SEED] = seed
    if seed is not None or schedules is not None:
        from airssys_rt.testing.chosen import CHOSEN

        config.stash[BEFORE] = CHOSEN.seed, CHOSEN.schedules
        CHOSEN.seed, CHOSEN.schedules = seed or 0, schedules


# Any: xdist's own, which need not be installed
@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """With xdist: the processes of a run have one seed, that of its head."""
    node.workerinput[SHARED] = node.config.stash[SEED]


def pytest_unconfigure(config: pytest.Config) -> None:
    """One run of pytest inside of another leaves the outer one's choices."""
    before = config.stash.get(BEFORE, None)
    if before is not None:
        from airssys_rt.testing.chosen import CHOSEN

        CHOSEN.seed, CHOSEN.schedules = before


def pytest_report_header(config: pytest.Config) -> str | None:
    """The seed, if there is one."""
    seed = config.stash[SEED]
    return None if seed is None else f"airssys-rt: --actor-seed={seed}"


def option(config: pytest.Config, name: str) -> str:
    """An option's text: of the command line, else of the configuration, else ""."""
    given = config.getoption("--" + name.replace("_", "-"))
    return str(config.getini(name) if given is None else given).strip()


def chosen_seed(config: pytest.Config) -> int | None:
    """The seed; None if nobody chose."""
    text = option(config, "actor_seed")
    if text == "random":
        shared: int | None = getattr(config, "workerinput", {}).get(SHARED)
        return random.randrange(1, MOST_SEED) if shared is None else shared
    if text and not text.isdecimal():
        raise pytest.UsageError(f"actor_seed: {text!r} is neither a number, 0 or more, nor random")
    return int(text) if text else None


def chosen_schedules(config: pytest.Config) -> int | None:
    """The number of schedules; None if nobody chose."""
    text = option(config, "actor_schedules")
    if text and not (text.isdecimal() and int(text)):
        raise pytest.UsageError(f"actor_schedules: {text!r} is no number, 1 or more")
    return int(text) if text else None


def chosen_backends(config: pytest.Config) -> list[str]:
    """The names of the backends; none if nobody chose."""
    text = option(config, "actor_backends")
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return [name for name in BACKENDS if name == "asyncio" or find_spec(name) is not None]
    for name in names:
        if name not in BACKENDS:
            raise pytest.UsageError(
                f"actor_backends: {name!r} is none of {', '.join(BACKENDS)}, all"
            )
        if name != "asyncio" and find_spec(name) is None:
            raise pytest.UsageError(f"actor_backends: {name} is not installed")
    return names


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> None:
    """An async test that uses these fixtures needs no mark: anyio's plugin runs it."""
    if not iscoroutinefunction(obj):
        return
    used = FIXTURES.intersection(signature(obj).parameters)
    if used and not (used == frozenset({"probe"}) and "world" in signature(obj).parameters):
        pytest.mark.anyio(obj)
        pytest.mark.usefixtures("anyio_backend")(obj)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that uses these fixtures on each backend, or in several worlds."""
    used = set(metafunc.fixturenames)
    # Any: pytest has no public name for where the fixtures of a test are defined
    makers: Any = metafunc.definition._fixtureinfo.name2fixturedefs
    if "world" in used and makers["world"][-1].func.__module__ == __name__:
        from airssys_rt.testing.worldtest import several

        several(metafunc)
    if not FIXTURES & used or "anyio_backend" not in used:
        return
    marks = metafunc.definition.iter_markers("parametrize")
    if any("anyio_backend" in str(mark.args[0]) for mark in marks if mark.args):
        return
    names = chosen_backends(metafunc.config)
    virtual = metafunc.definition.get_closest_marker("virtual_time")
    if virtual is None and not names:
        return
    values: list[Any] = []  # Any: parameter sets
    for name in names or ["asyncio", *(["trio"] if find_spec("trio") is not None else [])]:
        if virtual is None:
            values.append(pytest.param(backend_of(name), id=name))
        elif name != "uvloop":  # it has no virtual time
            values.append(pytest.param(virtual_backend(name, virtual), id=name))
    # anyio's own is of the module
    scope: Literal["module", "function"] = "module" if virtual is None else "function"
    metafunc.definition.add_marker(pytest.mark.parametrize("anyio_backend", values, scope=scope))


# Any: options of anyio's backends
def backend_of(name: str) -> tuple[str, dict[str, Any]]:
    """The value of `anyio_backend`."""
    if name == "trio":
        return "trio", {}
    return "asyncio", {"use_uvloop": name == "uvloop"}


# Any: as above
class VirtualOptions(dict[str, Any]):
    """The options of a backend with virtual time, and that time."""

    time: VirtualTime


def virtual_backend(name: str, mark: pytest.Mark) -> tuple[str, VirtualOptions]:
    """The value of `anyio_backend` with a time of its own."""
    from airssys_rt.testing.clock import VirtualTime

    time = VirtualTime(**mark.kwargs)
    backend, options = time.backend("trio" if name == "trio" else "asyncio")
    made = VirtualOptions(options)
    made.time = time
    return backend, made


# -- fixtures -------------------------------------------------------------------------------------


@pytest.fixture
def actor_faults(request: pytest.FixtureRequest) -> Faults:
    """What went wrong so far in the system of `actor_system`: `.crashes`, `.dead_letters`."""
    from airssys_rt.testing.checked import Faults

    crashes = [mark.args for mark in request.node.iter_markers("expect_crashes")]
    letters = [mark.args for mark in request.node.iter_markers("expect_dead_letters")]
    return Faults(crashes, letters)


@pytest.fixture
async def actor_system(
    request: pytest.FixtureRequest, actor_faults: Faults
) -> AsyncIterator[ActorSystem]:
    """A live system; the test fails if an actor crashes, a letter is dead, or a task is left."""
    from airssys_rt.testing.checked import checked_system

    seed = request.config.stash[SEED]
    if seed is None:
        seed = random.randrange(MOST_SEED)
    request.node.user_properties.append(("actor_seed", seed))
    options: dict[str, Any] = {"name": "test"}
    for mark in reversed(list(request.node.iter_markers("actor_system"))):
        options.update(mark.kwargs)
    async with checked_system(actor_faults, seed, options) as system:
        yield system
    blame(actor_faults)


# Any: the test annotates what it expects, `probe: TestProbe[BankMsg]`
@pytest.fixture
def probe(request: pytest.FixtureRequest) -> TestProbe[Any]:
    """A `TestProbe` in the system of `actor_system`, or in `world` if the test uses that."""
    from airssys_rt.testing.probe import TestProbe

    system: Any = None  # Any: of a fixture
    if "world" in request.fixturenames:
        system = request.getfixturevalue("world")
    if not is_world(system):
        system = request.getfixturevalue("actor_system")
    made: TestProbe[Any] = TestProbe(system)
    return made


@pytest.fixture
def actor_schedule(request: pytest.FixtureRequest) -> int:
    """Which of several runs this is, for a test whose fixtures use `world`."""
    number: int = getattr(request, "param", 0)
    return number


@pytest.fixture
def world(request: pytest.FixtureRequest, actor_schedule: int) -> World:
    """A simulated world, in which the test's body runs, under a schedule of its seed."""
    from airssys_rt.testing.worldtest import make

    return make(request.node, actor_schedule)


def is_world(value: object) -> TypeGuard[World]:
    """Whether it is a world, and not what a user's own fixture of that name gives."""
    module = sys.modules.get("airssys_rt.testing.world")
    return module is not None and isinstance(value, module.World)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A test that uses `world` is a scenario."""
    if not is_world(pyfuncitem.funcargs.get("world")):
        return (yield)
    from airssys_rt.testing.worldtest import played

    __tracebackhide__ = True
    body = pyfuncitem.obj
    pyfuncitem.obj = played(pyfuncitem)  # not async: nobody takes it to an event loop
    try:
        return (yield)
    finally:
        pyfuncitem.obj = body


@pytest.fixture
def virtual_time(request: pytest.FixtureRequest) -> VirtualTime:
    """The `VirtualTime` of a test that is marked `virtual_time`."""
    found = request.getfixturevalue("anyio_backend")
    if isinstance(found, tuple) and isinstance(found[1], VirtualOptions):
        return found[1].time
    raise pytest.UsageError("virtual_time: mark the test with @pytest.mark.virtual_time")


# -- reports --------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that went well fails if something went wrong in its system."""
    __tracebackhide__ = True
    result = yield
    faults = getattr(item, "funcargs", {}).get("actor_faults")
    if faults is not None:
        blame(faults)
    return result


def blame(faults: Faults) -> None:
    """Fail for what nobody expected."""
    found = faults.take()
    if found:
        pytest.fail("in actor_system:\n" + "\n".join(found), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Print the seed of a test that failed, and the sequence chart, as sections of the report."""
    if call.excinfo is None:
        return (yield)
    found = counterexample_in(call.excinfo.value)
    if found is None:
        report = yield
    else:
        found.brief = True
        report = yield
        found.brief = False
        if report.failed:
            report.sections.append(("airssys-rt: sequence chart", f"{found.mend}\n{found.body}"))
    seeds = [str(value) for name, value in item.user_properties if name == "actor_seed"]
    if seeds and report.failed:
        report.sections.append(("airssys-rt", f"--actor-seed={seeds[-1]}"))
    return report


def counterexample_in(error: BaseException) -> Counterexample | None:
    """The counterexample that an error is, or that is in a group."""
    errors: Any = sys.modules.get("airssys_rt.errors")  # Any: a module
    if errors is None:
        return None
    group: Any = error  # Any: of exceptions of whatever types
    if isinstance(error, errors.Counterexample):
        smallest: Counterexample = group.found()
        return smallest
    if isinstance(error, BaseExceptionGroup):
        return next((found for one in group.exceptions if (found := counterexample_in(one))), None)
    return None
