"""A mailbox server: who has logged in gets the ref of the larger protocol."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, Refused, Request, on


class Fetch(Request[tuple[str, ...]]): ...


class Deliver(Message):
    text: str


class LogOut(Message): ...


LoggedIn: TypeAlias = Fetch | Deliver | LogOut


class LogIn(Request[ActorRef[LoggedIn]]):
    user: str
    password: str


LoggedOut: TypeAlias = LogIn | Deliver
MailMsg: TypeAlias = LoggedIn | LoggedOut


class Mail(Actor[MailMsg]):
    unhandled = "fail"

    def __init__(self, password: str) -> None:
        self.password = password
        self.texts: list[str] = []

    @on(LogIn)
    def log_in(self, msg: LogIn) -> ActorRef[LoggedIn]:
        if msg.password != self.password:
            raise Refused("wrong password")
        self.become(self.inside)
        return self.ref

    @on(LogIn)
    def log_in_again(self, msg: LogIn) -> ActorRef[LoggedIn]:
        raise_if_wrong(msg.password == self.password)
        return self.ref

    @on(Deliver)
    def deliver(self, msg: Deliver) -> None:
        self.texts.append(msg.text)

    @on(Fetch)
    def fetch(self, msg: Fetch) -> tuple[str, ...]:
        texts = tuple(self.texts)
        self.texts.clear()
        return texts

    @on(Fetch)
    def fetch_nothing(self, msg: Fetch) -> tuple[str, ...]:
        return ()

    @on(LogOut)
    def log_out(self, msg: LogOut) -> None:
        self.become(self.initial)

    @on(LogOut)
    def is_out(self, msg: LogOut) -> None:
        """Nobody is logged in."""

    initial = log_in | deliver | fetch_nothing | is_out
    inside = log_in_again | deliver | fetch | log_out
    flow = (initial.to(inside), inside.to(initial))


def raise_if_wrong(right: bool) -> None:
    if not right:
        raise Refused("wrong password")
