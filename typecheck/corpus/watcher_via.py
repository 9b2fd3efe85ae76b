"""Monitors through a message of its own, so that `Down` need not be in the union."""

from typing import TypeAlias

from airssys_rt import Actor, AnyRef, Message, Monitor, Request, on


class Watch(Message):
    name: str
    ref: AnyRef


class Forget(Message):
    name: str


class _Gone(Message):
    name: str
    restarting: bool


class Alive(Request[tuple[str, ...]]): ...


WatchMsg: TypeAlias = Watch | Forget | Alive | _Gone


class Watchman(Actor[WatchMsg]):
    def __init__(self) -> None:
        self.monitors: dict[str, Monitor] = {}

    @on(Watch)
    def watch(self, msg: Watch) -> None:
        name = msg.name
        self.monitors[name] = self.monitor(
            msg.ref, via=lambda down: _Gone(name, down.restarting)
        )

    @on(Forget)
    def forget(self, msg: Forget) -> None:
        monitor = self.monitors.pop(msg.name, None)
        if monitor is not None:
            self.demonitor(monitor, flush=True)

    @on(Alive)
    def alive(self, msg: Alive) -> tuple[str, ...]:
        return tuple(sorted(self.monitors))

    @on(_Gone)
    def gone(self, msg: _Gone) -> None:
        if not msg.restarting:
            self.monitors.pop(msg.name, None)

    initial = watch | forget | alive | gone
