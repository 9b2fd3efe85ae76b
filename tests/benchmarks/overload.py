"""Four times too much: `python -m tests.benchmarks.overload --help`.

A pool of workers that take a while for each request, as those of a database do, is asked at a tenth
of what it can do, and then at four times that; who asks next is the worker with the least to do.
Their mailboxes hold one message and reject what does not
fit; an auditor is told of each request, and drops what it cannot take. What is looked at:

* the 99th percentile of the accepted asks, from the time at which each was due, stays within twice
  of what it is at a tenth (the median over rounds: other programs disturb some of them);
* each ask was answered or refused, each told message was handled or is a dead letter with its
  reason: the sums are checked;
* the resident memory does not grow while the load lasts.

Arrivals are random (exponential gaps, one seed) and do not wait for replies, so slow replies do not
slow the load down. `--unbounded` shows the same load with mailboxes that have no limit.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import anyio

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    Bounded,
    DeadLetter,
    MailboxFull,
    Message,
    Request,
    on,
    pool,
    props,
)
from airssys_rt.bench.backends import BACKENDS
from airssys_rt.bench.measure import check
from airssys_rt.bench.memory import HAS_RSS, STATM

WORKERS = 8
SERVICE = 0.01  # seconds a request
CAPACITY = WORKERS / SERVICE  # requests a second
AUDIT = 4  # times as slow as all workers together, so that it has to drop
FACTOR = 2.0


def resident_pages() -> int:
    """The process's resident memory; without a collection, which would delay what is measured."""
    return int(STATM.read_text(encoding="ascii").split()[1])


class Work(Request[int]):
    number: int


class Audit(Message):
    number: int


class Worker(Actor[Work]):
    @on(Work)
    async def work(self, msg: Work) -> int:
        await anyio.sleep(SERVICE)
        return msg.number

    initial = work


class Auditor(Actor[Audit]):
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    @on(Audit)
    async def audit(self, msg: Audit) -> None:
        await anyio.sleep(AUDIT / CAPACITY)
        self.outcome.audited += 1

    initial = audit


class Undertaker(Actor[DeadLetter]):
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    @on(DeadLetter)
    def bury(self, msg: DeadLetter) -> None:
        self.outcome.letters[type(msg.message).__name__, msg.reason] += 1

    initial = bury


@dataclass
class Outcome:
    """What became of one load."""

    asked: int = 0
    refused: int = 0
    audited: int = 0
    seconds: list[float] = field(default_factory=list)  # of the accepted
    letters: Counter[tuple[str, str]] = field(default_factory=Counter)
    memory: list[int] = field(default_factory=list)

    @property
    def p99(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]

    def check(self) -> None:
        """Raise `WrongResult` unless everything is accounted for."""
        check(len(self.seconds) + self.refused, self.asked, "answered and refused asks")
        dropped = self.letters["Audit", "overflow"]
        check(self.audited + dropped, self.asked, "handled and dropped messages")
        check(sum(self.letters.values()), dropped, "dead letters of other kinds")

    def line(self, name: str) -> str:
        share = len(self.seconds) / self.asked
        memory = ""
        if len(self.memory) > 1:
            memory = f", memory {self.memory[-1] - self.memory[0]:+,d} pages"
        return (
            f"{name}: {self.asked} asked, {len(self.seconds)} answered ({share:.0%}),"
            f" {self.refused} refused, p99 {self.p99 * 1000:.1f} ms;"
            f" {self.audited} audited, {self.letters['Audit', 'overflow']} dead letters{memory}"
        )


async def load(rate: float, seconds: float, *, bounded: bool) -> Outcome:
    """Ask `rate` times a second for so long."""
    outcome = Outcome()
    async with ActorSystem("overload", drain=60) as system:
        worker, auditor = props(Worker), props(Auditor, outcome)
        if bounded:
            worker = worker.mailbox(Bounded(1, "reject"))
            auditor = auditor.mailbox(Bounded(10, "drop_newest"))
        workers = system.spawn(pool(worker, WORKERS, routing="least_loaded"))
        await workers.started()
        audit = system.spawn(auditor)
        system.dead_letters.subscribe(system.spawn(Undertaker, outcome))
        await system.drain()
        await arrivals(rate, seconds, outcome, workers, audit)
        await system.drain()
    outcome.check()
    return outcome


async def arrivals(
    rate: float,
    seconds: float,
    outcome: Outcome,
    workers: ActorRef[Work],
    audit: ActorRef[Audit],
) -> None:
    """Send at random times, whatever becomes of what was sent before."""
    chance = random.Random(1)
    begin = due = perf_counter()
    sample = begin + min(1.0, seconds / 4)  # what the first second allocates is kept
    async with anyio.create_task_group() as tasks:
        while due < begin + seconds:
            due += chance.expovariate(rate)
            now = perf_counter()
            if HAS_RSS and now >= sample:
                outcome.memory.append(resident_pages())
                sample = now + seconds / 4
            await anyio.sleep(max(0.0, due - now))
            number = outcome.asked
            outcome.asked += 1
            audit.tell(Audit(number))
            tasks.start_soon(ask, workers, number, due, outcome)


async def ask(ref: ActorRef[Work], number: int, due: float, outcome: Outcome) -> None:
    try:
        check(await ref.ask(Work(number), timeout=None), number, "reply")
    except MailboxFull:
        outcome.refused += 1
    else:
        outcome.seconds.append(perf_counter() - due)


def main(argv: list[str] | None = None, say: Callable[[str], object] = print) -> None:
    """Measure, print, and fail if the promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.overload")
    parser.add_argument("--backend", choices=list(BACKENDS), default="asyncio")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each load")
    parser.add_argument("--rounds", type=int, default=5, help="of both loads, in turns")
    parser.add_argument("--unbounded", action="store_true", help="without limits, to compare")
    options = parser.parse_args(argv)
    backend = BACKENDS[options.backend]
    seconds: float = options.seconds

    def run(share: float, *, bounded: bool = True) -> Outcome:
        async def one(_n: int) -> Outcome:
            return await load(CAPACITY * share, seconds, bounded=bounded)

        return backend.run(one, 0)

    ratios: list[float] = []
    for _ in range(options.rounds):
        calm, much = run(0.1), run(4.0)
        say(calm.line("a tenth of the capacity"))
        say(much.line("four times the capacity"))
        ratios.append(much.p99 / calm.p99)
    if options.unbounded:
        say(run(4.0, bounded=False).line("four times, unbounded"))
    ratio = median(ratios)
    say(f"p99 of what is accepted: {ratio:.2f} times that of a tenth (at most {FACTOR:g})")
    if ratio > FACTOR:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
