"""Loads before it serves: what comes earlier is stashed, and served in its order."""

from typing import TypeAlias

import anyio
from typing_extensions import override

from airssys_rt import Actor, Later, Message, Request, on


class Ask(Request[str]):
    word: str


class Learn(Message):
    word: str
    meaning: str


class _Loaded(Message):
    words: tuple[tuple[str, str], ...]


class _NotLoaded(Message):
    error: object


DictionaryMsg: TypeAlias = Ask | Learn | _Loaded | _NotLoaded


async def load() -> tuple[tuple[str, str], ...]:
    await anyio.sleep(0.01)
    return (("actor", "one who acts"),)


class Dictionary(Actor[DictionaryMsg]):
    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    @override
    def pre_start(self) -> None:
        self.pipe(load(), _Loaded, _NotLoaded)

    @on(Ask)
    def wait(self, msg: Ask) -> Later:
        return self.stash()

    @on(Ask)
    def answer(self, msg: Ask) -> str:
        return self.words.get(msg.word, "")

    @on(Learn)
    def learn_later(self, msg: Learn) -> None:
        self.stash()

    @on(Learn)
    def learn(self, msg: Learn) -> None:
        self.words[msg.word] = msg.meaning

    @on(_Loaded)
    def loaded(self, msg: _Loaded) -> None:
        self.words.update(msg.words)
        self.become(self.ready)
        self.unstash_all()

    @on(_NotLoaded)
    def not_loaded(self, msg: _NotLoaded) -> None:
        raise RuntimeError(f"no dictionary: {msg.error}")

    initial = wait | learn_later | loaded | not_loaded
    ready = answer | learn
