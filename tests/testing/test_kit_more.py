"""`ActorKit` beyond one handler: hooks, jobs, supervisors, names, and what belongs to a loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest
import trio

from airssys_rt import (
    Actor,
    ActorRef,
    ExitReason,
    Killed,
    Message,
    Name,
    Request,
    RestartIntensityExceeded,
    StartFailed,
    Supervisor,
    on,
    props,
)
from airssys_rt.testing import ActorKit, ForeignAwait, Sent, Spawned, Stopped, TimerSet, stand_in
from tests.testing.accounts import Account, Deposit, Log, Other, OtherMsg, Price

OTHER = Name[OtherMsg]("other")


class Run(Request[object]):
    """Await what the function gives."""

    # Any: a coroutine of whatever result
    fn: Callable[[Any], Coroutine[Any, Any, object]]


class Got(Message):
    value: object


RunMsg: TypeAlias = Run | Got


class Runner(Actor[RunMsg]):
    def __init__(self, refs: tuple[ActorRef[OtherMsg], ...] = ()) -> None:
        self.refs = refs
        self.got: list[object] = []
        self.after(1, Got("constructed"))

    @on(Run)
    async def run(self, msg: Run) -> object:
        return await msg.fn(self)

    @on(Got)
    def take(self, msg: Got) -> None:
        self.got.append(msg.value)

    async def post_stop(self, reason: ExitReason) -> None:
        if self.refs:
            await self.refs[0].ask(Price("last"))

    initial = run | take


def test_verbs_in_the_constructor_are_effects_of_the_start() -> None:
    assert ActorKit(Runner).effects == [TimerSet(1, Got("constructed"))]


def test_stand_ins_are_found_in_containers_and_in_messages() -> None:
    other, later = stand_in("other", Other), stand_in("later", Other)
    kit = ActorKit(Runner, (other,))

    async def tell(actor: Runner) -> object:
        actor.refs[0].tell(Log("a"))
        actor.got[0].tell(Log("b"))  # type: ignore[attr-defined]
        return None

    kit.tell(Got(later))
    kit.ask(Run(tell))
    assert kit.effects == [Sent(other, Log("a")), Sent(later, Log("b"))]


def test_a_stand_in_that_no_kit_has_got_says_so() -> None:
    with pytest.raises(Exception, match="belongs to no kit"):
        stand_in("other", Other).tell(Log("a"))


def test_a_name_is_found_through_the_system() -> None:
    kit = ActorKit(Runner, (stand_in(OTHER),))
    kit.answer(Price, 5)

    async def ask(actor: Runner) -> object:
        return await actor.system.ref(OTHER).ask(Price("tea"))

    assert kit.ask(Run(ask)) == 5
    assert kit.system.whereis(OTHER) == kit.actor.refs[0]


def test_a_name_can_be_registered_later() -> None:
    kit = ActorKit(Runner)
    other = kit.stand_in(OTHER)
    kit.answer(Price, 5)

    async def ask(actor: Runner) -> object:
        return await actor.system.ref(OTHER).ask(Price("tea"))

    assert kit.ask(Run(ask)) == 5
    assert kit.system.whereis(OTHER) == other


def test_an_end_waits_for_post_stop_and_kills_it_after_the_shutdown_time() -> None:
    kit = ActorKit(Runner, (stand_in("other", Other),))
    assert kit.stop() is None
    assert kit.owed == [Price("last")]
    kit.advance(5)
    assert kit.stopped == Killed()
    assert kit.effects == [Stopped(Killed())]


def test_an_answer_lets_post_stop_go_on() -> None:
    kit = ActorKit(Runner, (stand_in("other", Other),))
    kit.stop()
    kit.answer(Price, 1)
    assert type(kit.stopped).__name__ == "Normal"


def test_a_job_is_cancelled_with_the_actor() -> None:
    ended: list[str] = []

    async def work(other: ActorRef[OtherMsg]) -> object:
        try:
            return await other.ask(Price("tea"))
        finally:
            ended.append("ended")

    async def start(actor: Runner) -> object:
        return str(actor.pipe(work(actor.refs[0]), Got, Got))

    kit = ActorKit(props(Runner, (stand_in("other", Other),)))
    kit.ask(Run(start))
    assert ended == []
    kit.answer(Price, 1)
    assert (ended, kit.state["got"]) == (["ended"], [1])
    kit = ActorKit(props(Runner, (stand_in("other", Other),)))
    kit.ask(Run(start))
    kit.stop()
    assert ended == ["ended", "ended"]


def test_a_supervisor_restarts_its_stand_ins() -> None:
    class Bank(Supervisor):
        strategy = "one_for_all"
        children = (
            props(Account, 1).named("first"),
            props(Account, 2).named("second"),
        )

    kit = ActorKit(Bank)
    spawned = [effect for effect in kit.effects if isinstance(effect, Spawned)]
    assert spawned == [Spawned(Account, (1,), name="first"), Spawned(Account, (2,), name="second")]
    first, second = kit.children
    second_ref: ActorRef[Deposit] = spawned[1].ref
    kit.end(first, ValueError("broken"))
    assert [child.path for child in kit.children] == ["/bank-1/first", "/bank-1/second"]
    assert second == second_ref
    with pytest.raises(RestartIntensityExceeded):
        kit.end(first, ValueError("broken"))
    assert type(kit.stopped).__name__ == "Failed"


async def future(_: Any) -> object:
    return await asyncio.get_running_loop().create_future()


async def nap(_: Any) -> object:
    return str(await asyncio.sleep(1, "awake"))


async def pass_on(_: Any) -> object:
    return str(await asyncio.sleep(0, "awake"))


async def trio_nap(_: Any) -> object:
    await trio.sleep(1)
    return None


@pytest.mark.parametrize("fn", [future, nap, pass_on, trio_nap])
def test_what_needs_a_loop_is_named_where_none_runs(fn: Callable[[Any], Any]) -> None:
    with pytest.raises(ForeignAwait) as caught:
        ActorKit(Runner).ask(Run(fn))
    assert "test_kit_more.py" in caught.value.where or fn is pass_on


@pytest.mark.parametrize("fn", [future, nap, pass_on])
def test_what_needs_a_loop_is_named_where_one_runs(fn: Callable[[Any], Any]) -> None:
    async def test() -> None:
        with pytest.raises(ForeignAwait, match="awaits"):
            ActorKit(Runner).ask(Run(fn))

    asyncio.run(test())


def test_what_needs_trio_is_named_where_it_runs() -> None:
    async def test() -> None:
        with pytest.raises(ForeignAwait, match="awaits"):
            ActorKit(Runner).ask(Run(trio_nap))

    trio.run(test)


def test_a_pipe_that_needs_a_loop_is_named() -> None:
    async def start(actor: Runner) -> object:
        return str(actor.pipe(nap(None), Got, Got))

    with pytest.raises(ForeignAwait):
        ActorKit(Runner).ask(Run(start))


def test_a_keyboard_interrupt_leaves_the_kit() -> None:
    async def interrupt(_: Any) -> object:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ActorKit(Runner).ask(Run(interrupt))


def test_an_actor_that_is_no_class_is_made_by_its_factory() -> None:
    def make(balance: int) -> Account:
        return Account(balance)

    assert ActorKit(make, 3).actor.balance == 3
    with pytest.raises(StartFailed):
        ActorKit(make, "3", 4)  # type: ignore[call-overload]
