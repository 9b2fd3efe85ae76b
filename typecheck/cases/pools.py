# A pool has the type of its members' recipe, and its ref takes what they take.
from typing import TypeAlias, assert_type

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    Bounded,
    ConsistentHash,
    DynamicSupervisor,
    Message,
    Name,
    Props,
    Request,
    StartChild,
    consistent_hash,
    on,
    pool,
    props,
    resize,
)


class Put(Message):
    key: str


class Get(Request[int]):
    key: str


class Foreign(Message): ...


Msg: TypeAlias = Put | Get
STORE = Name[Msg]("store")
WIDE = Name[Msg | Foreign]("wide")


class Store(Actor[Msg]):
    def __init__(self, number: int) -> None: ...

    @on(Put)
    def put(self, msg: Put) -> None: ...

    @on(Get)
    def get(self, msg: Get) -> int:
        return 0

    initial = put | get


def by_key(msg: Msg) -> str:
    return msg.key


def by_anything(msg: object) -> int:
    return 0


def by_foreign(msg: Foreign) -> str:
    return ""


def by_float(msg: Msg) -> float:
    return 0.5


async def pools(system: ActorSystem) -> None:
    recipe = pool(props(Store, 1), 4)
    assert_type(recipe, Props[Msg])
    assert_type(pool(props(Store, 1), 4, "random"), Props[Msg])
    assert_type(pool(props(Store, 1), 4, routing="least_loaded"), Props[Msg])
    assert_type(pool(props(Store, 1), size=4, routing="broadcast", intensity=3, period=1), Props[Msg])
    assert_type(recipe.named(STORE).restart("permanent"), Props[Msg])
    assert_type(pool(props(Store, 1).mailbox(Bounded(3)).restart("transient"), 4), Props[Msg])
    ref = system.spawn(recipe)
    assert_type(ref, ActorRef[Msg])
    ref.tell(Put(""))
    await ref.send(Put(""))
    assert_type(await ref.ask(Get("")), int)
    await resize(ref, 8)
    await resize(ref, 8, timeout=None)
    narrow: ActorRef[Put] = system.spawn(recipe)
    narrow_recipe: Props[Put] = pool(props(Store, 1), 4)
    supervisor = system.spawn(DynamicSupervisor)
    started: ActorRef[Msg] = await supervisor.ask(StartChild(recipe))
    ref.tell(Foreign())  # E
    await ref.ask(Put(""))  # E
    await resize(recipe, 3)  # E
    await resize(ref)  # E
    await resize(ref, "3")  # E
    resize(ref, 3)  # E
    pool(Store, 4)  # E
    pool(props(Store), 4)  # E
    pool(props(Store, 1))  # E
    pool(props(Store, 1), "4")  # E
    pool(props(Store, 1), 4, "fair")  # E
    pool(props(Store, 1), 4, routing=by_key)  # E
    pool(props(Store, 1), 4).named(WIDE)  # E
    wide: ActorRef[Msg | Foreign] = system.spawn(recipe)  # E
    print(narrow, narrow_recipe, started, wide)


def keys(system: ActorSystem) -> None:
    assert_type(consistent_hash(by_key), ConsistentHash[Msg])
    assert_type(pool(props(Store, 1), 4, consistent_hash(by_key)), Props[Msg])
    by_any: Props[Msg] = pool(props(Store, 1), 4, consistent_hash(by_anything))
    ref: ActorRef[Msg] = system.spawn(pool(props(Store, 1), 4, consistent_hash(by_key)))
    consistent_hash(by_float)  # E
    consistent_hash(3)  # E
    wrong: Props[Msg] = pool(props(Store, 1), 4, consistent_hash(by_foreign))  # E
    print(by_any, ref, wrong)


async def lambdas(system: ActorSystem) -> None:
    recipe: Props[Msg] = pool(props(Store, 1), 4, consistent_hash(lambda msg: msg.key))
    ref = system.spawn(pool(props(Store, 1), 4, routing=consistent_hash(lambda msg: msg.key)))
    ref.tell(Put(""))  # E[ty] ty infers no parameter of a lambda from the argument beside it
    assert_type(await ref.ask(Get("")), int)  # E[ty] as above
    print(recipe)
