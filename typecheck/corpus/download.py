"""A download in three states, each of which takes what makes sense in it."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Later, Message, ReplyTo, Request, on, on_enter


class Start(Message):
    url: str


class Chunk(Message):
    data: bytes
    last: bool = False


class Result(Request[bytes]): ...


class Cancel(Message): ...


class _TimedOut(Message): ...


class Opened(Message):
    url: str
    to: ActorRef[Chunk]


DownloadMsg: TypeAlias = Start | Chunk | Result | Cancel | _TimedOut


class Download(Actor[DownloadMsg]):
    def __init__(self, network: ActorRef[Opened]) -> None:
        self.network = network
        self.url = ""
        self.chunks: list[bytes] = []
        self.asked: ReplyTo[bytes] | None = None

    @on(Start)
    def start(self, msg: Start) -> None:
        self.url = msg.url
        self.become(self.loading)
        self.network.tell(Opened(msg.url, self.ref))

    @on(Chunk)
    def stray(self, msg: Chunk) -> None:
        self.log.debug("%d bytes too late", len(msg.data))

    @on(Chunk)
    def chunk(self, msg: Chunk) -> None:
        self.chunks.append(msg.data)
        if msg.last:
            if self.asked is not None:
                self.asked.reply(b"".join(self.chunks))
                self.asked = None
            self.become(self.complete)

    @on(Result)
    def nothing(self, msg: Result) -> bytes:
        return b""

    @on(Result)
    def wait(self, msg: Result) -> Later:
        if self.asked is not None:
            self.asked.fail(RuntimeError("somebody else asked"))
        self.asked = self.defer(msg)
        return self.asked

    @on(Result)
    def result(self, msg: Result) -> bytes:
        return b"".join(self.chunks)

    @on(Cancel)
    def nothing_to_cancel(self, msg: Cancel) -> None:
        """It does not run."""

    @on(Cancel)
    def cancel(self, msg: Cancel) -> None:
        self.chunks.clear()
        if self.asked is not None:
            self.asked.fail(InterruptedError(self.url))
            self.asked = None
        self.become(self.initial)

    @on(_TimedOut)
    def too_late(self, msg: _TimedOut) -> None:
        """It has ended by itself."""

    @on(_TimedOut)
    def timed_out(self, msg: _TimedOut) -> None:
        self.become(self.initial)

    initial = start | stray | nothing | nothing_to_cancel | too_late
    loading = chunk | wait | cancel | timed_out
    complete = stray | result | cancel
    flow = (
        initial.to(loading),
        loading.to(initial, complete),
        complete.to(initial),
    )

    @on_enter(loading)
    def limit_time(self) -> None:
        self.chunks.clear()
        self.state_timeout(30.0, _TimedOut())
