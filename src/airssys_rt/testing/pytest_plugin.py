"""The pytest plugin: fixtures with a live system, and tests on every event loop.

It is loaded in every run of pytest where the library is installed, so it imports nothing of the
library until a test uses it, and changes nothing for tests that do not.  The async fixtures are
run by anyio's pytest plugin.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Generator
from importlib.util import find_spec
from inspect import iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from airssys_rt import ActorSystem
    from airssys_rt.testing.checked import Faults
    from airssys_rt.testing.clock import VirtualTime
    from airssys_rt.testing.probe import TestProbe

FIXTURES = frozenset({"actor_system", "actor_faults", "probe", "virtual_time"})
BACKENDS = ("asyncio", "trio", "uvloop")
MARKS = (
    "actor_system(**options): options for the system of the fixture actor_system",
    "expect_crashes(*names): crashes by exceptions of these names, or any, do not fail the test",
    "expect_dead_letters(*reasons): dead letters of these reasons, or all, do not fail the test",
    "virtual_time(**options): the test runs on a VirtualTime with these options",
)


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
        type=int,
        metavar="N",
        help="the seed of self.random in actor_system; printed for a test that fails",
    )
    parser.addini("actor_backends", "see --actor-backends", default="")


def pytest_configure(config: pytest.Config) -> None:
    """The marks, and whether the named backends are there."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
    chosen_backends(config)


def chosen_backends(config: pytest.Config) -> list[str]:
    """The names of the backends; none if nobody chose."""
    text = config.getoption("--actor-backends") or config.getini("actor_backends")
    names = [name.strip() for name in str(text).split(",") if name.strip()]
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
    if iscoroutinefunction(obj) and FIXTURES & set(signature(obj).parameters):
        pytest.mark.anyio(obj)
        pytest.mark.usefixtures("anyio_backend")(obj)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that uses these fixtures on each backend."""
    used = set(metafunc.fixturenames)
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

    seed = request.config.getoption("--actor-seed")
    if seed is None:
        seed = random.randrange(2**32)
    request.node.user_properties.append(("actor_seed", seed))
    options: dict[str, Any] = {"name": "test"}
    for mark in reversed(list(request.node.iter_markers("actor_system"))):
        options.update(mark.kwargs)
    async with checked_system(actor_faults, seed, options) as system:
        yield system
    blame(actor_faults)


# Any: the test annotates what it expects, `probe: TestProbe[BankMsg]`
@pytest.fixture
def probe(actor_system: ActorSystem) -> TestProbe[Any]:
    """A `TestProbe` in the system of `actor_system`."""
    from airssys_rt.testing.probe import TestProbe

    return TestProbe(actor_system)


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
    """Print the seed of a test that failed."""
    report = yield
    seeds = [str(value) for name, value in item.user_properties if name == "actor_seed"]
    if seeds and report.failed:
        report.sections.append(("airssys-rt", f"--actor-seed={seeds[-1]}"))
    return report
