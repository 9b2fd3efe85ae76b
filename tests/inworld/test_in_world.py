"""The engine's own tests run in worlds: a handful here, all that can in the session `nightly`.

What hosts them is tested as well: the event loop that a world stands in for, and that a broken
engine is found.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Coroutine
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
import anyio.lowlevel
import pytest
import sniffio

from airssys_rt import Actor, ActorSystem, Down, Message, Request, on, props
from airssys_rt.errors import Counterexample
from airssys_rt.kernel import watch
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.deadlines import Deadlines
from airssys_rt.kernel.scheduler import Scheduler
from tests.inworld.loop import Runner, install
from tests.inworld.unsuited import SUITES, UNSUITED, Entry, entry_of
from tests.kernel import test_timers, test_watch
from tests.runtime import test_ask, test_children
from tests.runtime.kit import engine
from tests.supervision import test_pool, test_restart

TESTS = Path(__file__).parent.parent
Body = Callable[..., Coroutine[Any, Any, object]]


def in_world(body: Body, schedules: int = 20, **arguments: Any) -> None:
    """Run a test's body under that many schedules."""
    install()
    Runner(schedules=schedules, seed=0).run_test(body, arguments)


# -- a handful of the engine's tests ---------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        test_timers.test_every_keeps_its_rate,
        test_watch.test_each_monitor_has_a_down_of_its_own,
        test_restart.test_the_mailbox_and_the_ref_survive_in_order,
        test_restart.test_the_stash_goes_to_the_front_of_the_mailbox,
        test_restart.test_a_suspended_handler_ends_before_the_next_incarnation_starts,
        test_children.test_children_end_last_to_first_and_before_their_parent,
        test_pool.test_a_permanent_pool_that_is_drained_comes_back,
        test_ask.test_a_request_past_its_deadline_is_not_handled_but_a_dead_letter,
    ],
    ids=lambda body: body.__name__,
)
def test_a_test_of_the_engine_passes_under_many_schedules(body: Body) -> None:
    in_world(body)


# -- a broken engine is found ----------------------------------------------------------------------


class Watch(Message):
    ref: Any  # an actor of whatever protocol


class Die(Message): ...


class Crash(Message): ...


class Downs(Request[int]): ...


class Watcher(Actor[Watch | Crash | Downs | Down]):
    def __init__(self) -> None:
        self.downs = 0

    @on(Watch)
    def watch(self, msg: Watch) -> None:
        self.monitor(msg.ref)

    @on(Crash)
    def crash(self, msg: Crash) -> None:
        raise RuntimeError("as told")

    @on(Down)
    def down(self, msg: Down) -> None:
        self.downs += 1

    @on(Downs)
    def count(self, msg: Downs) -> int:
        return self.downs

    initial = watch | crash | down | count


class Mortal(Actor[Die]):
    @on(Die)
    def die(self, msg: Die) -> None:
        self.stop()

    initial = die


async def a_down_comes_whoever_is_first() -> None:
    async with ActorSystem() as system:
        watcher, mortal = system.spawn(Watcher), system.spawn(Mortal)
        await watcher.started()
        await mortal.started()
        watcher.tell(Watch(mortal))
        mortal.tell(Die())
        await system.drain()
        assert await watcher.ask(Downs()) == 1


async def a_down_is_for_the_incarnation_that_monitored() -> None:
    async with ActorSystem() as system:
        watcher = system.spawn(props(Watcher).restart("permanent"))
        mortal = system.spawn(Mortal)
        watcher.tell(Watch(mortal))
        watcher.tell(Crash())
        mortal.tell(Die())
        await system.drain()
        assert await watcher.ask(Downs()) == 0


def no_down_for_the_late(patch: pytest.MonkeyPatch) -> None:
    """Who monitors an actor that is over already hears nothing."""
    inner = watch.monitor

    def monitor(watcher: Cell, target: Cell, via: Any) -> watch.Monitor:
        if target.outcome is not None:
            return watch.Monitor(watcher, target, via)
        return inner(watcher, target, via)

    patch.setattr("airssys_rt.kernel.actor.monitor", monitor)


def downs_outlive_a_restart(patch: pytest.MonkeyPatch) -> None:
    """A Down on its way is handled by the next incarnation."""
    patch.setattr(watch.Monitor, "taken", lambda self: True)


def a_drop_of_downs(patch: pytest.MonkeyPatch) -> None:
    """No Down says that an incarnation follows."""
    inner = watch.Monitor.tell

    def tell(self: watch.Monitor, reason: Any, *, restarting: bool) -> None:
        if not restarting:
            inner(self, reason, restarting=restarting)

    patch.setattr(watch.Monitor, "tell", tell)


def a_restart_that_loses_order(patch: pytest.MonkeyPatch) -> None:
    """What was stashed goes to the front the wrong way round."""
    inner = Cell.put_front
    patch.setattr(Cell, "put_front", lambda self, items: inner(self, [*items][::-1]))


def deadlines_that_pass_unseen(patch: pytest.MonkeyPatch) -> None:
    """No ask ever expires."""
    patch.setattr(Deadlines, "expired", lambda self, now: [])


def handlers_that_never_rest(patch: pytest.MonkeyPatch) -> None:
    """A handler that was suspended is not settled: its actor is busy for ever."""
    patch.setattr(Scheduler, "release", lambda self, cell: None)


BROKEN = [
    (no_down_for_the_late, a_down_comes_whoever_is_first),
    (downs_outlive_a_restart, a_down_is_for_the_incarnation_that_monitored),
    (a_drop_of_downs, test_restart.test_monitors_are_told_of_each_incarnation),
    (a_restart_that_loses_order, test_restart.test_the_stash_goes_to_the_front_of_the_mailbox),
    (
        deadlines_that_pass_unseen,
        test_ask.test_a_request_past_its_deadline_is_not_handled_but_a_dead_letter,
    ),
    (
        handlers_that_never_rest,
        test_restart.test_a_suspended_handler_ends_before_the_next_incarnation_starts,
    ),
]


@pytest.mark.parametrize(("breaks", "body"), BROKEN, ids=lambda one: one.__name__)
def test_a_broken_engine_is_found(
    breaks: Callable[[pytest.MonkeyPatch], None], body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_world(body)
    breaks(monkeypatch)
    with pytest.raises(Counterexample):
        in_world(body, 100)


@pytest.mark.parametrize(("breaks", "body"), BROKEN[:2], ids=lambda one: one.__name__)
def test_what_only_another_order_shows_is_not_found_on_an_event_loop(
    breaks: Callable[[pytest.MonkeyPatch], None], body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch)
    for _ in range(20):
        anyio.run(body)


# -- the table -------------------------------------------------------------------------------------


def functions(file: Path) -> list[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.parametrize("entry", UNSUITED, ids=lambda entry: f"{entry.file}-{entry.name}")
def test_the_table_names_tests_that_are_there(entry: Entry) -> None:
    assert entry.file.partition("/")[0] in SUITES
    pattern = entry.name.partition("[")[0]
    assert any(fnmatchcase(name, pattern) for name in functions(TESTS / entry.file))


OWN_LOOPS = ("anyio.run(", "asyncio.run(", "blocking(ActorSystem", "subprocess.run(", "trio.run(")


@pytest.mark.parametrize("suite", SUITES)
def test_a_test_that_runs_a_loop_of_its_own_is_in_the_table(suite: str) -> None:
    for file in sorted((TESTS / suite).glob("test_*.py")):
        text = file.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            source = str(ast.get_source_segment(text, node))
            hosted = any(one.arg == "anyio_backend" for one in node.args.args)
            if not hosted and any(one in source for one in OWN_LOOPS):
                assert entry_of(f"tests/{suite}/{file.name}::{node.name}") is not None, node.name


def test_the_table_is_found_by_the_names_of_nodes() -> None:
    found = entry_of("tests/runtime/test_slice.py::test_anything[world-1]")
    assert found is not None
    assert found.name == "*"
    one = "tests/kernel/test_limits.py::test_a_bound_of_an_actors_own_still_holds"
    assert entry_of(f"{one}[world-reject]") is not None
    assert entry_of(f"{one}_too[world-reject]") is None
    assert entry_of("tests/kernel/test_stash.py::test_anything[world]") is None


# -- the event loop that a world stands in for -----------------------------------------------------


def test_the_loop_is_a_world_with_its_own_time() -> None:
    async def body() -> None:
        assert sniffio.current_async_library() == "world"
        begin = anyio.current_time()
        await anyio.sleep(3600)
        assert anyio.current_time() == begin + 3600

    in_world(body)


def test_scopes_cancel_shield_and_swallow_as_anyio_says() -> None:
    async def body() -> None:
        with anyio.move_on_after(5) as outer:
            with anyio.move_on_after(1) as inner:
                await anyio.sleep_forever()
            assert inner.cancelled_caught
            with anyio.CancelScope(shield=True):
                await anyio.sleep(10)
            with pytest.raises(anyio.get_cancelled_exc_class()):
                await anyio.lowlevel.checkpoint()
            await anyio.sleep(0)
            raise AssertionError("a cancelled scope goes on")
        assert outer.cancelled_caught
        with pytest.raises(TimeoutError), anyio.fail_after(1):
            await anyio.sleep(2)
        scope = anyio.CancelScope()
        with scope:
            scope.deadline = anyio.current_time() + 1
            with anyio.CancelScope():
                await anyio.sleep_forever()
        assert scope.cancelled_caught

    in_world(body)


def test_task_groups_wait_collect_and_cancel() -> None:
    async def fails(seconds: float) -> None:
        await anyio.sleep(seconds)
        raise ValueError(seconds)

    async def body() -> None:
        ended: list[str] = []

        async def ends(name: str, seconds: float) -> None:
            try:
                await anyio.sleep(seconds)
            finally:
                ended.append(name)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ends, "late", 2)
            tasks.start_soon(ends, "early", 1)
        assert ended == ["early", "late"]
        with pytest.raises(ExceptionGroup) as caught:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(fails, 1)
                tasks.start_soon(ends, "cancelled", 60)
        assert [repr(error) for error in caught.value.exceptions] == ["ValueError(1)"]
        assert ended[-1] == "cancelled"

        async def server(*, task_status: anyio.abc.TaskStatus[int]) -> None:
            await anyio.sleep(1)
            task_status.started(5)
            await anyio.sleep_forever()

        async with anyio.create_task_group() as tasks:
            assert await tasks.start(server) == 5
            tasks.cancel_scope.cancel()

    in_world(body)


def test_the_order_of_tasks_and_messages_is_the_schedules() -> None:
    orders: set[tuple[int, ...]] = set()

    async def body() -> None:
        order: list[int] = []

        async def one(number: int) -> None:
            order.append(number)

        async with anyio.create_task_group() as tasks:
            for number in range(3):
                tasks.start_soon(one, number)
        orders.add(tuple(order))

    in_world(body, 60)
    assert len(orders) == 6


def test_what_a_system_leaves_behind_is_a_broken_law() -> None:
    async def body() -> None:
        async with ActorSystem() as system:
            await system.spawn(Mortal).started()
            engine(system).suspended += 1  # as if a handler were never settled

    with pytest.raises(Counterexample, match="1 handlers are suspended after their system"):
        in_world(body)
