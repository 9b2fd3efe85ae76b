# Generic messages and actors: dispatch is by class, whatever the type arguments are.
from typing import Generic, TypeVar

from airssys_rt import Actor, Message, Request, on

K = TypeVar("K")
V = TypeVar("V")
M = TypeVar("M", bound=Message)


class Get(Request[V | None], Generic[K, V]):
    key: K


class Put(Message, Generic[K, V]):
    key: K
    value: V


class Size(Request[int]): ...


class Cache(Actor[Get[K, V] | Put[K, V] | Size], Generic[K, V]):
    @on(Get[K, V])
    async def get(self, msg: Get[K, V]) -> V | None:
        return None

    @on(Put[K, V])
    def put(self, msg: Put[K, V]) -> None: ...

    @on(Size)
    def size(self, msg: Size) -> int:
        return 0

    initial = get | put | size
    full = get | size  # E: actor-become "full"


class Words(Cache[str, int]): ...


class MissingPut(Actor[Get[K, V] | Put[K, V] | Size], Generic[K, V]):
    @on(Get[K, V])
    async def get(self, msg: Get[K, V]) -> V | None:
        return None

    @on(Size)
    def size(self, msg: Size) -> int:
        return 0

    initial = get | size  # E: actor-missing "Put", assignment


class OfStrings(Actor[Get[str, int] | Size]):
    @on(Get[str, int])
    def get(self, msg: Get[str, int]) -> int | None:
        return None

    @on(Size)
    def size(self, msg: Size) -> int:
        return 0

    initial = get | size


class Open(Actor[M], Generic[M]):
    """The union is not known here, and is where it is filled in."""

    def helper(self, msg: M) -> None: ...


class Filled(Open[Put[str, int]]):
    @on(Put[str, int])
    def put(self, msg: Put[str, int]) -> None: ...

    initial = put


class WronglyFilled(Open[Put[str, int]]):
    @on(Size)
    def size(self, msg: Size) -> int:
        return 0

    initial = size  # E: actor-missing "Put", actor-extra "Size", assignment
