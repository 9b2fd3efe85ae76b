"""A gateway that has others answer, each for its part of the keys."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Later, Message, Request, on


class Lookup(Request[str]):
    key: str


class Store(Message):
    key: str
    value: str


ShardMsg: TypeAlias = Lookup | Store


class Shard(Actor[ShardMsg]):
    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    @on(Lookup)
    def lookup(self, msg: Lookup) -> str:
        return self.values.get(msg.key, "")

    @on(Store)
    def store(self, msg: Store) -> None:
        self.values[msg.key] = msg.value

    initial = lookup | store


class Find(Request[str]):
    key: str


class Save(Message):
    key: str
    value: str


GatewayMsg: TypeAlias = Find | Save


class Gateway(Actor[GatewayMsg]):
    def __init__(self, size: int) -> None:
        self.shards: list[ActorRef[ShardMsg]] = [self.spawn(Shard) for _ in range(size)]

    def shard_of(self, key: str) -> ActorRef[ShardMsg]:
        return self.shards[hash(key) % len(self.shards)]

    @on(Find)
    def find(self, msg: Find) -> str | Later:
        if not msg.key:
            return ""
        return self.forward(self.shard_of(msg.key), Lookup(msg.key))

    @on(Save)
    def save(self, msg: Save) -> None:
        self.shard_of(msg.key).tell(Store(msg.key, msg.value))

    initial = find | save
