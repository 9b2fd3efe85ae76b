"""`system.register`: a name for an actor that is there already."""

from __future__ import annotations

from typing import Any, Generic

import pytest
from typing_extensions import TypeVar

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    ActorSystem,
    BadArgument,
    Message,
    Name,
    NameTaken,
    ProtocolError,
    Request,
    on,
    props,
)
from tests.runtime.kit import collect

pytestmark = pytest.mark.anyio

T = TypeVar("T")


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


STORE = Name[Put | Get]("store")
READER = Name[Get]("reader")


async def test_a_registered_name_leads_to_the_actor_and_leaves_its_path_alone() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Store, 1)
        system.register(STORE, ref)
        assert system.whereis(STORE) == ref
        assert await system.ref(STORE).ask(Get()) == 1
        assert ref.path == "/store-1"


async def test_an_actor_may_hold_several_names() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(props(Store).named(STORE))
        system.register(READER, ref)
        assert system.whereis(STORE) == system.whereis(READER) == ref
        ref.stop()
        await ref.stopped()
        assert system.whereis(STORE) is system.whereis(READER) is None


async def test_an_actor_registers_itself_again_and_again() -> None:
    class Registers(Store):
        def pre_start(self) -> None:
            self.system.register(STORE, self.ref)
            self.system.register(STORE, self.ref)

    async with ActorSystem() as system:
        ref = system.spawn(Registers, 3)
        await ref.started()
        assert system.whereis(STORE) == ref


async def test_a_name_that_another_actor_holds_is_taken() -> None:
    async with ActorSystem() as system:
        first, second = system.spawn(props(Store).named(STORE)), system.spawn(Store)
        with pytest.raises(NameTaken, match="is held by /store"):
            system.register(STORE, second)
        assert system.whereis(STORE) == first
        system.register(READER, second)
        with pytest.raises(NameTaken, match="is held by /store-1"):
            system.spawn(props(Store).named(READER))


async def test_unregister_frees_the_name_and_leaves_the_actor_alone() -> None:
    async with ActorSystem() as system:
        letters = collect(system)
        first, second = system.spawn(props(Store, 1).named(STORE)), system.spawn(Store, 2)
        by_name = system.ref(STORE)
        system.unregister(STORE)
        system.unregister(STORE)
        assert system.whereis(STORE) is None
        by_name.tell(Put(5))
        assert [one.reason for one in letters] == ["no_such_actor"]
        system.register(STORE, second)
        assert await by_name.ask(Get()) == 2
        # the end of the first one takes nothing from the second
        first.stop()
        await first.stopped()
        assert system.whereis(STORE) == second


async def test_an_actor_must_accept_what_the_name_promises() -> None:
    async with ActorSystem() as system:
        # Any: wrong on purpose
        wrong: Any = Name[Put | Other]("wrong")
        new, running = system.spawn(Store), system.spawn(Store)
        await running.started()
        made = system.spawn(props(lambda: Store(1)))
        await made.started()
        for ref in (new, running, made):
            with pytest.raises(ProtocolError, match="'wrong': it does not accept Other"):
                system.register(wrong, ref)
        assert system.whereis(wrong) is None
        right: Name[Any] = Name("wrong")
        system.register(right, running)
        with pytest.raises(ProtocolError, match="does not accept Other"):
            system.register(wrong, running)


async def test_what_is_not_known_yet_is_not_checked() -> None:
    class Box(Actor[T], Generic[T]): ...

    async with ActorSystem() as system:
        # Any: of no type in particular
        box: ActorRef[Any] = system.spawn(Box[Any])
        system.register(STORE, box)
        assert system.whereis(STORE) == box


async def test_an_actor_that_is_over_gets_no_name() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(props(Store).named("gone"))
        ref.stop()
        await ref.stopped()
        with pytest.raises(ActorStopped, match="/gone cannot be registered as 'store'"):
            system.register(STORE, ref)
        with pytest.raises(ActorStopped, match="is over"):
            system.register(STORE, system.ref(STORE))
        assert system.whereis(STORE) is None


async def test_an_adapter_gets_no_name() -> None:
    class Adapts(Actor[Get]):
        @on(Get)
        def get(self, msg: Get) -> int:
            refs.append(self.adapter(lambda msg: Get()))
            return 1

        initial = get

    refs: list[ActorRef[Put]] = []
    async with ActorSystem() as system:
        await system.spawn(Adapts).ask(Get())
        with pytest.raises(BadArgument, match="an adapter cannot be registered as 'put'"):
            system.register(Name[Put]("put"), refs[0])


async def test_an_actor_of_another_system_gets_no_name() -> None:
    async with ActorSystem("one") as one, ActorSystem("two") as two:
        with pytest.raises(BadArgument, match="lives in another system"):
            one.register(STORE, two.spawn(Store))


async def test_names_that_come_and_go_leave_nothing_at_the_actor() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Store)
        for number in range(50):
            name = Name[Get](f"name-{number}")
            system.register(name, ref)
            system.unregister(name)
        cell: Any = ref._cell
        assert not cell.rich.at_end
