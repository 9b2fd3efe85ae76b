"""Work beside the actor: its outcome is a message, and it never outlives the incarnation."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import ActorStopped, ActorSystem, Failed, props
from tests.runtime.kit import (
    Do,
    DoAsync,
    Get,
    GetAsync,
    Note,
    Script,
    assert_at_rest,
    collect,
    engine,
    raises,
    turns,
    until,
)

pytestmark = pytest.mark.anyio


async def gives(value: object) -> object:
    await turns()
    return value


async def fails(error: BaseException) -> object:
    await turns()
    raise error


class Job:
    """A coroutine that notes how it went."""

    def __init__(self, log: list[object]) -> None:
        self.log = log

    async def run(self, *, swallow: bool = False) -> object:
        self.log.append("began")
        try:
            await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            self.log.append("cancelled")
            if not swallow:
                raise
        with anyio.CancelScope(shield=True):
            await turns()
        self.log.append("ended")
        return "result"


async def test_a_result_and_a_failure_arrive_as_messages() -> None:
    async with ActorSystem() as system:
        seen: list[object] = []
        ref, error = system.spawn(Script, seen), ValueError("x")

        def work(actor: Any) -> None:
            actor.pipe(gives(1), Note, Note)
            actor.pipe(fails(error), lambda _: Note("no"), lambda e: Note((e,)))

        ref.tell(Do(work))
        await until(lambda: len(seen) == 2)
        assert sorted(seen, key=repr) == [(error,), 1]
        await assert_at_rest(system)


async def test_the_actor_goes_on_meanwhile_and_the_job_may_ask_for_it() -> None:
    async with ActorSystem() as system:
        seen: list[object] = []
        ref, other, release = system.spawn(Script, seen), system.spawn(Script), anyio.Event()

        async def slow(_actor: object) -> str:
            await release.wait()
            return "reply"

        ref.tell(Do(lambda actor: actor.pipe(other.ask(GetAsync(slow)), Note, Note) and None))
        ref.tell(Note("meanwhile"))
        await until(lambda: seen)
        release.set()
        await until(lambda: len(seen) == 2)
        assert seen == ["meanwhile", "reply"]


@pytest.mark.parametrize("end", ["stop", "fail", "parent"])
async def test_jobs_are_cancelled_and_awaited_before_the_actor_is_over(end: str) -> None:
    async with ActorSystem() as system:
        parent, log, seen = system.spawn(Script), list[object](), list[object]()
        child: Any = await parent.ask(
            Get(lambda actor: actor.spawn(Script, seen, stopping=lambda *_: log.append("stop")))
        )
        child.tell(Do(lambda actor: actor.pipe(Job(log).run(swallow=True), Note, Note) and None))
        await until(lambda: log)
        match end:
            case "stop":
                child.stop()
            case "fail":
                child.tell(Do(raises(ValueError())))
            case _:
                parent.stop()
        await child.stopped()
        assert (log, seen) == (["began", "cancelled", "ended", "stop"], [])
        await assert_at_rest(system)


@pytest.mark.parametrize("swallow", [False, True])
async def test_no_message_comes_of_a_cancelled_job(swallow: bool) -> None:
    async with ActorSystem() as system:
        log, seen = list[object](), list[object]()
        ref = system.spawn(Script, seen)
        job: Any = await ref.ask(
            Get(lambda actor: actor.pipe(Job(log).run(swallow=swallow), Note, Note))
        )
        await until(lambda: log)
        job.cancel()
        job.cancel()
        await until(lambda: "cancelled" in log)
        await turns(20)
        assert seen == []
        ref.tell(Note("next"))
        await until(lambda: seen == ["next"])
        await assert_at_rest(system)


async def test_a_job_cancelled_before_its_first_step_does_not_run() -> None:
    async with ActorSystem() as system:
        log, seen = list[object](), list[object]()
        ref = system.spawn(Script, seen)

        def work(actor: Any) -> None:
            actor.pipe(Job(log).run(), Note, Note).cancel()

        ref.tell(Do(work))
        await turns(10)
        assert (log, seen) == ([], [])
        ref.stop()
        await ref.stopped()


async def test_a_job_cancelled_when_its_result_is_queued_sends_nothing() -> None:
    async with ActorSystem() as system:
        seen, release = list[object](), anyio.Event()
        ref = system.spawn(Script, seen)
        jobs: list[Any] = []

        async def busy(actor: Any) -> None:
            jobs.append(actor.pipe(gives("queued"), Note, Note))
            await release.wait()
            await until(lambda: jobs[0].over)
            jobs[0].cancel()

        ref.tell(DoAsync(busy))
        await turns(10)
        release.set()
        ref.tell(Note("end"))
        await until(lambda: seen)
        await turns(5)
        assert seen == ["end"]


@pytest.mark.parametrize("which", ["ok", "failed"])
async def test_a_function_that_raises_is_a_failure_of_the_actor(which: str) -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        work = gives(1) if which == "ok" else fails(ValueError())
        ref.tell(
            Do(lambda actor: actor.pipe(work, raises(KeyError()), raises(KeyError())) and None)
        )
        reason = await ref.stopped()
        assert isinstance(reason, Failed)
        assert reason.error_type == "KeyError"


async def test_an_actor_that_stops_or_is_stopping_starts_no_job() -> None:
    async with ActorSystem() as system:
        errors: list[object] = []

        def stopping(actor: Any, _reason: object) -> None:
            try:
                actor.pipe(gives(1), Note, Note)
            except ActorStopped as error:
                errors.append(error)

        ref = system.spawn(Script, stopping=stopping)
        await ref.started()
        ref.stop()
        await ref.stopped()
        assert len(errors) == 1


async def test_a_job_that_ends_at_once_and_one_that_raises_odd_things() -> None:
    class Odd(BaseException):
        pass

    async with ActorSystem() as system:
        seen: list[object] = []
        ref = system.spawn(Script, seen)

        async def at_once() -> str:
            return "at once"

        ref.tell(Do(lambda actor: actor.pipe(at_once(), Note, Note) and None))
        await until(lambda: seen == ["at once"])
        ref.tell(Do(lambda actor: actor.pipe(fails(Odd()), Note, Note) and None))
        reason = await ref.stopped()
        assert isinstance(reason, Failed)
        assert isinstance(reason.cause, Odd)
        await assert_at_rest(system)


async def test_a_result_is_no_subject_of_the_mailboxs_bound() -> None:
    from airssys_rt import Bounded

    async with ActorSystem() as system:
        seen, release = list[object](), anyio.Event()
        letters = collect(system)
        ref = system.spawn(props(Script, seen).mailbox(Bounded(1, overflow="drop_newest")))
        await ref.ask(Get(lambda actor: actor.pipe(gives("result"), Note, Note)))
        ref.tell(DoAsync(lambda _: release.wait()))
        await turns(10)
        ref.tell(Note("one"))
        ref.tell(Note("dropped"))
        release.set()
        await until(lambda: len(seen) == 2)
        assert sorted(map(str, seen)) == ["one", "result"]
        assert [one.message for one in letters] == [Note("dropped")]


async def test_a_killed_actor_waits_for_its_jobs() -> None:
    async with ActorSystem(drain=0.01) as system:
        parent, log = system.spawn(Script), list[object]()
        child: Any = await parent.ask(
            Get(lambda actor: actor.spawn(props(Script).shutdown("brutal_kill")))
        )
        child.tell(Do(lambda actor: actor.pipe(Job(log).run(swallow=True), Note, Note) and None))
        await until(lambda: log)
        parent.stop()
        await parent.stopped()
        assert log == ["began", "cancelled", "ended"]
        assert engine(system).suspended == 0


async def test_a_job_runs_until_its_own_actor_stops_whoever_is_cancelled() -> None:
    seen, went = list[object](), anyio.Event()

    async def job() -> str:
        await went.wait()
        return "result"

    async def stopping(*_: object) -> None:
        went.set()
        await until(lambda: seen)

    with anyio.CancelScope() as scope:
        async with ActorSystem() as system:
            older = system.spawn(Script, seen)
            await older.ask(Get(lambda actor: actor.pipe(job(), Note, Note)))
            await system.spawn(Script, stopping=stopping).started()
            scope.cancel()
            await anyio.sleep_forever()
    assert seen == ["result"]


async def test_a_result_that_is_queued_is_not_for_the_next_incarnation() -> None:
    async with ActorSystem() as system:
        seen: list[object] = []

        async def end_before_it_is_handled(actor: Any) -> None:
            actor.pipe(gives("late"), Note, Note)
            for _ in range(5):
                await turns()
            actor.ref.tell(Note("told"))
            raise RuntimeError("broken")

        parent = system.spawn(Script, [])
        spec = props(Script, seen).restart("permanent")
        parent.tell(Do(lambda actor: seen.append(actor.spawn(spec))))
        await until(lambda: len(seen) == 1)
        # Any: the list holds what a test notes
        child: Any = seen.pop()
        child.tell(DoAsync(end_before_it_is_handled))
        await until(lambda: len(seen) == 1)
        await system.drain()
        assert seen == ["told"]
