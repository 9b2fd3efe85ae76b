"""Workers register themselves; a worker that ends leaves the roster, unless it will be back."""

from collections.abc import Mapping
from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Down, Message, Request, on


class Task(Message):
    text: str


class Register(Message):
    name: str
    worker: ActorRef[Task]


class Submit(Request[str]):
    text: str


class Load(Request[Mapping[str, int]]): ...


RosterMsg: TypeAlias = Register | Submit | Load | Down


class Roster(Actor[RosterMsg]):
    def __init__(self) -> None:
        self.workers: dict[str, ActorRef[Task]] = {}
        self.load: dict[str, int] = {}

    @on(Register)
    def register(self, msg: Register) -> None:
        self.monitor(msg.worker)
        self.workers[msg.name] = msg.worker
        self.load[msg.name] = 0

    @on(Submit)
    def submit(self, msg: Submit) -> str:
        name = min(self.load, key=lambda worker: self.load[worker])
        self.load[name] += 1
        self.workers[name].tell(Task(msg.text))
        return name

    @on(Load)
    def get_load(self, msg: Load) -> Mapping[str, int]:
        return self.load.copy()

    @on(Down)
    def down(self, msg: Down) -> None:
        if msg.restarting:
            return
        gone = [name for name, worker in self.workers.items() if worker == msg.ref]
        for name in gone:
            del self.workers[name], self.load[name]

    initial = register | submit | get_load | down
