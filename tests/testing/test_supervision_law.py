"""The law `supervised`: an engine that does not restart as OTP's tables say is named."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airssys_rt import Actor, Message, Name, Supervisor, on, props
from airssys_rt.errors import Counterexample
from airssys_rt.kernel import ending, keeping
from airssys_rt.supervision import overseer
from airssys_rt.supervision.intensity import Window
from airssys_rt.supervision.overseer import Overseer
from airssys_rt.testing import World, explore
from airssys_rt.testing.exploring import Settings, run
from airssys_rt.testing.laws import LAWS
from airssys_rt.testing.schedule import UniformDriver

Scenario = Callable[[World], Coroutine[Any, Any, None]]
Strategy = Literal["one_for_one", "one_for_all", "rest_for_one"]
Restart = Literal["permanent", "transient", "temporary"]


class Boom(Message):
    """Fail."""


class Leave(Message):
    """End well."""


class Worker(Actor[Boom | Leave]):
    """Fails, or ends, when it is told to."""

    @on(Boom)
    def boom(self, msg: Boom) -> None:
        raise ValueError("boom")

    @on(Leave)
    def leave(self, msg: Leave) -> None:
        self.stop()

    initial = boom | leave


NAMES: list[Name[Boom | Leave]] = [Name(letter) for letter in "abc"]


def family(
    *tells: tuple[int, type[Boom] | type[Leave]],
    strategy: Strategy = "one_for_one",
    restart: Restart = "permanent",
    intensity: int = 5,
    auto: Literal["never", "any_significant", "all_significant"] = "never",
) -> Scenario:
    async def scenario(world: World) -> None:
        workers = [props(Worker).named(name).restart(restart) for name in NAMES]
        if auto != "never":
            workers = [worker.significant() for worker in workers]
        children = tuple(workers)
        top = props(
            Supervisor, children, strategy=strategy, intensity=intensity, auto_shutdown=auto
        )
        world.spawn(top.named("top"))
        await world.settle()
        for number, message in tells:
            ref = world.whereis(NAMES[number])
            if ref is not None:
                ref.tell(message())
            await world.settle()

    return scenario


def never_alone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(overseer, "affected", lambda _strategy, order, child: [child])


def backwards(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(overseer, "affected", lambda _strategy, order, _child: list(order)[::-1])


def everybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(overseer, "affected", lambda _strategy, order, _child: list(order))


def endless(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Window, "allows", lambda _window, _now: True)


def strict(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Window, "allows", lambda _window, _now: False)


def off_by_one(patch: pytest.MonkeyPatch) -> None:
    allows = Window.allows

    def more(window: Window, now: float) -> bool:
        window._intensity += 1
        try:
            return allows(window, now)
        finally:
            window._intensity -= 1

    patch.setattr(Window, "allows", more)


def lazy(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Overseer, "_failed", lambda _overseer, _child, _reason: None)


def keeps(answer: bool) -> Callable[[pytest.MonkeyPatch], None]:
    def mutate(patch: pytest.MonkeyPatch) -> None:
        old = keeping.keeps

        def wrong(cell: Any, reason: Any) -> bool:
            named = cell.name in ("a", "b", "c") and cell.parent.rich.ending is None
            return answer if named and cell.incarnation else old(cell, reason)

        patch.setattr(ending, "keeps", wrong)

    return mutate


def significant_means_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(overseer, "shuts_down", lambda _auto, *, left: False)


def first_to_last(patch: pytest.MonkeyPatch) -> None:
    plan = Overseer._advance

    def mixed(one: Overseer) -> None:
        stops = [step for step in one._plan if step[0] == "stop"]
        rest = [step for step in one._plan if step[0] != "stop"]
        if len(stops) > 1:
            one._plan.clear()
            one._plan.extend(sorted(stops, key=lambda step: step[1].id) + rest)
        plan(one)

    patch.setattr(Overseer, "_advance", mixed)


def start_before_all_stopped(patch: pytest.MonkeyPatch) -> None:
    plan = Overseer._advance

    def mixed(one: Overseer) -> None:
        if len(one._plan) > 4:
            one._plan.rotate(3)
        plan(one)

    patch.setattr(Overseer, "_advance", mixed)


ALL: Strategy = "one_for_all"
REST: Strategy = "rest_for_one"
BROKEN: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str, Scenario]] = {
    "alone": (
        never_alone,
        "was started again before c was stopped",
        family((0, Boom), strategy=ALL),
    ),
    "rest alone": (never_alone, "before c was stopped", family((1, Boom), strategy=REST)),
    "one before": (everybody, "a was stopped, and no table", family((1, Boom), strategy=REST)),
    "backwards": (backwards, "a group out of order", family((1, Boom), strategy=ALL)),
    "stops forwards": (first_to_last, "stops a group out of", family((0, Boom), strategy=ALL)),
    "no stop": (start_before_all_stopped, "before", family((0, Boom), strategy=ALL)),
    "endless": (endless, "must end: 2 restarts in 5 s", family((0, Boom), (0, Boom), intensity=1)),
    "strict": (strict, "gave up after 1 restarts", family((0, Boom))),
    "one more": (off_by_one, "1 are allowed", family((0, Boom), (1, Boom), intensity=1)),
    "lazy": (lazy, "was never started again", family((0, Boom))),
    "temporary": (keeps(True), "is temporary, and is", family((0, Boom), restart="temporary")),
    "transient": (keeps(True), "by Normal, and is start", family((0, Leave), restart="transient")),
    "failed": (keeps(False), "by Failed, and is not", family((0, Boom), restart="transient")),
    "permanent": (keeps(False), "by Normal, and is not", family((0, Leave))),
    "any": (
        significant_means_nothing,
        "significant child a",
        family((0, Leave), restart="transient", auto="any_significant"),
    ),
    "all": (
        significant_means_nothing,
        "significant child c",
        family((0, Leave), (1, Leave), (2, Leave), restart="transient", auto="all_significant"),
    ),
}


@pytest.mark.parametrize(("patch", "what", "scenario"), BROKEN.values(), ids=list(BROKEN))
def test_an_engine_that_supervises_otherwise_is_named(
    patch: Callable[[pytest.MonkeyPatch], None],
    what: str,
    scenario: Scenario,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    explore(scenario, schedules=20)
    patch(monkeypatch)
    with pytest.raises(Counterexample, match=what) as found:
        explore(scenario, schedules=5)
    assert "law 'supervised'" in str(found.value)
    explore(scenario, schedules=2, laws=[law for law in LAWS if law != "supervised"])


def test_an_actor_that_leaves_a_child_behind_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(world: World) -> None:
        top = world.spawn(props(Supervisor, [props(Worker).named("a")]).named("top"))
        await world.settle()
        monkeypatch.setattr(ending, "stop_child", lambda parent, child: None)
        monkeypatch.setattr(ending, "reversed", lambda children: [], raising=False)
        top.stop()
        await world.settle()

    with pytest.raises(Counterexample, match="is over, and its child a is running"):
        explore(scenario, schedules=1)


@settings(max_examples=80, deadline=None)
@given(
    tells=st.lists(st.tuples(st.integers(0, 2), st.sampled_from([Boom, Leave])), max_size=8),
    strategy=st.sampled_from(["one_for_one", "one_for_all", "rest_for_one"]),
    restarts=st.lists(
        st.sampled_from(["permanent", "transient", "temporary"]), min_size=3, max_size=3
    ),
    intensity=st.integers(0, 4),
    auto=st.sampled_from(["never", "any_significant", "all_significant"]),
    outer=st.sampled_from(["one_for_one", "one_for_all", "rest_for_one"]),
    noise=st.sampled_from([0.0, 0.2]),
    pauses=st.lists(st.sampled_from([0.0, 1.0, 6.0]), min_size=8, max_size=8),
)
def test_the_engine_as_it_is_breaks_no_table(
    tells: list[tuple[int, type[Boom] | type[Leave]]],
    strategy: Strategy,
    restarts: list[Restart],
    intensity: int,
    auto: Literal["never", "any_significant", "all_significant"],
    outer: Strategy,
    noise: float,
    pauses: list[float],
) -> None:
    async def scenario(world: World) -> None:
        workers = []
        for name, restart in zip(NAMES, restarts, strict=True):
            worker = props(Worker).named(name).restart(restart)
            if auto != "never" and restart != "permanent":
                worker = worker.significant()
            workers.append(worker)
        inner = props(
            Supervisor, workers, strategy=strategy, intensity=intensity, auto_shutdown=auto
        )
        world.spawn(
            props(
                Supervisor,
                [
                    props(Worker).named("x"),
                    inner.restart("transient").named("inner"),
                    props(Worker),
                ],
                strategy=outer,
                intensity=intensity,
            ).named("outer")
        )
        await world.settle()
        if noise:
            world.inject(crash=noise, crash_after=noise, slow=noise)
        for (number, message), pause in zip(tells, pauses, strict=False):
            ref = world.whereis(NAMES[number])
            if ref is not None:
                ref.tell(message())
            if pause:
                await world.sleep(pause)
        await world.sleep(20.0)

    for seed in range(5):
        error = run(scenario, Settings(), UniformDriver(seed))
        assert error is None, error
