"""A valve whose states hand out refs of what they take."""

from airssys_rt import Actor, ActorRef, Message, Request, on


class Flow(Request[float]): ...


class Open(Request["ActorRef[OpenMsg]"]):
    by: float


type ShutMsg = Open


class Shut(Request[ActorRef[ShutMsg]]): ...


class Adjust(Message):
    by: float


type OpenMsg = Flow | Shut | Adjust
type ValveMsg = OpenMsg | ShutMsg


class Valve(Actor[ValveMsg]):
    def __init__(self) -> None:
        self.position = 0.0

    @on(Open)
    def open(self, msg: Open) -> ActorRef[OpenMsg]:
        self.position = msg.by
        self.become(self.opened)
        return self.ref

    @on(Shut)
    def is_shut(self, msg: Shut) -> ActorRef[ShutMsg]:
        return self.ref

    @on(Shut)
    def shut(self, msg: Shut) -> ActorRef[ShutMsg]:
        self.position = 0.0
        self.become(self.initial)
        return self.ref

    @on(Flow)
    def flow_now(self, msg: Flow) -> float:
        return self.position * 3.6

    @on(Adjust)
    def adjust(self, msg: Adjust) -> None:
        self.position = min(1.0, self.position + msg.by)

    @on(Adjust)
    def cannot_adjust(self, msg: Adjust) -> None:
        """It is shut."""

    initial = open | is_shut | flow_now | cannot_adjust
    opened = shut | flow_now | adjust
    flow = (initial.to(opened), opened.to(initial))
