"""The actors that are measured: each does next to nothing, so that the engine is what shows."""

from __future__ import annotations

from typing import TypeAlias

import anyio

from airssys_rt import Actor, ActorRef, Message, Request, on

__all__ = [
    "Arm",
    "Clock",
    "Disarm",
    "Asker",
    "AskerMsg",
    "AskMany",
    "Gate",
    "Go",
    "Hop",
    "Hub",
    "HubMsg",
    "Link",
    "Node",
    "NodeMsg",
    "Part",
    "Pause",
    "Ping",
    "PingLater",
    "PingPaused",
    "Sink",
    "SinkMsg",
    "Sleeper",
    "Tick",
    "TickLater",
    "Total",
    "TrafficLight",
    "Work",
    "Worker",
]


class Tick(Message):
    n: int


class TickLater(Message):
    n: int


class Ping(Request[int]):
    n: int


class PingLater(Request[int]):
    n: int


class PingPaused(Request[int]):
    n: int


class Total(Request[int]): ...


SinkMsg: TypeAlias = Tick | TickLater | Ping | PingLater | PingPaused | Total


class Sink(Actor[SinkMsg]):
    """Counts what it is told, and answers with what it was asked."""

    def __init__(self) -> None:
        self.count = 0

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.count += 1

    @on(TickLater)
    async def tick_later(self, msg: TickLater) -> None:
        self.count += 1

    @on(Ping)
    def ping(self, msg: Ping) -> int:
        return msg.n

    @on(PingLater)
    async def ping_later(self, msg: PingLater) -> int:
        return msg.n

    @on(PingPaused)
    async def ping_paused(self, msg: PingPaused) -> int:
        await anyio.sleep(0)
        return msg.n

    @on(Total)
    def total(self, msg: Total) -> int:
        return self.count

    initial = tick | tick_later | ping | ping_later | ping_paused | total


class AskMany(Request[int]):
    times: int


AskerMsg: TypeAlias = AskMany


class Asker(Actor[AskerMsg]):
    """Asks a sink, over and over, in one handler."""

    def __init__(self, sink: ActorRef[SinkMsg]) -> None:
        self.sink = sink

    @on(AskMany)
    async def ask_many(self, msg: AskMany) -> int:
        """The sum of the replies."""
        total = 0
        for n in range(msg.times):
            total += await self.sink.ask(Ping(n))
        return total

    initial = ask_many


class Hop(Message):
    left: int


class Link(Message):
    neighbour: ActorRef[NodeMsg]


NodeMsg: TypeAlias = Hop | Link


class Node(Actor[NodeMsg]):
    """One of a ring: passes the token on."""

    def __init__(self, done: anyio.Event) -> None:
        self.done = done

    @on(Link)
    def link_to(self, msg: Link) -> None:
        self.neighbour = msg.neighbour

    @on(Hop)
    def hop(self, msg: Hop) -> None:
        left = msg.left
        if left:
            self.neighbour.tell(Hop(left - 1))
        else:
            self.done.set()

    initial = link_to | hop


class Pause(Message): ...


class Gate:
    """Where handlers wait for each other: `full` when all are there, on their way at `opened`."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.inside = 0
        self.full = anyio.Event()
        self.opened = anyio.Event()
        self.empty = anyio.Event()

    async def pass_through(self) -> None:
        self.inside += 1
        if self.inside == self.size:
            self.full.set()
        await self.opened.wait()
        self.inside -= 1
        if not self.inside:
            self.empty.set()


class Sleeper(Actor[Pause]):
    """Suspends in its handler, at the gate."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    @on(Pause)
    async def pause(self, msg: Pause) -> None:
        await self.gate.pass_through()

    initial = pause


class Arm(Request[int]):
    timers: int
    seconds: float = 60.0
    apart: float = 0.0


class Disarm(Request[int]):
    timers: int


ClockMsg: TypeAlias = Arm | Disarm | Tick


class Clock(Actor[ClockMsg]):
    """Sets timers, then cancels them all, or counts them."""

    def __init__(self, over: anyio.Event | None = None, awaited: int = 0) -> None:
        self.left = awaited
        self.over = over

    @on(Arm)
    def arm(self, msg: Arm) -> int:
        tick = Tick(0)
        for key in range(msg.timers):
            self.after(msg.seconds + key * msg.apart, tick, key)
        return msg.timers

    @on(Disarm)
    def disarm(self, msg: Disarm) -> int:
        """How many of its timers were there to be cancelled."""
        return sum(self.cancel_timer(key) for key in range(msg.timers))

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.left -= 1
        if not self.left and self.over is not None:
            self.over.set()

    initial = arm | disarm | tick


class TrafficLight(Actor[Tick | Total]):
    """Another state with every tick."""

    def __init__(self) -> None:
        self.cycles = 0

    @on(Tick)
    def halt(self, msg: Tick) -> None:
        self.become(self.red)

    @on(Tick)
    def go(self, msg: Tick) -> None:
        self.become(self.initial)

    @on(Tick)
    def warn(self, msg: Tick) -> None:
        self.cycles += 1
        self.become(self.green)

    @on(Total)
    def total(self, msg: Total) -> int:
        return self.cycles

    initial = halt | total
    red = warn | total
    green = go | total


class Part(Message):
    n: int


class Go(Message):
    rounds: int


HubMsg: TypeAlias = Part | Go


class Work(Message):
    n: int
    to: ActorRef[Part]


class Worker(Actor[Work]):
    """Does its part, and reports it."""

    @on(Work)
    def work(self, msg: Work) -> None:
        msg.to.tell(Part(msg.n))

    initial = work


class Hub(Actor[HubMsg]):
    """Gives work to all, waits for all parts, and begins anew."""

    def __init__(self, workers: list[ActorRef[Work]], done: anyio.Event) -> None:
        self.workers = workers
        self.done = done
        self.rounds = self.missing = self.sum = 0

    @on(Go)
    def go(self, msg: Go) -> None:
        self.rounds = msg.rounds
        self.fan_out()

    def fan_out(self) -> None:
        self.missing = len(self.workers)
        for n, worker in enumerate(self.workers):
            worker.tell(Work(n, self.ref))

    @on(Part)
    def part(self, msg: Part) -> None:
        self.sum += msg.n
        self.missing -= 1
        if not self.missing:
            self.rounds -= 1
            if self.rounds:
                self.fan_out()
            else:
                self.done.set()

    initial = go | part
