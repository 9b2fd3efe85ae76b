"""An ask gets a reply, a typed failure or its deadline, and exactly one of them."""

from __future__ import annotations

import time

import anyio
import pytest

from airssys_rt import (
    ActorStopped,
    ActorSystem,
    AskTimeout,
    BadArgument,
    HandlerFailed,
    NotAccepted,
    Refused,
)
from airssys_rt.kernel.scheduler import Scheduler
from tests.runtime.kit import (
    Do,
    DoAsync,
    Get,
    GetAsync,
    Nobody,
    Script,
    assert_at_rest,
    collect,
    engine,
    hang,
    raises,
    turns,
    until,
)

pytestmark = pytest.mark.anyio


async def soon(_actor: object) -> str:
    await anyio.sleep(0)
    return "late"


async def at_once(_actor: object) -> str:
    return "now"


async def test_a_task_gets_the_reply_of_a_sync_handler_without_being_suspended() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        await ref.started()
        engine(system).slice_end = time.perf_counter() + 60
        ask = ref.ask(Get(lambda _: 42))
        with pytest.raises(StopIteration) as stop:
            ask.send(None)
        assert stop.value.value == 42
        await assert_at_rest(system)


async def test_a_task_gets_the_reply_of_an_async_handler_suspended_or_not() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        assert await ref.ask(GetAsync(at_once)) == "now"
        assert await ref.ask(GetAsync(soon)) == "late"
        await assert_at_rest(system)


@pytest.mark.parametrize("get", [Get(lambda _: 1), GetAsync(at_once), GetAsync(soon)])
async def test_a_handler_gets_the_reply_of_another_actor(get: Get | GetAsync) -> None:
    async with ActorSystem() as system:
        other, ref = system.spawn(Script), system.spawn(Script)
        assert await ref.ask(GetAsync(lambda _: other.ask(get))) in {1, "now", "late"}
        await assert_at_rest(system)


async def test_none_is_a_reply_like_any_other() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        assert await ref.ask(Get(lambda _: None)) is None
        assert await ref.ask(GetAsync(turns_then_none)) is None


async def turns_then_none(_actor: object) -> None:
    await turns()


async def test_a_deadline_is_a_timeout_error_that_names_the_request_and_the_actor() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        release = anyio.Event()
        with pytest.raises(AskTimeout, match="GetAsync") as caught:
            await ref.ask(GetAsync(lambda _: release.wait()), timeout=0.01)
        assert isinstance(caught.value, TimeoutError)
        assert caught.value.where == ref.path
        release.set()
        await until(lambda: system.snapshot().late_replies == 1)
        await assert_at_rest(system)


async def test_many_expired_asks_leave_no_trace_among_the_deadlines() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        release = anyio.Event()

        async def one() -> None:
            with pytest.raises(AskTimeout):
                await ref.ask(GetAsync(lambda _: release.wait()), timeout=0.01)

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(one)
        assert len(engine(system).deadlines) == 0
        release.set()


async def test_a_request_past_its_deadline_is_not_handled_but_a_dead_letter() -> None:
    async with ActorSystem() as system:
        ref, letters, handled = system.spawn(Script), collect(system), list[object]()
        release = anyio.Event()
        ref.tell(DoAsync(lambda _: release.wait()))
        request = Get(handled.append)
        with pytest.raises(AskTimeout):
            await ref.ask(request, timeout=0.01)
        release.set()
        await system.drain(5)
        assert handled == []
        assert [(one.message, one.reason) for one in letters] == [(request, "expired")]


@pytest.mark.parametrize("inline", [True, False])
async def test_a_deadline_counts_even_if_the_clock_task_had_no_turn_to_see_it(
    inline: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ActorSystem() as system:
        ref, letters, handled = system.spawn(Script), collect(system), list[object]()
        await ref.started()
        release = anyio.Event()
        ref.tell(DoAsync(lambda _: release.wait()))
        request = Get(handled.append)
        outcome: list[object] = []

        async def asker() -> None:
            try:
                outcome.append(await ref.ask(request, timeout=0.02))
            except AskTimeout as error:
                outcome.append(type(error))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(asker)
            await turns()
            # the handler ends, but nothing of the engine runs before the deadline is over
            with monkeypatch.context() as patch:
                if inline:
                    patch.setattr(Scheduler, "run_slice", lambda _self, **_: None)
                release.set()
                if inline:
                    await turns(10)
                time.sleep(0.03)
            if inline:
                engine(system).slice_end = time.perf_counter() + 60
                await ref.ask(Get(lambda _: None))
        await system.drain(5)
        assert outcome == [AskTimeout]
        assert handled == []
        assert [(one.message, one.reason) for one in letters] == [(request, "expired")]


async def test_no_deadline_at_all_waits_for_the_reply() -> None:
    async with ActorSystem() as system:
        assert await system.spawn(Script).ask(GetAsync(soon), timeout=None) == "late"


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
async def test_a_time_that_cannot_pass_is_an_error_at_the_call(seconds: float) -> None:
    async with ActorSystem() as system:
        with pytest.raises(BadArgument):
            await system.spawn(Script).ask(Get(lambda _: 1), timeout=seconds)


@pytest.mark.parametrize("kind", [Get, GetAsync])
async def test_a_failing_handler_fails_its_asker_with_the_cause_chained(
    kind: type[Get | GetAsync],
) -> None:
    async with ActorSystem() as system:
        ref, letters = system.spawn(Script), collect(system)
        error = ValueError("wrong")
        request = kind(raises(error))
        with pytest.raises(HandlerFailed, match="wrong") as caught:
            await ref.ask(request)
        assert caught.value.__cause__ is error
        assert [(one.message, one.reason) for one in letters] == [(request, "failed")]
        with pytest.raises(ActorStopped):
            await ref.ask(Get(lambda _: 1))
        await assert_at_rest(system)


async def test_an_error_that_cannot_even_say_what_it_is_fails_the_handler_only() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

        __repr__ = __str__

    async with ActorSystem() as system:
        for kind in (Get, GetAsync):
            with pytest.raises(HandlerFailed):
                await system.spawn(Script).ask(kind(raises(Mute())))
        ref = system.spawn(Script)

        async def later(_actor: object) -> None:
            await turns()
            raise Mute

        with pytest.raises(HandlerFailed):
            await ref.ask(GetAsync(later))
        assert await system.spawn(Script).ask(Get(lambda _: 1)) == 1
        await assert_at_rest(system)


@pytest.mark.parametrize("kind", [Get, GetAsync])
async def test_a_refusal_is_an_answer_and_the_actor_goes_on(kind: type[Get | GetAsync]) -> None:
    async with ActorSystem() as system:
        ref, letters = system.spawn(Script), collect(system)
        with pytest.raises(Refused) as caught:
            await ref.ask(kind(raises(Refused({"left": 3}))))
        assert caught.value.payload == {"left": 3}
        assert await ref.ask(Get(lambda _: 1)) == 1
        assert letters == []


@pytest.mark.parametrize("kind", [Do, DoAsync])
async def test_a_refusal_where_nobody_can_be_refused_is_a_failure(
    kind: type[Do | DoAsync],
) -> None:
    async with ActorSystem() as system:
        ref, letters = system.spawn(Script), collect(system)
        ref.tell(kind(raises(Refused("no"))))
        assert (await ref.stopped()).__class__.__name__ == "Failed"
        assert [one.reason for one in letters] == ["failed"]


async def test_a_refusal_of_a_request_that_was_told_is_no_failure() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        ref.tell(Get(raises(Refused("no"))))
        assert await ref.ask(Get(lambda _: 1)) == 1


async def test_a_request_outside_the_behaviour_is_refused_as_not_accepted() -> None:
    async with ActorSystem() as system:
        ref, letters = system.spawn(Script), collect(system)
        with pytest.raises(NotAccepted, match="Nobody"):
            await ref.ask(Nobody())  # type: ignore[arg-type]
        assert [one.reason for one in letters] == ["not_accepted"]
        assert await ref.ask(Get(lambda _: 1)) == 1


async def test_asking_an_actor_that_is_over_fails_at_once() -> None:
    async with ActorSystem() as system:
        ref, letters = system.spawn(Script), collect(system)
        ref.stop()
        await ref.stopped()
        with pytest.raises(ActorStopped, match="script"):
            await ref.ask(Get(lambda _: 1), timeout=60)
        assert [one.reason for one in letters] == ["stopped"]


async def test_asks_that_wait_in_the_mailbox_of_a_stopping_actor_fail_at_once() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        release = anyio.Event()
        ref.tell(DoAsync(lambda _: release.wait()))
        outcome: list[object] = []

        async def asker() -> None:
            with pytest.raises(ActorStopped):
                await ref.ask(Get(lambda _: 1), timeout=60)
            outcome.append("stopped")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(asker)
            await turns()
            ref.stop()
            release.set()
        assert outcome == ["stopped"]


async def test_a_forgotten_handler_does_not_hold_up_leaving() -> None:
    async with ActorSystem(drain=0.05, shutdown=0.05) as system:
        system.spawn(Script).tell(DoAsync(hang))
