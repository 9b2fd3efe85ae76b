import asyncio
from typing import TypeAlias

import anyio
import anyio.to_process

from airssys_rt import Actor, ActorSystem, Later, Message, Refused, ReplyTo, Request, on


def count_primes(below: int) -> int:
    return sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, below))


class Primes(Request[int]):
    below: int


class Counted(Message):
    count: int
    to: ReplyTo[int]


class CountFailed(Message):
    error: object
    to: ReplyTo[int]


MathMsg: TypeAlias = Primes | Counted | CountFailed


class Mathematician(Actor[MathMsg]):
    @on(Primes)
    def primes(self, msg: Primes) -> int | Later:
        to = self.defer(msg)
        self.pipe(
            anyio.to_process.run_sync(count_primes, msg.below, cancellable=True),
            lambda count: Counted(count, to),
            lambda error: CountFailed(error, to),
        )
        return to

    @on(Counted)
    def counted(self, msg: Counted) -> None:
        msg.to.reply(msg.count)

    @on(CountFailed)
    def count_failed(self, msg: CountFailed) -> None:
        msg.to.fail(Refused(msg.error))

    initial = primes | counted | count_failed


async def main() -> None:
    async with ActorSystem("cores") as system:
        mathematician = system.spawn(Mathematician)

        async def ask(below: int, results: dict[int, int]) -> None:
            results[below] = await mathematician.ask(Primes(below), timeout=None)

        results: dict[int, int] = {}
        async with anyio.create_task_group() as group:
            for below in (100, 1_000, 10_000):
                group.start_soon(ask, below, results)
        for below in sorted(results):
            print(f"{results[below]:5} primes below {below}")


if __name__ == "__main__":
    asyncio.run(main())
