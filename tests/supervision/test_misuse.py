"""What a newcomer gets wrong in a supervisor, and what it is told.

Each mistake would otherwise be silent, or an error of the library's inside.
"""

from __future__ import annotations

from typing import Any

import pytest

from airssys_rt import (
    Actor,
    ActorError,
    ActorStopped,
    ActorSystem,
    Backoff,
    BadArgument,
    ChildInfo,
    CountChildren,
    DynamicSupervisor,
    Message,
    Name,
    Props,
    ProtocolError,
    StartChild,
    StartFailed,
    Supervisor,
    WhichChildren,
    on,
    props,
)
from tests.runtime.kit import Script, ScriptMsg
from tests.supervision.kit import running, settle

pytestmark = pytest.mark.anyio


class Hello(Message): ...


class Worker(Actor[Hello]):
    @on(Hello)
    def hello(self, msg: Hello) -> None: ...

    initial = hello


WORKER = Name[Hello]("worker")
# Any: what users of no checker give
AnySupervisor: Any = Supervisor
AnyDynamic: Any = DynamicSupervisor
AnyStart: Any = StartChild


def cause(error: BaseException) -> ActorError:
    """The library's error that a failed start was caused by."""
    assert isinstance(error.__cause__, ActorError)
    return error.__cause__


@pytest.mark.parametrize("kind", [Supervisor, DynamicSupervisor])
@pytest.mark.parametrize("child", [Worker, "worker", None], ids=["class", "text", "none"])
async def test_who_is_asked_to_start_what_is_no_props_says_so_and_goes_on(
    kind: Any, child: object
) -> None:
    async with running() as (_, system):
        sup = system.spawn(props(kind))
        kept = await sup.ask(StartChild(props(Worker)))
        with pytest.raises(BadArgument, match="as a child") as caught:
            await sup.ask(AnyStart(child))
        assert "props(Worker, 1)" in caught.value.mend
        sup.tell(AnyStart(child))
        await settle(system)
        assert [one.ref for one in await sup.ask(WhichChildren())] == [kept]


async def test_a_dynamic_supervisor_refuses_a_significant_child() -> None:
    async with running() as (_, system):
        sup = system.spawn(DynamicSupervisor)
        with pytest.raises(BadArgument, match="cannot be significant"):
            await sup.ask(StartChild(props(Worker).restart("transient").significant()))
        assert (await sup.ask(CountChildren())).specs == 0


@pytest.mark.parametrize(
    ("children", "what"),
    [
        (props(Worker), "<props of Worker>"),
        (cause, "<function"),
        ("worker", "'worker'"),
        (3, "3"),
    ],
    ids=["one props", "method", "text", "number"],
)
async def test_children_that_are_no_list_are_refused(children: Any, what: str) -> None:
    class Wrong(Supervisor): ...

    Wrong.children = children
    async with running() as (_, system):
        for kind in (props(Wrong), props(AnySupervisor, children)):
            with pytest.raises(StartFailed) as caught:
                await system.spawn(kind).started()
            assert isinstance(error := cause(caught.value), BadArgument)
            assert f"children={what}" in error.what
            assert "comma" in error.mend


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"intensity": "3"}, "'3' restarts"),
        ({"intensity": None, "period": "5"}, "'5' seconds"),
        ({"intensity": -1}, "-1 restarts"),
    ],
)
@pytest.mark.parametrize("kind", [AnySupervisor, AnyDynamic])
async def test_limits_that_are_no_numbers_are_refused(
    kind: Any, options: dict[str, Any], what: str
) -> None:
    async with running() as (_, system):
        with pytest.raises(StartFailed) as caught:
            await system.spawn(props(kind, **options)).started()
        assert what in cause(caught.value).what


@pytest.mark.parametrize(("most", "hint"), [([props(Worker)], True), (0, False)])
async def test_children_in_place_of_max_children_are_refused(most: Any, hint: bool) -> None:
    async with running() as (_, system):
        with pytest.raises(StartFailed) as caught:
            await system.spawn(props(DynamicSupervisor, most)).started()
        error = cause(caught.value)
        assert "max_children=" in error.what
        assert ("StartChild" in error.mend) is hint


@pytest.mark.parametrize(
    ("name", "value"),
    [("children", (props(Worker),)), ("strategy", "one_for_all"), ("auto_shutdown", "never")],
)
def test_what_means_nothing_in_a_dynamic_supervisor_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ProtocolError, match=f"Sessions.{name} means nothing"):
        type("Sessions", (DynamicSupervisor,), {name: value})


@pytest.mark.parametrize("named_in_initial", [True, False])
@pytest.mark.parametrize("base", [Supervisor, DynamicSupervisor])
def test_a_supervisor_has_no_handlers_of_its_own(base: Any, named_in_initial: bool) -> None:
    @on(Hello)
    def hello(self: Any, msg: Hello) -> None: ...

    body = {"hello": hello, "initial": base.initial | hello if named_in_initial else base.initial}
    with pytest.raises(ProtocolError, match=r"Boss.hello handles Hello") as caught:
        type("Boss", (base,), body)
    assert "an actor that is its child" in caught.value.mend


def test_a_supervisor_inherits_no_handlers_of_another_actor() -> None:
    with pytest.raises(ProtocolError, match=r"Both.hello handles Hello"):
        type("Both", (Supervisor, Worker), {})


def test_a_supervisor_may_redefine_an_answer_of_its_own() -> None:
    class Counting(Supervisor):
        @on(WhichChildren)
        def which_children(self, msg: WhichChildren) -> tuple[ChildInfo, ...]:
            return super().which_children(msg)

    assert Counting.initial is Supervisor.initial


@pytest.mark.parametrize("kind", [Supervisor, DynamicSupervisor])
async def test_a_constructor_that_forgets_the_supervisors_is_named(kind: Any) -> None:
    def init(self: Any) -> None:
        self.mine = 1

    forgetful: Any = type("Forgetful", (kind,), {"__init__": init})
    async with running() as (_, system):
        with pytest.raises(StartFailed) as caught:
            await system.spawn(forgetful).started()
        assert cause(caught.value).what == "Forgetful.__init__ does not call super().__init__()"


@pytest.mark.parametrize("kind", [Supervisor, DynamicSupervisor])
@pytest.mark.parametrize("is_async", [True, False])
async def test_a_pre_start_that_forgets_the_supervisors_is_named(kind: Any, is_async: bool) -> None:
    async def later(self: Any) -> None: ...
    def at_once(self: Any) -> None: ...

    forgetful: Any = type("Forgetful", (kind,), {"pre_start": later if is_async else at_once})
    async with running() as (_, system):
        with pytest.raises(StartFailed) as caught:
            await system.spawn(forgetful).started()
        assert cause(caught.value).what == "Forgetful.pre_start does not call super().pre_start()"


async def test_a_pre_start_of_ones_own_may_do_more() -> None:
    done: list[str] = []

    class Static(Supervisor):
        children = (props(Worker).named(WORKER),)

        async def pre_start(self) -> None:
            done.append("before")
            await super().pre_start()
            done.append("after")

    class Deeper(Static):
        async def pre_start(self) -> None:
            await super().pre_start()
            done.append("deeper")

    class Dynamic(DynamicSupervisor):
        def pre_start(self) -> None:
            super().pre_start()
            done.append("dynamic")

    async with running() as (_, system):
        await system.spawn(Deeper).started()
        await system.spawn(Dynamic).started()
        assert done == ["before", "after", "deeper", "dynamic"]
        assert system.whereis(WORKER) is not None


async def test_a_text_in_place_of_a_name_is_refused() -> None:
    text: Any = "worker"
    async with running() as (_, system):
        system.spawn(props(Worker).named(text))
        for look_up in (system.ref, system.whereis):
            with pytest.raises(BadArgument, match="'worker' is no name"):
                look_up(text)


async def test_who_looks_for_an_actor_that_is_named_by_a_text_is_told_so() -> None:
    async with running() as (_, system):
        system.spawn(props(Worker).named("worker"))
        ask: Any = system.ref(WORKER).ask
        with pytest.raises(ActorStopped, match="not a str"):
            await ask(CountChildren())


def test_a_number_bounds_no_mailbox() -> None:
    number: Any = 10
    with pytest.raises(BadArgument, match="10 bounds no mailbox"):
        props(Worker).mailbox(number)


@pytest.mark.parametrize(
    "vain",
    [
        props(Script).backoff(Backoff()),
        props(Script).restart("permanent").significant(),
    ],
)
async def test_what_could_have_no_effect_is_refused(vain: Props[ScriptMsg]) -> None:
    async with ActorSystem("vain") as system:
        with pytest.raises(BadArgument):
            system.spawn(vain)
        assert system.snapshot().actors == 0
