"""A deferred reply is given once, and its asker never waits for one that nobody can give."""

from __future__ import annotations

import gc
import threading
from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    HandlerFailed,
    Later,
    Message,
    ReplyTo,
    Request,
    on,
)
from tests.runtime.kit import (
    DoAsync,
    Get,
    GetAsync,
    Script,
    assert_at_rest,
    hang,
    turns,
)

pytestmark = pytest.mark.anyio


class Question(Request[int]):
    """Answered later."""


class Forget(Message):
    """Drop the reply."""


class Answer(Message):
    value: int


class Pass(Message):
    """Give the reply to another desk."""

    to: Any


class Take(Message):
    reply: Any


class Fail(Message):
    """Raise."""


class Desk(Actor[Question | Forget | Answer | Pass | Take | Fail]):
    def __init__(self) -> None:
        self.open: list[ReplyTo[int]] = []

    @on(Question)
    def question(self, msg: Question) -> int | Later:
        reply = self.defer(msg)
        self.open.append(reply)
        return reply

    @on(Forget)
    def forget(self, _msg: Forget) -> None:
        self.open.clear()

    @on(Answer)
    def answer(self, msg: Answer) -> None:
        for reply in self.open:
            reply.reply(msg.value)

    @on(Pass)
    def pass_on(self, msg: Pass) -> None:
        to: ActorRef[Take] = msg.to
        to.tell(Take(self.open.pop()))

    @on(Take)
    def take(self, msg: Take) -> None:
        self.open.append(msg.reply)

    @on(Fail)
    def fail(self, _msg: Fail) -> None:
        raise ValueError

    initial = question | forget | answer | pass_on | take | fail


async def ask_in_background(tasks: Any, ref: ActorRef[Question], outcome: list[object]) -> None:
    async def ask() -> None:
        try:
            outcome.append(await ref.ask(Question(), timeout=60))
        except HandlerFailed as error:
            outcome.append(error)

    tasks.start_soon(ask)
    await turns()


async def test_a_deferred_reply_arrives_and_a_second_one_is_ignored() -> None:
    async with ActorSystem() as system, anyio.create_task_group() as tasks:
        desk, outcome = system.spawn(Desk), list[object]()
        await ask_in_background(tasks, desk, outcome)
        desk.tell(Answer(1))
        desk.tell(Answer(2))
        await turns()
        assert outcome == [1]


async def test_a_deferred_reply_may_be_an_exception() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)

        def fail(actor: Any) -> Later:
            reply: ReplyTo[object] = actor.defer(request)
            reply.fail(LookupError("not here"))
            return reply

        request = Get(fail)
        with pytest.raises(LookupError, match="not here"):
            await ref.ask(request)


@pytest.mark.parametrize("how", ["forget", "fail", "stop", "kill"])
async def test_a_reply_that_nobody_can_give_any_more_fails_its_asker_at_once(how: str) -> None:
    async with ActorSystem(shutdown=0.05) as system, anyio.create_task_group() as tasks:
        parent = system.spawn(Script)
        desk: Any = await parent.ask(Get(lambda actor: actor.spawn(Desk)))
        outcome = list[object]()
        await ask_in_background(tasks, desk, outcome)
        match how:
            case "forget":
                desk.tell(Forget())
            case "fail":
                desk.tell(Fail())
            case "stop":
                desk.stop()
            case _:
                parent.stop()
        with anyio.fail_after(2):
            while not outcome:
                await turns()
        assert isinstance(outcome[0], HandlerFailed)


async def test_a_reply_passed_on_survives_the_actor_that_deferred_it() -> None:
    async with ActorSystem() as system, anyio.create_task_group() as tasks:
        desk, other, outcome = system.spawn(Desk), system.spawn(Desk), list[object]()
        await ask_in_background(tasks, desk, outcome)
        desk.tell(Pass(other))
        desk.tell(Fail())
        await desk.stopped()
        gc.collect()
        await turns()
        assert outcome == []
        other.tell(Answer(7))
        await turns()
        assert outcome == [7]


async def test_a_reply_in_the_mailbox_of_an_actor_that_ends_fails_its_asker() -> None:
    async with ActorSystem() as system, anyio.create_task_group() as tasks:
        desk, other, outcome = system.spawn(Desk), system.spawn(Desk), list[object]()
        await ask_in_background(tasks, desk, outcome)
        other.stop()
        desk.tell(Pass(other))
        with anyio.fail_after(2):
            while not outcome:
                await turns()
        assert isinstance(outcome[0], HandlerFailed)


async def test_a_reply_dropped_by_the_handler_itself_fails_the_asker_at_once() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)

        def drop(actor: Any) -> None:
            actor.defer(request)

        request = Get(drop)
        # the handler's own result is the answer then, or the failure: never silence
        with anyio.fail_after(2), pytest.raises(HandlerFailed, match="deferred"):
            await ref.ask(request, timeout=60)

        async def drop_late(actor: Any) -> Later:
            await turns()
            later: Later = actor.defer(late)
            return later

        late = GetAsync(drop_late)
        with anyio.fail_after(2), pytest.raises(HandlerFailed, match="deferred"):
            await ref.ask(late, timeout=60)
        await assert_at_rest(system)


async def test_a_reply_collected_in_another_thread_still_fails_its_asker() -> None:
    async with ActorSystem() as system:
        ref, held = system.spawn(Script), list[object]()

        def keep(actor: Any) -> Later:
            reply: ReplyTo[object] = actor.defer(request)
            held.append(reply)
            return reply

        request = Get(keep)

        async def drop() -> None:
            await turns()
            thread = threading.Thread(target=held.clear)
            thread.start()
            await anyio.to_thread.run_sync(thread.join)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(drop)
            with anyio.fail_after(5), pytest.raises(HandlerFailed, match="dropped"):
                await ref.ask(request, timeout=60)


@pytest.mark.parametrize("kind", [Get, GetAsync])
async def test_a_later_of_another_request_does_not_answer_this_one(
    kind: type[Get | GetAsync],
) -> None:
    async with ActorSystem() as system, anyio.create_task_group() as tasks:
        desk, ref, outcome = system.spawn(Desk), system.spawn(Script), list[object]()
        await ask_in_background(tasks, desk, outcome)

        stale = Later()

        async def late(_actor: object) -> Later:
            return stale

        work: Any = late if kind is GetAsync else lambda _: stale
        request = kind(work)
        with anyio.fail_after(2), pytest.raises(HandlerFailed, match="does not answer"):
            await ref.ask(request, timeout=60)
        assert await ref.ask(Get(lambda _: 1)) == 1
        desk.tell(Answer(1))


async def test_the_asker_of_a_killed_handler_hears_of_it_at_once() -> None:
    """The handler ignores its kill for a while; whoever asked need not wait for that."""
    from airssys_rt import ActorStopped, props

    async with ActorSystem(drain=0.01) as system, anyio.create_task_group() as tasks:
        parent = system.spawn(Script)
        child: Any = await parent.ask(
            Get(lambda actor: actor.spawn(props(Script).shutdown("brutal_kill")))
        )
        outcome: list[str] = []
        release = anyio.Event()

        async def shielded(_actor: object) -> str:
            with anyio.CancelScope(shield=True):
                await release.wait()
            return "too late"

        async def ask() -> None:
            try:
                await child.ask(GetAsync(shielded), timeout=60)
            except ActorStopped:
                outcome.append("stopped")

        tasks.start_soon(ask)
        await turns()
        parent.stop()
        with anyio.move_on_after(1):
            while not outcome:
                await turns()
        release.set()
        assert outcome == ["stopped"]


async def test_deferring_what_was_told_answers_nobody_and_harms_nobody() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)

        def answer(actor: Any) -> Later:
            reply: ReplyTo[object] = actor.defer(request)
            reply.reply(1)
            return reply

        request = Get(answer)
        ref.tell(request)
        assert await ref.ask(Get(lambda _: 2)) == 2
        ref.tell(DoAsync(hang))
        ref.stop()
        await system.drain(0.01)
        system.spawn(Script)
