"""A session that ends after silence, and says why it ended."""

from typing import TypeAlias

from typing_extensions import override

from airssys_rt import Actor, ActorRef, ExitReason, Message, Normal, Request, on


class Line(Message):
    text: str


class History(Request[tuple[str, ...]]): ...


class _Idle(Message): ...


class Goodbye(Message):
    user: str
    clean: bool


SessionMsg: TypeAlias = Line | History | _Idle


class Session(Actor[SessionMsg]):
    def __init__(self, user: str, desk: ActorRef[Goodbye]) -> None:
        self.user = user
        self.desk = desk
        self.lines: list[str] = []

    @override
    def pre_start(self) -> None:
        self.receive_timeout(60.0, _Idle())

    @override
    def post_stop(self, reason: ExitReason) -> None:
        self.desk.tell(Goodbye(self.user, isinstance(reason, Normal)))

    @on(Line)
    def line(self, msg: Line) -> None:
        self.lines.append(msg.text)
        if msg.text == "stay":
            self.receive_timeout(None)

    @on(History)
    def history(self, msg: History) -> tuple[str, ...]:
        return tuple(self.lines)

    @on(_Idle)
    def idle(self, msg: _Idle) -> None:
        self.stop()

    initial = line | history | idle
