"""KeyboardInterrupt and SystemExit from an actor end the block, after the ordered stop."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import ActorSystem, props
from tests.runtime.kit import Do, DoAsync, Get, GetAsync, Note, Script, hang, raises, turns

pytestmark = pytest.mark.anyio

# pytest and anyio take KeyboardInterrupt for themselves when it passes the loop: it is caught here


async def late(error: BaseException) -> None:
    await turns()
    raise error


def start_by_telling(message: Any) -> Any:
    async def run(system: ActorSystem, log: list[str]) -> None:
        system.spawn(Script, stopping=lambda *_: log.append("actor")).tell(message)
        await anyio.sleep_forever()

    return run


def start_by_asking(message: Any) -> Any:
    async def run(system: ActorSystem, log: list[str]) -> None:
        await system.spawn(Script, stopping=lambda *_: log.append("actor")).ask(message)
        await anyio.sleep_forever()

    return run


def start_by_spawning(**hooks: Any) -> Any:
    async def run(system: ActorSystem, log: list[str]) -> None:
        log.append("actor")
        system.spawn(Script, **hooks)
        await anyio.sleep_forever()

    return run


def start_by_stopping(error: BaseException, *, asynchronous: bool = False) -> Any:
    async def run(system: ActorSystem, log: list[str]) -> None:
        def stopping(*_: object) -> Any:
            log.append("actor")
            if asynchronous:
                return late(error)
            raise error

        ref = system.spawn(Script, stopping=stopping)
        await ref.started()
        ref.stop()
        await anyio.sleep_forever()

    return run


def start_by_leaving(error: BaseException) -> Any:
    async def run(system: ActorSystem, log: list[str]) -> None:
        def stopping(*_: object) -> None:
            log.append("actor")
            raise error

        await system.spawn(Script, stopping=stopping).started()

    return run


def start_by_draining(error: BaseException) -> Any:
    async def run(system: ActorSystem, log: list[str]) -> None:
        log.append("actor")
        # another one keeps the system from being quiet: the end must not wait for the drain
        system.spawn(props(Script).shutdown("brutal_kill")).tell(DoAsync(hang))
        await turns()
        system.spawn(Script).tell(DoAsync(lambda _: late(error)))

    return run


def start_by_piping(error: BaseException) -> Any:
    async def run(system: ActorSystem, log: list[str]) -> None:
        ref = system.spawn(Script, stopping=lambda *_: log.append("actor"))
        ref.tell(Do(lambda actor: actor.pipe(late(error), Note, Note) and None))
        await anyio.sleep_forever()

    return run


def start_by_dying(error: BaseException) -> Any:
    """A killed handler exits the program as it cleans up."""

    async def run(system: ActorSystem, log: list[str]) -> None:
        log.append("actor")

        async def work(_actor: object) -> None:
            try:
                await anyio.sleep_forever()
            finally:
                raise error

        parent = system.spawn(Script)
        child: Any = await parent.ask(
            Get(lambda actor: actor.spawn(props(Script).shutdown("brutal_kill")))
        )
        child.tell(DoAsync(work))
        await turns()
        parent.stop()
        await anyio.sleep_forever()

    return run


WAYS: dict[str, Any] = {
    "sync": lambda e: start_by_telling(Do(raises(e))),
    "async at once": lambda e: start_by_telling(DoAsync(raises(e))),
    "async": lambda e: start_by_telling(DoAsync(lambda _: late(e))),
    "asked, inline": lambda e: start_by_asking(Get(raises(e))),
    "asked, async": lambda e: start_by_asking(GetAsync(lambda _: late(e))),
    "constructor": lambda e: start_by_spawning(making=raises(e)),
    "pre_start": lambda e: start_by_spawning(starting=raises(e)),
    "async pre_start": lambda e: start_by_spawning(starting=lambda _: late(e)),
    "post_stop": start_by_stopping,
    "async post_stop": lambda e: start_by_stopping(e, asynchronous=True),
    "post_stop, leaving": start_by_leaving,
    "draining": start_by_draining,
    "job": start_by_piping,
    "killed": start_by_dying,
}


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()], ids=["exit", "ctrl-c"])
@pytest.mark.parametrize("way", WAYS)
async def test_it_leaves_the_block_after_the_ordered_stop(way: str, error: BaseException) -> None:
    log: list[str] = []
    with anyio.fail_after(4):
        with pytest.raises(type(error)) as caught:
            async with ActorSystem(drain=60) as system:
                bystander = system.spawn(Script, stopping=lambda *_: log.append("bystander"))
                await bystander.started()
                await WAYS[way](error)(system, log)
        assert caught.value is error
    assert sorted(log) == ["actor", "bystander"]
    error.__traceback__ = error.__context__ = None
