"""Two halves of a connection that end together: a link, and nothing trapped."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, on


class Incoming(Message):
    data: bytes


class Outgoing(Message):
    data: bytes


class Close(Message): ...


ReaderMsg: TypeAlias = Incoming | Close
WriterMsg: TypeAlias = Outgoing | Close


class Writer(Actor[WriterMsg]):
    def __init__(self) -> None:
        self.sent = 0

    @on(Outgoing)
    async def write(self, msg: Outgoing) -> None:
        self.sent += len(msg.data)

    @on(Close)
    def close(self, msg: Close) -> None:
        self.stop()

    initial = write | close


class Reader(Actor[ReaderMsg]):
    def __init__(self, writer: ActorRef[WriterMsg]) -> None:
        self.writer = writer
        self.link(writer)

    @on(Incoming)
    def read(self, msg: Incoming) -> None:
        if not msg.data:
            raise ConnectionError("reset by peer")
        self.writer.tell(Outgoing(msg.data.upper()))

    @on(Close)
    def close(self, msg: Close) -> None:
        self.unlink(self.writer)
        self.writer.tell(msg)
        self.stop()

    initial = read | close
