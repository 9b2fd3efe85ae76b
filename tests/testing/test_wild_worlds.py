"""Whatever clients do to supervised actors, the engine breaks no law: none is accused wrongly."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from random import Random
from typing import Any, Literal

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorError,
    ActorRef,
    AnyRef,
    Backoff,
    Bounded,
    DeleteChild,
    DynamicSupervisor,
    Message,
    Name,
    Props,
    RestartChild,
    StartChild,
    Supervisor,
    TerminateChild,
    on,
    pool,
    props,
)
from airssys_rt.testing import World
from airssys_rt.testing.exploring import Settings, run
from airssys_rt.testing.schedule import UniformDriver


class Boom(Message):
    """Fail."""


class Leave(Message):
    """End well."""


class Slow(Message):
    """Take some time."""


class LinkTo(Message):
    other: Any


Msg = Boom | Leave | Slow | LinkTo
NAMES: list[Name[Msg]] = [Name(f"n{number}") for number in range(6)]
KINDS: tuple[type[Boom] | type[Leave] | type[Slow], ...] = (Boom, Leave, Slow)
RESTARTS: tuple[Literal["permanent", "transient", "temporary"], ...] = (
    "permanent",
    "transient",
    "temporary",
)
STRATEGIES: tuple[Literal["one_for_one", "one_for_all", "rest_for_one"], ...] = (
    "one_for_one",
    "one_for_all",
    "rest_for_one",
)


class Worker(Actor[Msg]):
    """Does what it is told, and takes its time to end."""

    def __init__(self, ending: float) -> None:
        self.ending = ending

    @on(Boom)
    def boom(self, msg: Boom) -> None:
        raise ValueError("boom")

    @on(Leave)
    def leave(self, msg: Leave) -> None:
        self.stop()

    @on(Slow)
    async def slow(self, msg: Slow) -> None:
        await anyio.sleep(0.7)

    @on(LinkTo)
    def bind(self, msg: LinkTo) -> None:
        self.link(msg.other)

    async def post_stop(self, reason: object) -> None:
        if self.ending:
            await anyio.sleep(self.ending)

    initial = boom | leave | slow | bind


def worker(chance: Random, number: int) -> Props[Msg]:
    """Conditions of whatever kind."""
    restart = chance.choice(RESTARTS)
    found = props(Worker, chance.choice([0.0, 0.0, 0.2])).named(NAMES[number]).restart(restart)
    if chance.random() < 0.2 and restart != "temporary":
        found = found.backoff(Backoff(first=0.5, cap=3.0))
    if chance.random() < 0.1:
        found = found.shutdown("brutal_kill")
    elif chance.random() < 0.1:
        found = found.shutdown(0.1)
    if chance.random() < 0.2:
        found = found.mailbox(Bounded(2, "drop_oldest"))
    return found


async def meddle(world: World, chance: Random, tops: list[Any], crew: ActorRef[Msg]) -> None:
    """One thing that a client may do.  Any: supervisors of both kinds."""
    known = [ref for name in NAMES if (ref := world.whereis(name)) is not None]
    some: AnyRef | None = chance.choice(known) if known else None
    name = NAMES[chance.randrange(6)].text
    kind = chance.choice(KINDS)
    match chance.choices(range(9), (7, 2, 2, 1, 1, 1, 1, 2, 2))[0]:
        case 0 if known:
            chance.choice(known).tell(kind())
        case 1:
            await tops[1].ask(StartChild(worker(chance, 3 + chance.randrange(3))))
        case 2:
            await chance.choice(tops).ask(TerminateChild(name))
        case 3:
            request = RestartChild(name) if chance.random() < 0.7 else DeleteChild(name)
            await tops[0].ask(request)
        case 4 if some is not None:
            world.kill(some)
        case 5 if known:
            chance.choice(known).stop(drain=chance.random() < 0.5)
        case 6 if known:
            chance.choice(known).tell(LinkTo(chance.choice(known)))
        case 7:
            crew.tell(kind())
        case _:
            await world.sleep(chance.choice([0.1, 1.0, 6.0]))


def program(
    seed: int, *, waived: tuple[str, ...] = ("answered",)
) -> Callable[[World], Coroutine[Any, Any, None]]:
    """A program; a slot that is down for long does not answer, so that is not asked of most."""

    async def scenario(world: World) -> None:
        for law in waived:
            world.waive(law)
        chance = Random(seed)
        intensity = chance.choice([0, 1, 2, 5])
        children = [worker(chance, number) for number in range(3)]
        top = props(
            Supervisor, children, strategy=chance.choice(STRATEGIES), intensity=intensity
        ).restart(chance.choice(RESTARTS))
        tops: list[Any] = [world.spawn(top), world.spawn(DynamicSupervisor, intensity=intensity)]
        crew = world.spawn(pool(props(Worker, 0.0), 2))
        await world.settle()

        async def client(number: int) -> None:
            own = Random(seed * 7 + number)
            for _ in range(10):
                try:
                    await meddle(world, own, tops, crew)
                except (ActorError, TimeoutError):
                    continue

        if chance.random() < 0.5:
            world.inject(crash=0.1, crash_after=0.1, slow=0.1, jump=0.05, most=5)
        await world.gather(client(1), client(2))
        world.calm()
        await world.sleep(30.0)

    return scenario


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_no_law_is_broken_whatever_clients_do(first: int) -> None:
    for seed in range(first, first + 20):
        with suppress(BaseExceptionGroup):  # the root has given up
            error = run(program(seed), Settings(), UniformDriver(seed))
            assert error is None, (seed, error)


def test_who_terminates_a_child_whose_group_is_about_to_restart_is_answered() -> None:
    # here the order to restart with the group came between the termination and the child's end
    assert run(program(1194, waived=()), Settings(), UniformDriver(1194)) is None
