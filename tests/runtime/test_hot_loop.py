"""The hot loop makes a cell idle before its sync handler runs: what the handler does then."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import ActorSystem, DeadLetter, props
from tests.runtime.kit import Do, Get, Note, Script, assert_at_rest, collect, engine

pytestmark = pytest.mark.anyio


async def test_an_ask_that_begins_within_a_sync_handler_runs_no_handler_there() -> None:
    inside: list[str] = []

    async with ActorSystem() as system:
        ref = system.spawn(Script)
        other = system.spawn(Script)
        await system.drain()

        def ask_both(_actor: object) -> None:
            inside.append("in")
            engine(system).slice_end += 60.0  # it does not end in the middle of this
            for to in (ref, other):
                # as an eager task does
                coro = to.ask(Get(lambda _: inside.append("asked")))
                coro.send(None)
                coro.close()
            engine(system).slice_end -= 60.0
            inside.append("out")

        ref.tell(Do(ask_both))
        await system.drain()
        assert inside == ["in", "out"]
        await assert_at_rest(system)


async def test_a_coroutine_that_a_handler_returns_goes_before_what_it_told_itself() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        await system.drain()

        def work(actor: Any) -> Any:
            ref.tell(Note("told"))
            ref.tell(Note("told again"))

            async def rest() -> None:
                actor.seen.append("begun")
                await anyio.sleep(0)
                actor.seen.append("done")

            return rest()

        ref.tell(Do(work))
        ref.tell(Note("next"))
        assert await ref.ask(Get(lambda actor: list(actor.seen))) is not None
        await system.drain()
        seen = await ref.ask(Get(lambda actor: list(actor.seen)))
        assert seen == ["begun", "done", "next", "told", "told again"]

        for count in (0, 1, 2):
            await assert_at_rest(system)

            def again(actor: Any, count: int = count) -> Any:
                actor.seen.clear()
                for n in range(count):
                    ref.tell(Note(n))

                async def rest() -> None:
                    await anyio.sleep(0)
                    actor.seen.append("done")

                return rest()

            ref.tell(Do(again))
            await system.drain()
            seen = await ref.ask(Get(lambda actor: list(actor.seen)))
            assert seen == ["done", *range(count)]
        await assert_at_rest(system)


async def test_a_handler_that_fails_after_it_told_itself_loses_nothing() -> None:
    async with ActorSystem() as system:
        letters: list[DeadLetter] = collect(system)
        ref = system.spawn(props(Script))
        await system.drain()

        def work(_actor: Any) -> None:
            ref.tell(Note("told"))
            raise ValueError("fails")

        ref.tell(Do(work))
        await system.drain()
        assert [one.reason for one in letters] == ["failed", "failed"]
        assert isinstance(letters[1].message, Note)
        await assert_at_rest(system)


async def test_a_handler_that_stops_its_actor_after_it_told_itself_handles_nothing_more() -> None:
    async with ActorSystem() as system:
        letters: list[DeadLetter] = collect(system)
        seen: list[object] = []
        ref = system.spawn(Script, seen)
        await system.drain()

        def work(_actor: Any) -> None:
            ref.tell(Note("told"))
            ref.stop()
            ref.tell(Note("told late"))

        ref.tell(Do(work))
        await ref.stopped()
        await system.drain()
        assert seen == []
        assert [one.reason for one in letters] == ["stopped", "stopped"]


async def test_a_handler_that_puts_its_message_aside_twice_in_its_life_gets_it_back() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        await system.drain()
        tries: list[int] = []

        def work(actor: Any) -> Any:
            tries.append(len(tries))
            if len(tries) < 3:
                actor.stash()
                ref.tell(Do(lambda actor: actor.unstash_all()))

        ref.tell(Do(work))
        await system.drain()
        assert tries == [0, 1, 2]
        await assert_at_rest(system)


async def test_what_a_dying_message_tells_the_actor_that_is_next_is_handled_once() -> None:
    class Testament:
        def __init__(self, number: int) -> None:
            self.number = number

        def __call__(self, actor: Any) -> None:
            pass

        def __del__(self) -> None:
            heir.tell(Note(-self.number))

    async with ActorSystem() as system:
        seen: list[object] = []
        ref = system.spawn(Script)
        heir = system.spawn(Script, seen)
        await system.drain()
        for number in range(1, 4):
            ref.tell(Do(Testament(number)))
            heir.tell(Note(number))
            await system.drain()
        assert sorted(seen, key=str) == [-1, -2, -3, 1, 2, 3]
        await assert_at_rest(system)
