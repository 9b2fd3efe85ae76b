"""Links in the tree: they bind incarnations, and a restart or a stop goes its way with them."""

from __future__ import annotations

from typing import Any

import pytest

from airssys_rt import (
    ActorRef,
    ActorSystem,
    AnyRef,
    Backoff,
    Exit,
    Failed,
    Normal,
    Shutdown,
    Supervisor,
    props,
)
from airssys_rt.kernel.ref import cell_of
from tests.kernel.linked import Act, Plain, Said, Seen, Tell, Trapper, fail, link
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio


class Parent(Plain):
    """An ordinary actor that supervises."""

    intensity = 100


async def child_of(parent: ActorRef[Act], spec: Any) -> Any:
    """Have the parent spawn a child, and wait for its start."""
    ref: Any = await parent.ask(Act(lambda a: a.spawn(spec)))
    await ref.started()
    return ref


def incarnation(ref: AnyRef) -> int:
    return cell_of(ref).incarnation


@pytest.mark.parametrize("kind", ["permanent", "transient", "temporary"])
async def test_restart_types_apply_to_an_end_by_a_link(kind: Any) -> None:
    async with ActorSystem() as system:
        parent, origin = system.spawn(Parent), system.spawn(Plain)
        child = await child_of(parent, props(Plain).restart(kind))
        await link(origin, child)
        origin.tell(Tell(fail))
        reason = await origin.stopped()
        await system.drain()
        if kind == "temporary":
            assert await child.stopped() is reason
        else:
            assert await child.ask(Act(lambda a: 7)) == 7
            assert incarnation(child) == 2


async def test_after_a_restart_nothing_is_linked() -> None:
    async with ActorSystem() as system:
        parent, other, trapper = (
            system.spawn(Parent),
            system.spawn(Plain),
            system.spawn(Trapper),
        )
        child = await child_of(parent, props(Plain).restart("permanent"))
        await link(trapper, child)
        child.tell(Tell(fail))
        await system.drain()
        (got,) = await trapper.ask(Seen())
        assert isinstance(got, Exit)
        assert isinstance(got.reason, Failed)
        child.tell(Tell(fail))
        await system.drain()
        assert incarnation(child) == 3
        assert len(await trapper.ask(Seen())) == 1
        # and the other way round
        await link(child, other)
        child.tell(Tell(lambda a: a.stop()))
        await system.drain()
        assert incarnation(child) == 4
        other.tell(Tell(fail))
        await other.stopped()
        await system.drain()
        assert incarnation(child) == 4


async def test_a_link_that_pre_start_makes_is_made_anew_by_each_incarnation() -> None:
    class Linking(Plain):
        def __init__(self, other: AnyRef) -> None:
            self.other = other

        def pre_start(self) -> None:
            self.link(self.other)

    async with ActorSystem() as system:
        parent, trapper = system.spawn(Parent), system.spawn(Trapper)
        child = await child_of(parent, props(Linking, trapper).restart("permanent"))
        for _ in range(3):
            child.tell(Tell(fail))
            await system.drain()
        assert len(await trapper.ask(Seen())) == 3
        assert incarnation(child) == 4


async def test_a_link_with_a_slot_between_two_incarnations_gives_the_signal_at_once() -> None:
    clock = VirtualClock()
    backoff = Backoff(first=10.0, cap=10.0, factor=1.0, jitter=0.0)
    async with ActorSystem(clock=clock) as system:
        parent, plain, trapper = (
            system.spawn(Parent),
            system.spawn(Plain),
            system.spawn(Trapper),
        )
        spec = props(Plain).restart("permanent").backoff(backoff)
        child = await child_of(parent, spec)
        child.tell(Tell(fail))
        await advance(system, clock, 1.0)
        plain.tell(Tell(lambda a: a.link(child)))
        assert isinstance(await plain.stopped(), Failed)
        await link(trapper, child)
        await system.drain()
        (got,) = await trapper.ask(Seen())
        assert isinstance(got, Exit)
        assert got.reason is await plain.stopped()
        await advance(system, clock, 10.0)
        assert incarnation(child) == 2
        await link(trapper, child)
        child.tell(Tell(fail))
        await advance(system, clock, 1.0)
        assert len(await trapper.ask(Seen())) == 2


async def test_an_exit_that_is_queued_is_not_for_the_next_incarnation() -> None:
    def fill(target: AnyRef) -> Tell:
        def do(actor: Any) -> None:
            actor.link(target)  # which is over: the `Exit` is queued
            actor.ref.tell(Said(1))
            raise RuntimeError("broken")

        return Tell(do)

    async with ActorSystem() as system:
        parent, target = system.spawn(Parent), system.spawn(Plain)
        target.stop()
        await target.stopped()
        child = await child_of(parent, props(Trapper).restart("permanent"))
        child.tell(fill(target))
        await system.drain()
        assert incarnation(child) == 2
        assert await child.ask(Seen()) == [1]


async def test_supervised_actors_that_are_linked_are_restarted_together() -> None:
    class Pair(Supervisor):
        intensity = 10
        children = (props(Plain).named("one"), props(Plain).named("two"))

    async with ActorSystem() as system:
        pair = system.spawn(props(Pair).named("pair"))
        await pair.started()
        slots = list(cell_of(pair).more.children)
        one, two = (ref_to(slot) for slot in slots)
        await link(one, two)
        one.tell(Tell(fail))
        await system.drain()
        assert [slot.incarnation for slot in slots] == [2, 2]
        two.tell(Tell(fail))  # the link is over
        await system.drain()
        assert [slot.incarnation for slot in slots] == [2, 3]
        pair.stop()
        assert await pair.stopped() == Normal()


def ref_to(slot: Any) -> Any:
    """A ref to a slot of the tree."""
    return slot.scheduler.make_ref(slot)


async def test_a_linked_child_that_is_restarted_ends_its_parent_all_the_same() -> None:
    class Linked(Parent):
        def __init__(self) -> None:
            self.child = self.spawn(props(Plain).restart("permanent"))
            self.link(self.child)

    async with ActorSystem() as system:
        parent = system.spawn(Linked)
        child: Any = await parent.ask(Act(lambda a: a.child))
        child.tell(Tell(fail))
        reason = await parent.stopped()
        assert isinstance(reason, Failed)
        assert await child.stopped() is reason
        assert incarnation(child) == 1


async def test_a_child_that_is_linked_ends_its_parent_which_stops_the_others() -> None:
    class Family(Plain):
        def __init__(self) -> None:
            self.children = [self.spawn(Plain) for _ in range(3)]
            self.link(self.children[1])

    async with ActorSystem() as system:
        parent = system.spawn(Family)
        children: Any = await parent.ask(Act(lambda a: a.children))
        children[1].tell(Tell(fail))
        reason = await parent.stopped()
        assert [await child.stopped() for child in children] == [Shutdown(), reason, Shutdown()]
        assert isinstance(reason, Failed)


@pytest.mark.parametrize("cls", [Plain, Trapper])
async def test_links_among_parent_and_children_do_not_disturb_an_ordered_stop(cls: Any) -> None:
    def spawn_and_link(parent: Any) -> list[Any]:
        children = [parent.spawn(cls) for _ in range(4)]
        for child in children:
            parent.link(child)
        return children

    async with ActorSystem() as system:
        parent = system.spawn(cls)
        children: Any = await parent.ask(Act(spawn_and_link))
        if cls is Plain:
            for here in children:
                for there in children:
                    await link(here, there)
        parent.stop()
        assert await parent.stopped() == Normal()
        assert {await child.stopped() for child in children} == {Shutdown()}
        assert system.snapshot().dead_letters == 0  # an exit signal to who is ending is void
