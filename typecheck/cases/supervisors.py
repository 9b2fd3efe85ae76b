# Supervisors: both forms, the options of props, the control protocol's replies.
from typing import TypeAlias, assert_type

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    AnyRef,
    Backoff,
    ChildCount,
    ChildInfo,
    CountChildren,
    DeleteChild,
    DynamicSupervisor,
    Health,
    Message,
    Props,
    RestartChild,
    StartChild,
    Supervisor,
    TerminateChild,
    WhichChildren,
    on,
    props,
)


class Ping(Message): ...


class Other(Message): ...


Msg: TypeAlias = Ping | Health


class Worker(Actor[Msg]):
    intensity = 3
    period = 10.0

    def __init__(self, name: str) -> None:
        self.name = name

    @on(Ping)
    def ping(self, msg: Ping) -> None: ...

    @on(Health)
    def health(self, msg: Health) -> bool:
        return True

    initial = ping | health


class Deaf(Actor[Ping]):
    @on(Ping)
    def ping(self, msg: Ping) -> None: ...

    initial = ping


class Bank(Supervisor):
    strategy = "rest_for_one"
    intensity = 1
    period = 5.0
    auto_shutdown = "never"
    children = (
        props(Worker, "a").named("a"),
        props(Deaf).restart("transient").shutdown("brutal_kill"),
        props(Supervisor, [props(Worker, "b")], strategy="one_for_all"),
    )


class Wrong(Supervisor):
    strategy = "one_for_two"  # E


class Wrongly(Supervisor):
    children = (Worker,)  # E


def options() -> None:
    made = props(Worker, "a").restart("permanent").backoff(Backoff(first=1.0, cap=2.0))
    assert_type(made, Props[Msg])
    assert_type(made.significant(), Props[Msg])
    assert_type(made.health(interval=1.0, timeout=1.0, threshold=2), Props[Msg])
    props(Deaf).health(interval=1.0, timeout=1.0)  # E
    made.restart("always")  # E
    made.backoff(1.0)  # E
    made.shutdown("never")  # E
    Backoff(1.0)  # E
    props(Supervisor, [Worker])  # E
    props(Supervisor, [props(Deaf)], strategy="one_for_two")  # E
    props(Supervisor, [props(Deaf)], intensity="many")  # E
    props(DynamicSupervisor, max_children="few")  # E


async def control(system: ActorSystem) -> None:
    bank = system.spawn(Bank)
    dynamic = system.spawn(props(DynamicSupervisor, 10, intensity=1))
    assert_type(await bank.ask(WhichChildren()), tuple[ChildInfo, ...])
    assert_type(await bank.ask(CountChildren()), ChildCount)
    assert_type(await bank.ask(StartChild(props(Deaf))), ActorRef[Ping])
    started = await dynamic.ask(StartChild(props(Worker, "c")))
    assert_type(started, ActorRef[Msg])
    started.tell(Ping())
    started.tell(Other())  # E
    await bank.ask(TerminateChild("a"))
    await bank.ask(TerminateChild(started))
    assert_type(await bank.ask(RestartChild("a")), AnyRef)
    await bank.ask(DeleteChild("a"))
    await bank.ask(TerminateChild(1))  # E
    await bank.ask(StartChild(Worker))  # E
    await bank.ask(Ping())  # E
    await started.ask(WhichChildren())  # E
    await system.spawn(Deaf).ask(CountChildren())  # E
