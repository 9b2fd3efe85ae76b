# A generic actor: its class is applied to types where it is spawned.
from typing import Generic, TypeVar, assert_type

from airssys_rt import Actor, ActorRef, ActorSystem, Behaviour, Later, Message, Props, Request, on, props

K = TypeVar("K")
V = TypeVar("V")


class Get(Request[V | None], Generic[K, V]):
    key: K


class Put(Message, Generic[K, V]):
    key: K
    value: V


class Size(Request[int]): ...


class Cache(Actor[Get[K, V] | Put[K, V] | Size], Generic[K, V]):
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

    initial = get | put | size  # E[pyright] strict mode finds Unknown in an inherited declaration
    full = get | size


class Annotated(Actor[Get[K, V] | Put[K, V]], Generic[K, V]):
    """With `initial` annotated pyright's strict mode is content as well."""

    @on(Get[K, V])
    def get(self, msg: Get[K, V]) -> V | None:
        return None

    @on(Put[K, V])
    def put(self, msg: Put[K, V]) -> None: ...

    initial: Behaviour[Get[K, V] | Put[K, V]] = get | put


class Wrong(Actor[Get[K, V] | Put[K, V]], Generic[K, V]):
    # To mypy and pyright K and V are open in a class body: the shape of a reply is checked, not they
    @on(Get[K, V])  # E[ty,pyrefly] see above
    async def get(self, msg: Get[K, V]) -> K | None:
        return None

    @on(Put[K, V])
    def put(self, msg: Put[K, V]) -> None: ...

    @on(Put[K, V])  # E
    def answers(self, msg: Put[K, V]) -> int:
        return 0

    @on(Put[K, V])  # E
    async def takes_another(self, msg: Get[K, V]) -> None: ...

    initial = put  # E


class Words(Cache[str, int]):
    """A class of its own, for good."""


CacheOfInts = Get[str, int] | Put[str, int] | Size


def take_reader(ref: ActorRef[Get[str, int]]) -> None: ...


async def use(system: ActorSystem) -> None:
    cache = system.spawn(Cache[str, int], {"a": 1}, limit=3)
    assert_type(cache, ActorRef[Get[str, int] | Put[str, int] | Size])
    assert_type(await cache.ask(Get[str, int]("a")), int | None)
    assert_type(await cache.ask(Size()), int)
    cache.tell(Put("a", 1))
    cache.tell(Put[str, int]("a", 1))
    cache.tell(Put("a", "x"))  # E
    cache.tell(Put(1, 1))  # E
    cache.tell(Put[int, int](1, 1))  # E
    await cache.ask(Get[int, int](1))  # E
    await cache.ask(Get[str, str]("a"))  # E
    take_reader(cache)
    take_reader(system.spawn(Cache[str, int]))
    take_reader(system.spawn(Cache[int, int]))  # E
    system.spawn(Cache[str, int], {1: 1})  # E
    system.spawn(Cache[str, int], {"a": 1}, limit="3")  # E
    system.spawn(Cache[str, int], 1)  # E

    recipe = props(Cache[str, bytes], limit=3)
    assert_type(recipe, Props[Get[str, bytes] | Put[str, bytes] | Size])
    ref = system.spawn(recipe)
    assert_type(await ref.ask(Get[str, bytes]("a")), bytes | None)
    ref.tell(Put("a", b"x"))
    ref.tell(Put("a", 1))  # E

    words = system.spawn(Words, {"a": 1})
    assert_type(words, ActorRef[Get[str, int] | Put[str, int] | Size])
    words.tell(Put("a", b"x"))  # E
    system.spawn(Words, {"a": "b"})  # E


class Owner(Actor[Size]):
    def __init__(self) -> None:
        self.cache = self.spawn(Cache[str, int])

    @on(Size)
    async def size(self, msg: Size) -> int:
        self.cache.tell(Put("a", "b"))  # E
        assert_type(await self.cache.ask(Get[str, int]("a")), int | None)
        return await self.cache.ask(msg)

    initial = size


def whatever(system: ActorSystem, start: dict[K, V]) -> ActorRef[Get[K, V] | Put[K, V] | Size]:
    return system.spawn(Cache[K, V], start)
