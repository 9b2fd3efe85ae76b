"""Suites that the tests of the pytest plugin run, as text."""

ACTORS = """
import sys
import pytest
from hypothesis import settings, strategies as st
from airssys_rt import Actor, Message, Request, on
from airssys_rt.testing import PCT, TestProbe, World, explore, simulate

class Put(Message):
    value: int
class Get(Request[int]): ...

class Register(Actor[Put | Get]):
    def __init__(self) -> None:
        self.value = 0
    @on(Put)
    def put(self, msg: Put) -> None:
        self.value = msg.value
    @on(Get)
    def get(self, msg: Get) -> int:
        return self.value
    initial = put | get

RUNS: dict[str, int] = {}

def count(name: str) -> None:
    RUNS[name] = RUNS.get(name, 0) + 1

async def race(world: World) -> None:
    '''Loses an update unless the clients happen to come one after the other.'''
    register = world.spawn(Register)
    async def client() -> None:
        value = await register.ask(Get())
        register.tell(Put(value + 1))
    await world.gather(client(), client())
    await world.settle()
    assert await register.ask(Get()) == 2
"""

SUITE = (
    ACTORS
    + """
async def test_world(world: World) -> None:
    count("world")
    register = world.spawn(Register)
    register.tell(Put(1))
    await world.sleep(3600)
    assert await register.ask(Get()) == 1

@pytest.fixture
def register(world: World):
    return world.spawn(Register)

async def test_fixtures_use_it(world: World, register) -> None:
    count("shared")
    register.tell(Put(2))
    assert await register.ask(Get()) == 2

@pytest.mark.parametrize("number", [1, 2])
async def test_probe(world: World, probe: TestProbe[Put], number: int) -> None:
    probe.ref.tell(Put(number))
    assert (await probe.expect_message(Put)).value == number
    await probe.expect_none(within=3600)

@pytest.mark.anyio
async def test_marked_for_anyio_too(world: World) -> None:
    await world.sleep(1)

@pytest.mark.simulate(schedules=7, policy=PCT(2), seed=3)
async def test_mark(world: World) -> None:
    count("mark")

@pytest.mark.simulate(strict_wire=True, laws=())
async def test_options_of_worlds(world: World) -> None:
    assert world.laws == frozenset()
    assert world.scheduler.wire is not None

@simulate()
async def test_simulate(world: World) -> None:
    count("simulate")

@simulate(schedules=3)
async def test_simulate_told(world: World) -> None:
    count("simulate told")

@settings(max_examples=1, database=None)
@simulate(number=st.just(1))
async def test_simulate_drawn(world: World, number: int) -> None:
    count("drawn")

def test_explore() -> None:
    async def scenario(world: World) -> None:
        count("explore")
    found = explore(scenario)
    async def told(world: World) -> None:
        count("explore told")
    explore(told, schedules=4, seed=1)

def test_seeds() -> None:
    seeds = []
    async def scenario(world: World) -> None:
        seeds.append(world.scheduler.random.random())
    explore(scenario, schedules=2)
    print("SEEDED", seeds[-1])
    explore(scenario, schedules=2, seed=99)
    print("TOLD", seeds[-1])

async def test_world_seed(world: World) -> None:
    print("DRAWN", world.scheduler.random.random())

def test_zz_counts() -> None:
    for name, number in sorted(RUNS.items()):
        print("COUNT", name, number)
"""
)

FAILING = (
    ACTORS
    + """
async def test_race(world: World) -> None:
    await race(world)

@pytest.fixture
def other(world: World):
    return world

async def test_race_of_fixtures(world: World, other) -> None:
    assert other is world
    await race(world)

@simulate()
async def test_simulated(world: World) -> None:
    await race(world)

@settings(database=None)
@simulate(number=st.integers(0, 9))
async def test_drawn(world: World, number: int) -> None:
    if number > 3:
        await race(world)

async def test_raises_in_vain(world: World) -> None:
    with pytest.raises(KeyError):
        world.spawn(Register).tell(Put(5))

async def test_skips(world: World) -> None:
    pytest.skip("not today")

def test_sync(world: World) -> None: ...

@pytest.mark.simulate(laws=("gravity",))
async def test_unknown_law(world: World) -> None: ...
"""
)
