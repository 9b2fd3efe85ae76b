"""Works in small steps, so that it can be stopped between them: messages to itself."""

from typing import TypeAlias

from typing_extensions import override

from airssys_rt import Actor, ExitReason, Message, Request, on


class Import(Message):
    rows: tuple[str, ...]


class Stop(Message): ...


class Progress(Request[float]): ...


class _Row(Message):
    number: int


ImporterMsg: TypeAlias = Import | Stop | Progress | _Row


class Importer(Actor[ImporterMsg]):
    def __init__(self) -> None:
        self.rows: tuple[str, ...] = ()
        self.done = 0

    @override
    async def post_stop(self, reason: ExitReason) -> None:
        self.log.info("%d rows are in: %r", self.done, reason)

    @on(Import)
    def start(self, msg: Import) -> None:
        self.rows = msg.rows
        self.next(_Row(0))

    @on(_Row)
    def row(self, msg: _Row) -> None:
        if msg.number < len(self.rows):
            self.done += 1
            self.ref.tell(_Row(msg.number + 1))

    @on(Stop)
    def end(self, msg: Stop) -> None:
        self.stop()

    @on(Progress)
    def progress(self, msg: Progress) -> float:
        return self.done / len(self.rows) if self.rows else 1.0

    initial = start | row | end | progress
