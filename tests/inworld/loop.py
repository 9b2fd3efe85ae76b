"""A backend of anyio whose event loop is a `World`: tests written for anyio run in it as they are.

`("world", {"schedules": n, "seed": s})` as the value of the fixture `anyio_backend` runs a test's
body under that many schedules; a failure is made small and reported as `explore` reports it.

Laws: nothing here depends on a clock, a thread or the order of a set; a checkpoint lasts until
nothing else can happen without time passing, as a turn of an idle event loop does.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from math import inf
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

import anyio
import pytest
from anyio.abc import AsyncBackend, TestRunner
from hypothesis import currently_in_test_context, settings

from airssys_rt.kernel.waits import Wait
from airssys_rt.testing.chosen import CHOSEN
from airssys_rt.testing.exploring import counterexample, run_in, search
from airssys_rt.testing.schedule import PCT, UniformDriver
from airssys_rt.testing.task import Cancelled, give
from tests.inworld.host import NAME, HostSettings, HostWorld, hosted
from tests.inworld.strands import (
    Group,
    Scope,
    current_net,
    current_strand,
    within,
)

if TYPE_CHECKING:
    from airssys_rt.testing.chosen import CHOSEN
from airssys_rt.testing.exploring import Policy

__all__ = ["Backend", "Runner", "backend", "install"]

# Any throughout: what tests, coroutines and anyio's own interfaces give and take

SCHEDULES = 20  # unless `--actor-schedules` says how many


class Event:
    """What `anyio.Event` is."""

    def __init__(self) -> None:
        self._set = False
        self._waits: list[Wait] = []

    def set(self) -> None:
        """Wake all who wait, and who will."""
        if not self._set:
            self._set = True
            for wait in self._waits:
                wait.settle(None)

    def is_set(self) -> bool:
        """Whether it was set."""
        return self._set

    async def wait(self) -> None:
        """Wait until it is set."""
        if self._set:
            await give(None)
            return
        wait = Wait(None, None)
        self._waits.append(wait)
        try:
            await within(wait)
        finally:
            self._waits.remove(wait)


class Backend(AsyncBackend):
    """What anyio asks of an event loop, as far as the library and its tests ask anyio."""

    @classmethod
    def run(
        cls,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        options: dict[str, Any],
    ) -> Any:
        """`anyio.run`: one run, under a schedule of the seed, and its result."""
        results: list[Any] = []

        async def scenario(_world: HostWorld) -> None:
            results.append(await func(*args, **kwargs))

        with hosted():
            error = run_in(HostWorld(0), scenario, UniformDriver(CHOSEN.seed + 1))  # type: ignore[arg-type]
        if error is not None:
            raise error
        return results[0]

    @classmethod
    def current_token(cls) -> object:
        """What names this loop."""
        return current_net()

    @classmethod
    def current_time(cls) -> float:
        """The world's time."""
        return current_net().now

    @classmethod
    def cancelled_exception_class(cls) -> type[BaseException]:
        """What a cancellation raises."""
        return Cancelled

    @classmethod
    async def checkpoint(cls) -> None:
        """Wait until nothing else can happen without time passing."""
        await cls.checkpoint_if_cancelled()
        wait = Wait(None, None)
        current_net().resting.append(wait)
        await within(wait)

    @classmethod
    async def checkpoint_if_cancelled(cls) -> None:
        """Raise the cancellation that is due."""
        if current_strand().cancelled():
            await give(None)

    @classmethod
    async def cancel_shielded_checkpoint(cls) -> None:
        """As `checkpoint`, whatever is cancelled."""
        with Scope(shield=True):
            await cls.checkpoint()

    @classmethod
    async def sleep(cls, delay: float) -> None:
        """Let that much of the world's time pass."""
        if delay <= 0:
            await cls.checkpoint()
            return
        wait = Wait(None, None)
        net = current_net()
        alarm = net.alarm(net.now + delay, lambda: wait.settle(None)) if delay < inf else None
        try:
            await within(wait)
        finally:
            if alarm is not None:
                alarm.over = True

    # Any: duck-typed, the tests cannot tell
    @classmethod
    def create_cancel_scope(cls, *, deadline: float = inf, shield: bool = False) -> Any:
        """A scope on the world's time."""
        return Scope(deadline=deadline, shield=shield)

    @classmethod
    def current_effective_deadline(cls) -> float:
        """The earliest deadline of the scopes around."""
        scope, found = current_strand().scope, inf
        while scope is not None:
            if scope.called:
                return -inf
            found = min(found, scope.due)
            if scope.shield:
                break
            scope = scope.above
        return found

    @classmethod
    def create_task_group(cls) -> Any:
        """A task group whose children are the world's tasks."""
        return Group()

    @classmethod
    def create_event(cls) -> Any:
        """An event."""
        return Event()

    @classmethod
    def get_current_task(cls) -> anyio.TaskInfo:
        """Who runs."""
        strand = current_strand()
        coro: Any = strand.task.coro if strand.task is not None else None
        return anyio.TaskInfo(strand.id, None, f"strand-{strand.id}", coro)

    @classmethod
    def create_test_runner(cls, options: dict[str, Any]) -> TestRunner:
        """What runs tests under schedules."""
        return Runner(**options)

    @classmethod
    async def run_sync_in_worker_thread(cls, *_args: Any, **_options: Any) -> NoReturn:
        """There are no threads."""
        raise Foreign("a worker thread")

    @classmethod
    def run_sync_from_thread(cls, *_args: Any, **_options: Any) -> NoReturn:
        """There are no threads."""
        raise Foreign("a call from a thread")


class Foreign(Exception):
    """A test uses what a world has not."""


class Runner(TestRunner):
    """Runs each test under many schedules."""

    def __init__(
        self,
        *,
        schedules: int | None = None,
        seed: int | None = None,
        policy: Policy | None = None,
    ) -> None:
        self.schedules = CHOSEN.schedules_or(schedules, SCHEDULES)
        self.seed = CHOSEN.seed_or(seed)
        self.policy: Policy = PCT(3) if policy is None else policy
        self.running = False
        self.steps = 0

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is left of a run."""

    def is_running(self) -> bool:
        """Whether a test runs now."""
        return self.running

    def run_fixture(self, fixture_func: Any, kwargs: dict[str, Any]) -> Any:
        """An async fixture would live in one world, and each run of a test has its own."""
        raise Foreign(f"an async fixture, {fixture_func.__name__}")

    def run_asyncgen_fixture(
        self, fixture_func: Callable[..., AsyncGenerator[Any, Any]], kwargs: dict[str, Any]
    ) -> Iterable[Any]:
        """As `run_fixture`."""
        raise Foreign(f"an async fixture, {fixture_func.__name__}")

    def run_test(
        self, test_func: Callable[..., Coroutine[Any, Any, Any]], kwargs: dict[str, Any]
    ) -> None:
        """Run the body under the schedules; raise the smallest counterexample."""

        def scenario(world: HostWorld) -> Coroutine[Any, Any, Any]:
            refresh(kwargs)
            return test_func(**kwargs)

        scenario.__name__ = test_func.__name__
        schedules = self.schedules
        if currently_in_test_context():  # so many for all of Hypothesis's examples
            schedules = -(-schedules // settings().max_examples)
        self.running = True
        try:
            with hosted(), silence(kwargs):
                found, failing = search(
                    scenario,  # type: ignore[arg-type]  # its worlds are HostWorlds
                    HostSettings(),
                    self.policy,
                    self.seed,
                    schedules,
                )
                self.steps += found.steps
                if failing is not None:
                    raise counterexample(failing, found.schedules)
        finally:
            self.running = False


@contextmanager
def silence(kwargs: dict[str, Any]) -> Iterator[None]:
    """What the engine logs is written down only for a test that looks at it."""
    logger = logging.getLogger("airssys_rt")
    looks = any(isinstance(value, pytest.LogCaptureFixture) for value in kwargs.values())
    before, logger.disabled = logger.disabled, logger.disabled or not looks
    try:
        yield
    finally:
        logger.disabled = before


def refresh(kwargs: dict[str, Any]) -> None:
    """Have fixtures forget what an earlier run has left in them."""
    for value in kwargs.values():
        if isinstance(value, pytest.LogCaptureFixture):
            value.clear()


def install() -> None:
    """Make the backend known to anyio, by its name."""
    module = ModuleType(f"anyio._backends._{NAME}")
    module.__dict__["backend_class"] = Backend
    sys.modules[module.__name__] = module


def backend() -> tuple[str, dict[str, Any]]:
    """The value of `anyio_backend` for runs as `--actor-schedules` and `--actor-seed` say."""
    install()
    return NAME, {}
