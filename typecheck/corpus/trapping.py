"""Traps exits: it is told of the end of its helper, and makes another one."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Exit, Message, Normal, Request, on


class Job(Message):
    number: int


class Helper(Actor[Job]):
    @on(Job)
    def job(self, msg: Job) -> None:
        if msg.number < 0:
            raise ValueError(msg.number)

    initial = job


class Restarts(Request[int]): ...


KeeperMsg: TypeAlias = Job | Restarts | Exit


class Keeper(Actor[KeeperMsg]):
    trap_exits = True

    def __init__(self) -> None:
        self.restarts = 0
        self.helper = self.start_helper()

    def start_helper(self) -> ActorRef[Job]:
        helper = self.spawn(Helper)
        self.link(helper)
        return helper

    @on(Job)
    def job(self, msg: Job) -> None:
        self.helper.tell(msg)

    @on(Restarts)
    def count(self, msg: Restarts) -> int:
        return self.restarts

    @on(Exit)
    def ended(self, msg: Exit) -> None:
        if msg.ref == self.helper and not isinstance(msg.reason, Normal):
            self.restarts += 1
            self.helper = self.start_helper()

    initial = job | count | ended
