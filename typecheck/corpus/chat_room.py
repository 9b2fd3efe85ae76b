"""A chat room: refs of a union that is defined below, by forward reference."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Down, Message, Request, on


class Join(Message):
    name: str
    member: "ActorRef[MemberMsg]"


class Post(Message):
    name: str
    text: str


class Members(Request[tuple[str, ...]]): ...


RoomMsg: TypeAlias = "Join | Post | Members | Down"


class Said(Message):
    name: str
    text: str


class Welcome(Message):
    room: "ActorRef[Post]"
    members: tuple[str, ...]


MemberMsg: TypeAlias = Said | Welcome


class Room(Actor[RoomMsg]):
    def __init__(self) -> None:
        self.members: dict[str, ActorRef[MemberMsg]] = {}

    @on(Join)
    def join(self, msg: Join) -> None:
        self.monitor(msg.member)
        self.members[msg.name] = msg.member
        msg.member.tell(Welcome(self.ref, tuple(self.members)))

    @on(Post)
    def post(self, msg: Post) -> None:
        for member in self.members.values():
            member.tell(Said(msg.name, msg.text))

    @on(Members)
    def names(self, msg: Members) -> tuple[str, ...]:
        return tuple(self.members)

    @on(Down)
    def left(self, msg: Down) -> None:
        self.members = {n: member for n, member in self.members.items() if member != msg.ref}

    initial = join | post | names | left


class Member(Actor[MemberMsg]):
    def __init__(self, name: str, room: ActorRef[Join]) -> None:
        self.name = name
        room.tell(Join(name, self.ref))

    @on(Said)
    def said(self, msg: Said) -> None:
        self.log.info("%s: %s", msg.name, msg.text)

    @on(Welcome)
    def welcome(self, msg: Welcome) -> None:
        msg.room.tell(Post(self.name, f"hello, {len(msg.members)} of you"))

    initial = said | welcome
