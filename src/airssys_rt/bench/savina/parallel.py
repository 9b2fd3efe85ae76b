"""Work that is cut into pieces: radix sort, prime sieve, N queens."""

from __future__ import annotations

from random import Random
from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, on
from airssys_rt.bench.measure import Span, check
from airssys_rt.bench.savina.stage import Latch, Stage, timed

__all__ = ["queens", "radix_sort", "sieve"]

# ---------------------------------------------------------------- radix sort

BITS = 16


class Number(Message):
    n: int


class Sorter(Actor[Number]):
    """Passes on numbers without a bit at once, those with it when it has seen them all."""

    def __init__(self, bit: int, count: int, following: ActorRef[Number]) -> None:
        self.bit = bit
        self.left = count
        self.following = following
        self.kept: list[Number] = []

    @on(Number)
    def number(self, msg: Number) -> None:
        self.left -= 1
        if msg.n & self.bit:
            self.kept.append(msg)
        else:
            self.following.tell(msg)
        if not self.left:
            for kept in self.kept:
                self.following.tell(kept)

    initial = number


class Collector(Actor[Number]):
    """Takes what comes out at the end."""

    def __init__(self, count: int, latch: Latch[list[int]]) -> None:
        self.left = count
        self.latch = latch
        self.numbers: list[int] = []

    @on(Number)
    def number(self, msg: Number) -> None:
        self.numbers.append(msg.n)
        self.left -= 1
        if not self.left:
            self.latch.give(self.numbers)

    initial = number


async def radix_sort(stage: Stage, n: int) -> Span:
    """A chain of 16 actors sorts numbers by one bit each; n messages in all."""
    count = max(1, n // (BITS + 1))
    chance = Random(1)
    numbers = [chance.getrandbits(BITS) for _ in range(count)]
    latch = Latch[list[int]]()
    first = stage.spawn(Collector, count, latch)
    for bit in reversed(range(BITS)):
        first = stage.spawn(Sorter, 1 << bit, count, first)

    def begin() -> None:
        for number in numbers:
            first.tell(Number(number))

    span, found = await timed(begin, latch, count * (BITS + 1))
    check(found, sorted(numbers), "the numbers, sorted")
    return span


# ---------------------------------------------------------------- prime sieve


class Candidate(Message):
    n: int


class End(Message):
    """No more candidates; how many primes there were before."""

    primes: int


FilterMsg: TypeAlias = Candidate | End


class Filter(Actor[FilterMsg]):
    """Lets through what its prime does not divide, to a filter for the next prime."""

    def __init__(self, prime: int, stage: Stage, latch: Latch[int]) -> None:
        self.prime = prime
        self.stage = stage
        self.latch = latch
        self.following: ActorRef[FilterMsg] | None = None

    @on(Candidate)
    def candidate(self, msg: Candidate) -> None:
        if msg.n % self.prime:
            if self.following is None:
                self.following = self.stage.spawn(Filter, msg.n, self.stage, self.latch)
            else:
                self.following.tell(msg)

    @on(End)
    def end(self, msg: End) -> None:
        if self.following is None:
            self.latch.give(msg.primes + 1)
        else:
            self.following.tell(End(msg.primes + 1))

    initial = candidate | end


def primes_below(n: int) -> int:
    """How many there are, without actors."""
    return sum(all(k % d for d in range(2, int(k**0.5) + 1)) for k in range(2, n))


async def sieve(stage: Stage, n: int) -> Span:
    """Filters for all primes below n, one actor each; per number that is sieved."""
    latch = Latch[int]()
    first = stage.spawn(Filter, 2, stage, latch)

    def begin() -> None:
        for number in range(3, n):
            first.tell(Candidate(number))
        first.tell(End(0))

    span, primes = await timed(begin, latch, n)
    check(primes, primes_below(n), "primes")
    return span


# ---------------------------------------------------------------- N queens

WORKERS = 20
SOLUTIONS = {5: 10, 6: 4, 7: 40, 8: 92}
BOARDS = {5: 6, 6: 27, 7: 114, 8: 535}  # those that are sent
ALONE = 4  # rows that a worker fills without sending


class Board(Message):
    """The columns of the queens so far, and who solves such boards."""

    queens: tuple[int, ...]


class Found(Message):
    solutions: int


class More(Message):
    """Boards that somebody has yet to look at."""

    boards: tuple[Board, ...]


MasterMsg: TypeAlias = Found | More


def fits(queens: tuple[int, ...], column: int) -> bool:
    """Whether a queen in the next row is safe there."""
    row = len(queens)
    return all(
        other != column and abs(other - column) != row - above for above, other in enumerate(queens)
    )


def solve(queens: tuple[int, ...], size: int) -> int:
    """How many ways there are to fill the rest."""
    if len(queens) == size:
        return 1
    return sum(solve((*queens, c), size) for c in range(size) if fits(queens, c))


class Solver(Actor[Board]):
    """Fills one row and sends on, or fills the rest."""

    def __init__(self, size: int, desk: Desk) -> None:
        self.size = size
        self.desk = desk

    @on(Board)
    def board(self, msg: Board) -> None:
        queens = msg.queens
        if self.size - len(queens) <= ALONE:
            self.desk.master.tell(Found(solve(queens, self.size)))
        else:
            safe = (column for column in range(self.size) if fits(queens, column))
            self.desk.master.tell(More(tuple(Board((*queens, column)) for column in safe)))

    initial = board


class Desk:
    """Where the solvers find the master."""

    master: ActorRef[MasterMsg]


class Master(Actor[MasterMsg]):
    """Gives boards to the solvers by turns, and adds up."""

    def __init__(self, solvers: list[ActorRef[Board]], latch: Latch[tuple[int, int]]) -> None:
        self.solvers = solvers
        self.latch = latch
        self.given = 0
        self.open = 1
        self.solutions = 0

    @on(More)
    def more(self, msg: More) -> None:
        for board in msg.boards:
            self.solvers[self.given % WORKERS].tell(board)
            self.given += 1
        self.finished(len(msg.boards))

    @on(Found)
    def found(self, msg: Found) -> None:
        self.solutions += msg.solutions
        self.finished(0)

    def finished(self, added: int) -> None:
        self.open += added - 1
        if not self.open:
            self.latch.give((self.solutions, self.given))

    initial = more | found


async def queens(stage: Stage, n: int) -> Span:
    """All ways to put queens on a board; 20 actors search, one gives out the work; per board.

    As many queens as make about n boards.
    """
    size = next((size for size, boards in BOARDS.items() if boards >= n), max(BOARDS))
    latch = Latch[tuple[int, int]]()
    desk = Desk()
    solvers = [stage.spawn(Solver, size, desk) for _ in range(WORKERS)]
    desk.master = master = stage.spawn(Master, solvers, latch)
    empty = More((Board(()),))
    span, result = await timed(lambda: master.tell(empty), latch, 1)
    check(result, (SOLUTIONS[size], BOARDS[size]), f"ways to put {size} queens, boards")
    return Span(span.wall, span.cpu, BOARDS[size])
