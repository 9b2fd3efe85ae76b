"""Links: actors that end together."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    ActorRef,
    ActorStopped,
    ActorSystem,
    AnyRef,
    Exit,
    Failed,
    Killed,
    Name,
    Normal,
    Shutdown,
    props,
)
from airssys_rt.kernel.ref import cell_of
from tests.kernel.linked import Act, Plain, Said, Seen, Tell, Trapper, fail, link
from tests.virtual import VirtualClock, advance, turns

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("who", [0, 1])
async def test_an_abnormal_end_ends_both_with_the_same_reason(who: int) -> None:
    async with ActorSystem() as system:
        pair = system.spawn(Plain), system.spawn(Plain)
        await link(pair[0], pair[1])
        pair[who].tell(Tell(fail))
        first, second = await pair[who].stopped(), await pair[1 - who].stopped()
        assert isinstance(first, Failed)
        assert second is first


@pytest.mark.parametrize("who", [0, 1])
async def test_a_normal_end_ends_nobody_else_and_takes_the_link_away(who: int) -> None:
    async with ActorSystem() as system:
        pair = system.spawn(Plain), system.spawn(Plain)
        await link(pair[0], pair[1])
        pair[who].stop()
        assert await pair[who].stopped() == Normal()
        await system.drain()
        assert await pair[1 - who].ask(Act(lambda a: 7)) == 7
        rich = cell_of(pair[1 - who]).rich
        assert rich is not None
        assert rich.links is not None
        assert not rich.links.active


async def test_who_traps_exits_gets_an_exit_for_every_reason_and_lives() -> None:
    async with ActorSystem() as system:
        well, badly = system.spawn(Plain), system.spawn(Plain)
        trapper = system.spawn(Trapper, well, badly)
        await trapper.started()
        well.stop()
        await well.stopped()
        badly.tell(Tell(fail))
        reason = await badly.stopped()
        await system.drain()
        assert await trapper.ask(Seen()) == [
            Exit(well, well.path, Normal()),
            Exit(badly, badly.path, reason),
        ]


async def test_an_exit_comes_behind_what_its_actor_sent_before() -> None:
    class Polite(Plain):
        def __init__(self, other: ActorRef[Said]) -> None:
            self.other = other
            self.link(other)

        def post_stop(self, reason: object) -> None:
            self.other.tell(Said(2))

    def speak(actor: Polite) -> None:
        actor.other.tell(Said(1))
        actor.stop()

    async with ActorSystem() as system:
        trapper = system.spawn(Trapper)
        polite = system.spawn(Polite, trapper)
        await polite.started()
        polite.tell(Tell(speak))
        await polite.stopped()
        await system.drain()
        assert await trapper.ask(Seen()) == [1, 2, Exit(polite, polite.path, Normal())]


async def test_the_end_of_a_linked_actor_acts_before_the_next_user_message() -> None:
    handled: list[int] = []
    gate = anyio.Event()

    async def wait(_actor: object) -> None:
        await gate.wait()

    async with ActorSystem() as system:
        origin, partner = system.spawn(Plain), system.spawn(Plain)
        await link(partner, origin)
        partner.tell(Tell(wait))
        for number in range(5):
            partner.tell(Tell(lambda a, n=number: handled.append(n)))  # type: ignore[misc]
        origin.tell(Tell(fail))
        await origin.stopped()
        gate.set()
        await partner.stopped()
        assert handled == []
        assert system.snapshot().dead_letters == 1 + 5


async def test_a_suspended_handler_has_its_shutdown_time() -> None:
    clock = VirtualClock()

    async def hang(_actor: object) -> None:
        await anyio.sleep_forever()

    async with ActorSystem(clock=clock) as system:
        origin = system.spawn(Plain)
        partner = system.spawn(props(Plain).shutdown(3.0))
        await link(partner, origin)
        partner.tell(Tell(hang))
        await turns()
        origin.tell(Tell(fail))
        await origin.stopped()
        await turns()
        clock.jump(2.9)
        await turns()
        assert cell_of(partner).outcome is None
        clock.jump(0.2)
        await turns()
        assert await partner.stopped() == Killed()


async def test_a_suspended_handler_that_ends_in_time_ends_with_the_reason() -> None:
    gate = anyio.Event()

    async def wait(_actor: object) -> None:
        await gate.wait()

    async with ActorSystem() as system:
        origin, partner = system.spawn(Plain), system.spawn(Plain)
        await link(partner, origin)
        partner.tell(Tell(wait))
        await turns()
        origin.tell(Tell(fail))
        reason = await origin.stopped()
        gate.set()
        assert await partner.stopped() is reason


async def test_a_shutdown_and_a_kill_propagate() -> None:
    class Parent(Plain):
        def __init__(self, spec: Any) -> None:
            self.child = self.spawn(spec)

    async with ActorSystem() as system:
        for spec, reason in (
            (props(Plain), Shutdown()),
            (props(Plain).shutdown("brutal_kill"), Killed()),
        ):
            parent = system.spawn(Parent, spec)
            child: Any = await parent.ask(Act(lambda a: a.child))
            partner, trapper = system.spawn(Plain), system.spawn(Trapper, child)
            await link(partner, child)
            await trapper.started()
            parent.stop()
            assert await partner.stopped() == reason
            await system.drain()
            assert await trapper.ask(Seen()) == [Exit(child, child.path, reason)]


async def test_a_kill_is_announced_at_once_though_the_handler_goes_on() -> None:
    gate = anyio.Event()

    async def shielded(_actor: object) -> None:
        with anyio.CancelScope(shield=True):
            await gate.wait()

    class Parent(Plain):
        def __init__(self) -> None:
            self.child = self.spawn(props(Plain).shutdown("brutal_kill"))

    async with ActorSystem() as system:
        parent = system.spawn(Parent)
        child: Any = await parent.ask(Act(lambda a: a.child))
        trapper = system.spawn(Trapper, child)
        await trapper.started()
        child.tell(Tell(shielded))
        await turns()
        parent.stop()
        await turns()
        assert await trapper.ask(Seen()) == [Exit(child, child.path, Killed())]
        # a link that is made now finds it killed, too
        await link(trapper, child)
        await turns()
        assert len(await trapper.ask(Seen())) == 2
        gate.set()
        await parent.stopped()
        await system.drain()
        assert len(await trapper.ask(Seen())) == 2


async def test_linking_twice_is_one_link_whoever_asks() -> None:
    async with ActorSystem() as system:
        one, other = system.spawn(Trapper), system.spawn(Trapper)
        await link(one, other)
        await link(one, other)
        await link(other, one)
        other.stop()
        await other.stopped()
        await system.drain()
        assert await one.ask(Seen()) == [Exit(other, other.path, Normal())]


async def test_linking_oneself_does_nothing() -> None:
    async with ActorSystem() as system:
        one = system.spawn(Plain)
        await link(one, one)
        await one.ask(Act(lambda a: a.unlink(a.ref)))
        one.tell(Tell(fail))
        assert isinstance(await one.stopped(), Failed)


@pytest.mark.parametrize("trapping", [False, True])
@pytest.mark.parametrize("how", ["failed", "normal", "nobody"])
async def test_a_link_with_who_is_over_gives_the_signal_at_once(how: str, trapping: bool) -> None:
    async with ActorSystem() as system:
        target: AnyRef = system.spawn(Plain)
        reason = None
        if how == "nobody":
            target = system.ref(Name[Act]("nobody"))
        else:
            cast_ref: Any = target
            cast_ref.tell(Tell(fail if how == "failed" else lambda a: a.stop()))
            reason = await target.stopped()
        if trapping:
            trapper = system.spawn(Trapper, target)
            await system.drain()
            (got,) = await trapper.ask(Seen())
            assert isinstance(got, Exit)
            assert (got.ref, got.path) == (target, target.path)
            found = got.reason
        else:
            plain = system.spawn(Plain)
            plain.tell(Tell(lambda a: a.link(target)))
            after: list[int] = []
            plain.tell(Tell(lambda a: after.append(1)))
            found = await plain.stopped()
            assert after == []
        if how == "failed":
            assert found is reason
        else:
            assert isinstance(found, Failed)
            assert isinstance(found.cause, ActorStopped)
            assert "is over" in found.text


async def test_a_link_with_an_actor_that_has_not_started_yet_holds() -> None:
    class Never(Plain):
        def __init__(self) -> None:
            raise RuntimeError("no")

    def spawn_and_link(actor: Any) -> AnyRef:
        child: AnyRef = actor.spawn(Never)
        actor.link(child)
        return child

    async with ActorSystem() as system:
        parent = system.spawn(Plain)
        child: Any = await parent.ask(Act(spawn_and_link))
        assert await parent.stopped() is await child.stopped()


async def test_a_constructor_that_fails_ends_those_it_has_linked() -> None:
    class Broken(Plain):
        def __init__(self, other: AnyRef) -> None:
            self.link(other)
            raise RuntimeError("no")

    async with ActorSystem() as system:
        partner = system.spawn(Plain)
        broken = system.spawn(Broken, partner)
        assert await partner.stopped() is await broken.stopped()


async def test_a_cycle_of_links_ends_as_one() -> None:
    async with ActorSystem() as system:
        ring = [system.spawn(Plain) for _ in range(50)]
        for here, there in zip(ring, ring[1:] + ring[:1], strict=True):
            await link(here, there)
        ring[7].tell(Tell(fail))
        reasons = [await one.stopped() for one in ring]
        assert all(reason is reasons[0] for reason in reasons)


async def test_unlink_ends_a_link_for_both() -> None:
    async with ActorSystem() as system:
        one, other, trapper = system.spawn(Plain), system.spawn(Plain), system.spawn(Trapper)
        await link(one, other)
        await link(one, trapper)
        await other.ask(Act(lambda a: a.unlink(one)))
        await trapper.ask(Act(lambda a: a.unlink(one)))
        await trapper.ask(Act(lambda a: a.unlink(other)))  # that was none
        one.tell(Tell(fail))
        await one.stopped()
        await system.drain()
        assert await trapper.ask(Seen()) == []
        assert await other.ask(Act(lambda a: 7)) == 7


async def test_no_exit_arrives_after_unlink_even_if_it_was_queued() -> None:
    def link_and_unlink(target: AnyRef, other: AnyRef) -> Act:
        def do(actor: Any) -> None:
            actor.link(target)
            actor.link(target)
            actor.link(other)
            actor.unlink(target)  # two are queued by now

        return Act(do)

    async with ActorSystem() as system:
        target, other, trapper = (system.spawn(Plain), system.spawn(Plain), system.spawn(Trapper))
        for one in (target, other):
            one.stop()
            await one.stopped()
        await trapper.ask(link_and_unlink(target, other))
        await system.drain()
        (got,) = await trapper.ask(Seen())
        assert isinstance(got, Exit)
        assert got.ref == other
        rich = cell_of(trapper).rich
        assert rich is not None
        assert rich.links is not None
        assert (rich.links.active, rich.links.queued) == ({}, {})
        assert system.snapshot().dead_letters == 0


async def test_an_end_that_is_due_already_keeps_its_reason() -> None:
    def stop_with(other: ActorRef[Tell]) -> Tell:
        async def do(actor: Any) -> None:
            actor.stop()
            other.tell(Tell(fail))
            await other.stopped()

        return Tell(do)

    async with ActorSystem() as system:
        one, other = system.spawn(Plain), system.spawn(Plain)
        await link(one, other)
        one.tell(stop_with(other))
        assert await one.stopped() == Normal()


async def test_a_stopping_actor_links_with_nobody_any_more() -> None:
    caught: list[object] = []

    class Late(Plain):
        def __init__(self, other: AnyRef) -> None:
            self.other = other

        def post_stop(self, reason: object) -> None:
            with pytest.raises(ActorStopped) as error:
                self.link(self.other)
            caught.append(error.value)

    async with ActorSystem() as system:
        other = system.spawn(Plain)
        late = system.spawn(Late, other)
        await late.started()
        late.stop()
        await late.stopped()
        assert len(caught) == 1


async def test_links_that_come_and_go_leave_nothing_behind() -> None:
    clock = VirtualClock()
    async with ActorSystem(clock=clock) as system:
        trapper = system.spawn(Trapper)
        for _ in range(300):
            other = system.spawn(Plain)
            await link(trapper, other)
            other.stop()
            await other.stopped()
        await advance(system, clock, 1)
        rich = cell_of(trapper).rich
        assert rich is not None
        assert rich.links is not None
        assert (rich.links.active, rich.links.queued) == ({}, {})
        assert len(await trapper.ask(Seen())) == 300
