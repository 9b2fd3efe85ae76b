"""A store that is closed by asking: the reply is the ref of what it takes from then on."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, ActorSystem, Message, Request, on


class Put(Message):
    text: str


class Count(Request[int]): ...


class Reopen(Request["ActorRef[OpenMsg]"]): ...


ClosedMsg: TypeAlias = Count | Reopen


class Close(Request[ActorRef[ClosedMsg]]): ...


OpenMsg: TypeAlias = Put | Count | Close
StoreMsg: TypeAlias = OpenMsg | ClosedMsg


class Store(Actor[StoreMsg]):
    def __init__(self) -> None:
        self.texts: list[str] = []

    @on(Put)
    def put(self, msg: Put) -> None:
        self.texts.append(msg.text)

    @on(Count)
    def count(self, msg: Count) -> int:
        return len(self.texts)

    @on(Close)
    def close(self, msg: Close) -> ActorRef[ClosedMsg]:
        self.become(self.closed)
        return self.ref

    @on(Reopen)
    def still_open(self, msg: Reopen) -> ActorRef[OpenMsg]:
        return self.ref

    @on(Reopen)
    def reopen(self, msg: Reopen) -> ActorRef[OpenMsg]:
        self.become(self.initial)
        return self.ref

    initial = put | count | close | still_open
    closed = count | reopen
    flow = (initial.to(closed), closed.to(initial))


async def main() -> None:
    async with ActorSystem() as system:
        store: ActorRef[OpenMsg] = system.spawn(Store)
        store.tell(Put("a"))
        closed = await store.ask(Close())
        print(await closed.ask(Count()))
        (await closed.ask(Reopen())).tell(Put("b"))
