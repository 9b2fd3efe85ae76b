"""Menus in menus: behaviours are pushed twice, and popped one by one; no `flow`."""

from typing import TypeAlias

from airssys_rt import Actor, Message, Request, on


class Open(Message): ...


class Details(Message): ...


class Back(Message): ...


class Key(Request[str]):
    key: str


MenuMsg: TypeAlias = Open | Details | Back | Key


class Menu(Actor[MenuMsg]):
    def __init__(self) -> None:
        self.depth = 0

    @on(Key)
    def type_key(self, msg: Key) -> str:
        return msg.key

    @on(Key)
    def menu_key(self, msg: Key) -> str:
        return f"menu {self.depth}: {msg.key}"

    @on(Open)
    def open(self, msg: Open) -> None:
        self.depth += 1
        self.become(self.menu, push=True)

    @on(Details)
    def no_details(self, msg: Details) -> None:
        """Nothing is open."""

    @on(Details)
    def details(self, msg: Details) -> None:
        self.depth += 1
        self.become(self.sub_menu, push=True)

    @on(Back)
    def nowhere(self, msg: Back) -> None:
        """Nothing is open."""

    @on(Back)
    def back(self, msg: Back) -> None:
        self.depth -= 1
        self.unbecome()

    initial = open | no_details | nowhere | type_key
    menu = details | back | menu_key
    sub_menu = back | menu_key
