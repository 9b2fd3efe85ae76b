"""Counts what nobody handled, and what happens to actors."""

from collections import Counter
from typing import TypeAlias

from typing_extensions import override

from airssys_rt import (
    Actor,
    ActorSystem,
    Crashed,
    DeadLetter,
    Ended,
    Overloaded,
    Relieved,
    Request,
    on,
)


class Losses(Request[int]):
    reason: str


MortuaryMsg: TypeAlias = DeadLetter | Losses


class Mortuary(Actor[MortuaryMsg]):
    def __init__(self) -> None:
        self.letters: Counter[str] = Counter()

    @override
    def pre_start(self) -> None:
        self.system.dead_letters.subscribe(self.ref)

    @on(DeadLetter)
    def bury(self, msg: DeadLetter) -> None:
        self.letters[msg.reason] += 1

    @on(Losses)
    def losses(self, msg: Losses) -> int:
        return self.letters[msg.reason]

    initial = bury | losses


class Chronicle(Actor[Crashed | Ended | Overloaded | Relieved]):
    @on(Crashed)
    def crashed(self, msg: Crashed) -> None:
        self.log.error("%s crashed: %s", msg.path, msg.reason)

    @on(Ended)
    def ended(self, msg: Ended) -> None:
        self.log.info("%s ended", msg.path)

    @on(Overloaded)
    def overloaded(self, msg: Overloaded) -> None:
        self.log.warning("more than %s at %s", msg.most, msg.limit)

    @on(Relieved)
    def relieved(self, msg: Relieved) -> None:
        self.log.info("%s is well", msg.limit)

    initial = crashed | ended | overloaded | relieved


async def main() -> None:
    async with ActorSystem(max_actors=100, max_queued=1000) as system:
        mortuary = system.spawn(Mortuary)
        chronicle = system.spawn(Chronicle)
        system.events.subscribe(chronicle, only=Crashed)
        print(await mortuary.ask(Losses("stopped")))
