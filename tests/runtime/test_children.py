"""Children end before their parents, and touch nobody else by it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from airssys_rt import (
    ActorSystem,
    Failed,
    Shutdown,
    props,
)
from tests.runtime.kit import (
    DoAsync,
    Get,
    Script,
    raises,
    turns,
)

pytestmark = pytest.mark.anyio


async def later(log: list[object], text: str) -> None:
    await turns()
    log.append(text)


async def test_children_end_last_to_first_and_before_their_parent() -> None:
    log: list[object] = []

    def family(name: str, depth: int) -> Any:
        def making(actor: Any) -> None:
            for n in range(2 if depth else 0):
                actor.spawn(family(f"{name}{n}", depth - 1))

        return props(
            Script,
            making=making,
            stopping=lambda *_: later(log, name),
        )

    async with ActorSystem() as system:
        ref = system.spawn(family("a", 2))
        await ref.started()
    assert log == ["a11", "a10", "a1", "a01", "a00", "a0", "a"]


def note(log: list[object], n: int, _actor: object, reason: object) -> None:
    log.append((n, reason))


async def test_the_top_level_ends_last_to_first_with_reason_shutdown() -> None:
    log: list[object] = []
    async with ActorSystem() as system:
        for n in range(3):
            system.spawn(Script, stopping=partial(note, log, n))
    assert log == [(n, Shutdown()) for n in (2, 1, 0)]


async def test_a_childs_end_does_not_touch_its_parent_nor_its_siblings() -> None:
    async with ActorSystem() as system:
        parent = system.spawn(Script)
        one: Any = await parent.ask(Get(lambda actor: actor.spawn(Script)))
        two: Any = await parent.ask(Get(lambda actor: actor.spawn(Script)))
        one.tell(DoAsync(raises(ValueError())))
        await one.stopped()
        assert await parent.ask(Get(lambda _: 1)) == 1
        assert await two.ask(Get(lambda _: 1)) == 1
        assert len(system.snapshot().tree[0].children) == 1


async def test_a_failing_constructor_takes_the_children_it_made_along() -> None:
    log: list[object] = []

    def making(actor: Any) -> None:
        actor.spawn(Script, stopping=lambda *_: log.append("child"))
        raise ValueError

    async with ActorSystem() as system:
        ref = system.spawn(Script, making=making)
        assert isinstance(await ref.stopped(), Failed)
        assert system.snapshot().actors == 0
