"""A wait that would never end fails at once, and names who waits for whom."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    ActorSystem,
    AskCycle,
    Bounded,
    Later,
    ReplyTo,
    props,
)
from tests.runtime.kit import (
    DoAsync,
    Get,
    GetAsync,
    Note,
    Ref,
    Script,
    assert_at_rest,
    cell,
    turns,
    until,
)

pytestmark = pytest.mark.anyio

ONE = Get(lambda _: 1)


def outcome_of(work: Any) -> Any:
    """Work for an async handler that replies with the result or the error."""

    async def run(actor: Any) -> object:
        try:
            return await work(actor)
        except Exception as error:
            return error

    return run


async def spin(_actor: object = None) -> None:
    await turns()


async def test_asking_oneself_is_a_cycle_of_one() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        error = await ref.ask(GetAsync(outcome_of(lambda actor: actor.ref.ask(ONE))))
        assert isinstance(error, AskCycle)
        assert error.cycle == (ref.path, ref.path)
        await assert_at_rest(system)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("size", [2, 3, 5])
async def test_a_cycle_of_asks_fails_its_last_wait_and_is_named(size: int, late: bool) -> None:
    async with ActorSystem() as system:
        refs = [system.spawn(Script) for _ in range(size)]
        errors: list[object] = []

        def ask(n: int) -> Any:
            async def handler(_actor: object) -> object:
                if late:
                    await turns(2)
                try:
                    return await refs[(n + 1) % size].ask(GetAsync(ask(n + 1)))
                except AskCycle as error:
                    errors.append(error)
                    return error.cycle

            return handler

        cycle = await refs[0].ask(GetAsync(ask(0)))
        paths = [ref.path for ref in refs]
        last = paths[-1]
        assert cycle == (last, *paths)
        assert len(errors) == 1
        assert all(part in str(errors[0]) for part in paths)
        await assert_at_rest(system)


async def test_waiting_for_ones_own_end_or_start_is_a_cycle() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        assert isinstance(
            await ref.ask(GetAsync(outcome_of(lambda actor: actor.ref.stopped()))), AskCycle
        )
        errors: list[object] = []

        async def starting(actor: Any) -> None:
            try:
                await actor.ref.started()
            except AskCycle as error:
                errors.append(error)

        await system.spawn(Script, starting=starting).started()
        assert len(errors) == 1


async def test_two_full_mailboxes_that_send_to_each_other_are_a_cycle() -> None:
    async with ActorSystem() as system:
        full = props(Script).mailbox(Bounded(1))
        one, two = system.spawn(full), system.spawn(full)
        await one.started()
        await two.started()
        caught: list[object] = []

        def fill(other: Ref) -> Any:
            async def handler(_actor: object) -> None:
                await turns(3)
                try:
                    for n in range(3):
                        await other.send(Note(n))
                except AskCycle as error:
                    caught.append(error)

            return handler

        one.tell(DoAsync(fill(two)))
        two.tell(DoAsync(fill(one)))
        await until(lambda: caught)
        assert await system.drain(5)
        assert len(caught) == 1
        await assert_at_rest(system)


async def test_a_deferred_ask_is_no_edge() -> None:
    async with ActorSystem() as system:
        asker, ref, helper = (system.spawn(Script) for _ in range(3))

        async def defer_and_ask_back(actor: Any) -> Later:
            later: ReplyTo[object] = actor.defer(request)
            await turns(2)
            helper.tell(DoAsync(lambda _: answer(later)))
            # no deadlock: the asker waits for the helper, not for us
            with anyio.move_on_after(0.2):
                back.append(await asker.ask(ONE))
            return later

        async def answer(later: ReplyTo[object]) -> None:
            await turns(2)
            later.reply("by the helper")

        back: list[object] = []
        request = GetAsync(defer_and_ask_back)
        assert await asker.ask(GetAsync(lambda _: ref.ask(request))) == "by the helper"
        await until(lambda: back == [1])
        await assert_at_rest(system)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_forwarded_ask_waits_for_the_new_target(asynchronous: bool) -> None:
    async with ActorSystem() as system:
        asker, via, target = (system.spawn(Script) for _ in range(3))
        back = GetAsync(outcome_of(lambda _: asker.ask(ONE)))

        async def forward_late(actor: Any) -> Later:
            await turns(2)
            return forward(actor)

        def forward(actor: Any) -> Later:
            later: Later = actor.forward(target, back)
            return later

        request = GetAsync(forward_late) if asynchronous else Get(forward)
        error = await asker.ask(GetAsync(lambda _: via.ask(request)))
        assert isinstance(error, AskCycle)
        assert error.cycle == (target.path, asker.path, target.path)
        # and the one between is free to ask the asker
        await assert_at_rest(system)


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_forwarding_to_the_asker_is_a_cycle(asynchronous: bool, busy: bool) -> None:
    async with ActorSystem() as system:
        asker, via = system.spawn(Script), system.spawn(Script)

        async def forward_late(actor: Any) -> Later:
            await turns(2)
            return forward(actor)

        def forward(actor: Any) -> Later:
            later: Later = actor.forward(asker, ONE)
            return later

        if busy:
            via.tell(DoAsync(spin))
        request = GetAsync(forward_late) if asynchronous else Get(forward)
        with anyio.fail_after(2):
            error = await asker.ask(GetAsync(outcome_of(lambda _: via.ask(request))))
        assert isinstance(error, AskCycle)
        assert await via.ask(ONE) == 1
        await assert_at_rest(system)


async def test_forwarding_to_one_who_waits_for_the_asker_is_a_cycle_also_inline() -> None:
    async with ActorSystem() as system:
        asker, via, waiting = (system.spawn(Script) for _ in range(3))
        for ref in (asker, via, waiting):
            await ref.started()
        go = anyio.Event()

        async def work(_actor: object) -> object:
            await go.wait()
            try:
                return await via.ask(Get(lambda actor: actor.forward(waiting, ONE)), timeout=2)
            except AskCycle as error:
                return error.cycle

        result: list[object] = []

        async def ask() -> None:
            result.append(await asker.ask(GetAsync(work)))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await turns()
            waiting.tell(DoAsync(lambda _: asker.ask(ONE)))
            await turns()
            go.set()
        assert result == [(asker.path, waiting.path, asker.path)]
        await assert_at_rest(system)


async def test_asks_of_child_tasks_and_pipes_make_no_edge() -> None:
    async with ActorSystem() as system:
        one, two = system.spawn(Script), system.spawn(Script)
        waiting: list[object] = []

        async def child_task_asks(actor: Any) -> object:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(lambda: two.ask(GetAsync(spin)))
                await turns(2)
                waiting.append(cell(actor.ref).waiting)
            return "done"

        assert await one.ask(GetAsync(child_task_asks)) == "done"
        assert waiting == [None]

        # two asks one, whose job asks two: no cycle is reported, the job waits for its turn
        def pipes(actor: Any) -> object:
            actor.pipe(two.ask(ONE), Note, Note)
            return "piped"

        assert await two.ask(GetAsync(lambda _: one.ask(Get(pipes)))) == "piped"
        actor: Any = cell(one).actor
        await until(lambda: actor.seen == [1])


async def test_no_edge_is_left_when_a_wait_is_over() -> None:
    async with ActorSystem() as system:
        one, two = system.spawn(Script), system.spawn(Script)

        async def work(_actor: object) -> object:
            await two.ask(GetAsync(spin))
            with anyio.move_on_after(0.01):
                await two.ask(GetAsync(lambda _: anyio.sleep(0.05)))
            await turns()
            return cell(one).waiting

        assert await one.ask(GetAsync(work)) is None
        assert await two.ask(GetAsync(lambda _: one.ask(ONE))) == 1
