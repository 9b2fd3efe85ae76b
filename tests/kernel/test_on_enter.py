"""`@on_enter`: what runs when an actor has come into a behaviour."""

from __future__ import annotations

import anyio
import pytest

from airssys_rt import Actor, ActorSystem, Failed, Later, Message, NoSystem, Request, on, on_enter

pytestmark = pytest.mark.anyio


class Go(Message):
    path: tuple[str, ...]


class Back(Message): ...


class Log(Request[list[str]]): ...


class Walker(Actor[Go | Back | Log]):
    def __init__(self, log: list[str] | None = None) -> None:
        self.seen: list[str] = [] if log is None else log

    async def pre_start(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.seen.append("pre_start")

    @on(Go)
    def go(self, msg: Go) -> None:
        for name in msg.path:
            self.become(getattr(self, name), push=True)
        self.seen.append("go")

    @on(Back)
    def back(self, msg: Back) -> None:
        self.unbecome()

    @on(Log)
    def log_of(self, msg: Log) -> list[str]:
        self.seen.append("log")
        return self.seen

    @on(Go)
    def same(self, msg: Go) -> None:
        self.go(msg)

    @on(Go)
    def raising(self, msg: Go) -> None: ...

    initial = go | back | log_of
    sync = initial.replace(same)
    slow = sync.replace(go)
    plain = initial.replace(same)
    broken = initial.replace(raising)

    @on_enter(initial)
    def enter_initial(self) -> None:
        self.seen.append("initial")

    @on_enter(sync)
    def enter_sync(self) -> None:
        self.seen.append("sync")

    @on_enter(slow)
    async def enter_slow(self) -> None:
        self.seen.append("slow...")
        await anyio.sleep(0.001)
        self.seen.append("slow")

    @on_enter(broken)
    def enter_broken(self) -> None:
        raise RuntimeError("no way in")


async def test_the_initial_behaviour_is_entered_after_pre_start() -> None:
    async with ActorSystem() as system:
        walker = system.spawn(Walker)
        assert await walker.ask(Log()) == ["pre_start", "initial", "log"]


async def test_enter_runs_after_the_handler_and_before_the_next_message() -> None:
    async with ActorSystem() as system:
        walker = system.spawn(Walker)
        await walker.started()
        walker.tell(Go(("sync",)))
        assert (await walker.ask(Log()))[2:] == ["go", "sync", "log"]


async def test_an_async_enter_is_over_before_the_next_message() -> None:
    async with ActorSystem() as system:
        walker = system.spawn(Walker)
        await walker.started()
        walker.tell(Go(("slow",)))
        assert (await walker.ask(Log()))[2:] == ["go", "slow...", "slow", "log"]


async def test_of_several_becomes_only_the_last_behaviour_is_entered() -> None:
    async with ActorSystem() as system:
        walker = system.spawn(Walker)
        await walker.started()
        walker.tell(Go(("slow", "sync", "sync")))
        walker.tell(Go(("sync", "plain")))
        assert (await walker.ask(Log()))[2:] == ["go", "sync", "go", "log"]


async def test_unbecome_enters_the_behaviour_below() -> None:
    async with ActorSystem() as system:
        walker = system.spawn(Walker)
        await walker.started()
        walker.tell(Go(("sync",)))
        walker.tell(Back())
        assert (await walker.ask(Log()))[2:] == ["go", "sync", "initial", "log"]


async def test_an_enter_that_raises_fails_the_actor() -> None:
    async with ActorSystem() as system:
        walker = system.spawn(Walker)
        walker.tell(Go(("broken",)))
        reason = await walker.stopped()
        assert isinstance(reason, Failed)
        assert reason.text == "no way in"


class Eager(Actor[Log]):
    """Comes into another behaviour before its first message."""

    def __init__(self, where: str) -> None:
        self.seen: list[str] = []
        self.where = where
        if where == "init":
            self.become(self.second)

    def pre_start(self) -> None:
        self.seen.append("pre_start")
        if self.where == "start":
            self.become(self.second)

    @on(Log)
    def one(self, msg: Log) -> list[str]:
        return self.seen

    @on(Log)
    def two(self, msg: Log) -> list[str]:
        return self.seen

    initial = one
    second = two

    @on_enter(initial)
    def enter_initial(self) -> None:
        self.seen.append("initial")

    @on_enter(second)
    def enter_second(self) -> None:
        self.seen.append("second")


@pytest.mark.parametrize("where", ["init", "start"])
async def test_a_behaviour_taken_before_the_start_is_entered_once_after_it(where: str) -> None:
    async with ActorSystem() as system:
        assert await system.spawn(Eager, where).ask(Log()) == ["pre_start", "second"]


class Take(Message): ...


class Restless(Actor[Take | Log]):
    """Its enter method changes the behaviour again, and sends itself messages."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @on(Take)
    def take(self, msg: Take) -> None:
        self.become(self.second)

    @on(Take)
    def took(self, msg: Take) -> None:
        self.seen.append("next")

    @on(Log)
    def log_of(self, msg: Log) -> list[str]:
        return self.seen

    initial = take | log_of
    second = initial.replace(took)
    third = second.replace(took)

    @on_enter(second)
    def enter_second(self) -> None:
        self.seen.append("second")
        self.next(Take())
        self.become(self.third)

    @on_enter(third)
    async def enter_third(self) -> None:
        self.seen.append("third")


async def test_an_enter_may_become_and_call_next() -> None:
    async with ActorSystem() as system:
        restless = system.spawn(Restless)
        restless.tell(Take())
        assert await restless.ask(Log()) == ["second", "third", "next"]


class Wrong(Actor[Take | Log]):
    """Tries in an enter method what only a handler can do."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @on(Take)
    def take(self, msg: Take) -> None:
        self.become(self.second)

    @on(Log)
    def log_of(self, msg: Log) -> list[str] | Later:
        return self.seen

    initial = take | log_of
    second = log_of

    @on_enter(second)
    def enter_second(self) -> None:
        try:
            self.stash()
        except NoSystem as error:
            self.seen.append(str(error))


async def test_an_enter_has_no_message_to_stash() -> None:
    async with ActorSystem() as system:
        wrong = system.spawn(Wrong)
        wrong.tell(Take())
        (text,) = await wrong.ask(Log())
        assert "no message to stash" in text
