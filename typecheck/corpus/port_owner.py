"""Owns a port program: linked to it, told of its end, and ended with the reason it gives."""

from typing import TypeAlias

from typing_extensions import override

from airssys_rt import Actor, Exit, Failed, Later, Message, ReplyTo, Request, on


class Command(Message):
    line: str


class Port(Actor[Command]):
    @on(Command)
    async def run(self, msg: Command) -> None:
        if msg.line == "quit":
            raise EOFError("the program has ended")

    initial = run


class Run(Request[bool]):
    line: str


class Closing(Request[str]): ...


OwnerMsg: TypeAlias = Run | Closing | Exit


class Owner(Actor[OwnerMsg]):
    trap_exits = True

    def __init__(self) -> None:
        self.closing: list[ReplyTo[str]] = []
        self.port = self.spawn(Port)
        self.lines = 0

    @override
    def pre_start(self) -> None:
        self.link(self.port)

    @on(Run)
    def run(self, msg: Run) -> bool:
        self.lines += 1
        self.port.tell(Command(msg.line))
        return bool(msg.line)

    @on(Closing)
    def close(self, msg: Closing) -> Later:
        to = self.defer(msg)
        self.closing.append(to)
        self.port.tell(Command("quit"))
        return to

    @on(Exit)
    def port_ended(self, msg: Exit) -> None:
        text = msg.reason.text if isinstance(msg.reason, Failed) else ""
        for to in self.closing:
            to.reply(text)
        self.stop()

    initial = run | close | port_ended
