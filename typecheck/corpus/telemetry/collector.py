"""Gathers what the agents report."""

from collections.abc import Sequence

from airssys_rt import Actor, ActorRef, on

from .protocol import AgentMsg, CollectorMsg, Last, Register, Report, Resume


class Collector(Actor[CollectorMsg]):
    def __init__(self) -> None:
        self.agents: list[ActorRef[AgentMsg]] = []
        self.last: dict[str, list[float]] = {}

    @on(Register)
    def register(self, msg: Register) -> int:
        self.agents.append(msg.agent)
        msg.agent.tell(Resume())
        return len(self.agents)

    @on(Report)
    def report(self, msg: Report) -> None:
        self.last.setdefault(msg.metric, []).extend(msg.values)

    @on(Last)
    def get_last(self, msg: Last) -> Sequence[float]:
        return tuple(self.last.get(msg.metric, ()))

    initial = register | report | get_last
