"""A phone directory that hands out copies of its pages, never the pages."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, Refused, Request, on


class Entry(Message):
    name: str
    number: str


class Remove(Message):
    name: str


class Page(Request[Mapping[str, str]]):
    letter: str


class Names(Request[Sequence[str]]): ...


class Changed(Message):
    entries: Mapping[str, str]
    order: Sequence[str]


class Subscribe(Message):
    to: ActorRef[Changed]


DirectoryMsg: TypeAlias = Entry | Remove | Page | Names | Subscribe


class Directory(Actor[DirectoryMsg]):
    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.order: list[str] = []
        self.readers: list[ActorRef[Changed]] = []

    def publish(self) -> None:
        for reader in self.readers:
            reader.tell(Changed(dict(self.entries), tuple(self.order)))

    @on(Entry)
    def entry(self, msg: Entry) -> None:
        self.entries[msg.name] = msg.number
        self.order.append(msg.name)
        self.publish()

    @on(Remove)
    def remove(self, msg: Remove) -> None:
        self.entries.pop(msg.name, None)
        self.order = [name for name in self.order if name != msg.name]
        self.publish()

    @on(Page)
    def page(self, msg: Page) -> Mapping[str, str]:
        if not msg.letter:
            raise Refused({"field": "letter"})
        return {n: number for n, number in self.entries.items() if n.startswith(msg.letter)}

    @on(Names)
    def names(self, msg: Names) -> Sequence[str]:
        return tuple(self.order)

    @on(Subscribe)
    def subscribe(self, msg: Subscribe) -> None:
        self.readers.append(msg.to)
        msg.to.tell(Changed(self.entries.copy(), tuple(self.order)))

    initial = entry | remove | page | names | subscribe
