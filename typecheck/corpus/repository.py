"""A generic request whose reply depends on what is asked for."""

from typing import Generic, TypeAlias, TypeVar

from airssys_rt import Actor, ActorRef, Message, Request, on

T = TypeVar("T")


class User(Message):
    name: str


class Group(Message):
    members: tuple[str, ...]


class Load(Request[T | None], Generic[T]):
    key: str
    default: T | None = None


class Save(Message, Generic[T]):
    key: str
    value: T


RepositoryMsg: TypeAlias = Load[User] | Save[User]


class Users(Actor[RepositoryMsg]):
    def __init__(self) -> None:
        self.users: dict[str, User] = {}

    @on(Load[User])
    def load(self, msg: Load[User]) -> User | None:
        return self.users.get(msg.key, msg.default)

    @on(Save[User])
    async def save(self, msg: Save[User]) -> None:
        self.users[msg.key] = msg.value

    initial = load | save


GroupsMsg: TypeAlias = Load[Group] | Save[Group]


class Groups(Actor[GroupsMsg]):
    def __init__(self, users: ActorRef[Load[User]]) -> None:
        self.users = users
        self.groups: dict[str, Group] = {}

    @on(Load[Group])
    def load(self, msg: Load[Group]) -> Group | None:
        return self.groups.get(msg.key)

    @on(Save[Group])
    async def save(self, msg: Save[Group]) -> None:
        for member in msg.value.members:
            user = await self.users.ask(Load[User](member))
            if user is None:
                self.log.warning("%s has no %s", msg.key, member)
        self.groups[msg.key] = msg.value

    initial = load | save
