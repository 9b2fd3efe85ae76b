# actor-blocking, actor-capture: what runs in a worker may block, and must not send.
import time
from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, Request, Workers, offload, on


class Go(Message): ...


class Get(Request[int]): ...


Msg: TypeAlias = Go | Get
POOL = Workers("process")


@offload("process")
def slow(number: int) -> int:
    time.sleep(1)
    return number


@offload("thread")
def tells(ref: ActorRef[Go]) -> None:
    ref.tell(Go())  # E: actor-capture "tell_from_thread"
    ref.tell_from_thread(Go())


def plain(number: int) -> int:
    time.sleep(1)
    return number


class Right(Actor[Msg]):
    def __init__(self, to: ActorRef[Go]) -> None:
        self.to = to
        self.rest()  # E: unused-coroutine

    @on(Go)
    @offload("thread")
    def go(self, msg: Go) -> None:
        time.sleep(1)
        self.nap()
        self.to.tell(Go())  # E: actor-capture "self.to.tell_from_thread(msg)"

    @on(Get)
    @offload(POOL)
    def get(self, msg: Get) -> int:
        time.sleep(1)
        return plain(1)

    @offload("thread")
    def rest(self) -> None:
        time.sleep(1)

    def nap(self) -> None:
        time.sleep(1)

    initial = go | get


class Wrong(Actor[Go]):
    @on(Go)
    async def go(self, msg: Go) -> None:
        await slow(1)
        await POOL.run(plain, 1)
        time.sleep(1)  # E: actor-blocking
        plain(1)  # E: actor-blocking

    initial = go
