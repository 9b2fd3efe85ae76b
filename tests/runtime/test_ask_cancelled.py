"""Cancelling an asker is safe at every await, and what it asked is accounted for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import pytest

from airssys_rt import ActorSystem, HandlerFailed
from tests.runtime.kit import (
    DoAsync,
    Get,
    GetAsync,
    Script,
    assert_at_rest,
    cell,
    collect,
    engine,
    hang,
    raises,
    turns,
    until,
)

pytestmark = pytest.mark.anyio


async def test_an_ask_cancelled_before_handling_is_not_handled_but_a_dead_letter() -> None:
    async with ActorSystem() as system:
        ref, letters, handled = system.spawn(Script), collect(system), list[object]()
        release = anyio.Event()
        ref.tell(DoAsync(lambda _: release.wait()))
        request = Get(handled.append)
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ref.ask, request)
                await until(lambda: cell(ref).suspension and cell(ref).items())
                scope.cancel()
        assert scope.cancelled_caught
        release.set()
        await system.drain(5)
        assert handled == []
        assert [(one.message, one.reason) for one in letters] == [(request, "cancelled")]


async def test_an_ask_cancelled_while_it_is_handled_drops_only_the_reply() -> None:
    async with ActorSystem() as system:
        ref, letters = system.spawn(Script), collect(system)
        release, done = anyio.Event(), list[str]()

        async def work(_actor: object) -> str:
            await release.wait()
            done.append("handled")
            return "reply"

        with anyio.move_on_after(0.01):
            await ref.ask(GetAsync(work))
        release.set()
        assert await ref.ask(Get(lambda _: 1)) == 1
        assert (done, letters, system.snapshot().late_replies) == (["handled"], [], 1)
        await assert_at_rest(system)


async def test_a_failure_after_the_asker_has_gone_is_a_failure_of_the_actor_all_the_same() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        release = anyio.Event()

        async def work(_actor: object) -> str:
            await release.wait()
            raise ValueError

        with anyio.move_on_after(0.01):
            await ref.ask(GetAsync(work))
        release.set()
        assert type(await ref.stopped()).__name__ == "Failed"


async def fails_late(_actor: object) -> None:
    await turns(2)
    raise ValueError("late")


async def takes_turns(_actor: object) -> int:
    await turns(3)
    return 1


TARGETS: dict[str, Get | GetAsync] = {
    "sync": Get(lambda _: 1),
    "async": GetAsync(takes_turns),
    "failing": GetAsync(fails_late),
    "failing at once": Get(raises(ValueError())),
    "never": GetAsync(hang),
}


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("from_handler", [False, True])
@pytest.mark.parametrize("slice_spent", [False, True])
async def test_an_asker_may_be_cancelled_at_each_of_its_awaits(
    name: str, from_handler: bool, slice_spent: bool
) -> None:
    """The asker is let run for k turns of the loop and cancelled then, for each k."""
    async with ActorSystem(drain=0.02, shutdown=0.02) as system:
        for k in range(9):
            ref, other = system.spawn(Script), system.spawn(Script)
            outcome: list[object] = []

            async def ask(_actor: object = None) -> object:
                if slice_spent:
                    engine(system).slice_end = 0.0
                return await ref.ask(TARGETS[name], timeout=5)  # noqa: B023

            async def run(scope: anyio.CancelScope) -> None:
                with scope:
                    try:
                        asked = other.ask(GetAsync(ask)) if from_handler else ask()  # noqa: B023
                        outcome.append(await asked)  # noqa: B023
                    except HandlerFailed as error:
                        outcome.append(error)  # noqa: B023

            async with anyio.create_task_group() as tasks:
                scope = anyio.CancelScope()
                tasks.start_soon(run, scope)
                await turns(k)
                scope.cancel()
            assert len(outcome) <= 1
            if name in {"sync", "async"}:
                # whatever happened, the actor still does its work
                assert await ref.ask(Get(lambda _: 2)) == 2
            ref.stop()
            other.stop()
        await until(lambda: engine(system).awake == 0)


async def test_a_reply_and_a_cancellation_in_the_same_turn_leave_nothing_behind() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        for reply_first in (True, False):
            release = anyio.Event()
            scope = anyio.CancelScope()

            async def work(wait: Callable[[], Awaitable[None]] = release.wait) -> int:
                await wait()
                return 1

            async def asker(scope: anyio.CancelScope = scope) -> None:
                with scope:
                    await ref.ask(GetAsync(lambda _: work()))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(asker)
                await turns()
                for step in (release.set, scope.cancel)[:: 1 if reply_first else -1]:
                    step()
        assert await ref.ask(Get(lambda _: 2)) == 2
        await assert_at_rest(system)


async def test_a_send_cancelled_while_it_waits_has_not_sent() -> None:
    from airssys_rt import props
    from airssys_rt.kernel.mailbox import Bounded
    from tests.runtime.kit import Note

    async with ActorSystem() as system:
        ref, letters = system.spawn(props(Script).mailbox(Bounded(1))), collect(system)
        await ref.started()
        release = anyio.Event()
        ref.tell(DoAsync(lambda _: release.wait()))
        await turns()
        ref.tell(Note("first"))
        with anyio.move_on_after(0.01) as scope:
            await ref.send(Note("never sent"))
        assert scope.cancelled_caught
        ref.stop()
        release.set()
        await ref.stopped()
        assert [one.message for one in letters] == [Note("first")]


async def test_a_cancelled_wait_for_an_end_is_forgotten() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        await ref.started()
        with anyio.move_on_after(0.01):
            await ref.stopped()
        assert cell(ref).more.waiters == ()
