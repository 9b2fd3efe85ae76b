"""Walks a tree with a child for each branch; each tells its parent what it found."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, Request, on


class Node(Message):
    value: int
    children: "tuple[Node, ...]" = ()


class Found(Message):
    sum: int


class Walk(Message):
    node: Node


class Result(Request[int | None]): ...


WalkerMsg: TypeAlias = Walk | Found | Result


class Walker(Actor[WalkerMsg]):
    def __init__(self, parent: ActorRef[Found] | None = None) -> None:
        self.parent = parent
        self.sum = 0
        self.open = 0
        self.result: int | None = None

    @on(Walk)
    def walk(self, msg: Walk) -> None:
        self.sum = msg.node.value
        self.open = len(msg.node.children)
        for child in msg.node.children:
            self.spawn(Walker, self.ref).tell(Walk(child))
        self.finish()

    @on(Found)
    def found(self, msg: Found) -> None:
        self.sum += msg.sum
        self.open -= 1
        self.finish()

    def finish(self) -> None:
        if self.open:
            return
        self.result = self.sum
        if self.parent is not None:
            self.parent.tell(Found(self.sum))
            self.stop()

    @on(Result)
    def get_result(self, msg: Result) -> int | None:
        return self.result

    initial = walk | found | get_result
