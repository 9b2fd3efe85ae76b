"""Watches two partners at once: one by a link that is trapped, one by a monitor."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Down, Exit, Message, Request, on


class Feed(Message):
    amount: int


class Partner(Actor[Feed]):
    def __init__(self) -> None:
        self.fed = 0

    @on(Feed)
    def feed(self, msg: Feed) -> None:
        self.fed += msg.amount
        if self.fed > 100:
            self.stop()

    initial = feed


class Start(Message):
    name: str


class Ends(Request[tuple[str, ...]]): ...


PairMsg: TypeAlias = Start | Feed | Ends | Down | Exit


class Pair(Actor[PairMsg]):
    trap_exits = True

    def __init__(self) -> None:
        self.close: ActorRef[Feed] | None = None
        self.distant: ActorRef[Feed] | None = None
        self.ends: list[str] = []

    @on(Start)
    def start(self, msg: Start) -> None:
        self.close = self.spawn(Partner)
        self.distant = self.spawn(Partner)
        self.link(self.close)
        self.monitor(self.distant)
        self.log.info("started for %s", msg.name)

    @on(Feed)
    def feed(self, msg: Feed) -> None:
        for partner in (self.close, self.distant):
            if partner is not None:
                partner.tell(msg)

    @on(Ends)
    def get_ends(self, msg: Ends) -> tuple[str, ...]:
        return tuple(self.ends)

    @on(Down)
    def down(self, msg: Down) -> None:
        self.ends.append(f"down {msg.path}")

    @on(Exit)
    def exited(self, msg: Exit) -> None:
        self.ends.append(f"exit {msg.path}")

    initial = start | feed | get_ends | down | exited
