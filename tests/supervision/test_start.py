"""How supervisors start: in order, one after the other, all or none.

After supervisor_SUITE's groups sup_start and sup_start_map, and `init_children/2`.
"""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    ActorError,
    Normal,
    Props,
    RestartChild,
    Shutdown,
    StartChild,
    StartFailed,
    Supervisor,
    TerminateChild,
    props,
)
from tests.supervision.kit import Watched, counts, running, settle, states

pytestmark = pytest.mark.anyio


# supervisor_SUITE:sup_start_normal
async def test_a_supervisor_without_children_starts_and_stops() -> None:
    async with running() as (_, system):
        sup = system.spawn(props(Supervisor, ()))
        await sup.started()
        assert await counts(sup) == (0, 0, 0, 0)
        sup.stop()
        assert await sup.stopped() == Normal()


# supervisor_SUITE:order_of_children
async def test_children_start_in_their_order_and_stop_in_the_reverse() -> None:
    async with running() as (world, system):
        sup = system.spawn(world.sup("sup", *map(world.worker, "abc")))
        await sup.started()
        assert world.since() == [("start", i) for i in ("sup", "a", "b", "c")]
        assert list(await states(sup)) == ["a", "b", "c"]
    assert world.since() == [("stop", i, "shutdown") for i in ("c", "b", "a", "sup")]


# supervisor_SUITE:order_of_children: also of those added, and after restarts
async def test_a_restart_leaves_a_child_in_its_place_and_a_new_one_is_the_last() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, *map(world.worker, "abc"), intensity=5)
        await sup.ask(StartChild(world.worker("d")))
        await world.crash(system, "a")
        await world.crash(system, "c")
        await sup.ask(TerminateChild("b"))
        await sup.ask(RestartChild("b"))
        assert list(await states(sup)) == ["a", "b", "c", "d"]
        world.since()
        sup.stop()
        await settle(system)
        assert [ident for _, ident, _ in world.since()] == ["d", "c", "b", "a", "top"]


# init_children/2: start_link returns when all children have started
async def test_a_child_starts_when_the_one_before_it_has_started() -> None:
    gate = anyio.Event()
    async with running() as (world, system):
        slow = world.worker("slow", starting=gate.wait)
        sup = system.spawn(world.sup("sup", slow, world.worker("next")))
        await settle_but(system)
        assert world.since() == [("start", "sup"), ("start", "slow")]
        gate.set()
        await sup.started()
        assert world.since() == [("start", "next")]


async def settle_but(system: Any) -> None:
    """Let things happen while a hook is suspended, so that the system is never quiet."""
    for _ in range(50):
        await anyio.lowlevel.checkpoint()


# supervisor_SUITE:tree
async def test_a_tree_starts_depth_first_and_stops_in_the_reverse() -> None:
    async with running() as (world, system):
        inner = world.sup("inner", world.worker("b"), world.worker("c"))
        sup = system.spawn(world.sup("outer", world.worker("a"), inner, world.worker("d")))
        await sup.started()
        order = ["outer", "a", "inner", "b", "c", "d"]
        assert world.since() == [("start", ident) for ident in order]
        assert await counts(sup) == (3, 3, 1, 2)
    stops = ["d", "c", "b", "inner", "a", "outer"]
    assert world.since() == [("stop", ident, "shutdown") for ident in stops]


# init_children/2, supervisor_SUITE:faulty_application_shutdown
async def test_a_first_start_that_fails_stops_those_before_it_and_starts_none_after_it() -> None:
    async with running() as (world, system):
        world.failing["c"] = 1
        sup = system.spawn(world.sup("sup", *map(world.worker, "abcd")))
        with pytest.raises(StartFailed):
            await sup.started()
        await sup.stopped()
        starts = [("start", "sup"), ("start", "a"), ("start", "b"), ("fail", "c")]
        assert world.since() == [*starts, ("stop", "b", "shutdown"), ("stop", "a", "shutdown")]


# init_children/2: the children's start error is the supervisor's own
async def test_a_first_start_that_fails_deep_in_the_tree_fails_every_supervisor_above() -> None:
    async with running() as (world, system):
        world.failing["c"] = 1
        inner = world.sup("inner", world.worker("b"), world.worker("c"))
        sup = system.spawn(world.sup("outer", world.worker("a"), inner))
        with pytest.raises(StartFailed) as caught:
            await sup.started()
        error: BaseException | None = caught.value
        causes = []
        while error is not None:
            causes.append(error)
            error = error.__cause__
        assert str(causes[-1]) == "c does not start"
        stops = [event for event in world.since() if event[0] == "stop"]
        assert stops == [("stop", "b", "shutdown"), ("stop", "a", "shutdown")]


# supervisor_SUITE:sup_start_fail: start_link itself is not retried, whatever the intensity
async def test_a_first_start_that_fails_is_not_tried_again() -> None:
    async with running() as (world, system):
        world.failing["a"] = 1
        sup = system.spawn(world.sup("sup", world.worker("a"), intensity=10))
        with pytest.raises(StartFailed):
            await sup.started()
        await settle(system)
        assert world.since() == [("start", "sup"), ("fail", "a")]


# supervisor_SUITE:sup_start_child_returns_error
async def test_a_child_that_does_not_start_by_hand_leaves_no_specification() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"), intensity=0)
        world.failing["b"] = 1
        with pytest.raises(StartFailed):
            await sup.ask(StartChild(world.worker("b")))
        assert list(await states(sup)) == ["a"]
        await sup.ask(StartChild(world.worker("b")))
        assert await states(sup) == {"a": "running", "b": "running"}


# supervisor_SUITE:sup_start_restart_child_returns_error
async def test_a_child_that_does_not_start_again_by_hand_keeps_its_specification() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"), intensity=0)
        await sup.ask(TerminateChild("a"))
        world.failing["a"] = 2
        for _ in range(2):  # and is no restart that would count
            with pytest.raises(StartFailed):
                await sup.ask(RestartChild("a"))
            assert await states(sup) == {"a": "stopped"}
        await sup.ask(RestartChild("a"))
        assert await states(sup) == {"a": "running"}


# the supervisor is busy in handle_call meanwhile; here only its answer waits
async def test_start_child_answers_when_the_child_has_started() -> None:
    gate = anyio.Event()
    async with running() as (world, system):
        sup = await world.tree(system)
        answers: list[object] = []

        async def ask() -> None:
            answers.append(await sup.ask(StartChild(world.worker("slow", starting=gate.wait))))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await settle_but(system)
            assert world.since() == [("start", "slow")]
            assert answers == []
            gate.set()
        assert answers == [world.refs["slow"]]


# supervisor_SUITE:sup_flags
@pytest.mark.parametrize(
    "wrong",
    [
        {"strategy": "none_for_one"},
        {"intensity": -1},
        {"period": 0.0},
        {"period": -1.0},
        {"auto_shutdown": "sometimes"},
    ],
    ids=str,
)
async def test_wrong_options_fail_the_start(wrong: dict[str, Any]) -> None:
    async with running() as (world, system):
        with pytest.raises(ActorError):
            await system.spawn(props(Watched, world, "sup", (), **wrong)).started()


# supervisor_SUITE:sup_flags, for those who write a class
@pytest.mark.parametrize(
    "wrong", [{"strategy": "x"}, {"intensity": -1}, {"period": 0}, {"auto_shutdown": "x"}], ids=str
)
async def test_wrong_options_of_a_class_fail_at_the_latest_at_its_start(
    wrong: dict[str, Any],
) -> None:
    async with running() as (_, system):
        with pytest.raises(ActorError):
            await system.spawn(type("Wrong", (Supervisor,), wrong)).started()


# supervisor_SUITE:child_specs, child_specs_map
@pytest.mark.parametrize(
    "wrong",
    [
        lambda child: child.restart("prmanent"),
        lambda child: child.shutdown(-10),
        lambda child: child.shutdown("at once"),
    ],
    ids=["restart", "shutdown", "word"],
)
async def test_wrong_specifications_are_refused(wrong: Any) -> None:
    async with running() as (world, _):
        with pytest.raises(ActorError):
            wrong(world.worker("a"))


# supervisor_SUITE:child_specs: duplicate_child_name
async def test_two_children_of_one_name_fail_the_start() -> None:
    async with running() as (world, system):
        twice: list[Props[Any]] = [world.worker("a"), world.worker("a")]
        with pytest.raises(ActorError):
            await system.spawn(world.sup("sup", *twice)).started()
        await settle(system)
        assert world.events.count(("start", "a")) == len(
            [event for event in world.events if event[:2] == ("stop", "a")]
        )


# supervisor_SUITE:child_specs_map: {bad_combination, [{auto_shutdown, never}, {significant, true}]}
# and {bad_combination, [{restart, permanent}, {significant, true}]}
@pytest.mark.parametrize(
    ("restart", "auto_shutdown"),
    [("transient", "never"), ("temporary", "never"), ("permanent", "any_significant")],
)
async def test_a_significant_child_must_be_able_to_end(restart: Any, auto_shutdown: str) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, auto_shutdown=auto_shutdown)
        with pytest.raises(ActorError):
            await sup.ask(StartChild(world.worker("a").restart(restart).significant()))
        assert await states(sup) == {}
        with pytest.raises(ActorError):
            child = world.worker("a").restart(restart).significant()
            await system.spawn(world.sup("sup", child, auto_shutdown=auto_shutdown)).started()


# what every child of a stopping supervisor is told
async def test_children_of_a_stopped_supervisor_end_by_shutdown() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"))
        ref = world.refs["a"]
        sup.stop()
        assert await ref.stopped() == Shutdown()
