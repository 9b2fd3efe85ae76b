"""Other threads: refs refuse them, `tell_from_thread` serves them, `blocking` is for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import pytest

from airssys_rt import ActorStopped, ActorSystem, Bounded, WrongThread, props
from tests.runtime.kit import Get, Note, Script, assert_at_rest, collect, engine, turns, until

pytestmark = pytest.mark.anyio


async def in_thread(work: Callable[[], Any]) -> BaseException | None:
    """Run `work` in another thread; what it raised."""
    caught: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            caught.append(error)

    await anyio.to_thread.run_sync(run)
    return caught[0] if caught else None


def step(work: Any) -> Callable[[], object]:
    """Begin a coroutine, as a thread without a loop may."""

    def run() -> object:
        coro = work()
        try:
            return coro.send(None)
        finally:
            coro.close()

    return run


@pytest.mark.parametrize("debug", [False, True])
async def test_a_ref_of_an_idle_actor_refuses_other_threads(debug: bool) -> None:
    async with ActorSystem(debug=debug) as system:
        plain = system.spawn(Script)
        bounded = system.spawn(props(Script).mailbox(Bounded(2)))
        await plain.started()
        await bounded.started()
        await assert_at_rest(system)
        for ref in (plain, bounded):
            for work in (
                lambda ref=ref: ref.tell(Note(1)),
                step(lambda ref=ref: ref.ask(Get(lambda _: 1))),
                step(lambda ref=ref: ref.send(Note(1))),
                step(lambda ref=ref: ref.stopped()),
                ref.stop,
                lambda: system.spawn(Script),
            ):
                error = await in_thread(work)
                assert isinstance(error, WrongThread), work
        assert await plain.ask(Get(lambda actor: actor.seen)) == []


async def test_an_event_loop_in_another_thread_is_not_the_systems() -> None:
    async def elsewhere(ref: Any) -> None:
        ref.tell(Note(1))

    async with ActorSystem() as system:
        ref = system.spawn(Script)
        await ref.started()
        await assert_at_rest(system)
        for backend in ("asyncio", "trio"):
            error = await in_thread(partial(anyio.run, elsewhere, ref, backend=backend))
            assert isinstance(error, WrongThread), backend
        assert await ref.ask(Get(lambda actor: actor.seen)) == []


async def test_messages_of_one_thread_arrive_in_their_order_and_wake_the_system() -> None:
    async with ActorSystem() as system:
        seen: list[object] = []
        ref = system.spawn(Script, seen)
        await ref.started()
        await assert_at_rest(system)

        def work() -> None:
            for n in range(100):
                ref.tell_from_thread(Note(n))

        assert await in_thread(work) is None
        await until(lambda: len(seen) == 100)
        assert seen == list(range(100))


async def test_many_threads_lose_nothing_and_keep_each_ones_order() -> None:
    async with ActorSystem() as system:
        seen: list[Any] = []
        ref = system.spawn(Script, seen)
        barrier = threading.Barrier(6)

        def work(who: int) -> None:
            barrier.wait()
            for n in range(500):
                ref.tell_from_thread(Note((who, n)))

        threads = [threading.Thread(target=work, args=(who,)) for who in range(6)]
        for thread in threads:
            thread.start()
        # the system's own thread is busy as well
        mine = 0
        while any(thread.is_alive() for thread in threads):
            ref.tell(Note((-1, mine)))
            mine += 1
            await anyio.sleep(0)
        await until(lambda: len(seen) == 3000 + mine)
        for who in range(-1, 6):
            numbers = [n for one, n in seen if one == who]
            assert numbers == list(range(mine if who == -1 else 500))
        await assert_at_rest(system)


async def test_a_full_mailbox_makes_a_dead_letter_of_what_a_thread_sends() -> None:
    async with ActorSystem() as system:
        letters = collect(system)
        ref = system.spawn(props(Script).mailbox(Bounded(1)))
        await ref.started()
        ref.tell(Note("fills it"))
        ref.tell_from_thread(Note("too much"))
        ref.tell_from_thread(Note("still too much"))
        await until(lambda: letters)
        # both actions ran before the actor had a turn, or each after the other
        assert {one.reason for one in letters} == {"overflow"}


async def test_what_the_receiver_would_refuse_does_not_hurt_those_behind_it() -> None:
    async with ActorSystem(debug=True) as system:
        seen, letters = list[object](), collect(system)
        ref = system.spawn(Script, seen)
        await ref.started()

        def work() -> None:
            ref.tell_from_thread("no message at all")  # type: ignore[arg-type]
            ref.tell_from_thread(Note("good"))

        await in_thread(work)
        await until(lambda: seen)
        assert seen == ["good"]
        assert [one.reason for one in letters] == ["not_accepted"]


async def test_a_thread_that_tells_while_the_block_is_left_hears_of_it_or_not_but_harms_none() -> (
    None
):
    for _ in range(5):
        ended, told = threading.Event(), threading.Event()

        def work(ref: Any, ended: threading.Event = ended, told: threading.Event = told) -> None:
            try:
                while True:
                    ref.tell_from_thread(Note(1))
                    told.set()
            except ActorStopped:
                ended.set()

        async with ActorSystem(drain=0.01) as system:
            ref = system.spawn(Script)
            thread = threading.Thread(target=work, args=(ref,))
            thread.start()
            await anyio.to_thread.run_sync(told.wait)
        await anyio.to_thread.run_sync(thread.join)
        assert ended.is_set()
        await turns()


async def test_a_thread_may_tell_an_adapter_and_a_name() -> None:
    from airssys_rt import Name

    async with ActorSystem() as system:
        seen: list[object] = []
        name = Name[Note]("script")
        ref = system.spawn(props(Script, seen).named(name))
        adapter: Any = await ref.ask(Get(lambda actor: actor.adapter(Note)))
        named = system.ref(name)

        def work() -> None:
            adapter.tell_from_thread("adapted")
            named.tell_from_thread(Note("named"))

        await in_thread(work)
        await until(lambda: len(seen) == 2)
        assert seen == ["adapted", "named"]


async def test_a_flood_from_a_thread_lets_the_loop_turn_now_and_then() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Script)
        await ref.started()

        def work() -> None:
            for n in range(3000):
                ref.tell_from_thread(Note(n))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()  # the loop stands still meanwhile
        count = 0
        while engine(system).inbox.pending:
            await anyio.sleep(0)
            count += 1
        assert count >= 5
        assert await system.drain(5)
        assert await ref.ask(Get(lambda actor: actor.seen == list(range(3000))))
