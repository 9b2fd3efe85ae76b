"""Random lives of supervised actors, and what those that watch them are told.

A world is a tree - an actor, under it a supervisor, under it workers - whose workers crash, hang,
start badly and stop slowly as a program says, and watchers beside it that monitor and link.  The
world writes down each `monitor` and each `Down` it brings, so that the laws can be read off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
from hypothesis import strategies as st

from airssys_rt import (
    Actor,
    ActorError,
    ActorRef,
    ActorSystem,
    Backoff,
    DeleteChild,
    Down,
    Exit,
    Message,
    Monitor,
    Props,
    RestartChild,
    Supervisor,
    TerminateChild,
    on,
    props,
)
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.ref import cell_of
from tests.virtual import VirtualClock, turns

WORKERS = 3
WATCHERS = 2

OPS = (
    *("crash", "stop", "drain stop", "hang", "bad start", "slow start", "slow stop", "shield"),
    *("stop supervisor", "crash watcher", "terminate", "restart", "delete"),
    *("monitor", "demonitor", "flush", "link", "unlink", "tie", "turn", "time"),
)


@dataclass(frozen=True)
class Step:
    """One thing that happens: to a worker, or done by a watcher."""

    op: str  # one of OPS
    worker: int = 0
    other: int = 0  # a watcher, or another worker
    amount: int = 0


STEPS = st.builds(
    Step,
    st.sampled_from([*OPS, *["monitor"] * 5, *["turn"] * 3, *["time"] * 3, *["crash"] * 3]),
    st.integers(0, WORKERS - 1),
    st.integers(0, max(WORKERS, WATCHERS) - 1),
    st.integers(0, 3),
)
SECONDS = (0.1, 0.6, 2.0, 10.0)
BACKOFFS = (None, None, Backoff(first=0.5, cap=4.0, factor=2.0, jitter=0.0))
KINDS: st.SearchStrategy[Any] = st.sampled_from(["permanent"] * 3 + ["transient", "temporary"])
STRATEGIES: st.SearchStrategy[Any] = st.sampled_from(["one_for_one", "one_for_all", "rest_for_one"])


@dataclass
class Watch:
    """One monitor: who holds it, what it watches from which incarnation on, what it brought."""

    watcher: int
    life: int  # the watcher's incarnation
    slot: Cell
    first: int  # the slot's incarnation when the monitor was made
    made: Monitor | None = None
    ended: bool = False  # by demonitor
    flushed: bool = False
    downs: list[Down] = field(default_factory=list[Down])


class Do(Message):
    """Has the actor call the function."""

    # Any: an actor of whatever class
    do: Callable[[Any], Any]


class World:
    """The tree, the watchers, and what was written down."""

    def __init__(self, system: ActorSystem, clock: VirtualClock) -> None:
        self.system = system
        self.clock = clock
        self.slots: list[list[ActorRef[Do]]] = [[] for _ in range(WORKERS)]  # the latest last
        self.bad: Counter[int] = Counter()  # starts that are to fail
        self.slow_starts: Counter[int] = Counter()
        self.slow_stops: Counter[int] = Counter()
        self.gate = anyio.Event()
        self.watches: list[Watch] = []
        self.lives = [0] * WATCHERS
        self.linked: Counter[tuple[int, int, Cell]] = Counter()  # link() since the last unlink
        self.exits: Counter[tuple[int, int, Cell]] = Counter()
        self.wrong: list[str] = []


class Worker(Actor[Do]):
    """Lives as its world says."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.number = world, number
        slots = world.slots[number]
        if not slots or slots[-1] != self.ref:
            slots.append(self.ref)
        if world.bad[number]:
            world.bad[number] -= 1
            raise RuntimeError("a bad start")

    async def pre_start(self) -> None:
        if self.world.slow_starts[self.number]:
            self.world.slow_starts[self.number] -= 1
            await anyio.sleep_forever()

    async def post_stop(self, reason: object) -> None:
        if self.world.slow_stops[self.number]:
            self.world.slow_stops[self.number] -= 1
            await anyio.sleep_forever()

    @on(Do)
    async def do(self, msg: Do) -> None:
        result = msg.do(self)
        if result is not None:
            await result

    initial = do


class Heard(Message):
    watch: Any
    down: Down


class Watcher(Actor[Do | Heard | Exit]):
    trap_exits = True

    def __init__(self, world: World, number: int) -> None:
        self.world, self.number = world, number
        world.lives[number] += 1
        self.life = world.lives[number]

    @on(Do)
    def do(self, msg: Do) -> None:
        msg.do(self)

    @on(Heard)
    def heard(self, msg: Heard) -> None:
        watch: Watch = msg.watch
        watch.downs.append(msg.down)
        if watch.flushed:
            self.world.wrong.append("a Down came after a flush")
        if watch.life != self.life:
            self.world.wrong.append("a Down came to another incarnation")

    @on(Exit)
    def exited(self, msg: Exit) -> None:
        key = (self.number, self.life, cell_of(msg.ref))
        self.world.exits[key] += 1
        if self.world.exits[key] > self.world.linked[key]:
            self.world.wrong.append("an Exit came of no link")

    initial = do | heard | exited

    def watch(self, slot: Cell, ref: ActorRef[Do]) -> None:
        watch = Watch(self.number, self.life, slot, slot.incarnation)
        watch.made = self.monitor(ref, via=lambda down: Heard(watch, down))
        self.world.watches.append(watch)

    def unwatch(self, which: int, *, flush: bool) -> None:
        mine = [w for w in self.world.watches if (w.watcher, w.life) == (self.number, self.life)]
        if mine:
            watch = mine[which % len(mine)]
            watch.ended, watch.flushed = True, watch.flushed or flush
            assert watch.made is not None
            self.demonitor(watch.made, flush=flush)

    def bind(self, ref: ActorRef[Do]) -> None:
        self.link(ref)
        self.world.linked[self.number, self.life, cell_of(ref)] += 1

    def unbind(self, ref: ActorRef[Do]) -> None:
        self.unlink(ref)
        key = (self.number, self.life, cell_of(ref))
        self.world.linked[key] = self.world.exits[key] = 0


class Top(Actor[Do]):
    """Has the supervisor restarted, and bears much."""

    intensity = 3

    def __init__(self, supervisor: Props[Any]) -> None:
        self.supervisor = self.spawn(supervisor)

    @on(Do)
    def do(self, msg: Do) -> None:
        msg.do(self)

    initial = do


class Crew(Actor[Do]):
    """The parent of the watchers."""

    intensity = 1_000_000

    def __init__(self, world: World) -> None:
        self.refs = [
            self.spawn(props(Watcher, world, number).restart("permanent"))
            for number in range(WATCHERS)
        ]

    @on(Do)
    def do(self, msg: Do) -> None:
        msg.do(self)

    initial = do


def fail(_actor: object) -> None:
    raise RuntimeError("a crash")


async def hang(_actor: object) -> None:
    await anyio.sleep_forever()


def act(world: World, step: Step, top: Any, crew: list[ActorRef[Any]]) -> None:
    """Do what the step says, as far as it can be done without waiting."""
    number = step.worker
    slots = world.slots[number]
    supervisor = top.supervisor
    if step.op == "bad start":
        world.bad[number] += step.amount
    elif step.op == "slow start":
        world.slow_starts[number] += 1
    elif step.op == "slow stop":
        world.slow_stops[number] += 1
    elif step.op == "stop supervisor":
        supervisor.stop()
    elif step.op == "crash watcher":
        crew[step.other % WATCHERS].tell(Do(fail))
    elif step.op in ("terminate", "restart", "delete"):
        made = {"terminate": TerminateChild, "restart": RestartChild, "delete": DeleteChild}
        supervisor.tell(made[step.op](f"w{number}"))
    elif slots:
        ref = slots[-1] if step.amount else slots[0]
        act_on(world, step, ref, crew[step.other % WATCHERS])


def act_on(world: World, step: Step, ref: ActorRef[Do], watcher: ActorRef[Any]) -> None:
    """Do what the step says with one slot."""
    slot = cell_of(ref)

    async def shielded(_actor: object) -> None:
        with anyio.CancelScope(shield=True):
            await world.gate.wait()

    match step.op:
        case "crash":
            ref.tell(Do(fail))
        case "stop":
            ref.stop()
        case "drain stop":
            ref.stop(drain=True)
        case "hang":
            ref.tell(Do(hang))
        case "shield":
            ref.tell(Do(shielded))
        case "monitor":
            watcher.tell(Do(lambda w: w.watch(slot, ref)))
        case "demonitor" | "flush":
            watcher.tell(Do(lambda w: w.unwatch(step.amount, flush=step.op == "flush")))
        case "link":
            watcher.tell(Do(lambda w: w.bind(ref)))
        case "unlink":
            watcher.tell(Do(lambda w: w.unbind(ref)))
        case "tie":
            others = world.slots[step.other % WORKERS]
            if others:
                ref.tell(Do(lambda w: w.link(others[-1])))
        case _:
            pass


async def play(program: list[Step], kinds: list[Any], backoffs: list[Any], strategy: Any) -> World:
    """Run the program until all is over, and give what was written down."""
    clock = VirtualClock()
    async with ActorSystem(clock=clock, shutdown=0.5, drain=0.01) as system:
        world = World(system, clock)
        crew = system.spawn(Crew, world)
        await crew.started()
        watchers = crew_of(crew)
        specs: list[Props[Any]] = []
        for number in range(WORKERS):
            spec = props(Worker, world, number).named(f"w{number}").restart(kinds[number])
            specs.append(spec.backoff(backoffs[number]) if backoffs[number] else spec)
        supervisor = props(Supervisor, specs, strategy=strategy, intensity=3, period=5.0)
        top_ref = system.spawn(Top, supervisor.restart("permanent"))
        await top_ref.started()
        top = cell_of(top_ref).actor
        for step in program:
            if step.op == "turn":
                await turns(step.amount + 1)
            elif step.op == "time":
                clock.jump(SECONDS[step.amount])
                await turns()
            else:
                with suppress(ActorError):
                    act(world, step, top, watchers)
        world.gate.set()
        top_ref.stop()
        for _ in range(100):
            await turns()
            if cell_of(top_ref).outcome is not None:
                break
            clock.jump(1.0)
        else:
            world.wrong.append("it did not end")
        await turns()
        await system.drain()
        return world


def crew_of(crew: ActorRef[Do]) -> list[ActorRef[Any]]:
    """The watchers."""
    actor: Any = cell_of(crew).actor
    refs: list[ActorRef[Any]] = actor.refs
    return refs
