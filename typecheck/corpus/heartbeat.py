"""Beats at a fixed rate, and misses the beats of others."""

from typing import TypeAlias

from typing_extensions import override

from airssys_rt import Actor, ActorRef, Message, Request, Timer, on


class Beat(Message):
    sender: str


class Missing(Request[tuple[str, ...]]): ...


class _Tick(Message): ...


class _Overdue(Message):
    sender: str


HeartMsg: TypeAlias = Beat | Missing | _Tick | _Overdue


class Heart(Actor[HeartMsg]):
    def __init__(self, name: str, peers: tuple[ActorRef[Beat], ...]) -> None:
        self.name = name
        self.peers = peers
        self.missing: set[str] = set()
        self.beating: Timer | None = None

    @override
    def pre_start(self) -> None:
        self.beating = self.every(1.0, _Tick(), key="beat")

    @on(Beat)
    def beat(self, msg: Beat) -> None:
        self.missing.discard(msg.sender)
        self.after(3.0, _Overdue(msg.sender), key=msg.sender)

    @on(_Tick)
    def tick(self, msg: _Tick) -> None:
        for peer in self.peers:
            peer.tell(Beat(self.name))
        if not self.peers and self.beating is not None:
            self.beating.cancel()

    @on(_Overdue)
    def overdue(self, msg: _Overdue) -> None:
        self.missing.add(msg.sender)

    @on(Missing)
    def report(self, msg: Missing) -> tuple[str, ...]:
        return tuple(sorted(self.missing))

    initial = beat | report | tick | overdue
