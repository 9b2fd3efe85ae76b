"""Keeps how much there is."""

from collections.abc import Mapping

from airssys_rt import Actor, on

from .messages import Levels, Reserve, Restock, StockMsg


class Stock(Actor[StockMsg]):
    def __init__(self, levels: Mapping[str, int]) -> None:
        self.levels = dict(levels)

    @on(Reserve)
    def reserve(self, msg: Reserve) -> bool:
        if any(self.levels.get(line.sku, 0) < line.pieces for line in msg.lines):
            return False
        for line in msg.lines:
            self.levels[line.sku] -= line.pieces
        return True

    @on(Restock)
    def restock(self, msg: Restock) -> None:
        self.levels[msg.line.sku] = self.levels.get(msg.line.sku, 0) + msg.line.pieces

    @on(Levels)
    def get_levels(self, msg: Levels) -> Mapping[str, int]:
        return dict(self.levels)

    initial = reserve | restock | get_levels
