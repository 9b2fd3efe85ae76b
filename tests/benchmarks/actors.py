"""The actors that are measured: each does next to nothing, so that the engine is what shows."""

from __future__ import annotations

from typing import TypeAlias

import anyio

from airssys_rt import Actor, ActorRef, Message, Request, on

__all__ = [
    "Arm",
    "Asker",
    "AskerMsg",
    "AskMany",
    "Gate",
    "Hop",
    "Link",
    "Node",
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


class Clock(Actor[Arm | Tick]):
    """Sets timers, then cancels them all."""

    def __init__(self) -> None:
        self.ticks = 0

    @on(Arm)
    def arm(self, msg: Arm) -> int:
        """How many of its timers were there to be cancelled."""
        tick = Tick(0)
        for key in range(msg.timers):
            self.after(60.0, tick, key)
        return sum(self.cancel_timer(key) for key in range(msg.timers))

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.ticks += 1

    initial = arm | tick
