"""A planner and its workers know each other: they ask in one direction only, and tell in the other."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, Request, on


class Load(Request[int]): ...


class Plan(Request[str]):
    task: str


class Report(Message):
    task: str


class Busy(Request[bool]): ...


PlannerMsg: TypeAlias = Load | Plan | Report


class Try(Request[bool]):
    task: str


WorkerMsg: TypeAlias = Try | Busy


class Worker(Actor[WorkerMsg]):
    def __init__(self, name: str, planner: ActorRef[PlannerMsg]) -> None:
        self.name = name
        self.planner = planner
        self.tasks: list[str] = []

    @on(Try)
    async def attempt(self, msg: Try) -> bool:
        if len(self.tasks) > 3:
            return False
        self.tasks.append(msg.task)
        self.planner.tell(Report(f"{self.name}: {msg.task}"))
        return True

    @on(Busy)
    def busy(self, msg: Busy) -> bool:
        return bool(self.tasks)

    initial = attempt | busy


class Planner(Actor[PlannerMsg]):
    def __init__(self, size: int) -> None:
        self.reports: list[str] = []
        self.workers = [self.spawn(Worker, f"worker {n}", self.ref) for n in range(size)]

    @on(Plan)
    async def plan(self, msg: Plan) -> str:
        for number, worker in enumerate(self.workers):
            if await worker.ask(Try(msg.task), timeout=1.0):
                return f"worker {number}"
        return "nobody"

    @on(Load)
    def load(self, msg: Load) -> int:
        return len(self.reports)

    @on(Report)
    def report(self, msg: Report) -> None:
        self.reports.append(msg.task)

    initial = plan | load | report
