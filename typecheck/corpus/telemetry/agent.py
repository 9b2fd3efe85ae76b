"""Measures, unless it is paused."""

from typing_extensions import override

from airssys_rt import Actor, ActorRef, on, on_enter

from .protocol import AgentMsg, CollectorMsg, Measure, Pause, Register, Report, Resume


class Agent(Actor[AgentMsg]):
    def __init__(self, name: str, collector: ActorRef[CollectorMsg]) -> None:
        self.name = name
        self.collector = collector
        self.number = 0
        self.values: list[float] = []
        self.seconds = 1.0

    @override
    async def pre_start(self) -> None:
        self.number = await self.collector.ask(Register(self.name, self.ref))

    @on(Measure)
    def measure(self, msg: Measure) -> None:
        self.values.append(self.random.random())
        self.collector.tell(Report(self.number, msg.metric, tuple(self.values[-10:])))

    @on(Pause)
    def pause(self, msg: Pause) -> None:
        self.seconds = msg.seconds
        self.become(self.paused)

    @on(Pause)
    def pause_longer(self, msg: Pause) -> None:
        self.state_timeout(msg.seconds, Resume())

    @on(Resume)
    def is_running(self, msg: Resume) -> None:
        """It runs."""

    @on(Resume)
    def resume(self, msg: Resume) -> None:
        self.become(self.initial)

    initial = measure | pause | is_running
    paused = pause_longer | resume
    flow = (initial.to(paused), paused.to(initial))

    @on_enter(paused)
    def limit_pause(self) -> None:
        self.state_timeout(self.seconds, Resume())
