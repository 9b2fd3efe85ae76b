"""Offloaded work in threads: the actor waits, nobody else does, and nothing is lost or doubled."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from airssys_rt import (
    ActorSystem,
    AskTimeout,
    BadArgument,
    DeadLetter,
    HandlerFailed,
    Message,
    ProtocolError,
    Refused,
    Workers,
    WorkersFull,
    offload,
    on,
    props,
)
from tests.runtime.kit import collect, engine, until
from tests.runtime.offloaded import Gate, Off, Plain, Tell, Thread, make_off, try_verb
from tests.virtual import VirtualClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()  # no thread outlives its test


async def test_the_handler_runs_in_another_thread_and_has_its_actor_to_itself(gate: Gate) -> None:
    async with ActorSystem() as system:
        off, other = system.spawn(Off), system.spawn(Off)
        off.tell(Tell(lambda _: gate.enter("first")))
        off.tell(Tell("second"))
        await until(lambda: gate.entered)
        assert await other.ask(Plain()) == []  # the loop goes on
        with pytest.raises(AskTimeout):
            await off.ask(Plain(), timeout=0.005)  # the actor is at one message
        gate.opened.set()
        assert await off.ask(Plain()) == ["first", "second"]
        assert await off.ask(Thread("third")) != threading.get_ident()
        assert (await off.ask(Plain()))[-1] == "third"


async def test_the_verbs_are_refused_in_the_thread_and_work_again_afterwards() -> None:
    async with ActorSystem() as system:
        off = system.spawn(Off)
        await off.ask(Thread(try_verb))
        assert await off.ask(Plain()) == ["RT004"]
        await off.ask(Thread(lambda actor: actor.ref.tell_from_thread(Tell("from there"))))
        await system.drain()
        assert (await off.ask(Plain()))[-1] == "from there"
        with pytest.raises(Refused):
            await off.ask(Thread(refuse))
        await off.ask(Thread(lambda actor: actor.log.debug("from there")))


def refuse(actor: Any) -> None:
    raise Refused("no")


def crash(actor: Any) -> None:
    raise ValueError("in the thread")


async def test_an_error_in_the_worker_is_a_failure_of_the_actor() -> None:
    async with ActorSystem() as system:
        letters: list[DeadLetter] = collect(system)
        off = system.spawn(Off)
        with pytest.raises(HandlerFailed) as caught:
            await off.ask(Thread(crash))
        assert isinstance(caught.value.__cause__, ValueError)
        reason = await off.stopped()
        assert "in crash" in getattr(reason, "traceback", "")
        await system.drain()
        assert [letter.reason for letter in letters] == ["failed"]


async def test_a_kill_leaves_the_thread_to_itself_and_its_worker_busy(gate: Gate) -> None:
    workers = Workers("thread", limit=1)
    kind = make_off(workers)
    async with ActorSystem() as system:
        off = system.spawn(props(kind).shutdown(0.001))
        other = system.spawn(kind)
        off.tell(Tell(lambda actor: (gate.enter(), actor.seen.append(try_verb(actor)))))
        await until(lambda: gate.entered)
        seen = engine(system).suspended
        off.stop()
        await off.stopped()  # while the thread is still at it
        assert engine(system).suspended == seen - 1
        with pytest.raises(AskTimeout):
            await other.ask(Thread(), timeout=0.01)
        gate.opened.set()
        await other.ask(Plain())
        assert await other.ask(Thread(1)) != 0


async def test_what_was_left_to_itself_never_gets_the_verbs_back(gate: Gate) -> None:
    codes: list[str] = []

    def late(actor: Any) -> None:
        gate.enter()
        codes.append(try_verb(actor))

    async with ActorSystem() as system:
        off = system.spawn(props(Off).shutdown(0.001).restart("permanent"))
        off.tell(Tell(late))
        await until(lambda: gate.entered)
        off.stop()
        assert await off.ask(Plain()) == []  # the next incarnation does not wait for the thread
        gate.opened.set()
        await until(lambda: codes)
        assert codes == ["RT004"]
        assert await off.ask(Plain()) == []


async def test_an_ask_that_runs_out_of_time_does_not_end_the_work(gate: Gate) -> None:
    clock = VirtualClock()

    async def ask() -> None:
        with pytest.raises(AskTimeout):
            await off.ask(Thread(lambda _: gate.enter("done")), timeout=1.0)

    async with ActorSystem(clock=clock) as system:
        off = system.spawn(Off)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await until(lambda: gate.entered)
            clock.jump(2.0)
        gate.opened.set()
        assert await off.ask(Plain()) == ["done"]
        assert system.snapshot().late_replies == 1


async def test_who_waits_for_a_worker_and_is_killed_has_not_begun(gate: Gate) -> None:
    kind = make_off(Workers("thread", limit=1))
    async with ActorSystem() as system:
        first, second = (system.spawn(props(kind).shutdown(0.001)) for _ in range(2))
        first.tell(Tell(lambda _: gate.enter(1)))
        await until(lambda: gate.entered)
        second.tell(Tell(lambda _: gate.enter(2)))
        await until(lambda: engine(system).suspended == 2)
        second.stop()
        await second.stopped()
        gate.opened.set()
        await system.drain()
        assert gate.entered == [1]


async def test_a_full_queue_refuses_requests_and_drops_what_is_told(gate: Gate) -> None:
    kind = make_off(Workers("thread", limit=1, queue=1))
    async with ActorSystem() as system:
        letters = collect(system)
        busy, waits, asked, told = (system.spawn(kind) for _ in range(4))
        busy.tell(Tell(lambda _: gate.enter()))
        await until(lambda: gate.entered)
        waits.tell(Tell("waited"))
        await until(lambda: engine(system).suspended == 2)
        with pytest.raises(WorkersFull) as caught:
            await asked.ask(Thread())
        assert caught.value.code == "RT040"
        assert "limit=1, queue=1" in str(caught.value)
        told.tell(Tell("lost"))
        await until(lambda: letters)
        assert [(type(one.message), one.reason) for one in letters] == [(Tell, "overflow")]
        gate.opened.set()
        assert await waits.ask(Plain()) == ["waited"]
        await told.ask(Thread("again"))  # neither actor has failed
        await asked.ask(Thread("again"))
        assert await told.ask(Plain()) == ["again"]


async def test_no_more_work_at_a_time_than_the_limit_and_in_order(gate: Gate) -> None:
    kind = make_off(Workers("thread", limit=2))
    async with ActorSystem() as system:
        refs = [system.spawn(kind) for _ in range(5)]
        for number, ref in enumerate(refs):
            ref.tell(Tell(lambda _, number=number: gate.enter(number)))
        await until(lambda: engine(system).suspended == 5 and len(gate.entered) == 2)
        await anyio.sleep(0.002)
        assert sorted(map(str, gate.entered)) == ["0", "1"]
        gate.opened.set()
        await system.drain()
        assert len(gate.entered) == 5


async def test_a_pipe_and_code_outside_of_actors_offload_as_well() -> None:
    workers = Workers("thread", limit=1)

    @offload(workers)
    def whose(a: int, *, b: int) -> tuple[int, int]:
        return a + b, threading.get_ident()

    number, thread = await whose(1, b=2)
    assert (number, thread == threading.get_ident()) == (3, False)
    assert await workers.run(max, 3, 5) == 5

    async with ActorSystem() as system:
        off = system.spawn(Off)
        await off.started()
        assert await off.ask(Thread("asked")) != threading.get_ident()


async def test_a_system_does_not_wait_for_a_thread_for_ever(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "airssys_rt"):
        async with ActorSystem(drain=0.005, shutdown=0.02) as system:
            off = system.spawn(Off)
            off.tell(Tell(lambda _: gate.enter()))
            await until(lambda: gate.entered)
    texts = [record.getMessage() for record in caplog.records]
    assert any("still runs in a worker thread" in text for text in texts)


async def test_a_system_waits_for_a_thread_that_was_left_to_itself(gate: Gate) -> None:
    over: list[int] = []

    def work(_actor: object) -> None:
        gate.enter()
        over.append(1)

    async with ActorSystem() as system:
        off = system.spawn(props(Off).shutdown(0.001))
        off.tell(Tell(work))
        await until(lambda: gate.entered)
        off.stop()
        await off.stopped()
        gate.opened.set()
    assert over == [1]


WRONG: dict[str, Any] = {
    "kind": lambda: Workers("fork"),  # type: ignore[arg-type]
    "no limit": lambda: Workers("thread", limit=0),
    "half a worker": lambda: Workers("thread", limit=1.5),  # type: ignore[arg-type]
    "queue": lambda: Workers("thread", queue=-1),
    "kind of offload": lambda: offload("cores"),  # type: ignore[arg-type]
    "limit of shared workers": lambda: offload(Workers("thread"), limit=2),
    "queue of shared workers": lambda: offload(Workers("thread"), queue=2),
}


@pytest.mark.parametrize("what", WRONG)
def test_workers_that_cannot_be_are_refused(what: str) -> None:
    with pytest.raises(BadArgument):
        WRONG[what]()


def test_functions_that_workers_cannot_run_are_refused_when_they_are_defined() -> None:
    class Note(Message):
        pass

    def local() -> None:
        pass

    async def coroutine() -> None:
        pass

    with pytest.raises(ProtocolError, match="coroutine function"):
        offload("thread")(coroutine)
    with pytest.raises(ProtocolError, match="cannot find it"):
        offload("process")(local)
    with pytest.raises(ProtocolError, match="cannot find it"):
        offload("process")(lambda: None)
    wrong: Any = on(Note)(lambda self, msg: None)
    with pytest.raises(ProtocolError, match="cannot be called"):
        offload("thread")(wrong)  # the decorators in the wrong order
