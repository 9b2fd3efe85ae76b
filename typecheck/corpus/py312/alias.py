"""Unions as `type` aliases, `override` of the standard library."""

from typing import assert_never, override

from airssys_rt import Actor, ActorRef, ActorSystem, ExitReason, Message, Name, Request, on


class Play(Message):
    title: str


class Pause(Message): ...


class Playing(Request[str | None]): ...


class _Ended(Message):
    title: str


type Public = Play | Pause | Playing
type PlayerMsg = Public | _Ended
PLAYER = Name[Public]("player")


class Player(Actor[PlayerMsg]):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.title: str | None = None

    @override
    def post_stop(self, reason: ExitReason) -> None:
        self.title = None

    @on(Play)
    def play(self, msg: Play) -> None:
        self.title = msg.title
        self.after(self.seconds, _Ended(msg.title), key="end")

    @on(Pause)
    def pause(self, msg: Pause) -> None:
        self.cancel_timer("end")
        self.title = None

    @on(Playing)
    def playing(self, msg: Playing) -> str | None:
        return self.title

    @on(_Ended)
    def ended(self, msg: _Ended) -> None:
        if self.title == msg.title:
            self.title = None

    initial = play | pause | playing | ended


def describe(msg: Public) -> str:
    match msg:
        case Play(title):
            return title
        case Pause() | Playing():
            return type(msg).__name__
        case _:
            assert_never(msg)


async def main() -> None:
    async with ActorSystem() as system:
        player: ActorRef[Public] = system.spawn(Player, 180.0)
        player.tell(Play("Emma"))
        print(await player.ask(Playing()), describe(Pause()))
