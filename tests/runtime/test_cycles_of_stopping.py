"""A handler that waits for somebody who waits for its own end is told so at once."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    ActorStopped,
    ActorSystem,
    AskCycle,
)
from tests.runtime.kit import (
    DoAsync,
    Get,
    Ref,
    Script,
    turns,
)

pytestmark = pytest.mark.anyio

ONE = Get(lambda _: 1)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("what", ["ask", "stopped"])
async def test_a_child_that_waits_for_its_stopping_parent_is_told_at_once(
    before: bool, what: str
) -> None:
    async with ActorSystem() as system:
        parent = system.spawn(Script)
        error: list[object] = []
        release = anyio.Event()

        async def wait(_actor: object) -> None:
            if not before:
                await release.wait()
            try:
                await (parent.ask(ONE, timeout=60) if what == "ask" else parent.stopped())
            except (ActorStopped, AskCycle) as caught:
                error.append(caught)

        child: Any = await parent.ask(Get(lambda actor: actor.spawn(Script)))
        if before:
            # the parent is busy, so the child's ask waits in its mailbox
            parent.tell(DoAsync(lambda _: release.wait()))
        await turns()
        child.tell(DoAsync(wait))
        await turns()
        parent.stop()
        await turns()
        release.set()
        with anyio.fail_after(3):
            await parent.stopped()
        assert [type(one) for one in error] == [ActorStopped]


async def test_a_grandchild_that_waits_for_the_stopping_top_is_told_at_once() -> None:
    async with ActorSystem() as system:
        top = system.spawn(Script)
        refs: list[Ref] = []
        error: list[object] = []

        async def wait(_actor: object) -> None:
            try:
                await top.stopped()
            except ActorStopped as caught:
                error.append(caught)

        child: Any = await top.ask(Get(lambda actor: actor.spawn(Script)))
        grandchild: Any = await child.ask(Get(lambda actor: actor.spawn(Script)))
        refs.append(grandchild)
        grandchild.tell(DoAsync(wait))
        await turns()
        top.stop()
        with anyio.fail_after(3):
            await top.stopped()
        assert len(error) == 1
