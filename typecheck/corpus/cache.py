"""A generic cache with a bound; whoever spawns it says what it holds."""

from typing import Generic, TypeVar

from airssys_rt import Actor, ActorSystem, Behaviour, Message, Request, on

K = TypeVar("K")
V = TypeVar("V")


class Get(Request[V | None], Generic[K, V]):
    key: K


class Put(Message, Generic[K, V]):
    key: K
    value: V


class Size(Request[int]): ...


class Cache(Actor[Get[K, V] | Put[K, V] | Size], Generic[K, V]):
    def __init__(self, *, limit: int = 100) -> None:
        self.values: dict[K, V] = {}
        self.limit = limit

    @on(Get[K, V])
    def get(self, msg: Get[K, V]) -> V | None:
        return self.values.get(msg.key)

    @on(Put[K, V])
    def put(self, msg: Put[K, V]) -> None:
        if len(self.values) >= self.limit:
            self.values.pop(next(iter(self.values)))
        self.values[msg.key] = msg.value

    @on(Size)
    def size(self, msg: Size) -> int:
        return len(self.values)

    initial: Behaviour[Get[K, V] | Put[K, V] | Size] = get | put | size


async def main() -> None:
    async with ActorSystem() as system:
        cache = system.spawn(Cache[str, int], limit=3)
        cache.tell(Put("a", 1))
        found: int | None = await cache.ask(Get[str, int]("a"))
        print(found, await cache.ask(Size()))
