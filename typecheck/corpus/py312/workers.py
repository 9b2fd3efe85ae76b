"""A generic base of workers, and a supervisor that is asked for its children."""

from typing import override

from airssys_rt import (
    Actor,
    ActorSystem,
    Message,
    Props,
    Request,
    Supervisor,
    WhichChildren,
    on,
    props,
)


class Job(Message):
    text: str


class Count(Request[int]): ...


type WorkerMsg = Job | Count


class Worker(Actor[WorkerMsg]):
    def __init__(self) -> None:
        self.count = 0

    @on(Job)
    def job(self, msg: Job) -> None:
        self.count += 1

    @on(Count)
    def get_count(self, msg: Count) -> int:
        return self.count

    initial = job | get_count


class LoudWorker(Worker):
    @on(Job)
    @override
    def job(self, msg: Job) -> None:
        super().job(Job(msg.text.upper()))
        self.log.info("%s (%d)", msg.text, self.count)


class Plant(Supervisor):
    def __init__(self, size: int) -> None:
        super().__init__([worker(number) for number in range(size)], strategy="one_for_one")


def worker(number: int) -> Props[WorkerMsg]:
    return props(LoudWorker if number else Worker).named(f"worker-{number}")


async def main() -> None:
    async with ActorSystem() as system:
        plant = system.spawn(Plant, 3)
        await plant.started()
        print([child.id for child in await plant.ask(WhichChildren())])
