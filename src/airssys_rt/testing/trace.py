"""What happened in one run: its steps, as a chart draws them, and where it deviated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airssys_rt.kernel.mailbox import Adapted, Control, Notice
from airssys_rt.kernel.waits import ANSWERED, FAILED, Call, Wait
from airssys_rt.testing.choices import Choices, Hint, Step, rank_of
from airssys_rt.testing.post import Channel
from airssys_rt.testing.schedule import Driver, happen
from airssys_rt.testing.task import Task

if TYPE_CHECKING:
    from airssys_rt.testing.faults import Fault
    from airssys_rt.testing.net import Option
    from airssys_rt.testing.world import World

__all__ = ["Event", "Recorder", "brief_of"]

WIDEST = 60
WORDS = {"proceed": "goes on ending", "enter": "enters its behaviour"}


class Event:
    """One step."""

    __slots__ = ("fault", "held", "kind", "notes", "receiver", "sender", "step", "text", "time")

    def __init__(
        self, step: int, time: float, kind: str, sender: str, receiver: str, text: str
    ) -> None:
        self.step = step
        self.time = time
        self.kind = kind  # "message", "reply", "turn" or "task"
        self.sender = sender
        self.receiver = receiver
        self.text = text
        self.held: Event | None = None  # the last that came before it and was sent later
        self.fault: Fault | None = None
        self.notes: list[str] = []  # what followed: a crash, a dead letter


class Recorder(Driver):
    """Runs by another driver, and writes down what happens."""

    def __init__(self, inner: Driver) -> None:
        super().__init__(inner.seed)
        self.inner = inner
        self.events: list[Event] = []
        self.order: list[tuple[int, int]] = []
        self.faults: list[tuple[int, str, float]] = []
        self._faulty: list[Hint] = []
        self._counts: dict[str, int] = {}
        # what was passed by a step that came later: the last such step, and its text
        self._passed: dict[Step, tuple[Step, int]] = {}

    @property
    def choices(self) -> Choices:
        """Where the run deviated."""
        return Choices(self.seed, tuple(self.order), tuple(self.faults))

    @property
    def hints(self) -> list[Hint]:
        """The deviations by name: all of them make the same run."""
        held = [Hint(step, until) for step, (until, _) in self._passed.items()]
        return held + self._faulty

    def prepare(self, world: World) -> None:
        """As the other driver does."""
        self.inner.prepare(world)

    def choose(self, enabled: list[Option]) -> Option:
        """As the other driver does."""
        self.inner.steps = self.steps
        option = self.inner.choose(enabled)
        rank = rank_of(option, enabled)
        if rank:
            self.order.append((self.steps, rank))
            mine, age = self._step(option), option.age
            for other in enabled:
                if other.age < age:
                    self._passed[self._step(other)] = mine, self.steps
        return option

    def _step(self, option: Option) -> Step:
        return option.name, self._counts.get(option.name, 0)

    def take(self, world: World, option: Option) -> None:
        """Write the step down, and have it happen."""
        step = self._step(option)
        event = event_of(self.steps, world, option)
        if step in self._passed:
            event.held = self.events[self._passed[step][1]]
        self.events.append(event)
        failures, letters = len(world.port.failures), len(world.port.letters)
        self.inner.steps = self.steps
        fair = world.goal is not None
        fault = self.inner.fault(world, option) if world.faults.active and not fair else None
        if fault is not None:
            self.faults.append((self.steps, *fault))
            self._faulty.append(Hint(step, fault=fault))
            event.fault = fault
            if fault[0] == "jump":  # the message has yet to arrive
                event.kind, event.sender, event.text = "turn", event.receiver, ""
        happen(world, option, fault)
        self.inner.took(option)
        self._counts[step[0]] = step[1] + 1
        for failure in world.port.failures[failures:]:
            error = f"{type(failure.error).__name__}: {failure.error}".splitlines()[0]
            event.notes.append(f"{failure.tag} fails: {error}")
        for letter in world.port.letters[letters:]:
            event.notes.append(f"dead letter ({letter.reason}): {brief_of(letter.message)}")


def event_of(step: int, world: World, option: Option) -> Event:
    """What a step will be."""
    time = world.now
    if isinstance(option, Channel):
        sender = option.label
        item = option.items[0][1]
        return Event(step, time, "message", sender, option.post.tag, brief_of(item))
    tag = option.name[:-1]
    if isinstance(option, Task):
        wait = option.waiting
        if isinstance(wait, Call) and wait.state in (ANSWERED, FAILED):
            whom = option.giver or (world.net.posts[wait.target].tag if wait.target else "?")
            if wait.state == ANSWERED:
                return Event(step, time, "reply", whom, tag, brief_of(wait.value))
            return Event(step, time, "reply", whom, tag, f"raises {type(wait.value).__name__}")
        return Event(step, time, "task", tag, tag, "goes on" if isinstance(wait, Wait) else "runs")
    return Event(step, time, "turn", tag, tag, turn_text(world, option))


def turn_text(world: World, option: Option) -> str:
    """What a cell does of its own."""
    post: Any = getattr(option, "post", None)
    cell = post.cell
    if cell.rich is not None and cell.rich.signals:
        kind, argument = cell.rich.signals[0]
        if kind == "end":
            return f"ends ({type(argument).__name__})"
        return WORDS.get(kind, str(kind))
    items = cell.items()
    if items and isinstance(items[0], Control):
        what = str(items[0].what)
        return f"starts (incarnation {cell.incarnation + 1})" if what == "start" else what
    return brief_of(items[0]) if items else "goes on"


# Any: a mailbox item, a message, a reply of whatever type
def brief_of(item: Any) -> str:
    """A message in a few words."""
    while isinstance(item, (Call, Notice, Adapted)):
        item = item.msg
    text = repr(item)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
