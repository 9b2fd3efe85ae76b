"""Starts workers and learns of their end by `Down`."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, AnyRef, Down, Failed, Message, Request, on


class Work(Message):
    task: str


class Worker(Actor[Work]):
    @on(Work)
    def work(self, msg: Work) -> None:
        if not msg.task:
            raise ValueError("nothing to do")
        self.stop()

    initial = work


class Assign(Message):
    task: str


class Failures(Request[int]): ...


ForemanMsg: TypeAlias = Assign | Failures | Down


class Foreman(Actor[ForemanMsg]):
    def __init__(self) -> None:
        self.tasks: dict[AnyRef, str] = {}
        self.failures = 0

    @on(Assign)
    def assign(self, msg: Assign) -> None:
        worker: ActorRef[Work] = self.spawn(Worker)
        self.monitor(worker)
        self.tasks[worker] = msg.task
        worker.tell(Work(msg.task))

    @on(Failures)
    def count(self, msg: Failures) -> int:
        return self.failures

    @on(Down)
    def down(self, msg: Down) -> None:
        task = self.tasks.pop(msg.ref, "")
        match msg.reason:
            case Failed(text=text):
                self.failures += 1
                self.log.warning("%s failed: %s", task, text)
            case _:
                self.log.info("%s is done", task)

    initial = assign | count | down
