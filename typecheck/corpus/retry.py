"""Tells again after a pause that grows, at most so many times, and gives up then."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, ActorStopped, AskTimeout, HandlerFailed, Message, Request, on


class Upload(Request[bool]):
    data: bytes


class Save(Message):
    data: bytes


class Saved(Request[int]): ...


class _Again(Message):
    data: bytes
    attempt: int


SaverMsg: TypeAlias = Save | Saved | _Again


class Saver(Actor[SaverMsg]):
    most = 5

    def __init__(self, remote: ActorRef[Upload]) -> None:
        self.remote = remote
        self.saved = 0

    @on(Save)
    async def save(self, msg: Save) -> None:
        await self.attempt(msg.data, 1)

    @on(_Again)
    async def again(self, msg: _Again) -> None:
        await self.attempt(msg.data, msg.attempt)

    @on(Saved)
    def count(self, msg: Saved) -> int:
        return self.saved

    async def attempt(self, data: bytes, attempt: int) -> None:
        try:
            if await self.remote.ask(Upload(data), timeout=0.5):
                self.saved += 1
                return
        except (AskTimeout, HandlerFailed) as error:
            self.log.info("attempt %d: %s", attempt, error.what)
        except ActorStopped:
            self.stop()
            return
        if attempt < self.most:
            self.after(0.1 * 2**attempt + self.random.random(), _Again(data, attempt + 1))

    initial = save | count | again
