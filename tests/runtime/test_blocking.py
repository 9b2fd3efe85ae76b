"""`blocking(ActorSystem(...))`: the system for programs that have no event loop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import anyio
import pytest

from airssys_rt import (
    ActorStopped,
    ActorSystem,
    AskTimeout,
    HandlerFailed,
    MailboxFull,
    Normal,
    NoSystem,
    Refused,
    StartFailed,
    blocking,
    props,
)
from airssys_rt.kernel.mailbox import Bounded
from tests.runtime.kit import DoAsync, Get, GetAsync, Note, Script, hang, raises


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    threads = threading.active_count()
    yield request.param
    assert threading.active_count() == threads


def test_all_verbs_work_from_a_synchronous_program(backend: str) -> None:
    with blocking(ActorSystem("shop"), backend=backend) as system:
        ref = system.spawn(Script)
        ref.started()
        ref.tell(Note(1))
        ref.send(Note(2))
        assert ref.ask(Get(lambda actor: list(actor.seen))) == [1, 2]
        assert ref.path == ref.ref.path
        assert system.drain(5) is True
        assert system.snapshot().actors == 1
        ref.stop(drain=True)
        assert ref.stopped() == Normal()


def test_leaving_drains_as_it_does_in_an_async_program(backend: str) -> None:
    seen: list[object] = []
    with blocking(ActorSystem(), backend=backend) as system:
        ref = system.spawn(Script, seen, stopping=lambda *_: seen.append("post_stop"))
        ref.tell(DoAsync(lambda _: anyio.sleep(0.01)))
        ref.tell(Note("last"))
    assert seen == ["last", "post_stop"]


def test_errors_arrive_as_they_are(backend: str) -> None:
    with blocking(ActorSystem(drain=0.01, shutdown=0.01), backend=backend) as system:
        ref = system.spawn(Script)
        with pytest.raises(Refused, match="no"):
            ref.ask(Get(raises(Refused("no"))))
        with pytest.raises(AskTimeout):
            ref.ask(GetAsync(lambda _: anyio.sleep(0.2)), timeout=0.01)
        with pytest.raises(HandlerFailed) as caught:
            ref.ask(Get(raises(KeyError("x"))))
        assert isinstance(caught.value.__cause__, KeyError)
        with pytest.raises(ActorStopped):
            ref.ask(Get(lambda _: 1))
        with pytest.raises(StartFailed):
            system.spawn(Script, making=raises(ValueError())).started()
        full = system.spawn(props(Script).mailbox(Bounded(1)))
        full.started()
        full.tell(DoAsync(hang))
        with pytest.raises(MailboxFull):
            for _ in range(3):
                full.tell(Note(1))


def test_an_exception_in_the_body_leaves_unwrapped_and_stops_the_system(backend: str) -> None:
    log: list[str] = []
    with (
        pytest.raises(ValueError, match="mine"),
        blocking(ActorSystem(), backend=backend) as system,
    ):
        system.spawn(Script, stopping=lambda *_: log.append("post_stop")).started()
        raise ValueError("mine")
    assert log == ["post_stop"]


def test_it_is_no_system_before_and_after_its_block(backend: str) -> None:
    system = blocking(ActorSystem(), backend=backend)
    with pytest.raises(NoSystem):
        system.spawn(Script)
    with system:
        ref = system.spawn(Script)
    with pytest.raises(NoSystem):
        system.spawn(Script)
    uses: list[Callable[[], object]] = [
        lambda: ref.tell(Note(1)),
        lambda: ref.send(Note(1)),
        lambda: ref.ask(Get(lambda _: 1)),
        ref.stop,
        ref.started,
        ref.stopped,
    ]
    for use in uses:
        with pytest.raises(ActorStopped):
            use()


def test_several_threads_may_use_it_at_once(backend: str) -> None:
    with blocking(ActorSystem(), backend=backend) as system:
        ref = system.spawn(Script)
        replies: list[object] = []

        def work(who: int) -> None:
            for n in range(20):
                ref.tell(Note((who, n)))
            replies.append(ref.ask(Get(lambda _: who)))

        threads = [threading.Thread(target=work, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(map(str, replies)) == ["0", "1", "2", "3"]
        seen = ref.ask(Get(lambda actor: list(actor.seen)))
        assert isinstance(seen, list)
        for who in range(4):
            assert [n for one, n in seen if one == who] == list(range(20))


def test_a_system_exit_of_an_actor_ends_the_with_block(backend: str) -> None:
    error = SystemExit(3)
    with (
        pytest.raises(SystemExit) as caught,
        blocking(ActorSystem(), backend=backend) as system,
    ):
        ref = system.spawn(Script)
        with pytest.raises((ActorStopped, HandlerFailed)):
            ref.ask(Get(raises(error)))
    assert caught.value is error
