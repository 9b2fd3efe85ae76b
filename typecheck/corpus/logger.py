"""Writes log lines in batches through a thread; the list that goes there is its own copy."""

from typing import TypeAlias

import anyio.to_thread

from typing_extensions import override

from airssys_rt import Actor, ExitReason, Message, Request, on


class Line(Message):
    text: str


class Written(Request[int]): ...


class _Write(Message): ...


LoggerMsg: TypeAlias = Line | Written | _Write


def write_lines(path: str, lines: list[str]) -> int:
    with open(path, "a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return len(lines)


class Logger(Actor[LoggerMsg]):
    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: list[str] = []
        self.written = 0

    @override
    def pre_start(self) -> None:
        self.every(1.0, _Write(), key="write")

    @override
    async def post_stop(self, reason: ExitReason) -> None:
        await self.write()

    @on(Line)
    def line(self, msg: Line) -> None:
        self.lines.append(msg.text)

    @on(Written)
    def get_written(self, msg: Written) -> int:
        return self.written

    @on(_Write)
    async def write_now(self, msg: _Write) -> None:
        await self.write()

    async def write(self) -> None:
        lines = self.lines
        self.lines = []
        if lines:
            self.written += await anyio.to_thread.run_sync(write_lines, self.path, lines)

    initial = line | get_written | write_now
