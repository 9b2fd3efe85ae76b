"""Answers at once, later, by another actor or with a refusal, as it comes."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Later, Message, Refused, ReplyTo, Request, on


class Ticket(Request[int]):
    visitor: str
    group: int = 1


class Free(Message):
    seats: int


class Waiting(Request[int]): ...


class Next(Message): ...


DeskMsg: TypeAlias = Ticket | Free | Waiting | Next


class Desk(Actor[DeskMsg]):
    def __init__(self, seats: int, large_groups: ActorRef[Ticket]) -> None:
        self.seats = seats
        self.large_groups = large_groups
        self.numbers = 0
        self.queue: list[tuple[Ticket, ReplyTo[int]]] = []

    @on(Ticket)
    def ticket(self, msg: Ticket) -> int | Later:
        if not msg.visitor:
            raise Refused("no name")
        if msg.group > 10:
            return self.forward(self.large_groups, msg)
        if msg.group > self.seats:
            to = self.defer(msg)
            self.queue.append((msg, to))
            return to
        return self.give(msg.group)

    def give(self, group: int) -> int:
        self.seats -= group
        self.numbers += 1
        return self.numbers

    @on(Free)
    def free(self, msg: Free) -> None:
        self.seats += msg.seats
        self.ref.tell(Next())

    @on(Next)
    def serve_next(self, msg: Next) -> None:
        while self.queue and self.queue[0][0].group <= self.seats:
            ticket, to = self.queue.pop(0)
            to.reply(self.give(ticket.group))

    @on(Waiting)
    def waiting(self, msg: Waiting) -> int:
        return len(self.queue)

    initial = ticket | free | waiting | serve_next
