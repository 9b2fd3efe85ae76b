# Generic messages and actors with type parameters in brackets.
from typing import assert_type

from airssys_rt import Actor, ActorRef, ActorSystem, Behaviour, Later, Message, Props, Request, on, props


class Get[K, V](Request[V | None]):
    key: K


class Put[K, V](Message):
    key: K
    value: V


class Size(Request[int]): ...


type CacheMsg[K, V] = Get[K, V] | Put[K, V] | Size


class Cache[K, V](Actor[CacheMsg[K, V]]):
    def __init__(self, start: dict[K, V] | None = None, *, limit: int = 100) -> None:
        self.values: dict[K, V] = dict(start or {})
        self.limit = limit

    @on(Get[K, V])
    async def get(self, msg: Get[K, V]) -> V | None:
        return self.values.get(msg.key)

    @on(Put[K, V])
    def put(self, msg: Put[K, V]) -> None:
        self.values[msg.key] = msg.value
        self.values[msg.value] = msg.key  # E

    @on(Size)
    def size(self, msg: Size) -> int | Later:
        return len(self.values)

    # Annotated for pyright's strict mode, see ../generic_actor.py
    initial: Behaviour[CacheMsg[K, V]] = get | put | size
    full = get | size


class Wrong[K, V](Actor[CacheMsg[K, V]]):
    @on(Put[K, V])
    def put(self, msg: Put[K, V]) -> None: ...

    @on(Put[K, V])  # E
    def answers(self, msg: Put[K, V]) -> int:
        return 0

    @on(Size)  # E
    async def size(self, msg: Size) -> V | None:
        return None

    initial = put  # E


class Words(Cache[str, int]):
    """A class of its own, for good."""


def take_reader(ref: ActorRef[Get[str, int]]) -> None: ...


async def use(system: ActorSystem) -> None:
    cache = system.spawn(Cache[str, int], {"a": 1}, limit=3)
    assert_type(cache, ActorRef[Get[str, int] | Put[str, int] | Size])
    assert_type(cache, ActorRef[CacheMsg[str, int]])
    assert_type(await cache.ask(Get[str, int]("a")), int | None)
    assert_type(await cache.ask(Size()), int)
    cache.tell(Put("a", 1))
    cache.tell(Put("a", "x"))  # E
    cache.tell(Put(1, 1))  # E
    await cache.ask(Get[int, int](1))  # E
    cache.ask(Size())  # E
    take_reader(cache)
    take_reader(system.spawn(Cache[str, int]))
    take_reader(system.spawn(Cache[int, int]))  # E
    system.spawn(Cache[str, int], {1: 1})  # E
    system.spawn(Cache[str, int], 1)  # E
    recipe = props(Cache[str, bytes], limit=3)
    assert_type(recipe, Props[CacheMsg[str, bytes]])
    assert_type(await system.spawn(recipe).ask(Get[str, bytes]("a")), bytes | None)
    system.spawn(recipe).tell(Put("a", 1))  # E
    words = system.spawn(Words, {"a": 1})
    assert_type(words, ActorRef[CacheMsg[str, int]])
    words.tell(Put("a", b"x"))  # E


def whatever[K, V](system: ActorSystem, start: dict[K, V]) -> ActorRef[CacheMsg[K, V]]:
    return system.spawn(Cache[K, V], start)
