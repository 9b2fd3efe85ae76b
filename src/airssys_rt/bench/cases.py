"""The table of cases: what is measured, against whom, how many times, and to which target."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from airssys_rt.bench import ours, raw, raw_many, special, supervised
from airssys_rt.bench.many import spawn, spawn_stop
from airssys_rt.bench.measure import Span, check
from airssys_rt.bench.racing import Beam, Row, Session, Timed, run_race
from airssys_rt.bench.results import NEAREST, Result, Target
from airssys_rt.bench.savina import micro, parallel, shared, waiting
from airssys_rt.bench.savina.stage import Ours, Raw, Stage, on_stage

__all__ = ["ACTORS", "CASES", "GROUPS", "LARGE", "MANY", "MESSAGES", "SAVINA", "Case"]

Program: TypeAlias = Callable[[Stage, int], Awaitable[Span]]

RIVAL = Target(1 / 8, NEAREST, 1 / 12)


@dataclass(frozen=True)
class Case:
    """What can be measured by one name; `slow` ones only when they are named."""

    about: str
    measure: Callable[[Session], list[Result]]
    slow: bool = False

    def run(self, session: Session) -> list[Result]:
        """The rows, with every figure checked to be one: greater than 0."""
        results = self.measure(session)
        for result in results:
            for figure in (result.ours, *result.rivals.values()):
                check(figure.median > 0, True, f"{result.case}: {figure}")
        return results


def one(
    title: str,
    n: int,
    run: Timed,
    rival: Timed | None = None,
    *targets: Target,
    beam: Beam | None = None,
    libraries: tuple[str, int] | None = None,
    most_rounds: int = 1000,
) -> Case:
    """A case that is a race with one part."""

    def measure(session: Session) -> list[Result]:
        return run_race(
            session,
            Row(title, targets),
            n=n,
            run=run,
            raw=rival,
            beam=beam,
            libraries=libraries,
            most_rounds=most_rounds,
        )

    return Case(title, measure)


def paused(session: Session) -> list[Result]:
    """An ask that has to suspend, beside the least that two tasks can do."""
    trio = session.backend.library == "trio"
    return run_race(
        session,
        Row("ask of an async handler that suspends", (Target(1.2, "future"),)),
        n=2_000,
        run=ours.ask_paused,
        raw=raw.ask_paused,
        rivals={"future": raw.round_trip_on_trio if trio else raw.round_trip},
    )


def savina(title: str, n: int, program: Program) -> Case:
    """A program of the Savina suite, on the library and on queues and tasks."""

    def measure(session: Session) -> list[Result]:
        return run_race(
            session,
            Row(f"Savina, {title}"),
            n=n,
            run=on_stage(Ours, program),
            raw=on_stage(Raw, program),
            most_rounds=7,
        )

    return Case(f"Savina: {title}", measure)


def topic(subscribers: int) -> Case:
    """Events to so many subscribers, per event and subscriber."""
    return one(
        f"topic publish, per each of {subscribers:,} subscribers",
        20_000,
        functools.partial(ours.publish, subscribers=subscribers),
        functools.partial(raw.publish, subscribers=subscribers),
    )


MESSAGES: dict[str, Case] = {
    "tell": one(
        *("tell", 20_000, ours.tell, raw.tell),
        *(Target(2.0, "floor", 1.5), Target(2.0, "erlang", 1.4), RIVAL),
        beam=Beam("tell", 20),
        libraries=("tell", 2_000),
    ),
    "tell-async": one("tell to an async handler", 10_000, ours.tell_async, raw.tell_async),
    "tell-bounded": one(
        "tell through a bounded mailbox", 20_000, ours.tell_bounded, raw.tell_bounded
    ),
    "send-bounded": one(
        "send through a mailbox of 1,000, waiting for room",
        *(10_000, ours.send_bounded, raw.send_bounded),
    ),
    "ask": one(
        *("ask from a task", 5_000, ours.ask, raw.ask, Target(1.2, "erlang", 0.8), RIVAL),
        beam=Beam("ask", 10),
        libraries=("ask", 500),
    ),
    "ask-from-actor": one(
        *("ask from an actor", 5_000, ours.ask_from_actor, raw.ask),
        *(Target(1.2, "erlang", 0.8), RIVAL),
        beam=Beam("ask", 10),
        libraries=("ask", 500),
    ),
    "ask-async": one("ask of an async handler", 2_000, ours.ask_async, raw.ask),
    "ask-paused": Case("ask of an async handler that suspends", paused),
    "ping-pong": one(
        *("ping-pong, per message", 20_000, ours.ping_pong, raw.ping_pong),
        Target(1.3, "erlang", 0.8),
        beam=Beam("ping_pong", 10),
    ),
    "ring": one(
        *("hop in a ring of 1,000", 20_000, ours.ring, raw.ring),
        *(Target(1.3, "erlang", 0.8), RIVAL),
        beam=Beam("ring", 10),
        libraries=("ring", 2_000),
    ),
    "fan": one("fan-out and fan-in over 1,000, per message", 20_000, ours.fan, raw.fan),
    "topic-10": topic(10),
    "topic-1000": topic(1_000),
    "become": one("become with every message", 10_000, ours.become, raw.become),
}

ACTORS: dict[str, Case] = {
    "spawn": one(
        *("spawn, warm", 5_000, spawn, raw_many.spawn, Target(2.5, "erlang", 2.0), RIVAL),
        beam=Beam("spawn", 10),
        libraries=("spawn", 300),
    ),
    "spawn-stop": one(
        *("spawn and stop, warm", 2_000, spawn_stop, raw_many.spawn_stop),
        beam=Beam("spawn_stop", 20),
    ),
    "restart": one(
        "crash to first message handled", 2_000, supervised.restart, None, Target(50_000)
    ),
    "timers": Case("100,000 timers: set, cancelled, fired", special.timers),
}

SAVINA: dict[str, Case] = {
    "counting": savina("counting", 20_000, micro.counting),
    "fork-join": savina("fork-join", 5_000, micro.fork_join),
    "thread-ring": savina("thread ring", 20_000, micro.thread_ring),
    "chameneos": savina("chameneos", 5_000, micro.chameneos),
    "big": savina("big", 10_000, micro.big),
    "dictionary": savina("concurrent dictionary", 10_000, shared.dictionary),
    "philosophers": savina("dining philosophers", 10_000, shared.philosophers),
    "bank": savina("bank transaction", 5_000, shared.bank),
    "barber": savina("sleeping barber", 1_500, waiting.barber),
    "smokers": savina("cigarette smokers", 10_000, waiting.smokers),
    "radix-sort": savina("radix sort", 34_000, parallel.radix_sort),
    "sieve": savina("prime sieve", 2_000, parallel.sieve),
    "queens": savina("N queens", 500, parallel.queens),
}

MANY: dict[str, Case] = {
    "memory": Case(
        "bytes per idle actor",
        lambda s: special.memory_each(
            s,
            *("idle", 100_000),
            traced=(Target(0.25, "erlang"), Target(1000)),
            resident=(Target(0.25, "erlang"), Target(1000)),
            raw="raw",
            beam=True,
        ),
    ),
    "memory-suspended": Case(
        "bytes per actor whose handler is suspended",
        lambda s: special.memory_each(
            s, "suspended", 10_000, traced=(Target(8000),), resident=(Target(8000),)
        ),
    ),
    "suspensions": Case("10,000 handlers suspend for the first time", special.first_suspensions),
    "leave": Case("100,000 actors end with their system", special.leaving),
    "population": Case("100,000 actors: start, a tell to each, stop", special.population),
}

LARGE: dict[str, Case] = {
    "echo": Case("10,000 TCP connections, each with an actor", special.echoes, slow=True),
    "million": Case("1,000,000 actors: start, a tell to each, stop", special.million, slow=True),
    "carriers": Case("tasks that are left after a burst", special.idle_carriers, slow=True),
    "trees": Case("supervision trees of 100,000 workers", special.trees, slow=True),
    "storms": Case("crashes without end", special.storms, slow=True),
}

GROUPS = {
    "Messages": MESSAGES,
    "Actors": ACTORS,
    "Savina": SAVINA,
    "Many actors": MANY,
    "Large": LARGE,
}
CASES = {name: case for group in GROUPS.values() for name, case in group.items()}
