"""The actor that a pool is: it supervises the members, one for one, and counts them.

Laws: members have the numbers from 1 on, a new one the lowest that is free; a member that is taken
away handles what it has, then it ends; a pool that has lost all its members ends; a pool that is
restarted has the size of its `Props`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from airssys_rt.core.handler import on
from airssys_rt.core.message import Later
from airssys_rt.core.signals import Normal
from airssys_rt.errors import ActorStopped
from airssys_rt.kernel.actor import Actor
from airssys_rt.kernel.forward import current_call
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.mailbox import DRAIN_STOP, Errand
from airssys_rt.kernel.reply import ReplyTo, defer
from airssys_rt.kernel.waits import Call, Wait, cycle_error, would_cycle
from airssys_rt.supervision import requests
from airssys_rt.supervision.child import Child
from airssys_rt.supervision.overseer import Overseer
from airssys_rt.supervision.router import Resize, RoutingBox, waiting_room

if TYPE_CHECKING:
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.supervision.pool import Recipe

__all__ = ["Pool"]

UNDER_WAY = 0  # no member's number: what a resize waits for is not known yet


class Resizing:
    """A resize under way: what it waits for."""

    __slots__ = ("call", "error", "numbers", "reply")

    def __init__(self, reply: ReplyTo[None], call: Call | None) -> None:
        self.reply = reply
        self.call = call
        self.numbers = {UNDER_WAY}  # that have to start, or to leave
        self.error: BaseException | None = None

    def wait_for(self, target: Cell | None) -> None:
        """The asker waits for this one now; that may be one who waits for the asker."""
        call = self.call
        if call is None or target is None:
            return
        call.target = target
        waits = would_cycle(call.asker, target) if call.asker is not None else None
        if call.asker is not None and waits is not None:
            self.reply.fail(cycle_error(call.asker, target, waits))
            self.call = None

    def finish(self) -> None:
        """There is nothing more to wait for: answer."""
        if self.call is not None:
            self.call.target = None  # its deadline may hold the call for long
        if self.error is not None:
            self.reply.fail(self.error)
        else:
            self.reply.reply(None)


class Pool(Actor[Resize]):
    """Supervises the members, one for one, and counts them."""

    __supervises__: ClassVar[bool] = True

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._members: dict[int, Child] = {}  # that get messages
        self._starting: dict[int, Child] = {}
        self._leaving: dict[int, Child] = {}  # that handle what they have
        self._resizings: list[Resizing] = []

    async def pre_start(self) -> None:
        """Start the members, one after the other.  Raises `StartFailed`."""
        cell, recipe = self.__engine__(), self._recipe
        if not isinstance(cell.box, RoutingBox):
            recipe.box(cell).take_over()
        self._box = box = cast("RoutingBox", cell.box)
        box.on_drain = self._drain
        cell.more.when_over(Pool, box.let_go)
        self._overseer = overseer = Overseer(
            *(cell, "one_for_one", recipe.intensity, recipe.period), declares=True
        )
        cell.more.overseer = overseer
        wait = Wait(None, cell)
        overseer.boot([recipe.member(number + 1) for number in range(recipe.size)], wait)
        await cell.scheduler.wait(wait)
        wait.result()
        if cell.life != Life.STARTING:
            return
        for child in overseer.order or ():
            if child.place is not None:
                self._members[child.place + 1] = child
        for number, child in list(self._members.items()):
            self._watch(number, child)
        self._changed()
        box.release()
        if box.draining:
            self._drain()

    @on(Resize)
    def resize(self, msg: Resize) -> Later | None:
        """Have so many members."""
        cell = self.__engine__()
        call = current_call(cell, msg)
        reply = defer(cell, call)
        if self._box.draining:
            why = "it ends when its members have handled what they have"
            reply.fail(ActorStopped(f"{cell.path} is not resized: it is stopping", why=why))
            return reply
        resizing = Resizing(reply, call)
        self._resizings.append(resizing)
        change = msg.size - len(self._members) - len(self._starting)
        if change > 0:
            self._grow(change, resizing)
        else:
            self._shrink(-change, resizing)
        self._changed()
        self._settle(UNDER_WAY)
        return reply

    initial = resize

    # -- more members ------------------------------------------------------------------------

    def _grow(self, count: int, resizing: Resizing) -> None:
        """Take back members that are leaving, then add others."""
        for number in sorted(self._leaving):
            child = self._leaving[number]
            if count and not child.retired and child.cell is not None:
                self._members[number] = self._leaving.pop(number)
                self._settle(number)
                count -= 1
        number = 0
        while count:
            number += 1
            taken = number in self._members or number in self._starting
            if not taken and number not in self._leaving:
                resizing.numbers.add(number)
                self._add(number)
                count -= 1

    def _add(self, number: int) -> None:
        cell, overseer = self.__engine__(), self._overseer
        child = Child(None, self._recipe.member(number), cell.scheduler.now())
        child.place, child.fresh = number - 1, True
        call = Call(None, cell, None)
        call.wake = lambda: self._answered(number, call)
        child.starter = ReplyTo(cell, call)
        self._starting[number] = child
        requests.begin(overseer, child)

    def _answered(self, number: int, call: Call) -> None:
        """A new member has started, or did not; perhaps it is not wanted any more."""
        call.wake = None
        if not self._overseer.is_open:
            return
        error: BaseException | None = None
        try:
            call.result()
        except Exception as raised:
            error = raised
        child = self._starting.pop(number, None)
        if child is None:
            if error is not None:
                self._gone(number)
            elif number in self._leaving:
                self._watch(number, self._leaving[number])
            return
        if error is None:
            self._members[number] = child
            self._watch(number, child)
            self._changed()
        self._settle(number, error)

    # -- fewer members -----------------------------------------------------------------------

    def _shrink(self, count: int, resizing: Resizing | None = None) -> None:
        """Let those with the highest numbers leave."""
        present = sorted(self._members.keys() | self._starting.keys(), reverse=True)
        chosen = present[:count]
        new = [number for number in chosen if number in self._starting]
        for number in chosen:
            child = self._members.pop(number, None) or self._starting.pop(number)
            self._leaving[number] = child
        self._changed()
        for number in new:
            self._settle(number)  # for who wanted it
        if resizing is not None:
            resizing.numbers.update(chosen)
        for number in chosen:
            leave = self._retire if number in new else self._send_away
            leave(number, self._leaving[number])

    def _send_away(self, number: int, child: Child) -> None:
        """Have a member end behind the messages that it has."""
        member = child.cell
        if member is None:
            return
        room = waiting_room(member)
        if isinstance(room, RoutingBox):  # a pool: its members have the messages
            child.retired = True
            member.put(DRAIN_STOP)
            return
        if room is not None and room.waiters:
            waiters = list(room.waiters)
            room.waiters.clear()
            self._box.move(waiters)
        member.put(Errand("leave", lambda: self._retire(number, child)))

    def _retire(self, number: int, child: Child) -> None:
        """A member has handled what it had; unless it was taken back meanwhile, it ends."""
        due = self._overseer.is_open and self._leaving.get(number) is child
        if due and child.cell is not None:
            child.retire(self.__engine__().scheduler)

    def _drain(self) -> None:
        """Stop behind what was sent: when all members have handled what they have."""
        if not self._overseer.is_open:
            return
        self._shrink(len(self._members) + len(self._starting))
        self._end_if_empty()

    # -- what becomes of members -------------------------------------------------------------

    def _watch(self, number: int, child: Child) -> None:
        """Be told when the member is over for good."""
        member = child.cell
        if member is None or member.outcome is not None:
            self._gone(number)
        else:
            member.more.when_over(Pool, lambda: self._gone(number))

    def _gone(self, number: int) -> None:
        child = self._members.pop(number, None) or self._leaving.pop(number, None)
        self._changed()
        overseer = self._overseer
        if not overseer.is_open:
            return
        if child is not None and overseer.order is not None and child in overseer.order:
            overseer.order.remove(child)
        self._settle(number)
        self._end_if_empty()

    def _changed(self) -> None:
        """Route to the members there are."""
        cells = {number: child.cell for number, child in self._members.items()}
        self._box.change({number: cell for number, cell in cells.items() if cell is not None})

    def _settle(self, number: int, error: BaseException | None = None) -> None:
        """A member has started, or left: those who wait for it need not any more."""
        for resizing in list(self._resizings):
            if number in resizing.numbers:
                resizing.numbers.discard(number)
                resizing.error = resizing.error or error
            if resizing.numbers:
                first = min(resizing.numbers)
                child = self._starting.get(first) or self._leaving.get(first)
                resizing.wait_for(child.cell if child is not None else None)
                continue
            self._resizings.remove(resizing)
            resizing.finish()

    def _end_if_empty(self) -> None:
        if not self._members and not self._starting and not self._leaving:
            self._box.draining = False  # a next incarnation has messages to route
            self.__engine__().signal("end", Normal())
