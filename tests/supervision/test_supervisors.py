"""Supervisors: boot, the control protocol, nesting, escalation."""

from __future__ import annotations

from typing import Any, cast

import anyio
import pytest

from airssys_rt import (
    ActorRef,
    ActorStopped,
    ActorSystem,
    Backoff,
    BadArgument,
    ChildInfo,
    CountChildren,
    DeleteChild,
    DynamicSupervisor,
    Failed,
    Name,
    NameTaken,
    Props,
    Refused,
    RestartChild,
    RestartIntensityExceeded,
    StartChild,
    StartFailed,
    Supervisor,
    TerminateChild,
    WhichChildren,
    props,
)
from airssys_rt.supervision.control import SupervisorMsg
from tests.runtime.kit import (
    Do,
    DoAsync,
    Get,
    GetAsync,
    Note,
    Script,
    ScriptMsg,
    assert_at_rest,
    cell,
    engine,
    raises,
    until,
)
from tests.virtual import VirtualClock

pytestmark = pytest.mark.anyio

BOOM = Do(raises(RuntimeError("boom")))


def worker(name: str, log: list[object], **hooks: Any) -> Props[ScriptMsg]:
    """A child that writes down its starts and stops."""
    hooks.setdefault("starting", lambda _: log.append(f"+{name}"))
    hooks.setdefault("stopping", lambda _, why: log.append(f"-{name} {type(why).__name__}"))
    return props(Script, **hooks).named(name)


async def children(sup: ActorRef[SupervisorMsg]) -> dict[str, ChildInfo]:
    return {info.id: info for info in await sup.ask(WhichChildren())}


async def child(sup: ActorRef[SupervisorMsg], name: str) -> ActorRef[ScriptMsg]:
    return cast("ActorRef[ScriptMsg]", (await children(sup))[name].ref)


class Bank(Supervisor):
    strategy = "rest_for_one"
    intensity = 3
    children = (props(Script).named("vault"), props(Script).named("teller").restart("transient"))


async def test_the_class_form_starts_its_children() -> None:
    async with ActorSystem("sup") as system:
        bank = system.spawn(Bank)
        await bank.started()
        found = await children(bank)
        assert list(found) == ["vault", "teller"]
        assert [info.restart for info in found.values()] == ["permanent", "transient"]
        assert {info.state for info in found.values()} == {"running"}
        assert {info.kind for info in found.values()} == {"worker"}


async def test_a_child_starts_when_the_one_before_it_has_started() -> None:
    log: list[object] = []

    async def slow(_actor: object) -> None:
        await anyio.sleep(0.01)
        log.append("+slow")

    async with ActorSystem("sup") as system:
        sup = system.spawn(
            props(Supervisor, [worker("slow", log, starting=slow), worker("next", log)])
        )
        await sup.started()
        assert log == ["+slow", "+next"]
        sup.stop()
        await sup.stopped()
        assert log[2:] == ["-next Shutdown", "-slow Shutdown"]


async def test_a_failed_boot_stops_what_has_started_and_says_why() -> None:
    log: list[object] = []
    async with ActorSystem("sup") as system:
        sup = system.spawn(
            props(
                Supervisor,
                [
                    worker("a", log),
                    worker("b", log),
                    worker("c", log, starting=raises(LookupError("no database"))),
                    worker("d", log),
                ],
            )
        )
        with pytest.raises(StartFailed, match="no database") as caught:
            await sup.started()
        causes: list[BaseException] = []
        error: BaseException | None = caught.value
        while error is not None:
            causes.append(error)
            error = error.__cause__
        assert isinstance(causes[-1], LookupError)
        await sup.stopped()
        assert log == ["+a", "+b", "-b Shutdown", "-a Shutdown"]
        assert system.snapshot().actors == 0
        await assert_at_rest(system)


async def test_two_children_of_one_name_fail_the_boot() -> None:
    async with ActorSystem("sup") as system:
        sup = system.spawn(props(Supervisor, [worker("a", []), worker("a", [])]))
        with pytest.raises(StartFailed) as caught:
            await sup.started()
        assert "NameTaken" in str(caught.value)


async def test_a_supervisor_without_children_starts_and_takes_some() -> None:
    log: list[object] = []
    async with ActorSystem("sup") as system:
        sup = system.spawn(Supervisor)
        await sup.started()
        ref = await sup.ask(StartChild(worker("late", log)))
        assert await ref.ask(Get(lambda _: 1)) == 1
        assert (await children(sup))["late"].restart == "permanent"


async def test_children_are_terminated_restarted_and_deleted() -> None:
    log: list[object] = []
    async with ActorSystem("sup") as system:
        sup = system.spawn(props(Supervisor, [worker("a", log), worker("b", log)]))
        old = await child(sup, "a")
        with pytest.raises(Refused, match="running"):
            await sup.ask(RestartChild("a"))
        with pytest.raises(Refused, match="running"):
            await sup.ask(DeleteChild("a"))
        await sup.ask(TerminateChild("a"))
        assert cell(old).life == "dead"
        assert (await children(sup))["a"].state == "stopped"
        assert (await children(sup))["a"].ref is None
        count = await sup.ask(CountChildren())
        assert (count.specs, count.active, count.supervisors, count.workers) == (2, 1, 0, 2)
        with pytest.raises(NameTaken):
            await sup.ask(StartChild(worker("a", log)))
        new = await sup.ask(RestartChild("a"))
        assert new != old
        await sup.ask(TerminateChild(new))
        await sup.ask(DeleteChild("a"))
        assert list(await children(sup)) == ["b"]
        for request in (TerminateChild("a"), RestartChild("a"), DeleteChild("a")):
            with pytest.raises(Refused, match="not_found"):
                await sup.ask(request)


async def test_a_child_that_does_not_start_is_not_added() -> None:
    async with ActorSystem("sup") as system:
        sup = system.spawn(Supervisor)
        with pytest.raises(StartFailed, match="no database"):
            await sup.ask(StartChild(worker("a", [], starting=raises(LookupError("no database")))))
        assert await children(sup) == {}
        await sup.ask(StartChild(worker("a", [])))


async def test_a_terminated_child_keeps_its_place() -> None:
    log: list[object] = []
    async with ActorSystem("sup") as system:
        sup = system.spawn(
            props(Supervisor, [worker(n, log) for n in "abc"], strategy="rest_for_one")
        )
        await sup.ask(TerminateChild("b"))
        await sup.ask(RestartChild("b"))
        log.clear()
        (await child(sup, "b")).tell(BOOM)
        await system.drain()
        assert log == ["-b Failed", "-c Shutdown", "+b", "+c"]
        log.clear()
        sup.stop()
        await sup.stopped()
        assert log == ["-c Shutdown", "-b Shutdown", "-a Shutdown"]


async def test_declared_children_keep_their_slots_when_their_supervisor_is_restarted() -> None:
    NAME = Name[ScriptMsg]("deep")
    log: list[object] = []

    class Inner(Supervisor):
        intensity = 0
        children = (props(Script, log).named(NAME), props(Script).named("other"))

    async with ActorSystem("sup") as system:
        outer = system.spawn(props(Supervisor, [props(Inner).named("inner")]))
        await outer.started()
        deep = system.whereis(NAME)
        assert deep is not None
        inner = (await children(outer))["inner"].ref
        assert inner is not None
        added = await cast("Any", inner).ask(StartChild(worker("added", log)))
        log.clear()
        deep.tell(Note(1))
        deep.tell(BOOM)
        deep.tell(Note(2))
        await system.drain()
        assert (cell(inner).incarnation, cell(deep).incarnation) == (2, 2)
        assert log == [1, "-added Shutdown", 2]
        assert system.whereis(NAME) == deep
        assert cell(added).life == "dead"
        assert list(await children(cast("Any", inner))) == ["deep", "other"]


async def test_too_many_restarts_escalate_to_the_root_and_end_the_block() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with ActorSystem("sup") as system:
            inner = props(Supervisor, [worker("w", [])], intensity=0).named("inner")
            outer = system.spawn(props(Supervisor, [inner], intensity=1).restart("permanent"))
            for _ in range(20):
                found: Any = (await children(outer))["inner"].ref
                (await child(found, "w")).tell(BOOM)
                await system.drain()
    (error,) = caught.value.exceptions
    assert isinstance(error, RestartIntensityExceeded)
    assert "'sup'" in str(caught.value)
    chain: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        chain.append(type(cause).__name__)
        cause = cause.__cause__
    assert chain == ["RestartIntensityExceeded"] * 3 + ["RuntimeError"]


async def test_a_plain_spawn_cannot_end_the_system() -> None:
    async with ActorSystem("sup") as system:
        sup = system.spawn(props(Supervisor, [worker("w", [])], intensity=0))
        (await child(sup, "w")).tell(BOOM)
        reason = await sup.stopped()
        assert isinstance(reason, Failed)
        assert isinstance(reason.cause, RestartIntensityExceeded)
        for _ in range(5):
            ref = system.spawn(Script)
            ref.tell(BOOM)
            await ref.stopped()


@pytest.mark.parametrize(
    ("mode", "ended"), [("never", 0), ("any_significant", 1), ("all_significant", 2)]
)
async def test_significant_children_end_their_supervisor(mode: Any, ended: int) -> None:
    async with ActorSystem("sup") as system:
        kinds = [worker(n, []).restart("transient") for n in "ab"]
        if mode != "never":
            kinds = [kind.significant() for kind in kinds]
        sup = system.spawn(props(Supervisor, kinds, auto_shutdown=mode))
        refs = [await child(sup, name) for name in "ab"]
        for done, ref in enumerate(refs, 1):
            ref.stop()
            await system.drain()
            over = cell(sup).life == "dead"
            assert over == (ended != 0 and done >= ended)
            if over:
                assert type(await sup.stopped()).__name__ == "Shutdown"
                break


async def test_terminating_a_significant_child_does_not_end_its_supervisor() -> None:
    async with ActorSystem("sup") as system:
        kind = worker("a", []).restart("temporary").significant()
        sup = system.spawn(props(Supervisor, [kind], auto_shutdown="any_significant"))
        await sup.ask(TerminateChild("a"))
        await system.drain()
        assert cell(sup).life == "running"


async def test_a_group_restarts_after_a_backoff_that_holds_up_nobody() -> None:
    clock = VirtualClock()
    log: list[object] = []
    async with ActorSystem("sup", clock=clock) as system:
        slow = worker("a", log).backoff(Backoff(first=10, cap=10, jitter=0))
        sup = system.spawn(
            props(Supervisor, [slow, worker("b", log)], strategy="one_for_all", intensity=9)
        )
        a, b = await child(sup, "a"), await child(sup, "b")
        log.clear()
        a.tell(BOOM)
        await until(lambda: cell(a).life == "down")
        assert await b.ask(Get(lambda _: "works")) == "works"
        assert (await children(sup))["a"].state == "restarting"
        clock.jump(11.0)
        await until(lambda: len(log) == 4)
        assert log == ["-a Failed", "-b Shutdown", "+a", "+b"]


async def test_backoff_grows_to_its_cap_and_starts_over_after_a_stable_time() -> None:
    clock = VirtualClock()
    times: list[float] = []
    async with ActorSystem("sup", clock=clock) as system:
        shape = Backoff(first=1, cap=4, factor=2, jitter=0, reset_after=100)
        kind = worker("a", [], starting=lambda actor: times.append(actor.now()))
        sup = system.spawn(props(Supervisor, [kind.backoff(shape)], intensity=99))
        ref = await child(sup, "a")
        for expected in (1.0, 2.0, 4.0, 4.0):
            before = clock.now()
            count = len(times)
            ref.tell(BOOM)
            await until(lambda: cell(ref).life == "down")
            clock.jump(expected - 0.01)
            await anyio.sleep(0.005)
            assert len(times) == count
            clock.jump(0.02)
            while len(times) == count:
                await anyio.sleep(0.001)
            assert times[-1] == pytest.approx(before + expected + 0.01)
        clock.jump(101)
        ref.tell(BOOM)
        await until(lambda: cell(ref).life == "down")
        count = len(times)
        clock.jump(1.01)
        await until(lambda: len(times) > count)


async def test_a_group_restart_does_not_wait_for_a_handler_that_waits_for_the_group() -> None:
    async with ActorSystem("sup", shutdown=60.0) as system:
        sup = system.spawn(
            props(Supervisor, [worker("a", []), worker("b", [])], strategy="one_for_all")
        )
        a, b = await child(sup, "a"), await child(sup, "b")
        failures: list[BaseException] = []

        async def wait_for_a(_actor: object) -> None:
            try:
                await a.ask(Get(lambda _: 1), timeout=None)
            except ActorStopped as error:
                failures.append(error)

        async def fail(_actor: object) -> None:
            await until(lambda: cell(a).items())
            raise RuntimeError("boom")

        a.tell(DoAsync(fail))
        b.tell(DoAsync(wait_for_a))
        with anyio.fail_after(5):
            await until(lambda: cell(b).incarnation == 2)
        assert len(failures) == 1


async def test_a_dynamic_supervisor_adds_bounds_and_forgets() -> None:
    async with ActorSystem("sup") as system:
        sup = system.spawn(props(DynamicSupervisor, 2, intensity=5))
        first = await sup.ask(StartChild(props(Script)))
        await sup.ask(StartChild(props(Script).restart("temporary")))
        with pytest.raises(Refused, match="max_children"):
            await sup.ask(StartChild(props(Script)))
        first.tell(BOOM)
        assert await first.ask(Get(lambda actor: cell(actor.ref).incarnation)) == 2
        assert (await sup.ask(CountChildren())).active == 2
        await sup.ask(TerminateChild(first))
        assert cell(first).life == "dead"
        assert (await sup.ask(CountChildren())).specs == 1
        await sup.ask(StartChild(props(Script)))


async def test_one_child_of_a_dynamic_supervisor_does_not_disturb_another() -> None:
    clock = VirtualClock()
    async with ActorSystem("sup", clock=clock) as system:
        sup = system.spawn(props(DynamicSupervisor, intensity=5))
        down = await sup.ask(StartChild(props(Script).backoff(Backoff(first=10, jitter=0))))
        other = await sup.ask(StartChild(props(Script)))
        down.tell(BOOM)
        await until(lambda: cell(down).life == "down")
        other.tell(BOOM)
        assert await other.ask(Get(lambda actor: cell(actor.ref).incarnation)) == 2
        await sup.ask(TerminateChild(down))
        assert cell(down).life == "dead"


async def test_requests_wait_behind_a_group_restart() -> None:
    log: list[object] = []
    gate = anyio.Event()

    async def slow(_actor: object) -> None:
        log.append("+slow")
        if log.count("+slow") == 2:
            await gate.wait()

    async with ActorSystem("sup") as system:
        sup = system.spawn(
            props(
                Supervisor,
                [worker("slow", log, starting=slow), worker("b", log)],
                strategy="one_for_all",
            )
        )
        (await child(sup, "b")).tell(BOOM)
        await until(lambda: log.count("+slow") == 2)
        assert (await children(sup))["b"].state == "restarting"
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(sup.ask, StartChild(worker("c", log)))
            await anyio.sleep(0.005)
            assert "+c" not in log
            gate.set()
        assert log[-2:] == ["+b", "+c"]


async def test_a_supervisor_that_stops_answers_who_still_waits_for_it() -> None:
    async def never(_actor: object) -> None:
        await anyio.sleep_forever()

    async with ActorSystem("sup", shutdown=0.05) as system:
        sup = system.spawn(Supervisor)
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                with pytest.raises(ActorStopped):
                    await sup.ask(StartChild(worker("a", [], starting=never)), timeout=None)

            tasks.start_soon(ask)
            await until(lambda: engine(system).suspended)
            sup.stop()


async def test_a_supervisor_stops_within_its_time_while_it_boots() -> None:
    async def never(_actor: object) -> None:
        await anyio.sleep_forever()

    async with ActorSystem("sup", shutdown=0.05) as system:
        sup = system.spawn(props(Supervisor, [worker("a", [], starting=never)]))
        await until(lambda: engine(system).suspended == 2)
        sup.stop()
        await sup.stopped()
        await assert_at_rest(system)


async def test_a_child_that_asks_its_booting_supervisor_is_told_of_the_cycle() -> None:
    async def ask_above(actor: Any) -> None:
        await sup.ask(CountChildren())

    async with ActorSystem("sup") as system:
        sup = system.spawn(props(Supervisor, [worker("a", [], starting=ask_above)]))
        with pytest.raises(StartFailed, match="AskCycle"):
            await sup.started()


@pytest.mark.parametrize(
    "wrong",
    [
        {"strategy": "one_for_two"},
        {"intensity": -1},
        {"period": 0},
        {"auto_shutdown": "sometimes"},
        {"children": [Script]},
        {"children": [props(Script).significant()]},
        {"children": [props(Script).significant()], "auto_shutdown": "any_significant"},
    ],
)
async def test_what_cannot_be_is_refused_at_the_start(wrong: dict[str, Any]) -> None:
    async with ActorSystem("sup") as system:
        sup = system.spawn(props(Supervisor, **wrong))
        with pytest.raises(StartFailed) as caught:
            await sup.started()
        assert isinstance(caught.value.__cause__, BadArgument)


async def test_the_control_protocol_goes_over_the_wire() -> None:
    async with ActorSystem("sup", strict_wire=True) as system:
        sup = system.spawn(props(Supervisor, [props(Script).named("a")]))
        assert list(await children(sup)) == ["a"]
        ref = await sup.ask(StartChild(props(Script).named("b")))
        await sup.ask(TerminateChild(ref))
        await sup.ask(TerminateChild("a"))
        assert (await sup.ask(CountChildren())).active == 0


async def test_a_supervisor_has_all_the_time_that_its_children_have() -> None:
    async def slow(_actor: object, _reason: object) -> None:
        await anyio.sleep(0.05)

    async with ActorSystem("sup", shutdown=0.01) as system:
        patient = worker("a", [], stopping=slow).shutdown(5.0)
        sup = system.spawn(props(Supervisor, [patient]))
        a = await child(sup, "a")
        sup.stop()
        assert type(await sup.stopped()).__name__ == "Normal"
        assert type(await a.stopped()).__name__ == "Shutdown"
        hasty = system.spawn(props(Supervisor, [patient]).shutdown(0.01))
        await hasty.started()
        hasty.stop()
        assert type(await hasty.stopped()).__name__ == "Killed"


async def test_an_asker_in_an_actor_can_start_children_of_a_supervisor() -> None:
    async with ActorSystem("sup") as system:
        sup = system.spawn(Supervisor)
        user = system.spawn(Script)

        async def start(_actor: object) -> object:
            ref = await sup.ask(StartChild(worker("a", [])))
            return await ref.ask(Get(lambda _: "up"))

        assert await user.ask(GetAsync(start)) == "up"
