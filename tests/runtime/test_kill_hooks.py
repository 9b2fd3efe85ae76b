"""A kill in the hooks, of a whole family, and what comes after it."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.to_thread
import pytest

from airssys_rt import (
    ActorStopped,
    ActorSystem,
    Killed,
)
from tests.runtime.kit import (
    DoAsync,
    Note,
    Script,
    assert_at_rest,
    child_of,
    hang,
    turns,
)

pytestmark = pytest.mark.anyio


async def test_a_kill_during_the_start_is_no_start() -> None:
    async with ActorSystem(drain=0.01) as system:
        parent, log = system.spawn(Script), list[object]()
        child = await child_of(
            parent, 0.01, starting=hang, stopping=lambda *_: log.append("post_stop")
        )
        await turns()
        parent.stop()
        with pytest.raises(ActorStopped):
            await child.started()
        assert (await child.stopped(), log) == (Killed(), [])
        await assert_at_rest(system)


@pytest.mark.parametrize("by", ["stop", "failure", "parent"])
async def test_post_stop_counts_in_the_shutdown_time(by: str) -> None:
    async with ActorSystem(drain=0.01) as system:
        parent, log = system.spawn(Script), list[str]()

        async def stopping(_actor: object, _reason: object) -> None:
            log.append("began")
            await anyio.sleep_forever()

        child = await child_of(parent, 0.02, stopping=stopping)
        await child.started()
        match by:
            case "stop":
                child.stop()
            case "failure":
                child.tell(DoAsync(lambda _: 1 / 0))  # type: ignore[arg-type, return-value]
            case _:
                parent.stop()
        with anyio.fail_after(3):
            assert await child.stopped() == Killed()
        assert log == ["began"]
        await assert_at_rest(system)


async def test_a_killed_parent_takes_its_children_along() -> None:
    async with ActorSystem(drain=0.01) as system:
        top, log = system.spawn(Script), list[str]()
        parent = await child_of(top, "brutal_kill")
        child = await child_of(parent, 5, stopping=lambda *_: log.append("post_stop"))
        child.tell(DoAsync(hang))
        await turns()
        top.stop()
        with anyio.fail_after(2):
            await top.stopped()
        assert (await child.stopped(), await parent.stopped()) == (Killed(), Killed())
        assert log == []
        await assert_at_rest(system)


async def test_no_message_is_handled_after_a_kill() -> None:
    async with ActorSystem(drain=0.01) as system:
        parent, seen, release = system.spawn(Script), list[object](), anyio.Event()
        child = await child_of(parent, "brutal_kill", log=seen)

        async def shielded(actor: Any) -> None:
            with anyio.CancelScope(shield=True):
                await release.wait()
                actor.next(Note("next"))
                actor.ref.tell(Note("told"))

        child.tell(DoAsync(shielded))
        await turns()
        parent.stop()
        await turns()
        child.tell(Note("after"))
        release.set()
        await parent.stopped()
        assert seen == []


async def test_the_children_of_a_killed_actor_end_even_while_its_handler_ignores_the_kill() -> None:
    async with ActorSystem(drain=0.01) as system:
        top, release = system.spawn(Script), anyio.Event()
        parent = await child_of(top, "brutal_kill")
        child = await child_of(parent, 5)

        async def shielded(_actor: object) -> None:
            with anyio.CancelScope(shield=True):
                await release.wait()

        parent.tell(DoAsync(shielded))
        await turns()
        top.stop()
        with anyio.fail_after(3):
            assert await child.stopped() == Killed()
        assert parent._cell.outcome is None
        release.set()
        assert await parent.stopped() == Killed()
