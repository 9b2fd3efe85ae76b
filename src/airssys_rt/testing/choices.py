"""The choices of one run, as a list that replays it exactly, and as a token.

Only what deviates is in it: where another step was taken than the next in send order (its rank in
that order), and where a fault came.  A token is that list in a few letters; it holds for the
scenario that it was made with.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING

import msgspec

from airssys_rt.errors import BadArgument
from airssys_rt.testing.faults import KINDS, Fault
from airssys_rt.testing.post import Channel
from airssys_rt.testing.schedule import Driver, by_age
from airssys_rt.testing.task import Task

if TYPE_CHECKING:
    from airssys_rt.testing.net import Option
    from airssys_rt.testing.world import World

__all__ = ["Choices", "Hint", "HintDriver", "ReplayDriver", "Step", "rank_of"]

PREFIX = "rt1:"

Step = tuple[str, int]


class Choices(msgspec.Struct, frozen=True):
    """Where a run deviates: (step, rank) pairs, and (step, fault, seconds) triples."""

    seed: int = 0
    order: tuple[tuple[int, int], ...] = ()
    faults: tuple[tuple[int, str, float], ...] = ()

    def token(self) -> str:
        """The choices in a few letters."""
        runs = runs_of(self.order)
        numbers = [self.seed, len(runs)]
        last = 0
        for step, rank, count in runs:
            numbers += [step - last, rank, count]
            last = step
        last = 0
        for step, kind, seconds in self.faults:
            numbers += [step - last, KINDS.index(kind), round(seconds * 1000)]
            last = step
        packed = b"".join(map(varint, numbers))
        return PREFIX + urlsafe_b64encode(packed).decode().rstrip("=")

    @staticmethod
    def of(token: str) -> Choices:
        """The choices that a token holds.  Raises `BadArgument`."""
        try:
            if not token.startswith(PREFIX):
                raise ValueError(token)
            text = token.removeprefix(PREFIX)
            numbers = unpacked(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            seed, count = numbers[0], numbers[1]
            order: list[tuple[int, int]] = []
            step = 0
            for at in range(2, 2 + 3 * count, 3):
                step += numbers[at]
                order += [(step + more, numbers[at + 1]) for more in range(numbers[at + 2])]
            faults: list[tuple[int, str, float]] = []
            step = 0
            for at in range(2 + 3 * count, len(numbers), 3):
                step += numbers[at]
                faults.append((step, KINDS[numbers[at + 1]], numbers[at + 2] / 1000))
        except (ValueError, IndexError) as error:
            raise BadArgument(
                f"{token!r} is no list of choices",
                why="a token is printed with a failure, and begins with rt1:",
                mend="copy it whole, from a failure of this version",
            ) from error
        return Choices(seed, tuple(order), tuple(faults))


def runs_of(order: tuple[tuple[int, int], ...]) -> list[tuple[int, int, int]]:
    """Neighbouring steps of the same rank together: the first, the rank, how many."""
    runs: list[tuple[int, int, int]] = []
    for step, rank in order:
        if runs and runs[-1][1] == rank and runs[-1][0] + runs[-1][2] == step:
            first, _, count = runs.pop()
            runs.append((first, rank, count + 1))
        else:
            runs.append((step, rank, 1))
    return runs


def varint(number: int) -> bytes:
    """A number of any size, small ones in one byte."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def unpacked(data: bytes) -> list[int]:
    """The numbers in some bytes."""
    numbers: list[int] = []
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
    if shift:
        raise ValueError("a number is cut off")
    return numbers


class ReplayDriver(Driver):
    """Takes recorded choices."""

    def __init__(self, choices: Choices) -> None:
        super().__init__(choices.seed)
        self._order = dict(choices.order)
        self._faults = {step: (kind, seconds) for step, kind, seconds in choices.faults}

    def choose(self, enabled: list[Option]) -> Option:
        """The one of the recorded rank; the next in send order where nothing is recorded."""
        rank = self._order.get(self.steps, 0)
        if not rank:
            return min(enabled, key=by_age)
        return sorted(enabled, key=by_age)[min(rank, len(enabled) - 1)]

    def fault(self, world: World, option: Option) -> Fault | None:
        """The recorded one."""
        return self._faults.get(self.steps) if isinstance(option, (Channel, Task)) else None


class Hint(msgspec.Struct, frozen=True):
    """One deviation by name: a step is held until after another one, or comes with a fault.

    A step is named by what it is and how many of its kind came before it.
    """

    step: Step
    until: Step | None = None
    fault: Fault | None = None


class HintDriver(Driver):
    """Goes by send order, but for what hints hold: what is left of a schedule is a schedule."""

    def __init__(self, seed: int, hints: list[Hint]) -> None:
        super().__init__(seed)
        self._held = {hint.step: hint.until for hint in hints if hint.until is not None}
        self._faults = {hint.step: hint.fault for hint in hints if hint.fault is not None}
        self._counts: dict[str, int] = {}

    def choose(self, enabled: list[Option]) -> Option:
        """The next in send order that is not held."""
        held = self._held
        if not held:
            return min(enabled, key=by_age)
        counts = self._counts
        free = [one for one in enabled if (one.name, counts.get(one.name, 0)) not in held]
        return min(free or enabled, key=by_age)

    def took(self, option: Option) -> None:
        """Let go what was held until after this step."""
        number = self._counts.get(option.name, 0)
        step = option.name, number
        self._counts[option.name] = number + 1
        for held in [held for held, until in self._held.items() if until == step]:
            del self._held[held]
        self._held.pop(step, None)

    def fault(self, world: World, option: Option) -> Fault | None:
        """What a hint says of this very message."""
        if not isinstance(option, (Channel, Task)):
            return None
        return self._faults.get((option.name, self._counts.get(option.name, 0)))


def rank_of(option: Option, enabled: list[Option]) -> int:
    """How many were there before it."""
    age = option.age
    return sum(other.age < age for other in enabled)
