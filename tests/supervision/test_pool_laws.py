"""Random programs with a pool: whatever happens, no message vanishes and none is handled twice."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airssys_rt import (
    Actor,
    ActorError,
    ActorRef,
    ActorStopped,
    ActorSystem,
    Bounded,
    DeadLetter,
    MailboxFull,
    Message,
    Request,
    Supervisor,
    WhichChildren,
    consistent_hash,
    on,
    pool,
    props,
    resize,
)
from airssys_rt.supervision.routing import Routing

Fate: TypeAlias = Literal["fine", "slow", "crash", "slow crash", "quit"]
ROUTINGS = (*get_args(Routing), "by key")


class Task(Message):
    number: int
    fate: Fate


class Question(Request[int]):
    number: int
    fate: Fate


Item: TypeAlias = Task | Question


def key_of(msg: Item) -> int:
    if msg.number % 17 == 16:
        raise ValueError("no key")
    return msg.number % 7


@dataclass
class Ledger:
    """What became of each message."""

    sent: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)  # the sender was told, and keeps it
    begun: list[tuple[str, int]] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    overlaps: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)


class Member(Actor[Item]):
    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.name = self.ref.path

    async def work(self, msg: Item) -> int:
        ledger = self.ledger
        ledger.begun.append((self.name, msg.number))
        if self.name in ledger.busy:
            ledger.overlaps.append(self.name)
        ledger.busy.add(self.name)
        try:
            for _ in range(3 if msg.fate.startswith("slow") else 0):
                await anyio.lowlevel.checkpoint()
        finally:
            ledger.busy.discard(self.name)
        if msg.fate.endswith("crash"):
            raise RuntimeError("crash")
        if msg.fate == "quit":
            self.stop()
        return msg.number

    @on(Task)
    async def task(self, msg: Task) -> None:
        await self.work(msg)

    @on(Question)
    async def question(self, msg: Question) -> int:
        return await self.work(msg)

    initial = task | question


@dataclass(frozen=True)
class Step:
    op: Literal["tell", "send", "ask", "resize", "turn", "stop", "drain stop"]
    fate: Fate = "fine"
    size: int = 1


FATES = st.sampled_from(get_args(Fate))
SENDS = st.builds(Step, st.sampled_from(["tell", "tell", "tell", "send", "ask"]), FATES)
OTHERS = st.builds(Step, st.sampled_from(["turn", "resize"]), size=st.integers(1, 5))
STOPS = st.builds(Step, st.sampled_from(["stop", "drain stop"]))
PROGRAMS = st.lists(st.one_of(SENDS, SENDS, SENDS, OTHERS, OTHERS, STOPS), max_size=40)


async def run(
    program: list[Step],
    routing: str,
    size: int,
    mailbox: Bounded | None,
    restart: Literal["permanent", "transient", "temporary"],
    intensity: int,
) -> Ledger:
    ledger = Ledger()
    system = ActorSystem(shutdown=1)
    async with system:
        parts: Any = system._parts
        parts.scheduler.random.seed(1)
        parts.port.dead_letter = ledger.dead.append
        member = props(Member, ledger).restart(restart)
        if mailbox is not None:
            member = member.mailbox(mailbox)
        # Any: one of the names, which the strategy knows only at run time
        wanted: Any = consistent_hash(key_of) if routing == "by key" else routing
        recipe = pool(member, size, wanted, intensity=intensity)
        top = system.spawn(props(Supervisor, [recipe.named("pool")], intensity=3))
        await top.started()
        [info] = await top.ask(WhichChildren())
        assert isinstance(info.ref, ActorRef)
        ref: ActorRef[Item] = info.ref
        async with anyio.create_task_group() as tasks:
            for number, step in enumerate(program):
                match step.op:
                    case "turn":
                        await anyio.lowlevel.checkpoint()
                    case "resize":
                        tasks.start_soon(try_resize, ref, step.size)
                    case "stop":
                        ref.stop()
                    case "drain stop":
                        ref.stop(drain=True)
                    case "ask":
                        ledger.sent.append(number)
                        tasks.start_soon(ask, ref, Question(number, step.fate), ledger)
                    case "send":
                        ledger.sent.append(number)
                        tasks.start_soon(send, ref, Task(number, step.fate))
                    case "tell":
                        ledger.sent.append(number)
                        try:
                            ref.tell(Task(number, step.fate))
                        except MailboxFull:
                            ledger.refused.append(number)
    return ledger


async def try_resize(ref: ActorRef[Item], size: int) -> None:
    with suppress(ActorError), anyio.fail_after(5):
        await resize(ref, size, timeout=None)


async def send(ref: ActorRef[Item], msg: Task) -> None:
    # the member may end while it has no room
    with suppress(ActorStopped), anyio.fail_after(5):
        await ref.send(msg)


async def ask(ref: ActorRef[Item], msg: Question, ledger: Ledger) -> None:
    try:
        with anyio.fail_after(5):
            await ref.ask(msg, timeout=None)
    except MailboxFull:
        ledger.refused.append(msg.number)
        return
    except ActorError:
        pass
    ledger.answers[msg.number] += 1


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("routing", ROUTINGS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    program=PROGRAMS,
    size=st.integers(1, 4),
    mailbox=st.sampled_from([None, None, Bounded(1), Bounded(2, overflow="drop_oldest")]),
    restart=st.sampled_from(["permanent", "permanent", "transient", "temporary"]),
    intensity=st.sampled_from([100, 100, 1]),
)
def test_every_message_is_handled_once_or_a_dead_letter(
    anyio_backend: tuple[str, dict[str, Any]],
    routing: str,
    program: list[Step],
    size: int,
    mailbox: Bounded | None,
    restart: Any,
    intensity: int,
) -> None:
    name, options = anyio_backend
    ledger = anyio.run(
        lambda: run(program, routing, size, mailbox, restart, intensity),
        backend=name,
        backend_options=options,
    )
    assert not ledger.overlaps
    assert not [name for (name, _), count in Counter(ledger.begun).items() if count > 1]
    handled = Counter(number for _, number in ledger.begun)
    # a message whose handler failed is a dead letter, too: that one was begun
    unbegan = [letter for letter in ledger.dead if unbegun(letter, ledger)]
    dead = Counter(letter.message.number for letter in unbegan)  # type: ignore[attr-defined]
    for number in ledger.sent:
        count = handled[number] + dead[number]
        if number in ledger.refused:
            # what found no room later, when the pool had started, is a dead letter, too
            assert not handled[number], number
            assert dead[number] <= (program[number].op == "ask"), number
        elif routing == "broadcast":
            assert count >= 1, number
        else:
            assert count == 1, number
    assert set(handled) | set(dead) <= set(ledger.sent)
    told: dict[str, list[int]] = defaultdict(list)
    for name, number in ledger.begun:
        if program[number].op == "tell":  # by one sender
            told[name].append(number)
    assert all(numbers == sorted(numbers) for numbers in told.values())
    asked = [n for n in ledger.sent if program[n].op == "ask" and n not in ledger.refused]
    assert ledger.answers == Counter(asked)


def unbegun(letter: DeadLetter, ledger: Ledger) -> bool:
    msg = letter.message
    return isinstance(msg, Task | Question) and (letter.path, msg.number) not in ledger.begun
