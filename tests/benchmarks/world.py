"""How fast worlds are: message steps a second, and schedules of a small scenario.

Run it with `python -m tests.benchmarks.world`.  The aims: 200,000 message steps a second, and 1,000
schedules of a scenario of 30 steps in a second.  Times are of the processor, for a machine that is
shared.
"""

from __future__ import annotations

from time import process_time

from airssys_rt import Actor, ActorRef, Message, on, props
from airssys_rt.testing import PCT, Uniform, World, explore
from airssys_rt.testing.schedule import Driver, PctDriver, UniformDriver

REPEAT = 5


class Hop(Message):
    left: int


class Ring(Actor[Hop]):
    """Passes a hop on."""

    def __init__(self, me: int, ring: list[ActorRef[Hop]]) -> None:
        self.place = me
        self.ring = ring

    @on(Hop)
    def hop(self, msg: Hop) -> None:
        if msg.left:
            self.ring[(self.place + 1) % len(self.ring)].tell(Hop(msg.left - 1))

    initial = hop


async def hops(world: World, actors: int, tokens: int, left: int) -> None:
    """Tokens that go round a ring."""
    ring: list[ActorRef[Hop]] = []
    for me in range(actors):
        ring.append(world.spawn(props(Ring, me, ring)))
    await world.settle()
    for token in range(tokens):
        ring[token % actors].tell(Hop(left))
    await world.settle()


async def many(world: World) -> None:
    """80,008 messages."""
    await hops(world, 8, 8, 10_000)


async def few(world: World) -> None:
    """30 steps: 3 starts, 24 messages, 3 of the scenario's."""
    await hops(world, 3, 3, 7)


def steps_a_second(driver: Driver) -> float:
    """One long run."""
    start = process_time()
    World(most_steps=10**9).run(many, driver)
    return driver.steps / (process_time() - start)


def schedules_time(policy: Uniform | PCT) -> float:
    """A thousand short runs, in seconds."""
    start = process_time()
    result = explore(few, policy=policy, schedules=1000)
    assert result.steps >= 30_000, result  # the ordered stop comes on top
    return process_time() - start


def main() -> None:
    """Print the best of some runs of each."""
    for name, make in (
        ("send order", Driver),
        ("uniform", lambda: UniformDriver(1)),
        ("PCT(3)", lambda: PctDriver(1, 3, 1000)),
    ):
        best = max(steps_a_second(make()) for _ in range(REPEAT))
        print(f"{name:12} {best:12,.0f} message steps a second")
    for policy in (Uniform(), PCT(3)):
        best = min(schedules_time(policy) for _ in range(REPEAT))
        print(f"{policy!r:12} {best:12.3f} s for 1,000 schedules of 30 steps")


if __name__ == "__main__":
    main()
