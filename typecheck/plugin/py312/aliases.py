# PEP 695: aliases and type parameters.
from airssys_rt import Actor, Message, Request, on


class Go(Message): ...


class Back(Message): ...


class Get[K, V](Request[V | None]):
    key: K


type Moves = Go | Back
type Msg = Moves | Get[str, int]
type Recursive = Go | tuple[Recursive, ...]
type Of[K, V] = Get[K, V] | Moves


class Right(Actor[Msg]):
    @on(Go)
    def go(self, msg: Go) -> None: ...

    @on(Back)
    def back(self, msg: Back) -> None: ...

    @on(Get[str, int])
    def get(self, msg: Get[str, int]) -> int | None:
        return None

    initial = go | back | get


class Missing(Actor[Msg]):
    initial = Right.go | Right.get  # E: actor-missing "Back", assignment


class Extra(Actor[Moves]):
    initial = Right.initial  # E: actor-extra "Get", assignment


class Generic[K, V](Actor[Of[K, V]]):
    @on(Get[K, V])
    def get(self, msg: Get[K, V]) -> V | None:
        return None

    @on(Go)
    def go(self, msg: Go) -> None: ...

    initial = get | go  # E: actor-missing "Back", assignment


class Mutable(Message):
    items: Items  # E: actor-mutable "items"


type Items = list[int]


class Nested(Message):
    """msgspec takes no alias that contains itself."""

    nested: Deep  # E: actor-field "nested"


type Deep = int | tuple[Deep, ...]
