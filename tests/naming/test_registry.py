"""Names: the only keys by which actors are found."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    ActorSystem,
    Message,
    Name,
    NameTaken,
    ProtocolError,
    Request,
    on,
    props,
)

pytestmark = pytest.mark.anyio


class Put(Message):
    value: int


class Get(Request[int]): ...


class Other(Message): ...


class Store(Actor[Put | Get]):
    def __init__(self, value: int = 0) -> None:
        self.value = value

    @on(Put)
    def put(self, msg: Put) -> None:
        self.value = msg.value

    @on(Get)
    def get(self, msg: Get) -> int:
        return self.value

    initial = put | get


STORE: Name[Put | Get] = Name[Put | Get]("store")
READER: Name[Get] = Name[Get]("reader")


async def test_a_name_leads_to_who_holds_it() -> None:
    async with ActorSystem() as system:
        assert system.whereis(STORE) is None
        ref = system.spawn(props(Store, 1).named(STORE))
        found = system.whereis(STORE)
        assert found == ref
        assert ref.path == "/store"
        assert await system.ref(STORE).ask(Get()) == 1


async def test_a_ref_by_name_is_resolved_at_each_send() -> None:
    async with ActorSystem() as system:
        ref = system.ref(STORE)
        with pytest.raises(ActorStopped, match="no actor has the name store"):
            await ref.ask(Get())
        first = system.spawn(props(Store, 1).named(STORE))
        assert await ref.ask(Get()) == 1
        await ref.send(Put(5))
        assert await first.ask(Get()) == 5
        first.stop()
        await first.stopped()
        system.spawn(props(Store, 2).named(STORE))
        assert await ref.ask(Get()) == 2
        ref.tell(Put(3))
        assert await ref.ask(Get()) == 3
        assert ref.path == "/store"
        assert ref.name == "store"


async def test_a_ref_by_name_equals_the_ref_of_the_holder() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(props(Store).named(STORE))
        assert system.ref(STORE) == ref
        assert ref == system.ref(STORE)
        assert hash(ref) == hash(system.ref(STORE))


async def test_waiting_for_nobody_ends_at_once() -> None:
    async with ActorSystem() as system:
        ref = system.ref(STORE)
        with anyio.fail_after(5):
            with pytest.raises(ActorStopped):
                await ref.started()
            await ref.stopped()
            ref.stop()
            ref.stop(drain=True)


async def test_a_name_that_is_held_is_taken_wherever_its_holder_is() -> None:
    class Parent(Actor[Put]):
        def __init__(self) -> None:
            self.spawn(props(Store).named(STORE))

        @on(Put)
        def put(self, msg: Put) -> None: ...

        initial = put

    async with ActorSystem() as system:
        parent = system.spawn(props(Parent).named("parent"))
        await parent.started()
        with pytest.raises(NameTaken, match="/parent/store"):
            system.spawn(props(Store).named(STORE))
        # a text names a place in the tree only
        other = system.spawn(props(Store, 7).named("store"))
        assert await other.ask(Get()) == 7
        assert system.whereis(STORE) != other


async def test_a_spawn_that_finds_the_name_taken_leaves_no_actor() -> None:
    async with ActorSystem() as system:
        system.spawn(props(Store).named(STORE))
        await system.drain()
        for _ in range(3):
            with pytest.raises(NameTaken):
                system.spawn(props(Store).named(STORE))
        assert system.snapshot().actors == 1


@pytest.mark.parametrize("how", ["stop", "fail", "start"])
async def test_a_name_is_free_when_its_holder_is_over(how: str) -> None:
    class Frail(Store):
        def pre_start(self) -> None:
            if how == "start":
                raise RuntimeError("no start")

        @on(Put)
        def put(self, msg: Put) -> None:
            raise RuntimeError("frail")

    async with ActorSystem() as system:
        ref = system.spawn(props(Frail).named(STORE))
        if how == "stop":
            ref.stop()
        elif how == "fail":
            ref.tell(Put(1))
        await ref.stopped()
        assert system.whereis(STORE) is None
        system.spawn(props(Store, 3).named(STORE))
        assert await system.ref(STORE).ask(Get()) == 3


async def test_a_name_may_promise_less_than_the_actor_takes() -> None:
    async with ActorSystem() as system:
        system.spawn(props(Store, 4).named(READER))
        ref: ActorRef[Get] = system.ref(READER)
        assert await ref.ask(Get()) == 4


async def test_a_name_that_promises_what_the_actor_does_not_take_is_an_error() -> None:
    async with ActorSystem() as system:
        # Any: wrong on purpose
        wrong: Any = Name[Put | Other]("wrong")
        with pytest.raises(ProtocolError, match="does not accept Other"):
            system.spawn(props(Store).named(wrong))
        assert system.whereis(wrong) is None
        assert system.snapshot().actors == 0
        system.spawn(props(Store).named("wrong"))


async def test_a_name_without_a_type_promises_nothing() -> None:
    async with ActorSystem() as system:
        # Any: no type argument
        name: Name[Any] = Name("plain")
        system.spawn(props(Store, 2).named(name))
        assert await system.ref(name).ask(Get()) == 2


def test_names_are_equal_when_their_texts_are() -> None:
    assert Name[Put]("x") == Name[Get]("x")
    assert hash(Name[Put]("x")) == hash(Name[Get]("x"))
    assert Name[Put]("x") != Name[Put]("y")
    assert Name[Put]("x") != "x"
    assert repr(Name[Put]("x")) == "Name('x')"


async def test_the_same_name_stands_for_different_actors_in_different_systems() -> None:
    async with ActorSystem("one") as one, ActorSystem("two") as two:
        one.spawn(props(Store, 1).named(STORE))
        two.spawn(props(Store, 2).named(STORE))
        assert await one.ref(STORE).ask(Get()) == 1
        assert await two.ref(STORE).ask(Get()) == 2


class Asks(Actor[Get]):
    """Asks an actor of another system for its number."""

    def __init__(self, other: ActorRef[Get]) -> None:
        self.other = other

    @on(Get)
    async def get(self, msg: Get) -> int:
        return await self.other.ask(Get()) + 100

    initial = get


async def test_actors_of_two_systems_talk_to_each_other() -> None:
    async with ActorSystem("one") as one:
        asks: list[ActorRef[Get]] = []
        async with ActorSystem("two") as two:
            store = two.spawn(Store, 1)
            asks = [one.spawn(Asks, store) for _ in range(5)]
            for ask in asks:
                assert await ask.ask(Get()) == 101
            assert one.snapshot().actors == 5
            assert two.snapshot().actors == 1
            assert {node.path for node in two.snapshot().tree} == {"/store-1"}
        assert store != asks[0]
        # the other system is closed: who asks into it fails, and only that
        reason = await fails(asks[0])
        assert "ActorStopped" in reason
        assert await one.spawn(Store, 3).ask(Get()) == 3


async def fails(ref: ActorRef[Get]) -> str:
    ref.tell(Get())
    return repr(await ref.stopped())
