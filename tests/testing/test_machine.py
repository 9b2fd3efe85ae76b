"""`protocol_machine`: what it accepts, what it finds, and what it reaches."""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from airssys_rt import (
    Actor,
    ActorRef,
    BadArgument,
    Down,
    Edge,
    HandlerFailed,
    IllegalTransition,
    Later,
    Message,
    Name,
    ProtocolError,
    Refused,
    ReplyTo,
    Request,
    Supervisor,
    on,
    props,
)
from airssys_rt.testing import ActorKit, protocol_machine, stand_in
from tests.testing.accounts import Account, Deposit, Freeze, Other, OtherMsg, Price, Thaw, Withdraw

# Any: machines of every protocol


def check(machine: Any, examples: int = 40) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            database=None,
            derandomize=True,
            print_blob=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


class AccountModel:
    def __init__(self) -> None:
        self.balance = 100

    def apply(self, msg: object) -> object:
        match msg:
            case Deposit(amount=amount):
                self.balance += amount
            case Withdraw(amount=amount):
                if amount > self.balance:
                    raise Refused("insufficient funds")
                self.balance -= amount
                return self.balance
            case _:
                pass
        return None

    def check(self, kit: ActorKit[Account]) -> None:
        assert kit.actor.balance == self.balance


def test_an_actor_that_is_what_it_declares_passes_and_each_transition_is_taken() -> None:
    machine = protocol_machine(props(Account, 100), model=AccountModel)
    check(machine)
    assert machine.taken == {("initial", "frozen")}
    assert machine.never_taken() == []


def test_a_model_that_differs_is_an_error_with_both_replies() -> None:
    class Generous(AccountModel):
        def apply(self, msg: object) -> object:
            reply = super().apply(msg)
            return reply + 1 if isinstance(reply, int) else reply

    with pytest.raises(AssertionError, match=r"was answered \d+; the model says \d+"):
        check(protocol_machine(props(Account, 100), model=Generous))


def test_a_model_may_check_the_state_alone() -> None:
    class Wrong:
        def apply(self, msg: object) -> object:
            return NotImplemented

        def check(self, kit: ActorKit[Account]) -> None:
            assert kit.behaviour == "initial"

    with pytest.raises(AssertionError):
        check(protocol_machine(Account, model=Wrong))


def test_a_refusal_that_the_model_does_not_expect_is_an_error() -> None:
    class Blind:
        def apply(self, msg: object) -> object:
            if isinstance(msg, Withdraw):
                raise Refused("other words")
            return None

    with pytest.raises(AssertionError, match="the model says Refused"):
        check(protocol_machine(Account, model=Blind))


# -- faulty actors: each is found without a line of the user's -------------------------------------


class Open(Message): ...


class Close(Message): ...


class Ask(Request[int]):
    number: int = 0


DoorMsg: TypeAlias = Open | Close | Ask


class Door(Actor[DoorMsg]):
    """From `open` it leads back, which `flow` of the faulty one does not say."""

    @on(Open)
    def do_open(self, msg: Open) -> None:
        self.become(self.opened)

    @on(Close)
    def do_close(self, msg: Close) -> None:
        self.become(self.initial)

    @on(Ask)
    def ask(self, msg: Ask) -> int:
        return 1

    initial = do_open | do_close | ask
    opened = do_close | ask
    flow: ClassVar[tuple[Edge, ...]] = (initial.to(opened, initial), opened.to(initial))


class UndeclaredDoor(Door):
    flow = (Door.initial.to(Door.opened, Door.initial),)


class WrongReply(Door):
    @on(Ask)
    def ask(self, msg: Ask) -> int:
        found: Any = "1" if msg.number > 3 else 1
        number: int = found
        return number


class CrashingDoor(Door):
    @on(Ask)
    def ask(self, msg: Ask) -> int:
        return 1 // max(0, 3 - msg.number)


class Tock(Message): ...


class ForgetfulDoor(Actor[Open | Close | Tock]):
    """Its timer may come after it has closed again, where that is an error."""

    @on(Open)
    def do_open(self, msg: Open) -> None:
        self.become(self.opened)
        self.after(5, Tock(), key="tock")

    @on(Close)
    def do_close(self, msg: Close) -> None:
        self.become(self.initial)

    @on(Tock)
    def tock(self, msg: Tock) -> None:
        raise ValueError("closed already")

    @on(Tock)
    def tock_open(self, msg: Tock) -> None:
        self.become(self.initial)

    initial = do_open | do_close | tock
    opened = do_close | tock_open


def test_doors_that_keep_to_their_flow_pass() -> None:
    check(protocol_machine(Door))


@pytest.mark.parametrize(
    ("door", "error", "text"),
    [
        (UndeclaredDoor, IllegalTransition, "may not become initial from opened"),
        (WrongReply, ProtocolError, "the reply to Ask cannot go over the wire"),
        (CrashingDoor, HandlerFailed, "the handler of Ask"),
        (ForgetfulDoor, ValueError, "closed already"),
    ],
)
def test_a_faulty_actor_is_found(door: Any, error: type[Exception], text: str) -> None:
    skip = [Tock] if door is ForgetfulDoor else []
    with pytest.raises(error, match=text):
        check(protocol_machine(door, skip=skip), 200)


def test_what_is_skipped_is_not_sent_and_what_is_given_is() -> None:
    machine = protocol_machine(
        CrashingDoor, messages={Ask: st.builds(Ask, st.integers(-20, 2))}, skip=[Open]
    )
    check(machine)
    assert machine.never_taken() == [("initial", "opened"), ("opened", "initial")]


# -- children, others, timers ---------------------------------------------------------------------


class Job(Request[int]):
    item: str


class Tick(Message): ...


class Finish(Message): ...


BossMsg: TypeAlias = Job | Tick | Finish | Down


class Boss(Actor[BossMsg]):
    """Asks others, spawns children, sets timers, defers replies, stops."""

    seen: ClassVar[set[str]] = set()

    def __init__(self, others: tuple[ActorRef[OtherMsg], ...]) -> None:
        self.others = others
        self.waiting: list[ReplyTo[int]] = []
        self.workers = 0

    def pre_start(self) -> None:
        self.every(10, Tick())

    @on(Job)
    async def job(self, msg: Job) -> int | Later:
        if self.workers < 2:
            self.monitor(self.spawn(Account, 1))
            self.workers += 1
        price = await self.others[0].ask(Price(msg.item))
        assert isinstance(price, int)
        if price % 2:
            reply = self.defer(msg)
            self.waiting.append(reply)
            return reply
        return price

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.seen.add("tick")
        for reply in self.waiting:
            self.seen.add("deferred")
            reply.reply(1)
        self.waiting.clear()

    @on(Finish)
    def finish(self, msg: Finish) -> None:
        self.seen.add("finish")
        self.stop()

    @on(Down)
    def down(self, msg: Down) -> None:
        self.seen.add("down")
        self.workers -= 1

    initial = job | tick | finish | down


OTHER = Name[OtherMsg]("other")


@pytest.mark.parametrize("other", [stand_in("other", Other), stand_in(OTHER)])
def test_children_timers_and_others_take_part(other: ActorRef[OtherMsg]) -> None:
    Boss.seen.clear()
    check(protocol_machine(props(Boss, (other,)), skip=[Tick]), 120)
    assert Boss.seen == {"tick", "deferred", "finish", "down"}


def test_the_replies_of_others_can_be_given() -> None:
    class Even(Boss):
        seen: ClassVar[set[str]] = set()

    other = stand_in("other", Other)
    replies = {Price: st.integers().map(lambda number: 2 * number)}
    check(protocol_machine(props(Even, (other,)), others=replies))
    assert "deferred" not in Even.seen


def test_a_supervisor_has_a_machine_too() -> None:
    class Bank(Supervisor):
        children = (props(Account, 1).named("first"),)

    check(protocol_machine(Bank, skip=Bank.__protocol__.members or ()), 5)


def test_an_actor_without_a_union_is_refused() -> None:
    with pytest.raises(BadArgument, match="has no union"):
        protocol_machine(lambda: Account())


def test_its_test_case_is_named_after_the_actor() -> None:
    assert protocol_machine(Account).__name__ == "AccountMachine"
    assert {Freeze, Thaw} <= (Account.__protocol__.members or set())


class Deaf(Actor[Open | Close]):
    """After `Close` it accepts nothing that the machine sends."""

    @on(Open)
    def do_open(self, msg: Open) -> None:
        """Nothing to do."""

    @on(Close)
    def do_close(self, msg: Close) -> None:
        self.become(self.deaf)

    initial = do_open | do_close
    deaf = do_open
    flow = (initial.to(deaf), deaf.final())


def test_a_behaviour_that_accepts_nothing_of_what_is_sent_is_no_dead_end() -> None:
    machine = protocol_machine(Deaf, skip=[Open])
    check(machine, 5)
    assert machine.never_taken() == []
