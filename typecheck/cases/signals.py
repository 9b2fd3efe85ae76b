# Monitors, adapters and pipes: what they bring must be in the actor's union.
from collections.abc import Coroutine
from typing import Any, TypeAlias, assert_never, assert_type

from typing_extensions import override

from airssys_rt import (
    Actor,
    ActorRef,
    AnyRef,
    DeadLetter,
    DeadReason,
    Down,
    ExitReason,
    Failed,
    Job,
    Killed,
    Message,
    Monitor,
    NodeLost,
    Normal,
    Request,
    Shutdown,
    on,
)


class Get(Request[bytes]): ...


class Start(Message): ...


class Got(Message):
    data: bytes


class GetFailed(Message):
    error: Exception


class Gone(Message):
    path: str


class Foreign(Message):
    data: bytes


Msg: TypeAlias = Start | Got | GetFailed | Gone


def gone(down: Down) -> Gone:
    return Gone(down.path)


def failed_with(text: str) -> GetFailed:
    return GetFailed(Exception(text))


async def fetch() -> bytes:
    return b""


async def count() -> int:
    return 0


class Client(Actor[Msg]):
    def __init__(self, store: ActorRef[Get], any_ref: AnyRef) -> None:
        self.store = store
        self.any_ref = any_ref

    @on(Start)
    def start(self, msg: Start) -> None:
        assert_type(self.pipe(self.store.ask(Get()), Got, GetFailed), Job)
        assert_type(self.pipe(fetch(), lambda data: Got(data), lambda error: GetFailed(error)), Job)
        self.pipe(count(), lambda n: Got(bytes(n)), GetFailed).cancel()
        self.pipe(fetch(), lambda data: Got(data) if data else Start(), GetFailed)
        self.pipe(fetch(), Foreign, GetFailed)  # E
        self.pipe(fetch(), Got, Foreign)  # E
        self.pipe(fetch(), Got, lambda error: Foreign(b""))  # E
        self.pipe(fetch(), lambda data: Foreign(data), GetFailed)  # E
        self.pipe(fetch(), lambda data: data, GetFailed)  # E
        self.pipe(count(), Got, GetFailed)  # E
        self.pipe(count(), lambda n: Got(n), GetFailed)  # E
        self.pipe(fetch(), Got, failed_with)  # E
        self.pipe(fetch(), Got)  # E
        self.pipe(fetch, Got, GetFailed)  # E
        self.pipe(Get(), Got, GetFailed)  # E
        self.pipe(self.store.ask(Start()), Got, GetFailed)  # E

    @on(Got)
    async def got(self, msg: Got) -> None:
        assert_type(self.monitor(self.store, via=gone), Monitor)
        assert_type(self.monitor(self.any_ref, via=lambda down: Gone(down.path)), Monitor)
        self.demonitor(self.monitor(self.store, via=gone), flush=True)
        self.monitor(self.store)  # E
        self.monitor(self.any_ref)  # E
        self.monitor(self.store, via=lambda down: Foreign(b""))  # E
        self.monitor(self.store, via=Got)  # E
        self.monitor(self.store, via=lambda down: down)  # E
        self.monitor(self.store, failed_with)  # E
        self.monitor("store", via=gone)  # E
        self.monitor()  # E
        self.demonitor(self.store)  # E

    @on(GetFailed)
    def failed(self, msg: GetFailed) -> None:
        assert_type(self.adapter(Got), ActorRef[bytes])
        assert_type(self.adapter(gone), ActorRef[Down])
        self.adapter(Got).tell(b"x")
        text = self.adapter(failed_with)
        text.tell("x")
        text.tell(b"x")  # E
        self.adapter(Got).tell("x")  # E
        self.adapter(Foreign)  # E
        self.adapter(lambda text: 3)  # E
        self.adapter(Got(b""))  # E
        self.adapter()  # E

    @on(Gone)
    def gone(self, msg: Gone) -> None:
        subscriber: ActorRef[bytes] = self.adapter(Got)
        subscriber.tell(b"")

    initial = start | got | failed | gone


class Watcher(Actor[Down | Start]):
    """Its union has `Down`, so it may monitor without `via`."""

    def __init__(self, store: ActorRef[Get]) -> None:
        assert_type(self.monitor(store), Monitor)

    @on(Down)
    def down(self, msg: Down) -> None:
        assert_type(msg.ref, AnyRef)
        assert_type(msg.path, str)
        assert_type(msg.reason, ExitReason)
        assert_type(msg.incarnation, int)
        assert_type(msg.restarting, bool)
        assert_type(explain(msg.reason), str)
        self.monitor(msg.ref)
        self.monitor(msg.ref, via=lambda down: Start())
        self.monitor(msg.ref, via=gone)  # E
        msg.ref.tell(Start())  # E
        msg.reason = Normal()  # E

    @on(Start)
    async def start(self, msg: Start) -> None:
        self.demonitor(self.monitor(self.ref))

    initial = down | start


def explain(reason: ExitReason) -> str:
    match reason:
        case Normal() | Shutdown() | Killed() | NodeLost():
            return "fine"
        case Failed(error_type=error_type, text=text):
            assert_type(reason.cause, BaseException | None)
            return f"{error_type}: {text}{reason.traceback}"
        case _:
            assert_never(reason)


def explain_in_part(reason: ExitReason) -> str:
    match reason:
        case Normal() | Shutdown() | Killed():
            return "fine"
        case Failed(error_type, text):
            return f"{error_type}: {text}"
        case _:
            assert_never(reason)  # E


def letters(letter: DeadLetter, reason: DeadReason) -> None:
    assert_type(letter.message, object)
    assert_type(letter.ref, AnyRef)
    assert_type(letter.path, str)
    assert_type(letter.reason, DeadReason)
    if letter.reason == "overflow":
        print(reason)
    letter.message.amount  # E
    letter.reason = "stopped"  # E


def wrong_reason() -> DeadReason:
    return "forgotten"  # E


class Hooks(Actor[Start]):
    @override
    def pre_start(self) -> None:
        self.store = 1

    @override
    async def post_stop(self, reason: ExitReason) -> None:
        assert_type(explain(reason), str)

    @on(Start)
    def start(self, msg: Start) -> None: ...

    initial = start


class AsyncHooks(Actor[Start]):
    @override
    async def pre_start(self) -> None: ...

    @override
    def post_stop(self, reason: ExitReason, /) -> None: ...

    @on(Start)
    def start(self, msg: Start) -> None: ...

    initial = start


class WrongHooks(Actor[Start]):
    @override
    async def pre_start(self) -> int:  # E
        return 1

    @override
    def post_stop(self) -> None: ...  # E

    @on(Start)
    def start(self, msg: Start) -> None: ...

    initial = start


def work() -> Coroutine[Any, Any, bytes]:
    return fetch()
