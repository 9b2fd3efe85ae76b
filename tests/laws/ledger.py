"""The ledger in which all that happens in a random program is written.

A program is tasks that send to actors, whose handlers may send on, wait, fail, hang or stop
somebody.  What is sent has a number, so that the ledger can say of each message what became of it.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import anyio

from airssys_rt import (
    Actor,
    ActorError,
    ActorRef,
    ActorStopped,
    ActorSystem,
    AskCycle,
    Bounded,
    DeadLetter,
    ExitReason,
    Killed,
    MailboxFull,
    Message,
    Request,
    on,
    props,
)
from tests.laws.programs import Step


class Quick(Message):
    number: int
    sender: str
    step: Any


class Slow(Message):
    number: int
    sender: str
    step: Any


class QuickAsk(Request[int]):
    number: int
    sender: str
    step: Any


class SlowAsk(Request[int]):
    number: int
    sender: str
    step: Any


Item: TypeAlias = Quick | Slow | QuickAsk | SlowAsk
KINDS: dict[tuple[bool, bool], type[Item]] = {
    (True, False): Quick,
    (False, False): Slow,
    (True, True): QuickAsk,
    (False, True): SlowAsk,
}


@dataclass
class Ledger:
    """What happened."""

    numbers: int = 0
    sent: set[int] = field(default_factory=set)
    unsure: set[int] = field(default_factory=set)  # the sender was cancelled: sent, or not
    begun: list[tuple[str, str, int]] = field(default_factory=list)  # receiver, sender, number
    cancelled: set[int] = field(default_factory=set)
    replied: set[int] = field(default_factory=set)  # by the handler
    answers: dict[int, list[object]] = field(default_factory=lambda: defaultdict(list))
    letters: list[DeadLetter] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)  # actor, what
    busy: set[str] = field(default_factory=set)
    over: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def take(self) -> int:
        self.numbers += 1
        return self.numbers

    def begin(self, actor: str, msg: Item) -> None:
        if actor in self.busy:
            self.faults.append(f"{actor} begins {msg} while it handles another")
        self.check(actor)
        self.busy.add(actor)
        self.begun.append((actor, msg.sender, msg.number))

    def end(self, actor: str) -> None:
        self.busy.discard(actor)

    def check(self, actor: str) -> None:
        if actor in self.over:
            self.faults.append(f"{actor} runs after its end")


class Node(Actor[Quick | Slow | QuickAsk | SlowAsk]):
    def __init__(self, name: str, world: World) -> None:
        self.key = name
        self.world = world
        self.ledger = world.ledger

    def pre_start(self) -> None:
        self.ledger.events.append((self.key, "start"))
        if len(self.key) == 1:
            child = self.spawn(Node, f"{self.key}.child", self.world)
            self.world.children[self.key] = child

    def post_stop(self, _reason: ExitReason) -> None:
        self.ledger.check(self.key)
        self.ledger.events.append((self.key, "stop"))

    def handle(self, msg: Item) -> int:
        self.ledger.begin(self.key, msg)
        self.ledger.end(self.key)
        if msg.step.fail:
            raise ValueError(msg.number)
        self.ledger.replied.add(msg.number)
        return msg.number

    async def work(self, msg: Item) -> int:
        self.ledger.begin(self.key, msg)
        try:
            for step in msg.step.inner:
                await self.world.do(step, self.key)
                self.ledger.check(self.key)
            if msg.step.turns < 0:
                await anyio.sleep_forever()
            for _ in range(msg.step.turns):
                await anyio.lowlevel.checkpoint()
                self.ledger.check(self.key)
        finally:
            self.ledger.end(self.key)
        if msg.step.fail:
            raise ValueError(msg.number)
        self.ledger.replied.add(msg.number)
        return msg.number

    @on(Quick)
    def quick(self, msg: Quick) -> None:
        self.handle(msg)

    @on(Slow)
    async def slow(self, msg: Slow) -> None:
        await self.work(msg)

    @on(QuickAsk)
    def quick_ask(self, msg: QuickAsk) -> int:
        return self.handle(msg)

    @on(SlowAsk)
    async def slow_ask(self, msg: SlowAsk) -> int:
        return await self.work(msg)

    initial = quick | slow | quick_ask | slow_ask


@dataclass
class World:
    """A running program."""

    ledger: Ledger
    nodes: list[ActorRef[Item]] = field(default_factory=list)
    children: dict[str, ActorRef[Item]] = field(default_factory=dict)

    async def do(self, step: Step, sender: str) -> None:
        ref = self.nodes[step.target % len(self.nodes)]
        if step.target >= len(self.nodes):
            ref = self.children.get(str(step.target % len(self.nodes)), ref)
        if step.op == "turn":
            await anyio.lowlevel.checkpoint()
        elif step.op in {"stop", "drain stop"}:
            ref.stop(drain=step.op == "drain stop")
        else:
            ledger = self.ledger
            number = ledger.take()
            msg = KINDS[step.quick, step.op == "ask"](number, sender, step)
            ledger.unsure.add(number)
            try:
                await self.send(ref, step, msg)
            except (AskCycle, ActorStopped, MailboxFull) as error:
                # raised before the sending, or afterwards
                if step.op != "ask" and isinstance(error, MailboxFull):
                    ledger.unsure.discard(number)
                ledger.answers[number].append(error)
                return
            except ActorError as error:
                ledger.answers[number].append(error)
            if number not in ledger.cancelled:
                ledger.unsure.discard(number)
                ledger.sent.add(number)

    async def send(self, ref: ActorRef[Item], step: Step, msg: Item) -> None:
        if step.op == "tell":
            ref.tell(msg)
        elif step.op == "send":
            # a full mailbox of an actor that hangs would be waited for as long
            with anyio.fail_after(0.05):
                await ref.send(msg)
        else:
            assert isinstance(msg, QuickAsk | SlowAsk)
            asked = ref.ask(msg, timeout=0.03)
            if step.patience is None:
                reply = await asked
                self.ledger.answers[msg.number].append(reply)
                return
            outcome: object = "cancelled"
            failure: ActorError | None = None
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self.lose_patience, step.patience, tasks.cancel_scope)
                try:
                    outcome = await asked
                except ActorError as error:
                    failure = error
                tasks.cancel_scope.cancel()
            if failure is not None:
                raise failure
            self.ledger.answers[msg.number].append(outcome)
            if outcome == "cancelled":
                self.ledger.cancelled.add(msg.number)

    @staticmethod
    async def lose_patience(turns: int, scope: anyio.CancelScope) -> None:
        for _ in range(turns):
            await anyio.lowlevel.checkpoint()
        scope.cancel()


async def run(
    program: list[list[Step]], mailboxes: list[Bounded | None], *, hurry: bool
) -> tuple[Ledger, ActorSystem]:
    """Run a program to its end and leave the system, normally or by an exception."""
    ledger = Ledger()
    world = World(ledger)
    system = ActorSystem(drain=0.05, shutdown=0.02)

    class Hurry(Exception):
        """Leaves the block."""

    async def task(n: int, script: list[Step]) -> None:
        for step in script:
            # a send that found no room in time
            with suppress(TimeoutError):
                await world.do(step, f"task {n}")

    async def watch(ref: ActorRef[Item], name: str) -> None:
        reason = await ref.stopped()
        ledger.over.add(name)
        if reason == Killed():
            ledger.events.append((name, "kill"))

    async with anyio.create_task_group() as watchers:
        try:
            async with system:
                parts: Any = system._parts
                publish = parts.port.dead_letter

                def dead_letter(letter: DeadLetter) -> None:
                    ledger.letters.append(letter)
                    publish(letter)

                parts.port.dead_letter = dead_letter
                for n, mailbox in enumerate(mailboxes):
                    make = props(Node, str(n), world)
                    ref = system.spawn(make if mailbox is None else make.mailbox(mailbox))
                    world.nodes.append(ref)
                    watchers.start_soon(watch, ref, str(n))
                async with anyio.create_task_group() as tasks:
                    for n, script in enumerate(program):
                        tasks.start_soon(task, n, script)
                for name, child in list(world.children.items()):
                    watchers.start_soon(watch, child, f"{name}.child")
                    await anyio.lowlevel.checkpoint()
                if hurry:
                    raise Hurry
        except Hurry:
            pass
    return ledger, system
