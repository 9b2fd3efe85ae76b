# Links: whom an actor links with is its own matter; what `via` makes must be in its union.
from typing import TypeAlias, assert_type

from typing_extensions import override

from airssys_rt import (
    Actor,
    ActorRef,
    AnyRef,
    Exit,
    ExitReason,
    Message,
    Monitor,
    Name,
    Normal,
    Request,
    on,
    props,
)


class Get(Request[bytes]): ...


class Gone(Message):
    path: str


class Foreign(Message):
    path: str


def gone(end: Exit) -> Gone:
    return Gone(end.path)


def number(end: Exit) -> int:
    return 1


def path_of(path: str) -> Gone:
    return Gone(path)


class Plain(Actor[Get]):
    """Does not trap exits: its union needs nothing for its links."""

    def __init__(self, store: ActorRef[Gone], any_ref: AnyRef) -> None:
        self.link(store)
        self.link(any_ref)
        self.link(self.spawn(Plain, store, any_ref))
        self.unlink(store)
        self.unlink(self.ref)
        self.link(props(Plain, store, any_ref))  # E
        self.link(Name[Get]("store"))  # E
        self.link("store")  # E
        self.link()  # E
        self.link(store, any_ref)  # E
        self.link(store, via=gone)  # E
        self.unlink("store")  # E
        self.unlink()  # E
        self.unlink(store, via=gone)  # E

    @on(Get)
    def get(self, msg: Get) -> bytes:
        return b""

    initial = get


Msg: TypeAlias = Get | Gone


class Adapting(Actor[Msg]):
    """Traps exits as messages of its own."""

    trap_exits = True

    @override
    def pre_start(self) -> None:
        self.link(self.ref, via=gone)
        self.link(self.ref, gone)
        self.link(self.ref, via=lambda end: Gone(end.path))
        self.link(self.ref, via=lambda end: Gone(end.path) if end.path else Get())
        self.link(self.ref, via=number)  # E
        self.link(self.ref, via=path_of)  # E
        self.link(self.ref, via=lambda end: Foreign(end.path))  # E
        self.link(self.ref, via=lambda end: end)  # E
        self.link(self.ref, via=Gone("x"))  # E

    @on(Get)
    def get(self, msg: Get) -> bytes:
        return b""

    @on(Gone)
    def gone(self, msg: Gone) -> None: ...

    initial = get | gone


class Trapping(Actor[Get | Exit]):
    """Traps exits, with `Exit` in its union."""

    trap_exits = True

    @on(Get)
    def get(self, msg: Get) -> bytes:
        self.link(self.ref)
        self.link(self.ref, via=lambda end: Get() if end.path else end)
        self.link(self.ref, via=gone)  # E
        assert_type(self.trap_exits, bool)
        return b""

    @on(Exit)
    def ended(self, msg: Exit) -> None:
        assert_type(msg.ref, AnyRef)
        assert_type(msg.path, str)
        assert_type(msg.reason, ExitReason)
        self.link(msg.ref)
        self.unlink(msg.ref)
        assert_type(self.monitor(msg.ref, via=lambda down: Get()), Monitor)
        msg.reason = Normal()  # E
        msg.incarnation  # E

    initial = get | ended


class Missing(Actor[Get | Exit]):
    @on(Get)
    def get(self, msg: Get) -> bytes:
        return b""

    initial = get  # E


class WrongTrap(Actor[Get]):
    trap_exits = "yes"  # E

    @on(Get)
    def get(self, msg: Get) -> bytes:
        return b""

    initial = get
