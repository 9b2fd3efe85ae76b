"""Cases that are more than one race: suspensions, memory, echo, populations, storms."""

from __future__ import annotations

import gc
from collections.abc import Mapping

import anyio

from airssys_rt import ActorSystem
from airssys_rt.bench import echo, many, memory, raw_many, supervised
from airssys_rt.bench.actors import Pause
from airssys_rt.bench.files import most_connections
from airssys_rt.bench.measure import Figure
from airssys_rt.bench.racing import Beam, Row, Session, Timed, run_race
from airssys_rt.bench.results import Result, Target, Unit
from airssys_rt.runtime import carrier

__all__ = [
    "echoes",
    "first_suspensions",
    "idle_carriers",
    "leaving",
    "memory_each",
    "million",
    "population",
    "storms",
    "timers",
    "trees",
]


def first_suspensions(session: Session) -> list[Result]:
    """Handlers suspend for the first time, with no carrier there yet: at three sizes.

    A cost that is linear in the whole does not grow for each; a quadratic one would by 4.
    """
    results: list[Result] = []
    each: list[Figure] = []
    for n in (2_500, 5_000, 10_000):
        targets = (Target(0.5),) if n == 10_000 else ()
        pair = run_race(
            session,
            Row(f"first suspensions of {n:,} handlers", targets, "s"),
            Row(f"release of {n:,} suspended handlers", unit="s"),
            n=n,
            run=many.suspend,
            raw=raw_many.suspend,
            most_rounds=5,
        )
        each.append(pair[0].ours)
        results += pair if n == 10_000 else pair[:1]
    size = results[-1].count
    few = session.size(2_500)
    shares = zip(each[0].cpu, each[2].cpu, strict=True)
    growth = Figure(tuple((most / size) / (max(least, 1e-9) / few) for least, most in shares))
    title = "growth of a suspension's CPU time, 2,500 to 10,000"
    name = session.backend.name
    return [*results, Result(title, name, size, "times", growth, targets=(Target(1.5),))]


def leaving(session: Session) -> list[Result]:
    """A system is left with its actors alive, at two sizes; what each costs must not grow."""
    few, most = (
        run_race(
            session, Row(f"leave a system of {n:,} actors"), n=n, run=many.leave, most_rounds=3
        )
        for n in (25_000, 100_000)
    )
    pairs = zip(few[0].ours.cpu, most[0].ours.cpu, strict=True)
    growth = Figure(tuple(last / max(first, 1.0) for first, last in pairs))
    title = "growth of an end's CPU time, 25,000 to 100,000"
    name = session.backend.name
    row = Result(title, name, most[0].count, "times", growth, targets=(Target(1.5),))
    return [*few, *most, row]


def idle_carriers(session: Session) -> list[Result]:
    """How many carriers are left asleep by a burst of suspensions, then 10 s later."""
    size = session.size(10_000)
    wait = carrier.TRIM_AFTER / 1000 if session.quick else 10.0

    async def run(n: int) -> tuple[int, int]:
        async with ActorSystem("bench") as system:
            gate, sleepers = await many.suspend_all(system, n)
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
            targets=(Target(64),),
        ),
    ]


def memory_each(
    session: Session,
    what: str,
    n: int,
    *,
    traced: tuple[Target, ...] = (),
    resident: tuple[Target, ...] = (),
    raw: str | None = None,
    beam: bool = False,
) -> list[Result]:
    """Bytes per actor: what it has allocated, and what the process has grown by."""
    size = session.size(n)
    name = session.backend.name
    results: list[Result] = []
    for how, targets in (("traced", traced), ("rss", resident)):
        if how == "rss" and (session.quick or not memory.HAS_RSS):
            continue
        figure = Figure((memory.bytes_each(what, how, name, size),))
        beside: dict[str, Figure] = {}
        if raw is not None:
            loop = session.backend.raw.name
            beside["raw"] = Figure((memory.bytes_each(raw, how, loop, size),))
        if beam and session.peers.erlang is not None:
            beside["erlang"] = Figure((session.peers.erlang.numbers("memory", size)[0],))
        title = f"memory per {what} actor, {'RSS' if how == 'rss' else 'tracemalloc'}"
        results.append(Result(title, name, size, "bytes", figure, beside, targets))
    return results


def timers(session: Session) -> list[Result]:
    """Timers that are set and cancelled, with 100,000 alive, and some that fire."""
    return [
        *run_race(
            session,
            Row("timer set, up to 100,000 alive"),
            Row("timer cancelled, from 100,000 alive"),
            n=100_000,
            run=many.timers,
            raw=raw_many.timers,
            beam=Beam("timers"),
            most_rounds=5,
        ),
        *run_race(
            session,
            Row("timer set and fired, 100,000"),
            n=100_000,
            run=many.timers_fire,
            raw=raw_many.timers_fire,
            most_rounds=5,
        ),
    ]


def population(session: Session) -> list[Result]:
    """100,000 actors, cold."""
    return run_race(
        session,
        Row("100,000 idle actors: start"),
        Row("100,000 idle actors: a tell to each"),
        Row("100,000 idle actors: stop"),
        n=100_000,
        run=many.population,
        raw=raw_many.population,
        beam=Beam("population"),
        most_rounds=3,
    )


def million(session: Session) -> list[Result]:
    """A million actors; without the bare rival, which would need 5 GB for them."""
    times = run_race(
        session,
        Row("1,000,000 idle actors: start"),
        Row("1,000,000 idle actors: a tell to each"),
        Row("1,000,000 idle actors: stop"),
        n=1_000_000,
        run=many.population,
        beam=Beam("population"),
        most_rounds=1,
    )
    size = session.size(1_000_000)
    name = session.backend.name
    how = "rss" if memory.HAS_RSS else "traced"
    each = Figure((memory.bytes_each("idle", how, name, size),))
    return [*times, Result("1,000,000 idle actors: memory of each", name, size, "bytes", each)]


def echoes(session: Session) -> list[Result]:
    """10,000 connections; on asyncio's streams too, where there are such."""
    connections = most_connections(session.size(10_000))
    targets: Mapping[str, tuple[Target, ...]] = {
        name: (Target(1 / 0.8, name, 1 / 0.9),) for name in ("anyio", "asyncio")
    }
    races: list[tuple[str, Timed, Timed]] = [("anyio", echo.actors, echo.anyio_streams)]
    if session.backend.library == "asyncio":
        races.append(("asyncio", echo.asyncio_actors, echo.asyncio_streams))
    results: list[Result] = []
    for streams, run, rival in races:
        results += run_race(
            session,
            Row(f"echo over {connections:,} connections, {streams} streams", targets[streams]),
            n=connections,
            size=connections,
            run=run,
            rivals={streams: rival},
            most_rounds=5,
        )
    return results


def trees(session: Session) -> list[Result]:
    """Supervision trees of 100,000 workers."""
    return run_race(
        session,
        Row("tree of 3 levels, 100,000 workers: start", (Target(1.0),), "s"),
        Row("tree of 3 levels, 100,000 workers: stop", (Target(2.0),), "s"),
        n=100_000,
        run=supervised.tree,
        most_rounds=3,
    )


def storms(session: Session) -> list[Result]:
    """Crashes without end: what they cost those who do not crash.

    What the process has imported is frozen first, as a service does when it is up: a full
    collection of it takes longer than anything here.
    """
    if not session.quick:
        gc.collect()
    gc.freeze()
    try:
        return measured_storms(session)
    finally:
        gc.unfreeze()


def measured_storms(session: Session) -> list[Result]:
    """How late timers are meanwhile, and what memory grows by."""
    name = session.backend.name
    size = session.size(50_000)
    late, grown = session.backend.run(supervised.storm, size)
    seconds = 0.05 if session.quick else 5.0
    restarts, late_too, grown_too = session.backend.run(lambda _: supervised.crash_loop(seconds), 0)
    rows = [
        (f"{size:,} children crash at 10,000 a second", size, late, grown),
        ("one child crashes as fast as it can", restarts, late_too, grown_too),
    ]
    results: list[Result] = []
    for title, count, lates, bytes_grown in rows:
        typical = sorted(lates)[int(len(lates) * 0.99)]
        worst = (f"{title}: timers late, p99", f"{title}: timers late, at most")
        unit: Unit = "s"
        for text, value in zip(worst, (typical, max(lates)), strict=True):
            late_by = Figure((max(value, 1e-9),))
            results.append(Result(text, name, count, unit, late_by, targets=(Target(0.005),)))
        flat = Figure((max(bytes_grown, 1.0),))
        text = f"{title}: memory grown by"
        results.append(Result(text, name, count, "bytes", flat, targets=(Target(4e6),)))
    return results
