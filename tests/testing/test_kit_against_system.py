"""An actor in an `ActorKit` does what it does in a live system, whatever it is sent."""

from __future__ import annotations

from typing import Any, TypeAlias

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airssys_rt import (
    Actor,
    ActorError,
    ActorSystem,
    Later,
    Message,
    Refused,
    ReplyTo,
    Request,
    on,
    on_enter,
)
from airssys_rt.testing import ActorKit, VirtualTime
from tests.virtual import turns


class Set(Message):
    """Set a timer."""

    seconds: int
    key: str


class Every(Message):
    seconds: int


class Cancel(Request[bool]):
    key: str


class Fire(Message):
    number: int


class Lock(Message):
    seconds: int


class Unlock(Message): ...


class Get(Request[int]): ...


class Owe(Request[int]): ...


class Pay(Message): ...


class Later2(Message):
    """To be handled next."""


class Quiet(Message):
    seconds: int


Msg: TypeAlias = Set | Every | Cancel | Fire | Lock | Unlock | Get | Owe | Pay | Later2 | Quiet


class Busy(Actor[Msg]):
    """Timers, timeouts, behaviours, a stash, deferred replies: what depends on order and time."""

    unhandled = "stash"

    def __init__(self) -> None:
        self.seen: list[object] = []
        self.owed: list[ReplyTo[int]] = []

    def pre_start(self) -> None:
        self.begin = self.now()

    def note(self, what: object) -> None:
        self.seen.append((round(self.now() - self.begin, 6), what))

    @on(Set)
    def start(self, msg: Set) -> None:
        self.after(msg.seconds, Fire(msg.seconds), key=msg.key)

    @on(Every)
    def each(self, msg: Every) -> None:
        self.every(msg.seconds, Fire(-msg.seconds), key="every")

    @on(Cancel)
    def cancel(self, msg: Cancel) -> bool:
        return self.cancel_timer(msg.key)

    @on(Fire)
    def fire(self, msg: Fire) -> None:
        self.note(msg.number)

    @on(Lock)
    def lock(self, msg: Lock) -> None:
        self.become(self.locked, push=True)
        self.state_timeout(msg.seconds, Unlock())

    @on(Unlock)
    def open_already(self, msg: Unlock) -> None:
        self.note("open already")

    @on(Unlock)
    def unlock(self, msg: Unlock) -> None:
        self.unbecome()

    @on(Get)
    async def get(self, msg: Get) -> int:
        if len(self.seen) % 5 == 4:
            raise Refused("not now")
        return len(self.seen)

    @on(Owe)
    def owe(self, msg: Owe) -> int | Later:
        reply = self.defer(msg)
        self.owed.append(reply)
        return reply

    @on(Pay)
    def pay(self, msg: Pay) -> None:
        self.next(Later2())
        for reply in self.owed:
            reply.reply(len(self.seen))
        self.owed.clear()

    @on(Later2)
    def later(self, msg: Later2) -> None:
        self.note("next")

    @on(Quiet)
    def quiet(self, msg: Quiet) -> None:
        self.receive_timeout(msg.seconds, Fire(100))

    initial = start | each | cancel | fire | lock | open_already | get | owe | pay | later | quiet
    locked = unlock | fire | get

    @on_enter(locked)
    def locking(self) -> None:
        self.note("locked")


seconds = st.integers(1, 5)
keys = st.sampled_from(["a", "b", "every"])
sent = st.one_of(
    st.builds(Set, seconds, keys),
    st.builds(Every, seconds),
    st.builds(Cancel, keys),
    st.builds(Fire, st.integers(0, 9)),
    st.builds(Lock, seconds),
    st.sampled_from([Unlock(), Get(), Owe(), Pay(), Later2()]),
    st.builds(Quiet, seconds),
)
# no two steps end at the same fraction of a second, so none ends when a timer is due: what happens
# at one instant is in no promised order
programs = st.lists(st.one_of(sent, st.integers(0, 4).map(lambda n: n + 1 / 64)), max_size=25)


def outcome(reply: Any) -> object:
    try:
        return reply()
    except ActorError as error:
        return type(error).__name__


def in_a_kit(program: list[Any]) -> tuple[list[object], list[object], str]:
    kit = ActorKit(Busy)
    replies: list[Any] = []
    for step in program:
        if isinstance(step, float):
            kit.advance(step)
        elif isinstance(step, Request):
            replies.append(kit.begin(step))  # type: ignore[arg-type]
        else:
            kit.tell(step)
    found = [outcome(reply.result) for reply in replies if reply.done]
    return kit.actor.seen, found, kit.behaviour


def in_a_system(program: list[Any], backend: Any) -> tuple[list[object], list[object], str]:
    async def test() -> tuple[list[object], list[object], str]:
        replies: list[list[object]] = []

        async def ask(ref: Any, msg: Any, found: list[object]) -> None:
            try:
                found.append(await ref.ask(msg, timeout=None))
            except ActorError as error:
                found.append(type(error).__name__)

        async with ActorSystem() as system, anyio.create_task_group() as group:
            actors: list[Busy] = []

            class Seen(Busy):
                def pre_start(self) -> None:
                    super().pre_start()
                    actors.append(self)

            ref = system.spawn(Seen)
            await ref.started()
            for step in program:
                if isinstance(step, float):
                    await anyio.sleep(step)
                elif isinstance(step, Request):
                    replies.append([])
                    group.start_soon(ask, ref, step, replies[-1])
                    await turns(3)  # trio runs its tasks in no order
                else:
                    ref.tell(step)
                await system.drain()
            await turns(3)
            (info,) = system.snapshot().tree
            found = [reply[0] for reply in replies if reply]
            seen = list(actors[0].seen)
            group.cancel_scope.cancel()
        return seen, found, info.behaviour or ""

    return VirtualTime().run(test, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(deadline=None, max_examples=60)
@given(program=programs)
def test_a_kit_and_a_system_do_the_same(backend: str, program: list[Any]) -> None:
    assert in_a_kit(program) == in_a_system(program, backend)
