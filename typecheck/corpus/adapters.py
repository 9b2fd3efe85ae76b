"""Listens to two sources in their own terms, through adapters."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, Request, on


class Event(Message):
    text: str


class Alarm(Message):
    level: int


class Subscribe(Message):
    to: ActorRef[Event]


class Arm(Message):
    to: ActorRef[Alarm]


class Source(Actor[Subscribe]):
    @on(Subscribe)
    def subscribe(self, msg: Subscribe) -> None:
        msg.to.tell(Event("hello"))

    initial = subscribe


class Siren(Actor[Arm]):
    @on(Arm)
    def arm(self, msg: Arm) -> None:
        msg.to.tell(Alarm(1))

    initial = arm


class Heard(Message):
    source: str
    text: str


class Last(Request[str]): ...


ListenerMsg: TypeAlias = Heard | Last


class Listener(Actor[ListenerMsg]):
    def __init__(self, source: ActorRef[Subscribe], siren: ActorRef[Arm]) -> None:
        self.last = ""
        source.tell(Subscribe(self.adapter(lambda event: Heard("source", event.text))))
        siren.tell(Arm(self.adapter(self.of_alarm)))

    def of_alarm(self, alarm: Alarm) -> Heard:
        return Heard("siren", f"level {alarm.level}")

    @on(Heard)
    def heard(self, msg: Heard) -> None:
        self.last = f"{msg.source}: {msg.text}"

    @on(Last)
    def get_last(self, msg: Last) -> str:
        return self.last

    initial = heard | get_last
