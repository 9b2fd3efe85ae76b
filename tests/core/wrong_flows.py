"""Actor classes with a wrong `flow` each, in functions that define them."""

from __future__ import annotations

# mypy: ignore-errors
# (the classes are wrong on purpose; what checkers say of them is held in typecheck/)
from airssys_rt import Actor, Message, on


class Ping(Message): ...


class Sound(Actor[Ping]):
    @on(Ping)
    def ping(self, msg: Ping) -> None: ...

    initial = ping


def unknown_in_flow() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping
        flow = (initial.to(Sound.ping.replace(Sound.ping)),)


def unknown_origin_in_flow() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping
        flow = (Sound.ping.push(initial),)


def function_in_flow() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        def other(self, msg: Ping) -> None: ...

        initial = ping
        flow = (initial.to(other),)


def flow_is_one_edge() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping
        flow = initial.to(initial)


def flow_is_a_behaviour() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping
        flow = initial


def flow_of_behaviours() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping
        flow = (initial, initial)


def flow_is_used_up_by_looking() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping
        flow = iter((initial.to(initial),))


def final_with_a_way_on() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        @on(Ping)
        def closed(self, msg: Ping) -> None: ...

        initial = ping
        flow = (closed.to(initial), initial.to(closed), closed.final())


def final_with_a_push() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        @on(Ping)
        def closed(self, msg: Ping) -> None: ...

        initial = ping
        flow = (initial.to(closed), closed.final(), closed.push(initial))


def final_that_comes_to_itself() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping
        flow = (initial.to(initial), initial.final())


def final_that_a_subclass_leaves() -> None:
    class Base(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        @on(Ping)
        def closed(self, msg: Ping) -> None: ...

        initial = ping
        flow = (initial.to(closed), closed.final())

    class Wrong(Base):
        @on(Ping)
        def closed(self, msg: Ping) -> None: ...

        flow = (*Base.flow, closed.to(Base.initial))


def unknown_final() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping
        flow = (Sound.ping.final(),)
