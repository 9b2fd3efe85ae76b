"""The table of cases: what is measured, against whom, how many times, and to which target."""

from __future__ import annotations

import functools
import gc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

import anyio

from airssys_rt import ActorSystem
from airssys_rt.runtime import carrier
from tests.benchmarks import memory, ours, rivals, supervised
from tests.benchmarks.actors import Pause
from tests.benchmarks.backends import Backend
from tests.benchmarks.erlang import Erlang
from tests.benchmarks.measure import Contender, Figure, Span, check, race
from tests.benchmarks.report import Result, Target, Unit

__all__ = ["CASES", "Session"]

Timed: TypeAlias = Callable[[int], Awaitable[tuple[Span, ...]]]


@dataclass(frozen=True)
class Session:
    """What one run of the benchmarks has in common; with `quick` every n is small."""

    backend: Backend
    erlang: Erlang
    rounds: int
    quick: bool = False

    def size(self, n: int) -> int:
        """How many operations to do of the n of a full run."""
        return max(200, n // 200) if self.quick else n


Case: TypeAlias = Callable[[Session], list[Result]]


@dataclass(frozen=True)
class Row:
    """How one part of a race is shown."""

    title: str
    target: Target | None = None
    unit: Unit = "ns"


def run_race(
    session: Session,
    *rows: Row,
    n: int,
    run: Timed,
    raw: Timed | None = None,
    erlang: str | None = None,
    most_rounds: int = 1000,
) -> list[Result]:
    """Race the library against its rivals; a result for each part that they measure.

    The floor runs along everywhere with one part: it tells how fast the machine is at that time.
    """
    size = session.size(n)
    rounds = min(session.rounds, most_rounds)
    contenders: dict[str, Contender] = {}
    if len(rows) == 1:
        contenders["floor"] = rivals.floor
    if raw is not None:
        contenders["raw"] = session.backend.raw.contender(raw)
    beam = session.erlang.contender(erlang) if erlang is not None else None
    if beam is not None:
        contenders["erlang"] = beam
    contenders["ours"] = session.backend.contender(run)
    spans = race(contenders, dict.fromkeys(contenders, size), rounds)
    results = []
    for part, row in enumerate(rows):
        figure = Figure.total_seconds if row.unit == "s" else Figure.per_operation
        figures = {name: figure([spans[part] for spans in spans[name]]) for name in spans}
        own = figures.pop("ours")
        name = session.backend.name
        results.append(Result(row.title, name, size, row.unit, own, figures, row.target))
    return results


# ---------------------------------------------------------------- cases that are more than a race


def first_suspensions(session: Session) -> list[Result]:
    """Handlers suspend for the first time, with no carrier there yet: at three sizes.

    A cost that is linear in the whole does not grow for each; a quadratic one would by 4.
    """
    results = []
    each: list[Figure] = []
    for n in (2_500, 5_000, 10_000):
        target = Target(0.5) if n == 10_000 else None
        pair = run_race(
            session,
            Row(f"first suspensions of {n:,} handlers", target, "s"),
            Row(f"release of {n:,} suspended handlers", unit="s"),
            n=n,
            run=ours.suspend,
            raw=rivals.suspend,
            most_rounds=5,
        )
        each.append(pair[0].ours)
        results += pair if n == 10_000 else pair[:1]
    size = results[-1].count
    few = session.size(2_500)
    shares = zip(each[0].cpu, each[2].cpu, strict=True)
    growth = Figure(tuple((most / size) / (max(least, 1e-9) / few) for least, most in shares))
    title = "growth of a suspension's CPU time, 2,500 to 10,000"
    linear = Result(title, session.backend.name, size, "times", growth, {}, Target(1.5))
    return [*results, linear]


def idle_carriers(session: Session) -> list[Result]:
    """How many carriers are left asleep by a burst of suspensions, then 10 s later."""
    size = session.size(10_000)
    wait = carrier.TRIM_AFTER / 1000 if session.quick else 10.0

    async def run(n: int) -> tuple[int, int]:
        async with ActorSystem("bench") as system:
            gate, sleepers = await ours.suspend_all(system, n)
            for sleeper in sleepers:
                sleeper.tell(Pause())
            await gate.full.wait()
            gate.opened.set()
            await gate.empty.wait()
            await system.drain()
            pool = system._running().port.pool
            first = pool.idle
            await anyio.sleep(wait)
            later = pool.idle
        return first, later

    first, later = session.backend.run(run, size)
    name = session.backend.name
    return [
        Result("idle carriers after the release", name, size, "carriers", Figure((first,))),
        Result(
            f"idle carriers {wait:g} s later",
            *(name, size, "carriers", Figure((later,))),
            target=Target(64),
        ),
    ]


def memory_each(
    session: Session, what: str, n: int, limit: int, *, rival: str | None = None
) -> list[Result]:
    """Bytes per actor: what it has allocated, and what the process has grown by."""
    size = session.size(n)
    name = session.backend.name
    results = []
    for how in ("traced", "rss") if memory.HAS_RSS else ("traced",):
        figure = Figure((memory.bytes_each(what, how, name, size),))
        beside: dict[str, Figure] = {}
        if rival is not None:
            raw = session.backend.raw.name
            beside["raw"] = Figure((memory.bytes_each(rival, how, raw, size),))
            if session.erlang.otp is not None and how == "traced":
                beside["erlang"] = Figure((session.erlang.numbers("memory", size)[0],))
        title = f"memory per {what} actor, {'RSS' if how == 'rss' else 'tracemalloc'}"
        results.append(Result(title, name, size, "bytes", figure, beside, Target(limit)))
    return results


def idle_population(session: Session) -> list[Result]:
    return run_race(
        session,
        Row("100,000 idle actors: start"),
        Row("100,000 idle actors: a tell to each"),
        Row("100,000 idle actors: stop"),
        n=100_000,
        run=ours.population,
        raw=rivals.population,
        erlang="population",
        most_rounds=3,
    )


def trees(session: Session) -> list[Result]:
    return run_race(
        session,
        Row("tree of 3 levels, 100,000 workers: start", Target(1.0), "s"),
        Row("tree of 3 levels, 100,000 workers: stop", Target(2.0), "s"),
        n=100_000,
        run=supervised.tree,
        most_rounds=3,
    )


def storms(session: Session) -> list[Result]:
    """Crashes without end: what they cost those who do not crash.

    What the process has imported is frozen first, as a service does when it is up: a full
    collection of it takes longer than anything here.
    """
    gc.collect()
    gc.freeze()
    try:
        return measured_storms(session)
    finally:
        gc.unfreeze()


def measured_storms(session: Session) -> list[Result]:
    name = session.backend.name
    size = session.size(50_000)
    late, grown = session.backend.run(supervised.storm, size)
    seconds = 0.2 if session.quick else 5.0
    restarts, late_too, grown_too = session.backend.run(lambda _: supervised.crash_loop(seconds), 0)
    rows = [
        (f"{size:,} children crash at 10,000 a second", size, late, grown),
        ("one child crashes as fast as it can", restarts, late_too, grown_too),
    ]
    results = []
    for title, count, lates, bytes_grown in rows:
        typical = sorted(lates)[int(len(lates) * 0.99)]
        worst = (f"{title}: timers late, p99", f"{title}: timers late, at most")
        for text, value in zip(worst, (typical, max(lates)), strict=True):
            late_by = Figure((max(value, 1e-9),))
            results.append(Result(text, name, count, "s", late_by, target=Target(0.005)))
        flat = Figure((max(bytes_grown, 1.0),))
        results.append(
            Result(f"{title}: memory grown by", name, count, "bytes", flat, target=Target(4e6))
        )
    return results


def checked(case: Case) -> Case:
    """The case, with every figure checked to be one: greater than 0."""

    @functools.wraps(case)
    def run(session: Session) -> list[Result]:
        results = case(session)
        for result in results:
            for figure in (result.ours, *result.rivals.values()):
                check(figure.median > 0, True, f"{result.case}: {figure}")
        return results

    return run


def one(
    title: str,
    n: int,
    run: Timed,
    raw: Timed | None = None,
    *,
    erlang: str | None = None,
    target: Target | None = None,
    most_rounds: int = 1000,
) -> Case:
    """A case that is a race with one part."""

    def case(session: Session) -> list[Result]:
        row = Row(title, target)
        return run_race(session, row, n=n, run=run, raw=raw, erlang=erlang, most_rounds=most_rounds)

    return checked(case)


CASES: dict[str, Case] = {
    "tell": one(
        *("tell", 20_000, ours.tell, rivals.tell), erlang="tell", target=Target(2.2, "floor")
    ),
    "tell-async": one("tell to an async handler", 10_000, ours.tell_async, rivals.tell_async),
    "ask": one(
        *("ask from a task", 5_000, ours.ask, rivals.ask), erlang="ask", target=Target(1500)
    ),
    "ask-from-actor": one(
        *("ask from an actor", 5_000, ours.ask_from_actor, rivals.ask),
        erlang="ask",
        target=Target(1500),
    ),
    "ask-async": one("ask of an async handler", 2_000, ours.ask_async, rivals.ask),
    "ask-paused": one(
        *("ask of an async handler that suspends", 1_000, ours.ask_paused, rivals.ask_paused)
    ),
    "ring": one(
        *("hop in a ring of 1,000", 20_000, ours.ring, rivals.ring),
        erlang="ring",
        target=Target(2.5, "floor"),
    ),
    "spawn": one(
        *("spawn, warm", 5_000, ours.spawn, rivals.spawn), erlang="spawn", target=Target(2500)
    ),
    "spawn-stop": one(
        *("spawn and stop, warm", 2_000, ours.spawn_stop, rivals.spawn_stop), erlang="spawn_stop"
    ),
    "timers": one(
        *("timer set and cancelled", 100_000, ours.timers, rivals.timers),
        erlang="timers",
        most_rounds=5,
    ),
    "population": checked(idle_population),
    "suspensions": checked(first_suspensions),
    "memory": checked(lambda s: memory_each(s, "idle", 100_000, 1000, rival="raw")),
    "memory-suspended": checked(lambda s: memory_each(s, "suspended", 10_000, 8000)),
    "carriers": checked(idle_carriers),
    "restart": one(
        "crash to first message handled", 2_000, supervised.restart, target=Target(50_000)
    ),
    "trees": checked(trees),
    "storms": checked(storms),
}
