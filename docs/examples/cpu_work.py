import asyncio
from typing import TypeAlias

import anyio

from airssys_rt import Actor, ActorSystem, Request, Workers, offload, on, pool, props

CORES = Workers("process", limit=2, queue=100)


class Primes(Request[int]):
    below: int


class Squares(Request[int]):
    below: int


MathMsg: TypeAlias = Primes | Squares


@offload(CORES)
def sum_of_squares(below: int) -> int:
    return sum(n * n for n in range(below))


class Mathematician(Actor[MathMsg]):
    def __init__(self) -> None:
        self.asked = 0

    @on(Primes)
    @offload(CORES)
    def primes(self, msg: Primes) -> int:  # the whole handler runs in a process
        return sum(self.is_prime(n) for n in range(2, msg.below))

    def is_prime(self, n: int) -> bool:
        return all(n % d for d in range(2, int(n**0.5) + 1))

    @on(Squares)
    async def squares(self, msg: Squares) -> int:  # one function does
        self.asked += 1
        return await sum_of_squares(msg.below)

    initial = primes | squares


async def main() -> None:
    async with ActorSystem("cores") as system:
        crew = system.spawn(pool(props(Mathematician), 2))
        results: dict[int, int] = {}

        async def ask(below: int) -> None:
            results[below] = await crew.ask(Primes(below), timeout=None)

        async with anyio.create_task_group() as group:
            for below in (100, 1_000, 10_000):
                group.start_soon(ask, below)
        for below in sorted(results):
            print(f"{results[below]:5} primes below {below}")
        print(await crew.ask(Squares(10), timeout=None))


if __name__ == "__main__":
    asyncio.run(main())
