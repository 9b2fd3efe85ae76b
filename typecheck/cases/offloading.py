# Offloaded functions keep their parameters and results; offloaded handlers are held to their message.
from typing import TypeAlias, assert_type

from airssys_rt import Actor, ActorSystem, Message, Request, Workers, offload, on

POOL = Workers("thread", limit=2, queue=10)


class Digest(Request[str]):
    data: bytes


class Log(Message):
    line: str


class Count(Request[int]):
    below: int


Msg: TypeAlias = Digest | Log | Count


@offload("process")
def primes(below: int, *, first: int = 2) -> int:
    return below - first


@offload(POOL)
def upper(text: str) -> str:
    return text.upper()


@offload("interpreter", limit=1, queue=0)
def nothing() -> None: ...


@offload("processes")  # E
def misspelt() -> None: ...


class Worker(Actor[Msg]):
    @on(Digest)
    @offload("process")
    def digest(self, msg: Digest) -> str:
        return msg.data.hex()

    @on(Log)
    @offload(POOL)
    def log_line(self, msg: Log) -> None:
        print(msg.line)

    @on(Count)
    async def count(self, msg: Count) -> int:
        assert_type(await primes(msg.below, first=3), int)
        assert_type(await upper("a"), str)
        assert_type(await POOL.run(len, "a"), int)
        assert_type(await self.helper(2.0), float)
        await primes("10")  # E
        await primes(10, frist=3)  # E
        await POOL.run(len)  # E
        await self.helper("2")  # E
        return await primes(msg.below)

    @offload("thread")
    def helper(self, number: float) -> float:
        return number * 2

    initial = digest | log_line | count


class WrongReply(Actor[Digest]):
    @on(Digest)  # E
    @offload("process")
    def digest(self, msg: Digest) -> int:
        return len(msg.data)

    initial = digest  # E[pyright,ty] what is wrong above is unknown here


class WrongMessage(Actor[Log]):
    @on(Log)  # E
    @offload("thread")
    def log_line(self, msg: Digest) -> None: ...

    initial = log_line  # E[pyright,ty] what is wrong above is unknown here


class Incomplete(Actor[Msg]):
    @on(Log)
    @offload("thread")
    def log_line(self, msg: Log) -> None: ...

    initial = log_line  # E


async def use(system: ActorSystem) -> None:
    worker = system.spawn(Worker)
    assert_type(await worker.ask(Digest(b"")), str)
    assert_type(await worker.ask(Count(3)), int)
    worker.tell(Digest(b""))
    primes(10)  # E[mypy,pyright,pyrefly] ty has no such rule
