"""A group of shelves, and a name for one of them."""

from typing import TypeAlias

from typing_extensions import override

from airssys_rt import Actor, ActorRef, ActorSystem, Message, Name, Request, on, props


class Put(Message):
    title: str


class Count(Request[int]): ...


ShelfMsg: TypeAlias = Put | Count
SHELF = Name[ShelfMsg]("shelf")
SHELVES = Name[Put]("shelves")


class Shelf(Actor[ShelfMsg]):
    def __init__(self) -> None:
        self.titles: set[str] = set()

    @override
    def pre_start(self) -> None:
        self.system.group(SHELVES).join(self.ref)

    @on(Put)
    def put(self, msg: Put) -> None:
        self.titles.add(msg.title)

    @on(Count)
    def count(self, msg: Count) -> int:
        return len(self.titles)

    initial = put | count


def writer_of(shelf: ActorRef[ShelfMsg]) -> ActorRef[Put]:
    return shelf


async def main() -> None:
    async with ActorSystem() as system:
        system.spawn(props(Shelf).named(SHELF))
        spare = system.spawn(Shelf)
        system.group(SHELVES).broadcast(Put("Emma"))
        writer_of(spare).tell(Put("Persuasion"))
        system.unregister(SHELF)
        system.register(SHELF, spare)
        holder = system.whereis(SHELF)
        if holder is not None:
            print(await holder.ask(Count()))
