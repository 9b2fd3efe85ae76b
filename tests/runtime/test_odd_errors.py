"""Odd exceptions and a handler's own scopes: failures of one handler at most."""

from __future__ import annotations

import anyio
import pytest

from airssys_rt import ActorStopped, ActorSystem, Failed, HandlerFailed
from tests.runtime.kit import (
    Do,
    DoAsync,
    Get,
    GetAsync,
    Script,
    assert_at_rest,
    engine,
    raises,
    turns,
    until,
)

pytestmark = pytest.mark.anyio


async def test_a_handlers_own_cancelled_scope_is_no_failure() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)

        async def own_scope(_actor: object) -> bool:
            with anyio.move_on_after(0.01) as scope:
                await anyio.sleep_forever()
            return scope.cancelled_caught

        assert await ref.ask(GetAsync(own_scope)) is True
        await assert_at_rest(system)


class Odd(BaseException):
    """Neither an Exception nor one that ends programs."""


@pytest.mark.parametrize("kind", [Do, DoAsync])
async def test_a_base_exception_is_a_failure_like_any_other(kind: type[Do | DoAsync]) -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        ref.tell(kind(raises(Odd("odd"))))
        reason = await ref.stopped()
        assert isinstance(reason, Failed)
        assert isinstance(reason.cause, Odd)
        asked = system.spawn(Script)
        with pytest.raises(HandlerFailed) as caught:
            await asked.ask(Get(raises(Odd())))
        assert isinstance(caught.value.__cause__, Odd)
        with pytest.raises(ActorStopped):
            await asked.ask(Get(lambda _: 1))
        late = system.spawn(Script)

        async def fail_late(_actor: object) -> None:
            await turns()
            raise Odd

        late.tell(DoAsync(fail_late))
        assert isinstance(await late.stopped(), Failed)
        await assert_at_rest(system)


async def test_generator_exit_and_stop_iteration_are_failures_too() -> None:
    async with ActorSystem() as system:
        for error in (GeneratorExit(), StopIteration(1), StopAsyncIteration()):
            for kind in (Get, GetAsync):
                with pytest.raises(HandlerFailed):
                    await system.spawn(Script).ask(kind(raises(error)))
        await until(lambda: engine(system).awake == 0)
