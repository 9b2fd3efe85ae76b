"""What newcomers do wrong at first, and what they are told: the code, and how to mend it."""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    ActorSystem,
    AskCycle,
    AskTimeout,
    BadArgument,
    HandlerFailed,
    Later,
    Message,
    NoSystem,
    NotAccepted,
    ProtocolError,
    ReplyTo,
    Request,
    blocking,
    on,
)
from tests.unmeasured import unmeasured

pytestmark = pytest.mark.anyio


class Ask(Request[int]):
    how: str


class Give(Message):
    to: ReplyTo[int]


class Note(Message):
    text: str = ""


class Broker(Actor[Ask | Give | Note]):
    @on(Ask)
    def ask(self, msg: Ask) -> int | Later:
        to = self.defer(msg)
        match msg.how:
            case "pipe":
                self.pipe(anyio.sleep(60), lambda _: Give(to), lambda _: Give(to))
            case "after":
                self.after(60, Give(to))
            case "every":
                self.every(60, Give(to), key="x")
            case _:
                self.kept = to
        return to

    @on(Give)
    def give(self, msg: Give) -> None:
        msg.to.reply(1)

    @on(Note)
    def note(self, msg: Note) -> None:
        if msg.text == "timeout":
            self.state_timeout(1.0, None)  # type: ignore[call-overload]
        elif msg.text == "receive":
            self.receive_timeout(1.0, None)  # type: ignore[call-overload]
        elif msg.text == "become":
            self.become("up")  # type: ignore[arg-type]

    initial = ask | give | note


@pytest.mark.parametrize("how", ["pipe", "after", "every", "attribute"])
@pytest.mark.parametrize("stopped", [True, False])
async def test_an_asker_hears_at_once_when_what_holds_its_reply_ends(
    how: str, stopped: bool
) -> None:
    answers: list[BaseException] = []

    async def ask(ref: ActorRef[Ask]) -> None:
        try:
            await ref.ask(Ask(how), timeout=None)
        except HandlerFailed as error:
            answers.append(error)

    gc.disable()  # it must not be the garbage collector who finds it
    try:
        with anyio.fail_after(5):
            async with anyio.create_task_group() as tasks, ActorSystem() as system:
                broker = system.spawn(Broker)
                await broker.started()
                tasks.start_soon(ask, broker)
                await anyio.sleep(0.01)
                if stopped:
                    broker.stop()
                    await broker.stopped()
        assert len(answers) == 1
    finally:
        gc.enable()


async def test_a_deferred_ask_that_times_out_says_that_it_was_deferred() -> None:
    async with ActorSystem() as system:
        broker = system.spawn(Broker)
        with pytest.raises(AskTimeout, match="deferred the reply"):
            await broker.ask(Ask("keep"), timeout=0.01)


@pytest.mark.parametrize("text", ["timeout", "receive", "become"])
async def test_a_verb_used_wrongly_fails_the_actor_with_a_typed_error(text: str) -> None:
    async with ActorSystem() as system:
        broker = system.spawn(Broker)
        broker.tell(Note(text))
        reason: Any = await broker.stopped()
        assert isinstance(reason.cause, BadArgument)
        assert reason.cause.mend


class Plain(Actor[Note]):
    @on(Note)
    def note(self, msg: Note) -> None: ...

    initial = note


async def test_arguments_that_no_constructor_takes_are_refused() -> None:
    with pytest.raises(TypeError, match="takes no arguments"):
        Plain(1)  # type: ignore[call-arg]
    async with ActorSystem() as system:
        ref: Any = system.spawn(Plain, 1)  # type: ignore[call-overload]
        with pytest.raises(Exception, match="takes no arguments"):
            await ref.started()


async def test_spawning_an_instance_says_to_give_the_class() -> None:
    async with ActorSystem() as system:
        with pytest.raises(ProtocolError, match="not an instance"):
            system.spawn(Plain())  # type: ignore[call-overload]


async def test_sending_a_class_says_to_make_a_message_of_it() -> None:
    async with ActorSystem(debug=True) as system:
        ref = system.spawn(Plain)
        with pytest.raises(NotAccepted, match=r"make one: Note\(\.\.\.\)"):
            ref.tell(Note)  # type: ignore[arg-type]


class Broken(Actor[Ask]):
    def __init__(self) -> None:
        raise OSError("no disk")

    @on(Ask)
    def ask(self, msg: Ask) -> int:
        return 1

    initial = ask


async def test_asking_an_actor_that_did_not_start_names_the_cause() -> None:
    async with ActorSystem() as system:
        broken = system.spawn(Broken)
        with pytest.raises(ActorStopped) as caught:
            await broken.ask(Ask(""))
        assert "no disk" in str(caught.value.__cause__)


PROGRAM = """if True:
    import os, signal, sys, threading, time
    from airssys_rt import ActorSystem, blocking
    import asyncio, trio  # else the signal would hit their imports
    threading.Timer(float(sys.argv[2]), os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        with blocking(ActorSystem(), backend=sys.argv[1]):
            time.sleep(5)
        print("slept on")
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize("delay", ["0", "0.002", "0.005", "0.01", "0.03"])
def test_ctrl_c_while_a_blocking_system_starts_ends_the_program(
    anyio_backend_name: str, delay: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, anyio_backend_name, delay],
        env=unmeasured(),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.stdout.strip() in ("interrupted", ""), done.stderr
    assert "slept on" not in done.stdout


async def test_a_handler_that_drains_its_system_is_told_that_it_waits_for_itself() -> None:
    class Waiter(Actor[Ask]):
        @on(Ask)
        async def ask(self, msg: Ask) -> int:
            await self.system.drain(1)
            return 1

        initial = ask

    async with ActorSystem() as system:
        with pytest.raises(HandlerFailed) as caught:
            await system.spawn(Waiter).ask(Ask(""))
        assert isinstance(caught.value.__cause__, AskCycle)


def test_a_blocking_system_is_entered_once_and_knows_its_backends() -> None:
    with pytest.raises(BadArgument, match="no backend 'curio'"):
        blocking(ActorSystem(), backend="curio")
    system = blocking(ActorSystem())
    with system:
        pass
    with pytest.raises(NoSystem, match="entered before"), system:
        pass
