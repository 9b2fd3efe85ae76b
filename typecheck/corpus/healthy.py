"""A worker that says how it is, watched by a supervisor with backoff."""

from typing import TypeAlias

from typing_extensions import override

from airssys_rt import Actor, ActorSystem, Backoff, Health, Message, Supervisor, on, props


class Store(Message):
    line: str


WriterMsg: TypeAlias = Store | Health


class Writer(Actor[WriterMsg]):
    def __init__(self, most: int) -> None:
        self.most = most
        self.lines: list[str] = []

    @override
    async def pre_start(self) -> None:
        self.lines = ["header"]

    @on(Store)
    def store(self, msg: Store) -> None:
        self.lines.append(msg.line)

    @on(Health)
    def health(self, msg: Health) -> bool:
        return len(self.lines) < self.most

    initial = store | health


async def main() -> None:
    kind = (
        props(Writer, 1000)
        .named("writer")
        .restart("permanent")
        .backoff(Backoff(first=0.1, cap=5.0, factor=3.0))
        .health(interval=1.0, timeout=0.5, threshold=2)
    )
    async with ActorSystem() as system:
        plant = system.spawn(props(Supervisor, [kind], intensity=10, period=60.0))
        await plant.started()
