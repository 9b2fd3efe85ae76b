"""Supervision trees with what happens to them, made by chance: data that two engines can run.

`script(k)` is always the same, so a failure is replayed by its number.  Operations are drawn
without knowing what state the tree will be in: one that finds nothing to act on is answered
`absent` or `gone`, by both engines alike.

All ids of a script are different, but for a `Start` under an id that its supervisor has already.
The period of all supervisors is so long that time plays no part; children end when they are told
to.  What the generated trees leave out: `brutal_kill` of supervisors, as OTP then leaves orphans
behind.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

__all__ = [
    "Both",
    "Child",
    "Crash",
    "Delete",
    "Exit",
    "FailStarts",
    "Operation",
    "PERIOD",
    "Restart",
    "Script",
    "Start",
    "Sup",
    "Terminate",
    "Worker",
    "erlang",
    "script",
    "walk",
]

PERIOD = 1000.0
DYNAMIC: Literal["simple_one_for_one"] = "simple_one_for_one"

RestartType: TypeAlias = Literal["permanent", "transient", "temporary"]
Strategy: TypeAlias = Literal["one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one"]
Shutdown: TypeAlias = Literal["brutal_kill", "infinity", 5000]
AutoShutdown: TypeAlias = Literal["never", "any_significant", "all_significant"]


@dataclass(frozen=True)
class Worker:
    id: str
    restart: RestartType
    significant: bool = False
    shutdown: Shutdown = 5000


@dataclass(frozen=True)
class Sup:
    """A supervisor; with the dynamic strategy its one child is the template of those to come."""

    id: str
    restart: RestartType
    significant: bool
    strategy: Strategy
    intensity: int
    auto_shutdown: AutoShutdown
    children: tuple[Child, ...]

    @property
    def dynamic(self) -> bool:
        return self.strategy == DYNAMIC


Child: TypeAlias = Worker | Sup


@dataclass(frozen=True)
class Crash:
    """A worker ends abnormally."""

    id: str


@dataclass(frozen=True)
class Exit:
    """A worker or a supervisor ends normally."""

    id: str


@dataclass(frozen=True)
class FailStarts:
    """The next `count` starts of a worker fail."""

    id: str
    count: int


@dataclass(frozen=True)
class Both:
    """Two workers of a supervisor end before it hears of either."""

    sup: str
    first: Crash | Exit
    second: Crash | Exit


@dataclass(frozen=True)
class Start:
    sup: str
    child: Child


@dataclass(frozen=True)
class Terminate:
    sup: str
    id: str


@dataclass(frozen=True)
class Restart:
    sup: str
    id: str


@dataclass(frozen=True)
class Delete:
    sup: str
    id: str


Operation: TypeAlias = Crash | Exit | FailStarts | Both | Start | Terminate | Restart | Delete


@dataclass(frozen=True)
class Script:
    unlucky: str  # a worker whose first start fails, or "none"
    root: Sup
    operations: tuple[Operation, ...]


def walk(child: Child) -> list[Child]:
    """The child and all below it; not the templates of dynamic supervisors."""
    if isinstance(child, Worker) or child.dynamic:
        return [child]
    return [child, *(one for below in child.children for one in walk(below))]


# ---------------------------------------------------------------- chance


@dataclass
class Maker:
    """One script in the making."""

    chance: random.Random
    serial: int = 0
    sups: dict[str, Sup] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)  # ids of children, by supervisor
    workers: list[str] = field(default_factory=list)

    def fresh(self, letter: str) -> str:
        self.serial += 1
        return f"{letter}{self.serial}"

    def significance(self, auto: AutoShutdown, restart: RestartType) -> bool:
        """Mostly as it is allowed."""
        allowed = auto != "never" and restart != "permanent"
        return self.chance.random() < (0.6 if allowed else 0.01)

    def worker(self, auto: AutoShutdown) -> Worker:
        chance = self.chance
        restart: RestartType = chance.choice(
            ("permanent", "permanent", "permanent", "transient", "transient", "temporary")
        )
        significant = self.significance(auto, restart)
        shutdown: Shutdown = chance.choice((5000, 5000, "infinity", "brutal_kill"))
        return Worker(self.fresh("w"), restart, significant, shutdown)

    def sup(self, depth: int, auto_above: AutoShutdown = "never") -> Sup:
        chance = self.chance
        ident = self.fresh("s")
        restart: RestartType = chance.choice(
            ("permanent", "permanent", "transient", "transient", "temporary")
        )
        significant = self.significance(auto_above, restart)
        top = self.serial == 1  # the root lasts a while
        intensity = chance.choice((2, 4, 8) if top else (0, 1, 1, 2, 2, 3, 5))
        if not top and chance.random() < 0.2:
            template = replace(self.worker("never"), id=self.fresh("t"), significant=False)
            return Sup(ident, restart, significant, DYNAMIC, intensity, "never", (template,))
        strategy: Strategy = chance.choice(("one_for_one", "one_for_all", "rest_for_one"))
        auto: AutoShutdown = chance.choice(
            ("never", "never", "never" if top else "any_significant", "all_significant")
        )
        children: list[Child] = []
        for _ in range(chance.choice((1, 2, 2, 3, 3, 4))):
            if depth > 1 and chance.random() < 0.35:
                children.append(self.sup(depth - 1, auto))
            else:
                children.append(self.worker(auto))
        return Sup(ident, restart, significant, strategy, intensity, auto, tuple(children))

    def learn(self, child: Child, sup: Sup | None = None) -> None:
        """Let operations act on what this child brings."""
        if sup is not None and child.id not in self.below[sup.id]:
            self.below[sup.id].append(child.id)
        if isinstance(child, Worker):
            self.workers.append(child.id)
            return
        self.sups[child.id] = child
        self.below.setdefault(child.id, [])
        if not child.dynamic:
            for one in child.children:
                self.learn(one, child)

    def operation(self) -> list[Operation]:
        """One operation, or a few that make sense together."""
        chance = self.chance
        sup = chance.choice(list(self.sups.values()))
        ids = self.below[sup.id]
        if sup.dynamic and len(ids) < 3:
            return [self.start(sup)]
        draw = chance.random()
        if draw < 0.08 or not ids:
            start = self.start(sup)
            if isinstance(start.child, Worker) and chance.random() < 0.2:
                return [FailStarts(start.child.id, 1), start]
            return [start]
        one = chance.choice(ids)
        if draw < 0.16:
            return [Terminate(sup.id, one)]
        if draw < 0.22:
            return [Terminate(sup.id, one), self.administer(sup.id, one)]
        if draw < 0.30:
            return [self.administer(sup.id, one)]
        if draw < 0.34:
            return [Exit(chance.choice(list(self.sups)[-3:]))]
        if draw < 0.44 and len(mortal := [i for i in ids if i not in self.sups]) > 1:
            first, second = chance.sample(mortal, 2)
            return [Both(sup.id, self.end(first), self.end(second))]
        if not self.workers:
            return []
        worker = chance.choice(self.workers)
        if draw < 0.54:
            return [Exit(worker)]
        crash = Crash(worker)
        if draw < 0.70:
            failing = chance.choice([i for i in ids if i not in self.sups] or [worker])
            return [FailStarts(chance.choice((failing, worker)), chance.randint(1, 3)), crash]
        return [crash]

    def end(self, worker: str) -> Crash | Exit:
        return self.chance.choice((Crash, Crash, Exit))(worker)

    def administer(self, sup: str, ident: str) -> Operation:
        return self.chance.choice((Restart, Restart, Delete))(sup, ident)

    def start(self, sup: Sup) -> Start:
        chance = self.chance
        if sup.dynamic:
            template = sup.children[0]
            child: Child = replace(template, id=self.fresh("w"))
        elif chance.random() < 0.2:
            child = self.sup(1, sup.auto_shutdown)
        else:
            child = self.worker(sup.auto_shutdown)
            if self.below[sup.id] and chance.random() < 0.3:
                known = chance.choice(self.below[sup.id])
                if known not in self.sups:
                    return Start(sup.id, replace(child, id=known))
        self.learn(child, sup)
        return Start(sup.id, child)


def script(number: int) -> Script:
    """The script of that number."""
    maker = Maker(random.Random(number))
    root = maker.sup(3)
    maker.learn(root)
    unlucky = (
        maker.chance.choice(maker.workers or ["none"]) if maker.chance.random() < 0.04 else "none"
    )
    operations: list[Operation] = []
    wanted = maker.chance.randint(4, 14)
    while len(operations) < wanted:
        operations += maker.operation()
    return Script(unlucky, root, tuple(operations))


# ---------------------------------------------------------------- as Erlang terms


def erlang(given: Script) -> str:
    """The script as an Erlang term, in one line."""
    operations = ",".join(map(operation_term, given.operations))
    return f"{{{given.unlucky},{child_term(given.root)},[{operations}]}}"


def child_term(child: Child) -> str:
    head = f"{child.id},{child.restart},{str(child.significant).lower()}"
    if isinstance(child, Worker):
        return f"{{worker,{head},{child.shutdown}}}"
    children = ",".join(map(child_term, child.children))
    return f"{{sup,{head},{child.strategy},{child.intensity},{child.auto_shutdown},[{children}]}}"


def ending(one: Crash | Exit) -> str:
    return f"{{{one.id},{'crash' if isinstance(one, Crash) else 'leave'}}}"


def operation_term(operation: Operation) -> str:
    match operation:
        case Crash(ident):
            return f"{{crash,{ident}}}"
        case Exit(ident):
            return f"{{exit,{ident}}}"
        case FailStarts(ident, count):
            return f"{{fail,{ident},{count}}}"
        case Both(sup, first, second):
            return f"{{both,{sup},{ending(first)},{ending(second)}}}"
        case Start(sup, child):
            return f"{{start,{sup},{child_term(child)}}}"
        case _:
            return f"{{{type(operation).__name__.lower()},{operation.sup},{operation.id}}}"
