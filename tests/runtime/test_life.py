"""Starting and ending: hooks, children, and who is told."""

from __future__ import annotations

import logging
from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorStopped,
    ActorSystem,
    Failed,
    Normal,
    StartFailed,
)
from tests.runtime.kit import (
    DoAsync,
    Get,
    Note,
    Script,
    assert_at_rest,
    collect,
    hang,
    raises,
    turns,
    until,
)

pytestmark = pytest.mark.anyio


async def later(log: list[object], text: str) -> None:
    await turns()
    log.append(text)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_the_hooks_run_once_each_around_all_messages(asynchronous: bool) -> None:
    log: list[object] = []

    def hook(text: str) -> Any:
        if asynchronous:
            return later(log, text)
        log.append(text)
        return None

    async with ActorSystem() as system:
        ref = system.spawn(
            Script,
            log,
            making=lambda _: log.append("init"),
            starting=lambda _: hook("pre_start"),
            stopping=lambda _, reason: hook(f"post_stop {type(reason).__name__}"),
        )
        ref.tell(Note("message"))
        ref.stop(drain=True)
        assert await ref.stopped() == Normal()
    assert log == ["init", "pre_start", "message", "post_stop Normal"]


@pytest.mark.parametrize("where", ["making", "starting", "starting late"])
async def test_a_failed_start_is_told_to_all_who_wait_and_logged_once(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    error, log = ValueError("no start"), list[object]()

    async def late(_actor: object) -> None:
        await turns()
        raise error

    hook = "making" if where == "making" else "starting"
    hooks: dict[str, Any] = {hook: late if "late" in where else raises(error)}
    async with ActorSystem() as system:
        letters = collect(system)
        ref = system.spawn(Script, stopping=lambda *_: log.append("post_stop"), **hooks)
        ref.tell(Note("queued"))
        outcome: list[object] = []

        async def ask() -> None:
            with pytest.raises(ActorStopped):
                await ref.ask(Get(lambda _: 1))
            outcome.append("told")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            with pytest.raises(StartFailed, match="no start") as caught:
                await ref.started()
        assert caught.value.__cause__ is error
        with pytest.raises(StartFailed):
            await ref.started()
        reason = await ref.stopped()
        assert isinstance(reason, Failed)
        assert reason.cause is error
        with pytest.raises(ActorStopped):
            await ref.ask(Get(lambda _: 1))
        assert outcome == ["told"]
        assert letters[0].message == Note("queued")
        await assert_at_rest(system)
    assert log == []
    errors = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert len(errors) == 1
    assert errors[0].name == "airssys_rt"


async def test_what_post_stop_raises_is_logged_and_does_not_change_the_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script, stopping=raises(ValueError("post_stop failed")))
        await ref.started()
        ref.stop()
        assert await ref.stopped() == Normal()
    assert "post_stop failed" in caplog.text


async def test_post_stop_runs_after_a_failure_with_the_failure_as_its_reason() -> None:
    log: list[object] = []
    async with ActorSystem() as system:
        ref = system.spawn(Script, stopping=lambda _, reason: log.append(reason))
        ref.tell(DoAsync(raises(KeyError("x"))))
        await ref.stopped()
    assert len(log) == 1
    assert isinstance(log[0], Failed)
    assert log[0].error_type == "KeyError"


async def test_a_stop_before_the_start_is_an_end_without_any_hook() -> None:
    log: list[object] = []
    async with ActorSystem() as system:
        ref = system.spawn(
            Script,
            making=lambda _: log.append("init"),
            stopping=lambda *_: log.append("post_stop"),
        )
        ref.stop()
        with pytest.raises(ActorStopped):
            await ref.started()
        assert await ref.stopped() == Normal()
        await assert_at_rest(system)
    assert log == []


async def test_a_stop_in_pre_start_lets_it_finish_and_then_ends() -> None:
    log: list[object] = []

    async def starting(actor: Any) -> None:
        actor.stop()
        await turns()
        log.append("pre_start")

    async with ActorSystem() as system:
        ref = system.spawn(
            Script, log, starting=starting, stopping=lambda *_: log.append("post_stop")
        )
        ref.tell(Note("not handled"))
        assert await ref.stopped() == Normal()
    assert log == ["pre_start", "post_stop"]


async def test_a_stop_comes_before_the_next_message_and_a_draining_one_behind_those_sent() -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        letters = collect(system)
        now = system.spawn(Script, seen)
        await now.started()
        now.tell(Note(1))
        now.stop()
        await now.stopped()
        assert seen == []
        assert [one.reason for one in letters] == ["stopped"]
        behind = system.spawn(Script, seen)
        behind.tell(Note(1))
        behind.tell(Note(2))
        behind.stop(drain=True)
        behind.tell(Note(3))
        await behind.stopped()
        assert seen == [1, 2]
        assert [one.message for one in letters[1:]] == [Note(3)]


async def test_a_stopping_actor_spawns_no_more() -> None:
    errors: list[object] = []

    def stopping(actor: Any, _reason: object) -> None:
        try:
            actor.spawn(Script)
        except ActorStopped as error:
            errors.append(error)

    async with ActorSystem() as system:
        await system.spawn(Script, stopping=stopping).started()
    assert len(errors) == 1


async def test_handlers_may_wait_for_the_start_and_the_end_of_others() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        seen: list[object] = []

        async def work(actor: Any) -> None:
            child = actor.spawn(Script, starting=lambda _: later(seen, "started"))
            await child.started()
            seen.append("after start")
            child.stop()
            seen.append(await child.stopped())

        ref.tell(DoAsync(work))
        await until(lambda: len(seen) == 3)
        assert seen == ["started", "after start", Normal()]
        await assert_at_rest(system)


async def test_many_may_wait_for_the_same_end() -> None:
    async with ActorSystem() as system:
        ref, reasons = system.spawn(Script), list[object]()

        async def wait() -> None:
            reasons.append(await ref.stopped())

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(wait)
            await turns()
            ref.stop()
        assert reasons == [Normal()] * 5


class NoBehaviour(Actor[Note]):
    """Has no initial."""


async def test_an_actor_without_a_behaviour_does_not_start() -> None:
    async with ActorSystem() as system:
        with pytest.raises(StartFailed, match="initial"):
            await system.spawn(NoBehaviour).started()


async def test_post_stop_may_ask_others_and_use_the_system() -> None:
    async with ActorSystem() as system:
        other, log = system.spawn(Script), list[object]()

        async def stopping(_actor: object, _reason: object) -> None:
            log.append(await other.ask(Get(lambda _: "asked")))

        ref = system.spawn(Script, stopping=stopping)
        await ref.started()
        ref.stop()
        await ref.stopped()
        assert log == ["asked"]


async def test_nothing_of_an_actor_runs_after_its_end() -> None:
    async with ActorSystem(shutdown=0.05) as system:
        log: list[object] = []
        ref = system.spawn(Script, log)

        def start_things(actor: Any) -> object:
            actor.after(0.01, Note("timer"))
            actor.every(0.01, Note("tick"))
            actor.pipe(later(log, "job"), Note, Note)
            actor.pipe(hang(), Note, Note)
            return actor.adapter(Note)

        adapter: Any = await ref.ask(Get(start_things))
        ref.stop()
        await ref.stopped()
        count = len(log)
        adapter.tell("adapted")
        await anyio.sleep(0.03)
        assert len(log) == count
        await assert_at_rest(system)
