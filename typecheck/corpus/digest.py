"""Computes in other processes, and goes on meanwhile."""

import hashlib
from typing import TypeAlias

import anyio.to_process

from airssys_rt import Actor, Later, Message, ReplyTo, Request, on


class Digest(Request[str]):
    data: bytes
    rounds: int = 1000


class _Done(Message):
    digest: str
    to: ReplyTo[str]


class _Broke(Message):
    error: object
    to: ReplyTo[str]


DigestMsg: TypeAlias = Digest | _Done | _Broke


def digest(data: bytes, rounds: int) -> str:
    for _ in range(rounds):
        data = hashlib.sha256(data).digest()
    return data.hex()


class Digester(Actor[DigestMsg]):
    def __init__(self) -> None:
        self.running = 0

    @on(Digest)
    def start(self, msg: Digest) -> str | Later:
        if not msg.data:
            return ""
        to = self.defer(msg)
        self.running += 1

        async def work() -> str:
            return await anyio.to_process.run_sync(digest, msg.data, msg.rounds)

        self.pipe(work(), lambda text: _Done(text, to), lambda error: _Broke(error, to))
        return to

    @on(_Done)
    def done(self, msg: _Done) -> None:
        self.running -= 1
        msg.to.reply(msg.digest)

    @on(_Broke)
    def broke(self, msg: _Broke) -> None:
        self.running -= 1
        msg.to.fail(RuntimeError(repr(msg.error)))

    initial = start | done | broke
