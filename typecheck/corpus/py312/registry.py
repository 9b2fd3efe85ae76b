"""Generic messages and a generic actor in PEP 695 syntax."""

from airssys_rt import Actor, ActorSystem, Behaviour, Message, Request, on


class Put[K, V](Message):
    key: K
    value: V


class Get[K, V](Request[V | None]):
    key: K


class Keys[K](Request[tuple[K, ...]]): ...


type RegistryMsg[K, V] = Put[K, V] | Get[K, V] | Keys[K]


class Registry[K, V](Actor[Put[K, V] | Get[K, V] | Keys[K]]):
    def __init__(self) -> None:
        self.entries: dict[K, V] = {}

    @on(Put[K, V])
    def put(self, msg: Put[K, V]) -> None:
        self.entries[msg.key] = msg.value

    @on(Get[K, V])
    async def get(self, msg: Get[K, V]) -> V | None:
        return self.entries.get(msg.key)

    @on(Keys[K])
    def keys(self, msg: Keys[K]) -> tuple[K, ...]:
        return tuple(self.entries)

    initial: Behaviour[Put[K, V] | Get[K, V] | Keys[K]] = put | get | keys


async def main() -> None:
    async with ActorSystem() as system:
        registry = system.spawn(Registry[str, int])
        registry.tell(Put("a", 1))
        print(await registry.ask(Get[str, int]("a")))
