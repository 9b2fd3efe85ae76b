"""Actors in a system, and actors made by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    BadArgument,
    Bounded,
    Name,
    NameTaken,
    NoSystem,
    ProtocolError,
    Request,
    StartFailed,
    blocking,
    on,
    props,
)
from airssys_rt.kernel.ref import cell_of


class Add(Request[int]):
    number: int


class Slow(Request[int]):
    number: int


class Counter(Actor[Add | Slow]):
    def __init__(self, count: int = 0) -> None:
        self.count = count

    @on(Add)
    def add(self, msg: Add) -> int:
        """Add a number."""
        self.count += msg.number
        return self.count

    @on(Slow)
    async def slow(self, msg: Slow) -> int:
        return self.add(Add(msg.number))

    initial = add | slow


class Double(Counter):
    @on(Add)
    def add(self, msg: Add) -> int:
        return super().add(Add(2 * msg.number))

    @on(Slow)
    async def slow(self, msg: Slow) -> int:
        return await super().slow(msg) * 100


def test_handlers_of_an_actor_made_by_hand_are_plain_callables() -> None:
    counter = Counter(5)
    assert counter.add(Add(1)) == 6
    assert counter.add(Add(1)) == 7
    assert Counter.add.__doc__ == "Add a number."


def test_handlers_reach_those_of_the_base_with_super() -> None:
    double = Double()
    assert double.add(Add(1)) == 2

    async def main() -> None:
        assert await double.slow(Slow(1)) == 400

    anyio.run(main)


VERBS: list[tuple[str, Callable[[Counter], object]]] = [
    ("ref", lambda a: a.ref),
    ("system", lambda a: a.system),
    ("log", lambda a: a.log),
    ("now", lambda a: a.now()),
    ("random", lambda a: a.random),
    ("become", lambda a: a.become(a.initial)),
    ("unbecome", lambda a: a.unbecome()),
    ("state_timeout", lambda a: a.state_timeout(1, Add(1))),
    ("receive_timeout", lambda a: a.receive_timeout(1, Add(1))),
    ("stash", lambda a: a.stash()),
    ("unstash_all", lambda a: a.unstash_all()),
    ("next", lambda a: a.next(Add(1))),
    ("spawn", lambda a: a.spawn(Counter)),
    ("stop", lambda a: a.stop()),
    ("monitor", lambda a: a.monitor(ANY, via=lambda down: Add(1))),
    ("demonitor", lambda a: a.demonitor(ANY)),
    ("link", lambda a: a.link(ANY)),
    ("unlink", lambda a: a.unlink(ANY)),
    ("after", lambda a: a.after(1, Add(1))),
    ("every", lambda a: a.every(1, Add(1))),
    ("cancel_timer", lambda a: a.cancel_timer("key")),
    ("forward", lambda a: a.forward(ANY, Add(1))),
    ("defer", lambda a: a.defer(Add(1))),
    ("adapter", lambda a: a.adapter(lambda text: Add(1))),
    ("pipe", lambda a: a.pipe(ANY, Add, lambda error: Add(1))),
]
# Any: never looked at
ANY: Any = object()


@pytest.mark.parametrize(("name", "verb"), VERBS, ids=[name for name, _ in VERBS])
def test_a_verb_on_an_actor_made_by_hand_says_who_can_help(
    name: str, verb: Callable[[Counter], object]
) -> None:
    with pytest.raises(NoSystem, match="ActorKit") as caught:
        verb(Counter())
    assert str(caught.value).startswith("RT003")
    assert "Counter" in str(caught.value)


def test_every_verb_is_among_those_tried_by_hand() -> None:
    hooks = {"pre_start", "post_stop", "flow", "unhandled", "stash_capacity"}
    hooks |= {"intensity", "period", "trap_exits"}
    verbs = {name for name in vars(Actor) if not name.startswith("_")} - hooks
    assert verbs == {name for name, _ in VERBS}


class Nested(Actor[Add]):
    """Makes other actors by hand in its own constructor: they are not the one that runs."""

    def __init__(self) -> None:
        self.helper = Counter(10)
        self.path = self.ref.path

    @on(Add)
    def add(self, msg: Add) -> int:
        return self.helper.add(msg)

    initial = add


@pytest.mark.anyio
async def test_an_actor_made_in_a_constructor_is_made_by_hand() -> None:
    async with ActorSystem() as system:
        nested = system.spawn(props(Nested).named("nested"))
        assert await nested.ask(Add(1)) == 11
        actor: Any = cell_of(nested).actor
        assert actor.path == "/nested"
        with pytest.raises(NoSystem):
            actor.helper.stop()


@pytest.mark.anyio
async def test_a_function_may_make_the_actor() -> None:
    def make(count: int) -> Counter:
        return Double(count)

    async with ActorSystem() as system:
        ref: ActorRef[Add | Slow] = system.spawn(make, 1)
        assert await ref.ask(Add(1)) == 3


@pytest.mark.anyio
async def test_a_factory_that_makes_no_new_actor_is_a_failed_start() -> None:
    old = Counter()

    async with ActorSystem() as system:
        for factory in (lambda: old, lambda: 3, lambda: None):
            # Any: wrong on purpose
            wrong: Any = factory
            with pytest.raises(StartFailed) as caught:
                await system.spawn(wrong).started()
            assert isinstance(caught.value.__cause__, ProtocolError)


@pytest.mark.anyio
async def test_a_class_without_initial_does_not_start() -> None:
    class Empty(Actor[Add]): ...

    async with ActorSystem() as system:
        with pytest.raises(StartFailed, match="initial"):
            await system.spawn(Empty).started()


@pytest.mark.anyio
async def test_a_generic_actor_is_spawned_like_any_other() -> None:
    from tests.core.test_unions import Cache, Get, Put

    async with ActorSystem() as system:
        # Any: what a checker infers of the type arguments is not the matter here
        cache: ActorRef[Any] = system.spawn(Cache[str, int])
        cache.tell(Put("a", 1))
        assert await cache.ask(Get("a")) == 1


def test_actors_made_by_hand_in_other_threads_take_no_cell_of_a_running_system() -> None:
    over = threading.Event()
    wrong: list[object] = []

    def slowly(count: int) -> Counter:
        time.sleep(0.001)  # the other thread runs
        return Counter(count)

    def by_hand() -> None:
        while not over.is_set():
            made = Counter()
            if made.__cell__ is not None:
                wrong.append(made)

    thread = threading.Thread(target=by_hand)
    thread.start()
    try:
        with blocking(ActorSystem()) as system:
            for _ in range(5):
                assert system.spawn(slowly, 1).ask(Add(1)) == 2
    finally:
        over.set()
        thread.join()
    assert wrong == []


def test_props_are_frozen_each_change_makes_a_copy() -> None:
    plain = props(Counter, 3)
    named = plain.named("c").mailbox(Bounded(2)).shutdown(1.5)
    assert plain.spec.name is None
    assert plain.spec.mailbox is None
    assert (named.spec.name, named.spec.mailbox, named.spec.shutdown) == ("c", Bounded(2), 1.5)
    with pytest.raises(AttributeError):
        named.spec.name = "d"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["", "a/b", "/"])
def test_a_name_must_be_a_part_of_a_path(name: str) -> None:
    with pytest.raises(BadArgument):
        props(Counter).named(name)
    with pytest.raises(BadArgument):
        Name[Add](name)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), "soon"])
def test_a_shutdown_time_must_be_one(seconds: Any) -> None:
    with pytest.raises(BadArgument):
        props(Counter).shutdown(seconds)


@pytest.mark.anyio
async def test_props_take_the_place_of_class_and_arguments() -> None:
    async with ActorSystem() as system:
        # Any: wrong on purpose
        spawn: Any = system.spawn
        assert await system.spawn(props(Counter, 3)).ask(Add(1)) == 4
        with pytest.raises(ProtocolError):
            spawn(props(Counter), 3)


@pytest.mark.anyio
async def test_siblings_have_different_names() -> None:
    async with ActorSystem() as system:
        first = system.spawn(props(Counter).named("c"))
        with pytest.raises(NameTaken, match="/c"):
            system.spawn(props(Counter).named("c"))
        first.stop()
        await first.stopped()
        assert await system.spawn(props(Counter).named("c")).ask(Add(1)) == 1
        assert len({system.spawn(Counter).path for _ in range(10)}) == 10
