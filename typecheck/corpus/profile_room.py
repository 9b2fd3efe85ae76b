"""Users join rooms; a room needs the user's name, and gets it in the message, for it must not ask."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, Refused, Request, on


class Name(Request[str]): ...


class Visit(Request[int]):
    room: "ActorRef[RoomMsg]"


class Rename(Message):
    name: str


UserMsg: TypeAlias = Name | Visit | Rename


class Enter(Request[int]):
    name: str
    user: ActorRef[UserMsg]


class Leave(Message):
    user: ActorRef[UserMsg]


RoomMsg: TypeAlias = Enter | Leave


class Room(Actor[RoomMsg]):
    def __init__(self, most: int) -> None:
        self.most = most
        self.users: dict[ActorRef[UserMsg], str] = {}

    @on(Enter)
    async def enter(self, msg: Enter) -> int:
        if len(self.users) >= self.most:
            raise Refused("the room is full")
        self.users[msg.user] = msg.name
        return len(self.users)

    @on(Leave)
    def leave(self, msg: Leave) -> None:
        self.users.pop(msg.user, None)

    initial = enter | leave


class User(Actor[UserMsg]):
    def __init__(self, name: str) -> None:
        self.name = name

    @on(Name)
    def get_name(self, msg: Name) -> str:
        return self.name

    @on(Visit)
    async def visit(self, msg: Visit) -> int:
        return await msg.room.ask(Enter(self.name, self.ref))

    @on(Rename)
    def rename(self, msg: Rename) -> None:
        self.name = msg.name

    initial = get_name | visit | rename
