"""Permanent, transient, temporary: who is restarted after which end, and who is forgotten.

After supervisor_SUITE's groups normal_termination, shutdown_termination, abnormal_termination, its
do_not_save_child_specs_for_temporary_children, and `do_restart/3`.
"""

from __future__ import annotations

from typing import Any

import pytest

from airssys_rt import NameTaken, StartChild, TerminateChild, props
from tests.supervision.kit import Crash, Worker, counts, running, settle, states

pytestmark = pytest.mark.anyio

STRATEGIES = ["one_for_one", "one_for_all", "rest_for_one"]

RESTARTED = {"a": "running"}
KEPT = {"a": "stopped"}
FORGOTTEN: dict[str, str] = {}


# permanent_normal, transient_normal, temporary_normal,
# permanent_abnormal, transient_abnormal, temporary_abnormal
@pytest.mark.parametrize(
    ("restart", "end", "after"),
    [
        ("permanent", "leave", RESTARTED),
        ("transient", "leave", KEPT),
        ("temporary", "leave", FORGOTTEN),
        ("permanent", "crash", RESTARTED),
        ("transient", "crash", RESTARTED),
        ("temporary", "crash", FORGOTTEN),
    ],
)
@pytest.mark.parametrize("added", [False, True], ids=["declared", "added"])
async def test_a_child_is_restarted_as_its_type_says(
    restart: Any, end: str, after: dict[str, str], added: bool
) -> None:
    async with running() as (world, system):
        child = world.worker("a").restart(restart)
        sup = await world.tree(system, *([] if added else [child]))
        if added:
            await sup.ask(StartChild(child))
            world.since()
        events = await getattr(world, end)(system, "a")
        reason = "normal" if end == "leave" else "failed"
        again = [("start", "a")] if after is RESTARTED else []
        assert events == [("stop", "a", reason), *again]
        assert await states(sup) == after
        active = int(after is RESTARTED)
        assert await counts(sup) == (len(after), active, 0, len(after))


# permanent_shutdown, transient_shutdown, temporary_shutdown: `ref.stop()` from outside
@pytest.mark.parametrize(
    ("restart", "after"),
    [("permanent", RESTARTED), ("transient", KEPT), ("temporary", FORGOTTEN)],
)
async def test_an_end_from_outside_is_a_normal_one(restart: Any, after: dict[str, str]) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a").restart(restart))
        world.refs["a"].stop()
        await settle(system)
        assert await states(sup) == after


# supervisor(3): restart defaults to permanent
async def test_a_child_of_a_supervisor_is_permanent_unless_it_says_otherwise() -> None:
    async with running() as (world, system):
        await world.tree(system, world.worker("a"))
        assert await world.leave(system, "a") == [("stop", "a", "normal"), ("start", "a")]


async def test_an_actor_that_was_simply_spawned_is_temporary() -> None:
    async with running() as (world, system):
        ref = system.spawn(Worker, world, "a")
        await ref.started()
        world.since()
        assert await world.crash(system, "a") == [("stop", "a", "failed")]


# simple_one_for_one with each type; do_restart/3 and del_child/2: none of them is kept
@pytest.mark.parametrize(
    ("restart", "end", "again"),
    [
        ("permanent", "leave", True),
        ("transient", "leave", False),
        ("temporary", "leave", False),
        ("permanent", "crash", True),
        ("transient", "crash", True),
        ("temporary", "crash", False),
    ],
)
async def test_a_dynamic_child_that_is_not_restarted_is_forgotten(
    restart: Any, end: str, again: bool
) -> None:
    async with running() as (world, system):
        sup = system.spawn(world.dynamic("sup"))
        await sup.ask(StartChild(world.worker("a").restart(restart)))
        await getattr(world, end)(system, "a")
        assert await states(sup) == ({"a": "running"} if again else {})


# do_not_save_child_specs_for_temporary_children: already_present/3
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("restart", "how"),
    [("permanent", "supervisor"), ("transient", "supervisor"), ("transient", "leave")],
)
async def test_the_specification_of_one_that_may_come_back_is_kept(
    strategy: str, restart: Any, how: str
) -> None:
    async with running() as (world, system):
        child = world.worker("a").restart(restart)
        sup = await world.tree(system, child, strategy=strategy)
        if how == "supervisor":
            await sup.ask(TerminateChild("a"))
        else:
            await world.leave(system, "a")
        with pytest.raises(NameTaken):
            await sup.ask(StartChild(child))


# do_not_save_child_specs_for_temporary_children: restarted/3
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("restart", "how"),
    [("permanent", "leave"), ("permanent", "crash"), ("transient", "crash")],
)
async def test_one_that_came_back_holds_its_name(strategy: str, restart: Any, how: str) -> None:
    async with running() as (world, system):
        child = world.worker("a").restart(restart)
        sup = await world.tree(system, child, strategy=strategy)
        await getattr(world, how)(system, "a")
        with pytest.raises(NameTaken):
            await sup.ask(StartChild(child))


# do_not_save_child_specs_for_temporary_children: temporary_child_spec_not_saved/3
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("how", ["supervisor", "leave", "crash"])
async def test_a_temporary_childs_name_is_free_when_it_is_over(strategy: str, how: str) -> None:
    async with running() as (world, system):
        child = world.worker("a").restart("temporary")
        sup = await world.tree(system, child, strategy=strategy)
        if how == "supervisor":
            await sup.ask(TerminateChild("a"))
        else:
            await getattr(world, how)(system, "a")
        assert await states(sup) == {}
        await sup.ask(StartChild(child))
        assert await states(sup) == {"a": "running"}


# supervisor(3): a supervisor is a child like others
@pytest.mark.parametrize(
    ("restart", "after"),
    [("permanent", {"s": "running"}), ("transient", {"s": "stopped"}), ("temporary", {})],
)
async def test_a_supervisor_that_gave_up_counts_as_shut_down(
    restart: Any, after: dict[str, str]
) -> None:
    async with running() as (world, system):
        inner = world.sup("s", world.worker("a"), intensity=0).restart(restart)
        sup = await world.tree(system, inner)
        events = await world.crash(system, "a")
        again = [("start", "s"), ("start", "a")] if restart == "permanent" else []
        assert events == [("stop", "a", "failed"), ("stop", "s", "shutdown"), *again]
        assert await states(sup) == after


# supervisor_SUITE:tree: "Test that supervisor tree is restarted, but not dynamic children"
async def test_children_started_later_are_forgotten_when_their_supervisor_is_restarted() -> None:
    async with running() as (world, system):
        inner = world.sup("s", world.worker("a"), intensity=0)
        await world.tree(system, inner)
        await world.refs["s"].ask(StartChild(world.worker("b")))
        world.since()
        events = await world.crash(system, "b")
        stops = [("stop", "b", "failed"), ("stop", "a", "shutdown"), ("stop", "s", "shutdown")]
        assert events == [*stops, ("start", "s"), ("start", "a")]
        assert await states(world.refs["s"]) == {"a": "running"}


# children_map/2 keeps the order of the specifications, whatever was started when
async def test_a_restarted_supervisor_still_stops_its_children_last_to_first() -> None:
    async with running() as (world, system):
        children = [
            world.worker("a").restart("temporary"),
            world.worker("b"),
            world.worker("c").restart("transient"),
            world.worker("d"),
        ]
        sup = await world.tree(system, world.sup("s", *children, intensity=0))
        await world.leave(system, "a")
        await world.leave(system, "c")
        assert ("start", "a") in await world.crash(system, "b")
        sup.stop()
        await settle(system)
        assert [ident for _, ident, _ in world.since()] == ["d", "c", "b", "a", "s", "top"]


# the constructor's arguments are those of the specification
async def test_a_restarted_child_is_constructed_anew_and_its_ref_stays_good() -> None:
    async with running() as (world, system):
        await world.tree(system, props(Worker, world, "a").named("a"))
        ref = world.refs["a"]
        ref.tell(Crash())
        await settle(system)
        assert world.refs["a"] == ref
        assert world.since() == [("stop", "a", "failed"), ("start", "a")]
