"""Reads files, but in worker threads: `open` stands in functions that no handler calls itself."""

from pathlib import Path
from typing import TypeAlias

import anyio
import anyio.to_thread

from airssys_rt import Actor, Message, Request, on


class Lines(Request[int]):
    path: str


class Head(Request[str]):
    path: str
    size: int = 80


class Append(Message):
    path: str
    text: str


ReaderMsg: TypeAlias = Lines | Head | Append


def count_lines(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        return sum(1 for _ in file)


def append(path: str, text: str) -> None:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(text)


class Reader(Actor[ReaderMsg]):
    @on(Lines)
    async def lines(self, msg: Lines) -> int:
        return await anyio.to_thread.run_sync(count_lines, msg.path, abandon_on_cancel=True)

    @on(Head)
    async def head(self, msg: Head) -> str:
        text = await anyio.to_thread.run_sync(Path(msg.path).read_text)
        return text[: msg.size]

    @on(Append)
    async def append(self, msg: Append) -> None:
        await anyio.to_thread.run_sync(append, msg.path, msg.text)
        await anyio.sleep(0)

    initial = lines | head | append
