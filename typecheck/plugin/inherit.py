# Actors derived from actors, and from mixins.
from typing import TypeAlias, override

from airssys_rt import Actor, Message, Request, on


class Go(Message): ...


class Back(Message): ...


class Get(Request[int]): ...


class Foreign(Message): ...


class Base(Actor[Go | Back | Get]):
    @on(Go)
    def go(self, msg: Go) -> None:
        self.become(self.away)

    @on(Back)
    def stay(self, msg: Back) -> None: ...

    @on(Back)
    def back(self, msg: Back) -> None:
        self.become(self.initial)

    @on(Get)
    def get(self, msg: Get) -> int:
        return 0

    initial = go | stay | get
    away = back | get
    flow = (initial.to(away), away.to(initial))


class Same(Base): ...


class Overriding(Base):
    @on(Get)
    @override
    def get(self, msg: Get) -> int:
        return 1


class OtherInitial(Base):
    initial = Base.go | Base.get  # E: actor-missing "Back", assignment


class AddsUnused(Base):
    @on(Get)
    def get_more(self, msg: Get) -> int:  # E: actor-unused "get_more"
        return 2


class AddsForeign(Base):
    @on(Foreign)
    def foreign(self, msg: Foreign) -> None: ...

    more = Base.away | foreign  # E: actor-extra "Foreign", actor-become "more"


class Wider(Actor[Go | Back | Get | Foreign]):
    """Handlers are borrowed from another class."""

    @on(Foreign)
    def foreign(self, msg: Foreign) -> None: ...

    initial = Base.initial | foreign


class Mixin:
    def helper(self) -> int:
        return 0


class Mixed(Mixin, Base):
    @on(Get)
    @override
    def get(self, msg: Get) -> int:
        return self.helper()


class MixedWrong(Mixin, Actor[Go | Get]):
    @on(Get)
    def get(self, msg: Get) -> int:
        return self.helper()

    initial = get  # E: actor-missing "Go", assignment


class Nested(Actor[Go]):
    class Inner(Actor[Go | Get]):
        @on(Go)
        def go(self, msg: Go) -> None: ...

        initial = go  # E: actor-missing "Get", assignment

    @on(Go)
    def go(self, msg: Go) -> None: ...

    initial = go


class Missing(Actor[Go | Get]):  
    """No `initial` of its own."""

    @on(Go)
    def go(self, msg: Go) -> None: ...


def local() -> None:
    class Inside(Actor[Go | Get]):
        @on(Go)
        def go(self, msg: Go) -> None: ...

        initial = go  # E: actor-missing "Get", assignment

    class Right(Actor[Go]):
        @on(Go)
        def go(self, msg: Go) -> None: ...

        initial = go

    print(Inside, Right)


Traveller: TypeAlias = Actor[Go | Back]


class ByAlias(Traveller):
    @on(Go)
    def go(self, msg: Go) -> None:
        self.become(self.away)  # E: actor-become "away"

    @on(Back)
    def back(self, msg: Back) -> None: ...

    initial = go | back
    away = go | back  # E: actor-become "away"
    flow = (initial.to(initial),)
