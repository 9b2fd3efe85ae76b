"""What a restart keeps, and what it does not."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from airssys_rt import (
    ActorStopped,
    ActorSystem,
    AskTimeout,
    Backoff,
    Bounded,
    Down,
    HandlerFailed,
    MailboxFull,
    Message,
    Name,
    Props,
    props,
)
from tests.runtime.kit import (
    Do,
    DoAsync,
    Get,
    GetAsync,
    Note,
    Ref,
    Script,
    ScriptMsg,
    assert_at_rest,
    cell,
    collect,
    engine,
    hang,
    raises,
    until,
)
from tests.virtual import VirtualClock, advance

pytestmark = pytest.mark.anyio

BOOM = Do(raises(RuntimeError("boom")))
SLOW = Backoff(first=10.0, cap=10.0, jitter=0.0)


def lasting(log: list[object] | None = None, **hooks: Any) -> Props[ScriptMsg]:
    return props(Script, log, **hooks).restart("permanent")


async def test_the_mailbox_and_the_ref_survive_in_order() -> None:
    log: list[object] = []
    async with ActorSystem("restart") as system:
        ref = system.spawn(lasting(log))
        ref.tell(Note(1))
        ref.tell(BOOM)
        for number in (2, 3, 4):
            ref.tell(Note(number))
        await system.drain()
        assert log == [1, 2, 3, 4]
        assert cell(ref).incarnation == 2


async def test_the_stash_goes_to_the_front_of_the_mailbox() -> None:
    log: list[object] = []

    def put_aside(text: str) -> Do:
        def handle(actor: Script) -> None:
            if cell(actor.ref).incarnation == 1:
                actor.stash()
            else:
                log.append(text)

        return Do(handle)

    async with ActorSystem("restart") as system:
        ref = system.spawn(lasting(log))
        ref.tell(put_aside("first"))
        ref.tell(put_aside("second"))
        ref.tell(BOOM)
        ref.tell(Note("third"))
        await system.drain()
    assert log == ["first", "second", "third"]


async def test_the_instance_is_built_anew_and_what_it_made_is_over() -> None:
    clock = VirtualClock()
    log: list[object] = []

    def set_up(actor: Script) -> None:
        actor.after(1.0, Note("timer"))
        actor.every(1.0, Note("ticks"))
        actor.pipe(hang(), Note, Note)
        actor.spawn(props(Script, stopping=lambda *_: log.append("child stopped")))
        actor.become(Script.note, push=True)

    async with ActorSystem("restart", clock=clock) as system:
        ref = system.spawn(lasting(log, stopping=lambda *_: log.append("stopped")))
        first = await ref.ask(Get(lambda actor: actor))
        await ref.ask(Get(set_up))
        await system.drain()
        # in the behaviour it is in, only a note is accepted; a failure is what `via` makes
        ref.tell(Note("seen"))
        cell(ref).signal("broken", (RuntimeError("boom"), "a test"))
        await system.drain()
        assert await ref.ask(Get(lambda actor: actor)) is not first
        assert log == ["child stopped", "stopped", "seen"]
        assert cell(ref).more.children == {}
        await advance(system, clock, 10.0)
        assert log == ["child stopped", "stopped", "seen"]
        await assert_at_rest(system)


async def test_a_name_follows_the_restart() -> None:
    NAME = Name[ScriptMsg]("lasting")
    async with ActorSystem("restart") as system:
        ref = system.spawn(lasting().named(NAME))
        named = system.ref(NAME)
        named.tell(BOOM)
        assert await named.ask(Get(lambda _: "there")) == "there"
        assert system.whereis(NAME) == ref


async def test_a_deferred_reply_of_the_dead_incarnation_fails_its_asker() -> None:
    async with ActorSystem("restart") as system:
        ref = system.spawn(lasting())

        def keep(actor: Any) -> Any:
            actor.kept = actor.defer(cell(actor.ref).msg.msg)
            return actor.kept

        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                with pytest.raises(HandlerFailed):
                    await ref.ask(GetAsync(lambda actor: _later(keep(actor))), timeout=None)

            tasks.start_soon(ask)
            await until(lambda: cell(ref).handled >= 1)
            ref.tell(BOOM)


async def _later(value: object) -> object:
    return value


async def test_monitors_are_told_of_each_incarnation() -> None:
    class Watching(Message):
        down: Down

    downs: list[tuple[int, bool, str]] = []

    async with ActorSystem("restart") as system:
        ref = system.spawn(lasting().restart("transient"))
        watcher = system.spawn(Script)

        def note(down: Down) -> Note:
            downs.append((down.incarnation, down.restarting, type(down.reason).__name__))
            return Note("down")

        await watcher.ask(Get(lambda actor: actor.monitor(ref, via=note)))
        ref.tell(BOOM)
        await system.drain()
        ref.stop()
        await ref.stopped()
        await system.drain()
    assert downs == [(1, True, "Failed"), (2, False, "Normal")]


async def test_messages_queue_during_backoff_and_asks_keep_their_deadline() -> None:
    clock = VirtualClock()
    log: list[object] = []
    async with ActorSystem("restart", clock=clock) as system:
        ref = system.spawn(lasting(log).backoff(SLOW))
        ref.tell(BOOM)
        await until(lambda: cell(ref).life == "down")
        ref.tell(Note("kept"))
        async with anyio.create_task_group() as tasks:

            async def impatient() -> None:
                with pytest.raises(AskTimeout):
                    await ref.ask(Get(lambda _: 1), timeout=2.0)
                log.append("expired")

            async def patient() -> None:
                log.append(await ref.ask(Get(lambda _: "answered"), timeout=20.0))

            tasks.start_soon(impatient)
            tasks.start_soon(patient)
            await until(lambda: len(cell(ref).items()) == 3)
            clock.jump(3.0)
            await until(lambda: log)
            assert cell(ref).life == "down"
            clock.jump(8.0)
        assert log == ["expired", "kept", "answered"]


async def test_nobody_else_waits_for_a_backoff() -> None:
    clock = VirtualClock()
    async with ActorSystem("restart", clock=clock) as system:
        down = system.spawn(lasting().backoff(SLOW))
        other = system.spawn(lasting())
        down.tell(BOOM)
        await until(lambda: cell(down).life == "down")
        assert await other.ask(Get(lambda _: 1)) == 1


async def test_a_bounded_mailbox_is_bounded_while_its_actor_is_down() -> None:
    clock = VirtualClock()
    log: list[object] = []
    async with ActorSystem("restart", clock=clock) as system:
        ref = system.spawn(lasting(log).backoff(SLOW).mailbox(Bounded(2)))
        ref.tell(BOOM)
        await until(lambda: cell(ref).life == "down")
        ref.tell(Note(1))
        ref.tell(Note(2))
        with pytest.raises(MailboxFull):
            ref.tell(Note(3))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ref.send, Note(4))
            await anyio.sleep(0.005)
            assert log == []
            clock.jump(11.0)
        await system.drain()
    assert log == [1, 2, 4]


async def test_a_slot_given_up_during_backoff_loses_nothing_silently() -> None:
    clock = VirtualClock()
    downs: list[tuple[int, bool]] = []
    async with ActorSystem("restart", clock=clock) as system:
        letters = collect(system)
        ref = system.spawn(lasting().backoff(SLOW))
        watcher = system.spawn(Script)

        def note(down: Down) -> Note:
            downs.append((down.incarnation, down.restarting))
            return Note("down")

        await watcher.ask(Get(lambda actor: actor.monitor(ref, via=note)))
        ref.tell(BOOM)
        await until(lambda: cell(ref).life == "down")
        ref.tell(Note("left"))
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                with pytest.raises(ActorStopped):
                    await ref.ask(Get(lambda _: 1), timeout=None)

            tasks.start_soon(ask)
            await until(lambda: len(cell(ref).items()) == 2)
            ref.stop()
        assert type(await ref.stopped()).__name__ == "Failed"
        await system.drain()
        assert downs == [(1, True), (1, False)]
        assert [type(letter.message) for letter in letters] == [Do, Note, Get]
        assert {letter.reason for letter in letters} == {"failed"}


async def test_a_block_left_during_backoff_does_not_wait_for_it() -> None:
    clock = VirtualClock()
    async with ActorSystem("restart", clock=clock, drain=0.01) as system:
        ref = system.spawn(lasting().backoff(SLOW))
        ref.tell(BOOM)
        await until(lambda: cell(ref).life == "down")
    assert cell(ref).life == "dead"


async def test_draining_waits_for_messages_that_are_kept() -> None:
    log: list[object] = []
    async with ActorSystem("restart") as system:
        ref = system.spawn(lasting(log).backoff(Backoff(first=0.02, jitter=0)))
        ref.tell(BOOM)
        ref.tell(Note("kept"))
        assert await system.drain(5.0)
        assert log == ["kept"]


async def test_a_suspended_handler_ends_before_the_next_incarnation_starts() -> None:
    log: list[object] = []
    gate = anyio.Event()

    async def linger(_actor: object) -> None:
        with anyio.CancelScope(shield=True):
            await gate.wait()
        log.append("old one is over")

    async with ActorSystem("restart") as system:
        ref = system.spawn(
            lasting(starting=lambda _: log.append("start")).shutdown(0.01).named("a")
        )
        ref.tell(DoAsync(linger))
        await until(lambda: cell(ref).suspension)
        ref.stop()
        await until(lambda: cell(ref).life == "stopping")
        await anyio.sleep(0.03)
        assert log == ["start"]
        gate.set()
        await until(lambda: len(log) == 3)
    assert log == ["start", "old one is over", "start"]


async def test_a_failed_restart_is_tried_again_until_the_intensity_is_spent() -> None:
    tries: list[int] = []

    def start(actor: Script) -> None:
        tries.append(cell(actor.ref).incarnation)
        if len(tries) > 1:
            raise RuntimeError("no start")

    class Parent(Script):
        intensity = 3

    async with ActorSystem("restart") as system:
        parent = system.spawn(Parent)
        child: Any = await parent.ask(Get(lambda actor: actor.spawn(lasting(starting=start))))
        child.tell(BOOM)
        reason = await parent.stopped()
        assert type(reason).__name__ == "Failed"
        assert tries == [1, 2, 3, 4]


async def test_a_first_start_that_fails_is_not_tried_again() -> None:
    tries: list[int] = []

    def start(_actor: Script) -> None:
        tries.append(1)
        raise RuntimeError("no start")

    async with ActorSystem("restart") as system:
        ref = system.spawn(lasting(starting=start))
        with pytest.raises(Exception, match="did not start"):
            await ref.started()
        await ref.stopped()
        assert tries == [1]
        assert not engine(system).holding


async def test_children_are_restarted_while_a_handler_of_their_parent_is_suspended() -> None:
    async with ActorSystem("restart") as system:
        parent = system.spawn(Script)
        child: Any = await parent.ask(Get(lambda actor: actor.spawn(lasting())))

        async def use(_actor: Script) -> object:
            child.tell(BOOM)
            return await child.ask(Get(lambda actor: cell(actor.ref).incarnation))

        assert await parent.ask(GetAsync(use)) == 2


@pytest.mark.parametrize(
    ("restart", "message", "incarnations"),
    [
        ("permanent", BOOM, 2),
        ("permanent", Do(lambda actor: actor.stop()), 2),
        ("transient", BOOM, 2),
        ("transient", Do(lambda actor: actor.stop()), 1),
        ("temporary", BOOM, 1),
        ("temporary", Do(lambda actor: actor.stop()), 1),
    ],
)
async def test_normal_and_abnormal_ends_are_told_apart(
    restart: Any, message: Do, incarnations: int
) -> None:
    async with ActorSystem("restart") as system:
        ref: Ref = system.spawn(props(Script).restart(restart))
        ref.tell(message)
        await system.drain()
        assert cell(ref).incarnation == incarnations
        assert (cell(ref).life == "dead") == (incarnations == 1)


async def test_what_is_next_of_a_failed_handler_waits_for_the_next_incarnation() -> None:
    log: list[object] = []

    def fail(actor: Script) -> None:
        actor.next(Note("next"))
        raise RuntimeError("boom")

    async with ActorSystem("restart") as system:
        letters = collect(system)
        kept = system.spawn(lasting(log))
        kept.tell(Do(fail))
        kept.tell(Note("later"))
        await system.drain()
        assert log == ["next", "later"]
        over = system.spawn(props(Script, log))
        over.tell(Do(fail))
        await system.drain()
        assert log == ["next", "later"]
        assert [letter.message for letter in letters if isinstance(letter.message, Note)] == [
            Note("next")
        ]


@pytest.mark.parametrize(("restart", "incarnations"), [("transient", 1), ("permanent", 2)])
async def test_who_is_killed_for_not_stopping_in_time_was_still_asked_to_stop(
    restart: Any, incarnations: int
) -> None:
    async with ActorSystem("restart") as system:
        ref = system.spawn(props(Script).restart(restart).shutdown(0.01))
        ref.tell(DoAsync(hang))
        await until(lambda: cell(ref).suspension)
        ref.stop()
        await until(lambda: cell(ref).life == "dead" or cell(ref).incarnation == 2)
        assert cell(ref).incarnation == incarnations
