"""Sessions that come and go, below a DynamicSupervisor."""

from typing import TypeAlias

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    CountChildren,
    DynamicSupervisor,
    Message,
    Name,
    Request,
    StartChild,
    Supervisor,
    SupervisorMsg,
    TerminateChild,
    on,
    props,
)


class Say(Message):
    text: str


class Who(Request[str]): ...


SessionMsg: TypeAlias = Say | Who
SESSIONS = Name[SupervisorMsg]("sessions")


class Session(Actor[SessionMsg]):
    def __init__(self, user: str) -> None:
        self.user = user

    @on(Say)
    def say(self, msg: Say) -> None:
        self.log.info("%s: %s", self.user, msg.text)

    @on(Who)
    def who(self, msg: Who) -> str:
        return self.user

    initial = say | who


class LogIn(Request[ActorRef[SessionMsg]]):
    user: str


class LogOut(Request[int]):
    session: ActorRef[SessionMsg]


DeskMsg: TypeAlias = LogIn | LogOut


class Desk(Actor[DeskMsg]):
    @on(LogIn)
    async def log_in(self, msg: LogIn) -> ActorRef[SessionMsg]:
        kind = props(Session, msg.user).restart("transient")
        return await self.system.ref(SESSIONS).ask(StartChild(kind), timeout=None)

    @on(LogOut)
    async def log_out(self, msg: LogOut) -> int:
        sessions = self.system.ref(SESSIONS)
        await sessions.ask(TerminateChild(msg.session))
        count = await sessions.ask(CountChildren())
        return count.active

    initial = log_in | log_out


async def main() -> None:
    async with ActorSystem() as system:
        kind = props(DynamicSupervisor, max_children=100, intensity=10).named(SESSIONS)
        await system.spawn(props(Supervisor, [kind])).started()
        desk = system.spawn(Desk)
        session = await desk.ask(LogIn("ada"))
        session.tell(Say("hello"))
        print(await session.ask(Who()), await desk.ask(LogOut(session)))
