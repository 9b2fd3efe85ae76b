"""What a class says of its links: `trap_exits`, `Exit` in its union, `via=`."""

from __future__ import annotations

import pytest

from airssys_rt import (
    Actor,
    ActorSystem,
    AnyRef,
    BadArgument,
    Bounded,
    Exit,
    Failed,
    ProtocolError,
    on,
    props,
)
from tests.kernel.linked import Act, Plain, Said, Seen, Tell, Trapper, fail, link

pytestmark = pytest.mark.anyio


async def test_via_makes_a_message_of_ones_own_and_exit_need_not_be_in_the_union() -> None:
    class Adapting(Actor[Act | Said | Seen]):
        trap_exits = True

        def __init__(self) -> None:
            self.seen: list[object] = []

        @on(Act)
        def act(self, msg: Act) -> object:
            return msg.do(self)

        @on(Said)
        def said(self, msg: Said) -> None:
            self.seen.append(msg.number)

        @on(Seen)
        def seen_so_far(self, msg: Seen) -> list[object]:
            return self.seen

        initial = act | said | seen_so_far

    def link_via(other: AnyRef, number: int) -> Act:
        return Act(lambda a: a.link(other, via=lambda end: Said(number)))

    async with ActorSystem() as system:
        adapting, other, late = (
            system.spawn(Adapting),
            system.spawn(Plain),
            system.spawn(Plain),
        )
        await adapting.ask(link_via(other, 1))
        await adapting.ask(link_via(other, 2))  # the later one counts
        other.tell(Tell(fail))
        await other.stopped()
        await system.drain()
        await adapting.ask(link_via(other, 3))
        await system.drain()
        assert await adapting.ask(Seen()) == [2, 3]

        with pytest.raises(Exception, match="does not accept Exit") as error:
            await adapting.ask(Act(lambda a: a.link(late)))
        assert isinstance(error.value.__cause__, ProtocolError)
        adapting = system.spawn(Adapting)
        with pytest.raises(Exception, match="does not accept Exit") as error:
            await late.ask(Act(lambda a: a.link(adapting)))
        assert isinstance(error.value.__cause__, ProtocolError)
        assert await adapting.ask(Seen()) == []


async def test_a_via_without_trapping_is_refused() -> None:
    async with ActorSystem() as system:
        one, other = system.spawn(Plain), system.spawn(Plain)
        with pytest.raises(Exception, match="does not trap exits") as error:
            await one.ask(Act(lambda a: a.link(other, via=lambda end: Said(1))))
        assert isinstance(error.value.__cause__, BadArgument)


async def test_a_via_that_raises_fails_the_actor_that_gave_it() -> None:
    def careless(end: Exit) -> Said:
        raise ValueError(end.path)

    async with ActorSystem() as system:
        one, other = system.spawn(Trapper), system.spawn(Plain)
        await one.ask(Act(lambda a: a.link(other, via=careless)))
        other.stop()
        reason = await one.stopped()
        assert isinstance(reason, Failed)
        assert reason.error_type == "ValueError"


def test_trap_exits_is_true_or_false() -> None:
    with pytest.raises(ProtocolError, match="trap_exits is 'yes'"):

        class Wrong(Plain):
            trap_exits = "yes"  # type: ignore[assignment]


async def test_an_actor_of_a_function_traps_as_its_class_says() -> None:
    def make() -> Trapper:
        return Trapper()

    async with ActorSystem() as system:
        trapper, other = system.spawn(make), system.spawn(Plain)
        await trapper.started()
        await link(other, trapper)
        other.tell(Tell(fail))
        reason = await other.stopped()
        await system.drain()
        assert await trapper.ask(Seen()) == [Exit(other, other.path, reason)]


async def test_exits_do_not_count_against_a_bound() -> None:
    async with ActorSystem() as system:
        targets = [system.spawn(Plain) for _ in range(5)]
        trapper = system.spawn(props(Trapper, *targets).mailbox(Bounded(1)))
        await trapper.started()
        for target in targets:
            target.stop()
            await target.stopped()
        await system.drain()
        assert len(await trapper.ask(Seen())) == 5
