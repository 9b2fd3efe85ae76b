"""Laws that only a broken engine breaks: the engine is broken here on purpose, and they name it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airssys_rt import Actor, ActorRef, Message, on, props
from airssys_rt.errors import Counterexample
from airssys_rt.kernel import deadletter, keeping
from airssys_rt.kernel.cell import Cell
from airssys_rt.kernel.mailbox import ClosedBox
from airssys_rt.kernel.scheduler import Scheduler
from airssys_rt.testing import World, explore
from airssys_rt.testing.exploring import Settings, run
from airssys_rt.testing.laws import LAWS
from airssys_rt.testing.schedule import Driver
from tests.testing.players import Add, Counter, Get


class Hold(Message):
    number: int


class Free(Message):
    """Take back what is stashed."""


class Crash(Message):
    """Fail."""


class Later(Message):
    """Have something handled next."""


class Holder(Actor[Hold | Free | Crash | Later]):
    """Puts messages aside, by hand."""

    def __init__(self) -> None:
        self.free = False
        self.seen: list[int] = []

    @on(Hold)
    def hold(self, msg: Hold) -> None:
        if self.free:
            self.seen.append(msg.number)
        else:
            self.stash()

    @on(Free)
    def take(self, msg: Free) -> None:
        self.free = True
        self.unstash_all()

    @on(Crash)
    def crash(self, msg: Crash) -> None:
        raise ValueError("crash")

    @on(Later)
    def later(self, msg: Later) -> None:
        self.next(Hold(9))

    initial = hold | take | crash | later


class Slow(Actor[Hold | Free]):
    """Puts a message aside after it has waited."""

    def __init__(self, counter: ActorRef[Add | Get]) -> None:
        self.counter = counter
        self.seen: list[int] = []
        self.asked = 0

    @on(Hold)
    async def hold(self, msg: Hold) -> None:
        self.asked += 1
        await self.counter.ask(Get())
        if self.asked == 1:
            self.stash()
            self.unstash_all()
        else:
            self.seen.append(msg.number)

    @on(Free)
    def take(self, msg: Free) -> None:
        """Nothing."""

    initial = hold | take


async def holding(world: World) -> None:
    """Stash, unstash, next, a crash with a stash, a restart, dead letters, an async stash."""
    holder = world.spawn(props(Holder).restart("transient"))
    slow = world.spawn(Slow, world.spawn(Counter))
    same = Hold(1)
    for msg in (same, Hold(2), same, Later(), Crash(), Hold(3), Free(), Hold(4)):
        holder.tell(msg)
    slow.tell(Hold(1))
    slow.tell(Hold(2))
    await world.settle()
    assert world.state(holder).seen == [1, 2, 1, 9, 3, 4]
    assert sorted(world.state(slow).seen) == [1, 2]
    holder.tell(Hold(5))
    holder.stop()
    over = world.spawn(Counter)
    over.stop()
    await world.settle()
    over.tell(Add(1))


def test_what_actors_may_do_breaks_no_law() -> None:
    explore(holding, schedules=100)


Patch = Callable[[pytest.MonkeyPatch], None]


def lose_unstashed(patch: pytest.MonkeyPatch) -> None:
    front = Cell.put_front
    patch.setattr(Cell, "put_front", lambda cell, items: front(cell, list(items)[1:]))


def double_unstashed(patch: pytest.MonkeyPatch) -> None:
    front = Cell.put_front

    def twice(cell: Cell, items: Any) -> None:
        found = list(items)
        front(cell, found + found[:1])

    patch.setattr(Cell, "put_front", twice)


def forget_stash_at_restart(patch: pytest.MonkeyPatch) -> None:
    def revive(cell: Cell, overseer: object) -> bool:
        cell.more.stash = None
        return old(cell, overseer)

    old = keeping.revive
    from airssys_rt.kernel.lifecycle import ACTIONS

    patch.setitem(ACTIONS, "revive", revive)


def skip_handler(patch: pytest.MonkeyPatch) -> None:
    turn = Scheduler.turn

    def lazy(scheduler: Scheduler, cell: Cell, left: int) -> int:
        box = cell.box
        if box and isinstance(box[0], Hold) and box[0].number == 4:
            box.popleft()
            scheduler._put_back(cell)
            return 1
        return turn(scheduler, cell, left)

    patch.setattr(Scheduler, "turn", lazy)


def handle_twice(patch: pytest.MonkeyPatch) -> None:
    turn = Scheduler.turn

    def keen(scheduler: Scheduler, cell: Cell, left: int) -> int:
        box = cell.box
        if box and isinstance(box[0], Hold) and box[0].number == 4:
            handler = cell.find(Hold)
            assert handler is not None
            handler(cell.actor, box[0])
        return turn(scheduler, cell, left)

    patch.setattr(Scheduler, "turn", keen)


def keep_handled(patch: pytest.MonkeyPatch) -> None:
    turn = Scheduler.turn

    def forgetful(scheduler: Scheduler, cell: Cell, left: int) -> int:
        box = cell.box
        item = box[0] if box else None
        taken = turn(scheduler, cell, left)
        if isinstance(item, Hold) and item.number == 4 and not cell.box:
            box.appendleft(item)
            cell.box.idle = False
            scheduler.ready.append(cell)
        return taken

    patch.setattr(Scheduler, "turn", forgetful)


def refuse_in_silence(patch: pytest.MonkeyPatch) -> None:
    from airssys_rt.kernel.mailbox import Grave

    patch.setattr(ClosedBox, "append", lambda box, item: None)
    patch.setattr(Grave, "append", lambda box, item: None)


def bury_what_is_handled(patch: pytest.MonkeyPatch) -> None:
    turn = Scheduler.turn

    def gloomy(scheduler: Scheduler, cell: Cell, left: int) -> int:
        box = cell.box
        item = box[0] if box else None
        taken = turn(scheduler, cell, left)
        if isinstance(item, Hold) and item.number == 4:
            deadletter.bury(item, cell, "not_accepted")
        return taken

    patch.setattr(Scheduler, "turn", gloomy)


def spill_in_silence(patch: pytest.MonkeyPatch) -> None:
    from airssys_rt.kernel import ending

    def silent(cell: Cell, letter: str) -> None:
        cell.more.stash = cell.more.nexts = None

    patch.setattr(ending, "spill", silent)


def swap(patch: pytest.MonkeyPatch) -> None:
    turn = Scheduler.turn
    seen: list[Any] = []

    def mixed(scheduler: Scheduler, cell: Cell, left: int) -> int:
        box = cell.box
        if box and isinstance(box[0], Hold) and box[0].number == 4:
            seen.append(box.popleft())
            box.appendleft(Free())
        return turn(scheduler, cell, left)

    patch.setattr(Scheduler, "turn", mixed)


async def stopping(world: World) -> None:
    """An actor ends with messages in its stash and on their way."""
    holder = world.spawn(Holder)
    holder.tell(Hold(1))
    await world.settle()
    holder.stop()
    holder.tell(Hold(4))
    await world.settle()


BROKEN: dict[str, tuple[Patch, str, Any]] = {
    "unstash loses": (lose_unstashed, "put aside, and is gone", holding),
    "unstash doubles": (double_unstashed, "to be handled again", holding),
    "restart forgets": (forget_stash_at_restart, "put aside, and is gone", holding),
    "not handled": (skip_handler, "neither handled nor a dead letter", holding),
    "handled twice": (handle_twice, "was handled 2 times", holding),
    "handled again": (keep_handled, "again", holding),
    "refused in silence": (refuse_in_silence, "is no dead letter", stopping),
    "handled and buried": (bury_what_is_handled, "was handled, and is a dead letter", holding),
    "spilled in silence": (spill_in_silence, "put aside, and is gone", stopping),
    "another one handled": (swap, "was handled in its place", holding),
}


def found_without(scenario: Any, law: str) -> str:
    """What a run says that is not held to a law."""
    others = [one for one in LAWS if one != law]
    return str(run(scenario, Settings(laws=tuple(others)), Driver()))


@pytest.mark.parametrize(("patch", "what", "scenario"), BROKEN.values(), ids=list(BROKEN))
def test_each_message_that_an_engine_loses_or_doubles_is_named(
    patch: Patch, what: str, scenario: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch(monkeypatch)
    with pytest.raises(Counterexample, match=what) as found:
        explore(scenario, schedules=20)
    assert "law 'accounted'" in str(found.value)
    assert "law 'accounted'" not in found_without(scenario, "accounted")


def test_a_message_lost_in_a_mailbox_is_found_in_whichever_schedule() -> None:
    async def scenario(world: World) -> None:
        holder = world.spawn(Holder)
        holder.tell(Hold(1))
        await world.settle()
        cell = next(cell for cell in world.net.posts if cell.actor is world.state(holder))
        assert cell.more.stash is not None
        cell.more.stash.clear()
        holder.tell(Free())

    with pytest.raises(Counterexample, match="law 'accounted'"):
        explore(scenario, schedules=3)
