"""Asking a supervisor: which children there are, and starting, stopping, forgetting them.

After supervisor_SUITE:child_adm, child_adm_simple, extra_return, count_children,
count_children_supervisor, count_restarting_children, tree.
"""

from __future__ import annotations

from typing import Any

import pytest

from airssys_rt import (
    ActorStopped,
    Backoff,
    DeleteChild,
    NameTaken,
    Refused,
    RestartChild,
    StartChild,
    TerminateChild,
    WhichChildren,
)
from tests.supervision.kit import Call, Crash, counts, running, settle, states
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio


async def refusal(sup: Any, request: Any) -> object:
    """Why a supervisor refuses a request."""
    with pytest.raises(Refused) as caught:
        await sup.ask(request)
    return caught.value.payload


# child_adm, extra_return: what there is not
@pytest.mark.parametrize("request_type", [TerminateChild, RestartChild, DeleteChild])
async def test_a_child_that_there_is_not_is_not_found(request_type: Any) -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"))
        assert await refusal(sup, request_type("hej")) == "not_found"
        assert await states(sup) == {"a": "running"}


# child_adm, extra_return
async def test_a_child_that_runs_is_neither_restarted_nor_deleted_by_hand() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"))
        assert await refusal(sup, RestartChild("a")) == "running"
        assert await refusal(sup, DeleteChild("a")) == "running"
        with pytest.raises(NameTaken):
            await sup.ask(StartChild(world.worker("a")))
        assert await states(sup) == {"a": "running"}
        assert await counts(sup) == (1, 1, 0, 1)
        assert world.since() == []


# child_adm, extra_return: the whole round
async def test_a_child_is_terminated_restarted_terminated_deleted_and_started_anew() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"))
        first = world.refs["a"]
        await sup.ask(TerminateChild("a"))
        assert world.since() == [("stop", "a", "shutdown")]
        assert await states(sup) == {"a": "stopped"}
        assert await counts(sup) == (1, 0, 0, 1)
        with pytest.raises(ActorStopped):
            await first.ask(Call(lambda _: None))

        await sup.ask(TerminateChild("a"))  # of what does not run is no error
        with pytest.raises(NameTaken):  # {error, already_present}
            await sup.ask(StartChild(world.worker("a")))

        again = await sup.ask(RestartChild("a"))
        assert again == world.refs["a"]
        assert world.since() == [("start", "a")]
        assert await counts(sup) == (1, 1, 0, 1)

        await sup.ask(TerminateChild("a"))
        await sup.ask(DeleteChild("a"))
        assert await refusal(sup, RestartChild("a")) == "not_found"
        assert await states(sup) == {}
        assert await counts(sup) == (0, 0, 0, 0)

        third = await sup.ask(StartChild(world.worker("a")))
        assert await states(sup) == {"a": "running"}
        assert third == world.refs["a"]


# extra_return: "Check that it can be automatically restarted"
async def test_a_child_started_or_restarted_by_hand_is_supervised_like_others() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, intensity=5)
        await sup.ask(StartChild(world.worker("a")))
        world.since()
        assert await world.crash(system, "a") == [("stop", "a", "failed"), ("start", "a")]
        await sup.ask(TerminateChild("a"))
        await sup.ask(RestartChild("a"))
        world.since()
        assert await world.crash(system, "a") == [("stop", "a", "failed"), ("start", "a")]


# del_child/2
async def test_a_temporary_child_that_is_terminated_is_forgotten() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a").restart("temporary"))
        await sup.ask(TerminateChild("a"))
        assert await states(sup) == {}
        assert await refusal(sup, RestartChild("a")) == "not_found"
        assert await refusal(sup, TerminateChild("a")) == "not_found"


# handle_call({restart_child, ..}): a child that ended by itself is as one that was terminated
async def test_a_transient_child_that_ended_can_be_restarted_or_deleted() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a").restart("transient"))
        await world.leave(system, "a")
        await sup.ask(RestartChild("a"))
        assert await states(sup) == {"a": "running"}
        await world.leave(system, "a")
        await sup.ask(DeleteChild("a"))
        assert await states(sup) == {}


# child_adm terminates by id only; ours takes a ref as well
async def test_a_child_is_terminated_by_its_ref() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"), world.worker("b"))
        await sup.ask(TerminateChild(world.refs["a"]))
        assert await states(sup) == {"a": "stopped", "b": "running"}


# child_adm_simple: "Terminate pid which is not a child of this supervisor is not ok"
@pytest.mark.parametrize("dynamic", [False, True])
async def test_an_actor_that_is_no_child_is_not_terminated(dynamic: bool) -> None:
    async with running() as (world, system):
        stranger = system.spawn(world.worker("stranger"))
        await stranger.started()
        sup = system.spawn(world.dynamic("sup") if dynamic else world.sup("sup"))
        assert await refusal(sup, TerminateChild(stranger)) == "not_found"
        await settle(system)
        assert ("stop", "stranger", "shutdown") not in world.events


# child_adm_simple
async def test_a_dynamic_supervisor_forgets_whoever_is_terminated() -> None:
    async with running() as (world, system):
        sup = system.spawn(world.dynamic("sup"))
        assert await counts(sup) == (0, 0, 0, 0)
        for ident in "ab":
            await sup.ask(StartChild(world.worker(ident)))
        assert await states(sup) == {"a": "running", "b": "running"}
        await sup.ask(TerminateChild(world.refs["a"]))
        assert await states(sup) == {"b": "running"}
        assert await refusal(sup, RestartChild("a")) == "not_found"
        assert await refusal(sup, DeleteChild("a")) == "not_found"
        await sup.ask(StartChild(world.worker("a")))
        assert list(await states(sup)) == ["b", "a"]


# count_children, count_children_supervisor
async def test_children_are_counted_by_their_kind() -> None:
    async with running() as (world, system):
        sup = await world.tree(
            system, world.worker("a"), world.sup("s"), world.dynamic("d"), world.worker("b")
        )
        assert await counts(sup) == (4, 4, 2, 2)
        await sup.ask(TerminateChild("s"))
        await sup.ask(TerminateChild("a"))
        assert await counts(sup) == (4, 2, 2, 2)
        dynamic = world.refs["d"]
        for number in range(50):
            await dynamic.ask(StartChild(world.worker(f"w{number}").restart("temporary")))
        for number in range(5):
            await dynamic.ask(StartChild(world.sup(f"s{number}")))
        assert (await counts(dynamic))[1:] == (55, 5, 50)
        for number in range(50):
            world.refs[f"w{number}"].stop()
        await settle(system)
        assert (await counts(dynamic))[1:] == (5, 5, 0)


# count_restarting_children
async def test_a_child_that_waits_for_its_restart_is_counted_but_not_active() -> None:
    clock = VirtualClock()
    async with running(clock) as (world, system):
        sup = system.spawn(world.dynamic("sup", intensity=20))
        backoff = Backoff(first=2.0, cap=2.0, jitter=0.0)
        for ident in "abc":
            await sup.ask(StartChild(world.worker(ident).restart("permanent").backoff(backoff)))
        await world.crash(system, "a", "b")
        assert (await counts(sup))[1:] == (1, 0, 3)
        assert await states(sup) == {"a": "restarting", "b": "restarting", "c": "running"}
        await advance(system, clock, 2.5)
        assert (await counts(sup))[1:] == (3, 0, 3)
        await world.crash(system, "a")
        await sup.ask(TerminateChild(world.refs["c"]))
        await sup.ask(TerminateChild(world.refs["a"]))
        assert (await counts(sup))[1:] == (1, 0, 1)


async def test_which_children_tells_what_each_child_is() -> None:
    async with running() as (world, system):
        worker = world.worker("a").restart("transient")
        sup = await world.tree(system, worker, world.sup("s"), intensity=5)
        await world.crash(system, "a")
        await world.crash(system, "a")
        one, other = await sup.ask(WhichChildren())
        assert (one.id, one.kind, one.restart, one.restarts) == ("a", "worker", "transient", 2)
        assert (other.id, other.kind, other.restart, other.restarts) == (
            *("s", "supervisor"),
            *("permanent", 0),
        )
        assert one.ref == world.refs["a"]
        await sup.ask(TerminateChild("a"))
        assert (await sup.ask(WhichChildren()))[0].ref is None


# which_children of children without names
async def test_children_without_a_name_have_ids_of_their_own() -> None:
    async with running() as (world, system):
        sup = await world.tree(system)
        plain = [world.worker(ident) for ident in "ab"]
        for made in plain:
            nameless = type(made)(made.recipe)
            await sup.ask(StartChild(nameless))
        first, second = await states(sup)
        assert first != second
        await sup.ask(TerminateChild(first))
        assert list((await states(sup)).values()) == ["stopped", "running"]
        await sup.ask(RestartChild(first))
        assert list(await states(sup)) == [first, second]


# `{'EXIT',{noproc,..}} = (catch supervisor:which_children(foo))`
async def test_a_supervisor_that_is_over_answers_nothing() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"))
        sup.stop()
        await sup.stopped()
        for request in (WhichChildren(), StartChild(world.worker("b")), TerminateChild("a")):
            with pytest.raises(ActorStopped):
                await sup.ask(request)


# a supervisor that dies has told its askers
async def test_who_waits_for_a_terminated_child_is_answered_when_its_supervisor_ends() -> None:
    async with running() as (world, system):
        sup = await world.tree(system, world.worker("a"), world.worker("b"), intensity=0)
        world.refs["b"].tell(Crash())
        try:
            await sup.ask(TerminateChild("a"))
        except ActorStopped:
            pass
        await settle(system)
        assert world.since()[-1] == ("stop", "top", "shutdown")


# supervisor_SUITE:tree
async def test_a_terminated_branch_comes_back_with_the_group() -> None:
    async with running() as (world, system):
        branches = [world.sup(f"s{n}", world.worker(f"w{n}"), intensity=0) for n in (1, 2)]
        empty = world.sup("s3").restart("transient")
        sup = await world.tree(system, *branches, empty, strategy="one_for_all", intensity=4)
        await sup.ask(TerminateChild("s3"))
        assert await counts(sup) == (3, 2, 3, 0)
        await world.refs["s2"].ask(StartChild(world.worker("added")))
        await world.crash(system, "added")
        assert await counts(sup) == (3, 3, 3, 0)
        assert await states(world.refs["s2"]) == {"w2": "running"}
        assert await states(world.refs["s3"]) == {}
