"""How deep exploration looks: messages that have to come in just the opposite order.

A number of clients let each other go first, so that their messages come in order; the scenario
fails if they come in reverse. All but one have to be held, each until after another one.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine

from airssys_rt import Actor, Message, on
from airssys_rt.errors import Counterexample
from airssys_rt.testing import PCT, Uniform, World, explore
from tests.testing.corpus.base import tarry

__all__ = ["SIZES", "depth_table", "found", "reversed_order"]

SIZES = (2, 3, 4, 5)
POLICIES: dict[str, PCT | Uniform] = {
    "PCT(3)": PCT(3),
    "PCT(5)": PCT(5),
    "Uniform()": Uniform(),
}
SEEDS = 10
SCHEDULES = 200


class Number(Message):
    number: int


class Sink(Actor[Number]):
    """Writes numbers down."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    @on(Number)
    def number(self, msg: Number) -> None:
        self.numbers.append(msg.number)

    initial = number


def reversed_order(size: int) -> Callable[[World], Coroutine[object, object, None]]:
    """A scenario that fails in one order of so many messages."""

    async def scenario(world: World) -> None:
        sink = world.spawn(Sink)
        await world.settle()

        async def client(number: int) -> None:
            await tarry(world, 4 * number)
            sink.tell(Number(number))

        await world.gather(*(client(number) for number in range(size)))
        await world.settle()
        assert world.state(sink).numbers != list(reversed(range(size)))

    return scenario


def found(policy: PCT | Uniform, size: int, seed: int) -> bool:
    """Whether that order is found."""
    try:
        explore(reversed_order(size), policy=policy, schedules=SCHEDULES, seed=seed)
    except Counterexample:
        return True
    return False


def depth_table() -> str:
    """Of ten seeds, how many find it."""
    lines = ["| messages | " + " | ".join(map(str, SIZES)) + " |", "|---|" + "---:|" * len(SIZES)]
    for name, policy in POLICIES.items():
        counts = [sum(found(policy, size, seed) for seed in range(SEEDS)) for size in SIZES]
        lines.append(f"| `{name}` | " + " | ".join(map(str, counts)) + " |")
    return "\n".join(lines)
