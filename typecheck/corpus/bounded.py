"""A producer that waits for room in a bounded mailbox, and one that sheds load."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, ActorSystem, Bounded, MailboxFull, Message, Request, on, props


class Frame(Message):
    number: int
    data: bytes = b""


class Dropped(Request[int]): ...


class Encoder(Actor[Frame]):
    @on(Frame)
    async def encode(self, msg: Frame) -> None:
        self.log.debug("frame %d", msg.number)

    initial = encode


CameraMsg: TypeAlias = Frame | Dropped


class Camera(Actor[CameraMsg]):
    """Live: rather drops a frame than waits."""

    def __init__(self, encoder: ActorRef[Frame]) -> None:
        self.encoder = encoder
        self.dropped = 0

    @on(Frame)
    def frame(self, msg: Frame) -> None:
        try:
            self.encoder.tell(msg)
        except MailboxFull:
            self.dropped += 1

    @on(Dropped)
    def get_dropped(self, msg: Dropped) -> int:
        return self.dropped

    initial = frame | get_dropped


class Converter(Actor[Frame]):
    """Offline: waits for room."""

    def __init__(self, encoder: ActorRef[Frame]) -> None:
        self.encoder = encoder

    @on(Frame)
    async def convert(self, msg: Frame) -> None:
        await self.encoder.send(Frame(msg.number + 1, msg.data))

    initial = convert


async def main() -> None:
    async with ActorSystem() as system:
        encoder = system.spawn(props(Encoder).mailbox(Bounded(2)))
        oldest = system.spawn(props(Encoder).mailbox(Bounded(2, overflow="drop_oldest")))
        camera = system.spawn(Camera, oldest)
        camera.tell(Frame(1))
        await system.spawn(Converter, encoder).send(Frame(2, b"x"))
        print(await camera.ask(Dropped()))
