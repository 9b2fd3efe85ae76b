"""A game's lobby and its matches: two actors that know each other."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Later, Message, Refused, ReplyTo, Request, on


class Finished(Message):
    winner: str


class Enter(Request["ActorRef[MatchMsg]"]):
    player: str


class Winners(Request[tuple[str, ...]]): ...


LobbyMsg: TypeAlias = Finished | Enter | Winners


class Move(Request[bool]):
    player: str
    field: int


class Resign(Message):
    player: str


MatchMsg: TypeAlias = Move | Resign


class Match(Actor[MatchMsg]):
    def __init__(self, one: str, other: str, lobby: ActorRef[Finished]) -> None:
        self.players = (one, other)
        self.turn = 0
        self.lobby = lobby
        self.fields: set[int] = set()

    @on(Move)
    def move(self, msg: Move) -> bool:
        if msg.player != self.players[self.turn]:
            raise Refused("not your turn")
        if msg.field in self.fields:
            return False
        self.fields.add(msg.field)
        self.turn = 1 - self.turn
        if len(self.fields) == 9:
            self.end(msg.player)
        return True

    @on(Resign)
    def resign(self, msg: Resign) -> None:
        self.end(next(player for player in self.players if player != msg.player))

    def end(self, winner: str) -> None:
        self.lobby.tell(Finished(winner))
        self.stop()

    initial = move | resign


class Lobby(Actor[LobbyMsg]):
    def __init__(self) -> None:
        self.waiting: tuple[str, ReplyTo[ActorRef[MatchMsg]]] | None = None
        self.winners: list[str] = []

    @on(Enter)
    def enter(self, msg: Enter) -> ActorRef[MatchMsg] | Later:
        if self.waiting is None:
            to = self.defer(msg)
            self.waiting = (msg.player, to)
            return to
        other, reply = self.waiting
        self.waiting = None
        match = self.spawn(Match, other, msg.player, self.ref)
        reply.reply(match)
        return match

    @on(Finished)
    def finished(self, msg: Finished) -> None:
        self.winners.append(msg.winner)

    @on(Winners)
    def get_winners(self, msg: Winners) -> tuple[str, ...]:
        return tuple(self.winners)

    initial = enter | finished | get_winners
