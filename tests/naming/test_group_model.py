"""A group against a plain list: any program of joins, leaves, ends and broadcasts."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airssys_rt import Actor, ActorRef, ActorSystem, Bounded, Message, Name, on, props
from tests.runtime.kit import collect

pytestmark = pytest.mark.anyio

ACTORS = 4


class Item(Message):
    number: int


class Fail(Message): ...


GROUP = Name[Item]("group")
Ref: TypeAlias = ActorRef[Item | Fail]


class Member(Actor[Item | Fail]):
    def __init__(self, log: list[int]) -> None:
        self.got = log

    @on(Item)
    def item(self, msg: Item) -> None:
        self.got.append(msg.number)

    @on(Fail)
    def fail(self, msg: Fail) -> None:
        raise RuntimeError("as it was told")

    initial = item | fail


WHO = st.integers(0, ACTORS - 1)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["join", "join", "leave", "stop", "fail", "respawn"]), WHO),
    st.tuples(st.sampled_from(["broadcast", "run", "forget"]), st.just(0)),
)


class World:
    """The real group beside the model: a list of members, and what each actor has to get."""

    def __init__(self, system: ActorSystem) -> None:
        self.system = system
        self.letters = collect(system)
        self.group: Any = system.group(GROUP)
        self.model: list[Ref] = []
        self.sent: list[tuple[Ref, int]] = []  # all copies of broadcasts
        self.logs: dict[Ref, list[int]] = {}
        self.refs: list[Ref] = [self.spawn(number) for number in range(ACTORS)]
        self.over: set[Ref] = set()
        self.number = 0

    def spawn(self, number: int) -> Ref:
        log: list[int] = []
        # each other one has room for one message only
        recipe = props(Member, log)
        ref = self.system.spawn(recipe.mailbox(Bounded(1)) if number % 2 else recipe)
        self.logs[ref] = log
        return ref

    async def step(self, what: str, who: int) -> None:
        ref = self.refs[who]
        if self.group is None:
            self.group = self.system.group(GROUP)
        match what:
            case "join":
                self.group.join(ref)
                if ref not in self.over and ref not in self.model:
                    self.model.append(ref)
            case "leave":
                self.group.leave(ref)
                if ref in self.model:
                    self.model.remove(ref)
            case "stop" | "fail":
                await self.system.drain()  # a full mailbox would refuse the order to fail
                ref.stop() if what == "stop" else ref.tell(Fail())
                await ref.stopped()
                self.over.add(ref)
                if ref in self.model:
                    self.model.remove(ref)
            case "respawn":
                self.refs[who] = self.spawn(who)
            case "broadcast":
                self.number += 1
                self.group.broadcast(Item(self.number))
                self.sent += [(member, self.number) for member in self.model]
            case "run":
                await self.system.drain()
            case _:
                self.group = None  # found again by its name

    def check(self) -> None:
        group = self.system.group(GROUP)
        assert group.members() == tuple(self.model)
        assert len(group) == len(self.model)
        for ref in self.refs:
            assert (ref in group) == (ref in self.model)

    def check_messages(self) -> None:
        """Each copy is handled or a dead letter, once, and each actor's are in order."""
        handled = [(ref, number) for ref, log in self.logs.items() for number in log]
        buried: list[tuple[object, int]] = [
            (one.ref, one.message.number) for one in self.letters if isinstance(one.message, Item)
        ]
        assert sorted(map(hash, handled + buried)) == sorted(map(hash, self.sent))
        assert set(handled) | set(buried) == set(self.sent)
        for log in self.logs.values():
            assert log == sorted(log)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=st.lists(STEPS, max_size=30))
async def test_a_group_is_a_list_of_live_members_and_no_broadcast_is_lost(
    program: list[tuple[str, int]],
) -> None:
    async with ActorSystem() as system:
        world = World(system)
        for what, who in program:
            await world.step(what, who)
            world.check()
        await system.drain()
        world.check_messages()
    assert len(world.group or ()) == 0
