# The test tools know the union of the actor under test, and the replies of its requests.
from typing import TypeAlias, TypeGuard, assert_type

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    DeadLetter,
    Down,
    LifecycleEvent,
    Message,
    Name,
    Request,
    on,
    props,
)
from airssys_rt.testing import ActorKit, Reply, TestProbe, VirtualTime, protocol_machine, stand_in


class Put(Message):
    key: str


class Get(Request[int]):
    key: str


class Foreign(Message): ...


class Other(Request[str]): ...


Msg: TypeAlias = Put | Get
OTHER = Name[Other]("other")


class Helper(Actor[Other]):
    @on(Other)
    def other(self, msg: Other) -> str:
        return ""

    initial = other


class Store(Actor[Msg]):
    def __init__(self, size: int, helper: ActorRef[Other]) -> None:
        self.size = size
        self.helper = helper

    @on(Put)
    def put(self, msg: Put) -> None: ...

    @on(Get)
    def get(self, msg: Get) -> int:
        return 1

    initial = put | get


def kits() -> None:
    helper = stand_in("helper", Helper)
    assert_type(helper, ActorRef[Other])
    assert_type(stand_in(OTHER), ActorRef[Other])
    kit = ActorKit(Store, 3, helper)
    assert_type(kit, ActorKit[Store])
    assert_type(kit.actor, Store)
    assert_type(kit.actor.size, int)
    assert_type(kit.ref, ActorRef[Msg])
    kit.tell(Put(""))
    kit.tell(Get(""))
    assert_type(kit.ask(Get("")), int)
    assert_type(kit.begin(Get("")), Reply[int])
    assert_type(kit.begin(Get("")).result(), int)
    kit.answer(Other, "text")
    kit.answer_with(Other, lambda msg: "text")
    assert_type(kit.stand_in("more", Helper), ActorRef[Other])
    assert_type(kit.stand_in(OTHER), ActorRef[Other])
    from_props = ActorKit(props(Store, 3, helper))
    from_props.tell(Put(""))
    assert_type(from_props.ask(Get("")), int)
    kit.tell(Foreign())  # E
    kit.ask(Put(""))  # E
    kit.ask(Other())  # E
    kit.begin(Other())  # E
    kit.answer(Other, 3)  # E
    kit.answer(Put(""), None)  # E
    from_props.tell(Foreign())  # E
    from_props.ask(Other())  # E
    ActorKit(Store, "3", helper)  # E
    ActorKit(Store, 3)  # E
    ActorKit(Store, 3, stand_in("store", Store))  # E
    stand_in("helper")  # E


def is_put(msg: Msg) -> TypeGuard[Put]:
    return isinstance(msg, Put)


def is_foreign(msg: Foreign) -> bool:
    return True


async def probes(system: ActorSystem) -> None:
    probe = TestProbe[Msg](system)
    assert_type(probe.ref, ActorRef[Msg])
    assert_type(probe.received, list[Msg])
    assert_type(await probe.expect_message(), Put | Get)
    assert_type(await probe.expect_message(within=1), Put | Get)
    assert_type(await probe.expect_message(Put), Put)
    assert_type(await probe.expect_message(is_put), Put)
    by_lambda = await probe.expect_message(lambda msg: msg.key == "")
    assert_type(by_lambda, Put | Get)  # E[ty] ty takes a lambda for a TypeGuard of what it knows not
    assert_type(await probe.fish(Put, within=1), Put)
    assert_type(await probe.fish(is_put), Put)
    await probe.expect_none()
    assert_type(await probe.expect_down(probe.ref), Down)
    assert_type(TestProbe.dead_letters(system), TestProbe[DeadLetter])
    assert_type(TestProbe.events(system), TestProbe[LifecycleEvent])
    named: TestProbe[Other] = TestProbe(system, OTHER)
    probe.answer(Get, 3)
    probe.answer_with(Get, lambda msg: len(msg.key))
    print(named)
    probe.ref.tell(Foreign())  # E
    await probe.expect_message(is_foreign)  # E
    await probe.expect_message(3)  # E
    await probe.fish()  # E
    probe.expect_none()  # E
    probe.answer(Get, "3")  # E


async def once(text: str) -> int:
    return len(text)


def others() -> None:
    assert_type(VirtualTime().run(once, "text"), int)
    assert_type(VirtualTime().run(once, "text", backend="trio"), int)
    print(protocol_machine(Helper).TestCase, protocol_machine(props(Helper)).TestCase)
    VirtualTime().run(once, 3)  # E[mypy,pyright,pyrefly] ty does not check TypeVarTuple
    VirtualTime().run(once, "text", backend="uvloop")  # E
    protocol_machine(Foreign)  # E
