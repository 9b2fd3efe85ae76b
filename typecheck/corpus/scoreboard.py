"""A board that postpones scores in a pause; its replies are copies of what it holds."""

from collections.abc import Mapping
from typing import TypeAlias

from airssys_rt import Actor, Message, Request, on


class Score(Message):
    player: str
    points: int


class Table(Request[Mapping[str, int]]): ...


class Leader(Request[tuple[str, int]]): ...


class Pause(Message):
    paused: bool


BoardMsg: TypeAlias = Score | Table | Leader | Pause


class Board(Actor[BoardMsg]):
    unhandled = "stash"

    def __init__(self) -> None:
        self.points: dict[str, int] = {}

    @on(Score)
    def score(self, msg: Score) -> None:
        self.points[msg.player] = self.points.get(msg.player, 0) + msg.points

    @on(Table)
    def table(self, msg: Table) -> Mapping[str, int]:
        return dict(self.points)

    @on(Leader)
    def leader(self, msg: Leader) -> tuple[str, int]:
        player = max(self.points, key=lambda name: self.points[name], default="")
        return player, self.points.get(player, 0)

    @on(Pause)
    def pause(self, msg: Pause) -> None:
        self.become(self.paused if msg.paused else self.initial)

    initial = score | table | leader | pause
    paused = table | leader | pause
