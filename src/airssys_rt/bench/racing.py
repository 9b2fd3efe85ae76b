"""Races: the library against its rivals, in alternating rounds, as rows of a table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from airssys_rt.bench import raw as bare
from airssys_rt.bench.backends import Backend
from airssys_rt.bench.measure import Contender, Figure, Span, race
from airssys_rt.bench.peer import Peer, PeerFailed, Peers
from airssys_rt.bench.results import Result, Target, Unit

__all__ = ["Beam", "Row", "Session", "Timed", "run_race"]

Timed: TypeAlias = Callable[[int], Awaitable[tuple[Span, ...]]]


@dataclass(frozen=True)
class Session:
    """What one run of the benchmarks has in common; with `quick` every n is small."""

    backend: Backend
    peers: Peers
    rounds: int
    quick: bool = False
    notes: list[str] = field(default_factory=list[str])  # of rivals that took no part

    def size(self, n: int) -> int:
        """How many operations to do of the n of a full run."""
        return max(60, n // 1000) if self.quick else n


@dataclass(frozen=True)
class Row:
    """How one part of a race is shown."""

    title: str
    targets: tuple[Target, ...] = ()
    unit: Unit = "ns"


@dataclass(frozen=True)
class Beam:
    """Erlang's case, and how many times our n it does: its CPU clock ticks in milliseconds."""

    case: str
    times: int = 1


def run_race(
    session: Session,
    *rows: Row,
    n: int,
    run: Timed,
    raw: Timed | None = None,
    rivals: Mapping[str, Timed] | None = None,
    beam: Beam | None = None,
    libraries: tuple[str, int] | None = None,
    most_rounds: int = 1000,
    size: int | None = None,
) -> list[Result]:
    """Race the library against its rivals; a result for each part that they measure.

    The floor runs along everywhere with one part: it tells how fast the machine is at that time.
    `raw` runs on asyncio whatever the event loop, `rivals` on the session's.  `libraries` names the
    case of the other actor libraries and the n that they do.
    """
    size = session.size(n) if size is None else size
    backend = session.backend
    contenders: dict[str, Contender] = {}
    if len(rows) == 1:
        contenders["floor"] = bare.floor
    if raw is not None:
        contenders["raw"] = backend.raw.contender(raw)
    for name, rival in (rivals or {}).items():
        contenders[name] = backend.contender(rival)
    counts = dict.fromkeys(contenders, size)
    if "floor" in counts and not session.quick:
        counts["floor"] = max(size, 5_000)  # few would say nothing
    if beam is not None and session.peers.erlang is not None:
        contenders["erlang"] = session.peers.erlang.contender(beam.case)
        counts["erlang"] = size if session.quick else size * beam.times
    if libraries is not None:
        case, count = libraries
        for name, peer in session.peers.libraries.items():
            if takes_part(session, peer, case):
                contenders[name] = peer.contender(case)
                counts[name] = session.size(count)
    contenders["ours"] = backend.contender(run)
    counts["ours"] = size
    spans = run_without_losers(session, contenders, counts, min(session.rounds, most_rounds))
    results: list[Result] = []
    for part, row in enumerate(rows):
        figure = Figure.total_seconds if row.unit == "s" else Figure.per_operation
        figures = {name: figure([turn[part] for turn in turns]) for name, turns in spans.items()}
        own = figures.pop("ours")
        count = spans["ours"][0][part].count
        results.append(Result(row.title, backend.name, count, row.unit, own, figures, row.targets))
    return results


def run_without_losers(
    session: Session, contenders: dict[str, Contender], counts: dict[str, int], rounds: int
) -> dict[str, list[tuple[Span, ...]]]:
    """The race; a rival that fails in it is noted, and the race is run again without it."""
    while True:
        try:
            return race(contenders, counts, rounds, clean=not session.quick)
        except PeerFailed as error:
            session.notes.append(f"{error.name} was left out of a race: {error}")
            del contenders[error.name]


def takes_part(session: Session, peer: Peer, case: str) -> bool:
    """Whether another library can do the case here; if it cannot, that is noted."""
    try:
        peer.numbers(case, 20)
    except PeerFailed as error:
        note = f"{peer.name} took no part in {case}: {error}"
        if note not in session.notes:
            session.notes.append(note)
        return False
    return True
