# actor-capture: an actor's own containers stay out of messages and replies.
from collections import defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from typing import Generic, TypeAlias

from typing_extensions import TypeVar

from airssys_rt import Actor, ActorRef, Later, Message, ReplyTo, Request, on

T = TypeVar("T")


class Items(Message):
    items: Sequence[int]
    by_name: Mapping[str, int] = {}


class Names(Message):
    names: Collection[str]


class Raw(Message):
    data: Collection[int] = ()


class Boxed(Message, Generic[T]):
    content: T


class Wrapped(Request[None]):
    items: Sequence[int]


class All(Request[Sequence[int]]): ...


class Table(Request[Mapping[str, int]]): ...


class Names2(Request[Collection[str]]): ...


class Copy(Request[list[int]]): ...


class Push(Request[list[int]]): ...


Msg: TypeAlias = All | Table | Names2 | Copy | Push


class Inner:
    def __init__(self) -> None:
        self.items = [1]


class Plain:
    def __init__(self) -> None:
        self.items = [1]

    def message(self) -> Items:
        return Items(self.items)


def outside(items: list[int]) -> Items:
    return Items(items)


class Keeper(Actor[Msg]):
    limits: tuple[int, ...] = ()

    def __init__(self, peer: ActorRef[Items | Names | Raw], fixed: Sequence[int]) -> None:
        self.peer = peer
        self.asker: ReplyTo[list[int]] | None = None
        self.fixed = fixed
        self.items = [1]
        self.queue: deque[int] = deque()
        self.by_name: dict[str, int] = {}
        self.rooms: defaultdict[str, set[str]] = defaultdict(set)
        self.names = {"a"}
        self.frozen = frozenset(("a",))
        self.raw = bytearray()
        self.inner = Inner()
        self.count = 0

    @on(All)
    def all(self, msg: All) -> Sequence[int]:
        self.peer.tell(Items(self.items))  # E: actor-capture "tuple(self.items)"
        self.peer.tell(Items(items=self.items))  # E: actor-capture
        self.peer.tell(Items((), self.by_name))  # E: actor-capture "dict(self.by_name)"
        self.peer.tell(Items(self.inner.items))  # E: actor-capture "tuple(self.inner.items)"
        self.peer.tell(Items(self.queue))  # E: actor-capture
        self.peer.tell(Items(self.items if self.count else ()))  # E: actor-capture
        self.peer.tell(Names(self.names))  # E: actor-capture "frozenset(self.names)"
        self.peer.tell(Names(self.rooms["x"]))  # E: actor-capture
        self.peer.tell(Names(self.by_name.keys()))  # E: actor-capture "a live view"
        self.peer.tell(Names(self.by_name))  # E: actor-capture
        self.peer.tell(Raw(self.by_name.values()))  # E: actor-capture
        self.peer.tell(Raw(self.raw))  # E: actor-capture "bytes(self.raw)"
        print(Boxed(self.items))  # E: actor-capture
        print(Boxed[list[int]](self.items))  # E: actor-capture
        print(Wrapped(self.items))  # E: actor-capture
        print([lambda: Items(self.items)])  # E: actor-capture
        self.peer.tell(Items(tuple(self.items), dict(self.by_name)))
        self.peer.tell(Items(self.items.copy()))
        self.peer.tell(Items(self.items[:]))
        self.peer.tell(Items(list(self.items)))
        self.peer.tell(Items(sorted(self.items)))
        self.peer.tell(Items(self.limits))
        self.peer.tell(Items(self.fixed))
        self.peer.tell(Names(self.frozen))
        items = [1]
        self.peer.tell(Items(items))
        print(self.items, list(self.by_name.values()))
        return self.items  # E: actor-capture "the reply of "

    @on(Table)
    async def table(self, msg: Table) -> Mapping[str, int] | Later:
        if self.count:
            return self.stash()  # E: actor-reply "unstash_all"
        if self.items:
            return dict(self.by_name)
        return self.by_name  # E: actor-capture

    @on(Names2)
    def names2(self, msg: Names2) -> Collection[str]:
        def inner() -> Collection[str]:
            return self.names

        print(inner())
        if self.count == 1:
            return self.frozen
        if self.count == 2:
            return self.names  # E: actor-capture
        return self.by_name.keys()  # E: actor-capture

    @on(Copy)
    def copy(self, msg: Copy) -> list[int]:
        if self.count:
            return self.inner.items  # E: actor-capture "list(self.inner.items)"
        return list(self.items)

    @on(Push)
    def push(self, msg: Push) -> list[int] | Later:
        if self.asker is None:
            self.asker = self.defer(msg)
            return self.asker
        self.asker.reply(self.items)  # E: actor-capture "list(self.items)"
        self.asker.reply(list(self.items))  # E: actor-reply "twice"
        return self.helper()

    def helper(self) -> list[int]:
        return self.items

    initial = all | table | names2 | copy | push
