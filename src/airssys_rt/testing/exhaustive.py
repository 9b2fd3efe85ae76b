"""Every schedule of a scenario, up to a depth, each but once.

Depth-first over the choices, by running again with another prefix.  Steps of different receivers
commute, so that of all orders of such steps one is run (sleep sets: Godefroid, Partial-Order
Methods, 1996).  What a step has touched is observed as it happens: its receiver, whom it signalled
or answered, bounded mailboxes that it sent to, names, chance.  A step of the scenario itself, the
end of an actor, a start that does more than to construct, and every step of a scenario with
invariants commute with nothing.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from airssys_rt.errors import BadArgument
from airssys_rt.kernel.life import Life
from airssys_rt.testing.choices import Choices, ReplayDriver, rank_of
from airssys_rt.testing.post import Channel, Turn
from airssys_rt.testing.schedule import Driver, Pruned, by_age
from airssys_rt.testing.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from airssys_rt.kernel.cell import Cell
    from airssys_rt.testing.net import Net, Option
    from airssys_rt.testing.world import World

    Key: TypeAlias = tuple[str, int, int]
    Touched: TypeAlias = frozenset[str] | None  # None: everything

__all__ = ["Exhaustive"]


class Exhaustive(msgspec.Struct, frozen=True):
    """Every schedule that differs in its first `depth` choices; send order after them.

    `reduce=False` also runs those that differ only in steps that commute.
    """

    depth: int = 20
    reduce: bool = True

    schedules = 100_000  # that are tried unless `explore` is told another number

    def __post_init__(self) -> None:
        if self.depth < 1:
            raise BadArgument(
                f"Exhaustive(depth={self.depth}) tries nothing", mend="give 1 or more"
            )

    def drivers(self, seed: int, _schedules: int, /) -> Iterator[Driver]:
        """The runs, until none is left."""
        nodes: list[Node] = []
        whole = True
        while True:
            driver = ExhaustiveDriver(seed, nodes, self.depth, reduce=self.reduce)
            yield driver
            whole = driver.whole = whole and driver.whole
            while nodes and not nodes[-1].turn_over():
                nodes.pop()
            if not nodes:
                driver.complete = whole
                return


class Node:
    """One choice: what there was, what was tried, and what need not be tried."""

    __slots__ = ("chosen", "done", "keys", "sleep", "touched")

    def __init__(self, keys: list[Key], sleep: dict[Key, Touched]) -> None:
        self.keys = keys
        self.sleep = sleep
        self.done: dict[Key, Touched] = {}
        self.chosen = next((key for key in keys if key not in sleep), None)
        self.touched: Touched = None  # by the chosen step

    def turn_over(self) -> bool:
        """Choose the next; False if none is left."""
        assert self.chosen is not None
        self.done[self.chosen] = self.touched
        left = (key for key in self.keys if key not in self.done and key not in self.sleep)
        self.chosen = next(left, None)
        return self.chosen is not None


class ExhaustiveDriver(Driver):
    """Follows the nodes, and adds to them where they end."""

    def __init__(self, seed: int, nodes: list[Node], depth: int, *, reduce: bool) -> None:
        super().__init__(seed)
        self._nodes = nodes
        self._depth = depth
        self._reduce = reduce
        self._at = 0  # the next node
        self._node: Node | None = None  # of the step that is taken now
        self._sleep: dict[Key, Touched] = {}
        self._order: list[tuple[int, int]] = []
        self._plain_start = False  # the present step starts an actor
        self.whole = True  # no choice lay beyond the depth

    def again(self) -> Callable[[], Driver]:
        """What makes the same run anew."""
        choices = Choices(self.seed, tuple(self._order))
        return lambda: ReplayDriver(choices)

    def prepare(self, world: World) -> None:
        """Have what is shared say when it is touched."""
        net = world.net
        net.touched = set()
        scheduler = world.scheduler
        scheduler.registered = Names(net)
        scheduler.random = Chance(net, self.seed)

    def choose(self, enabled: list[Option]) -> Option:
        """As the nodes say; the first that need not sleep where they end."""
        options = sorted(enabled, key=by_age)
        keys = keys_of(options)
        if self._at < len(self._nodes):
            node = self._nodes[self._at]
        elif len(self._nodes) < self._depth:
            node = Node(keys, self._sleep if self._reduce else {})
            if node.chosen is None:
                raise Pruned
            self._nodes.append(node)
        else:
            self.whole = False
            self._sleep = {}
            return options[0]
        self._at += 1
        self._node = node
        assert node.chosen is not None
        if node.chosen not in keys:
            raise Diverged(node.chosen)
        option = options[keys.index(node.chosen)]
        rank = rank_of(option, enabled)
        if rank:
            self._order.append((self.steps, rank))
        return option

    def take(self, world: World, option: Option) -> None:
        """Have the step happen, and see what it touches."""
        node, self._node = self._node, None
        key = (option.name, number_of(option), 0)
        if node is None and self._sleep and key in self._sleep:
            raise Pruned
        net = world.net
        net.touched.clear()
        self._plain_start = isinstance(option, Turn) and option.post.cell.life == Life.NEW
        before = {id(one) for one in net.enabled if isinstance(one, Task)}
        super().take(world, option)
        touched = self._touched(world, option, before)
        asleep = self._sleep
        if node is not None:
            node.touched = touched
            asleep = {**node.sleep, **node.done}
        self._sleep = {
            one: its for one, its in asleep.items() if one != key and independent(its, touched)
        }

    def _touched(self, world: World, option: Option, before: set[int]) -> Touched:
        net = world.net
        if world.always_checks or not self._reduce:
            return None
        if isinstance(option, Channel):
            post = option.post
        elif isinstance(option, Task) and option.cell is not None:
            post = net.posts[option.cell]
        elif self._plain_start and isinstance(option, Turn) and option.post.cell.rich is None:
            post = option.post
        else:
            return None
        ready: list[Cell] = list(world.scheduler.ready)
        woken = [one for one in net.enabled if isinstance(one, Task) and id(one) not in before]
        # by name: objects are others in every run
        return frozenset(
            {post.tag, *(tag_of(net, cell) for cell in ready), *net.touched}
            | {one.tag for one in woken}
        )


class Diverged(Exception):
    """The same choices led to other options."""

    def __init__(self, key: Key) -> None:
        super().__init__(f"{key[0]} could not happen where it could before")


def tag_of(net: Net, cell: Cell) -> str:
    """The name of a cell, also of one that the net has not seen yet."""
    post = net.posts.get(cell)
    return post.tag if post is not None else cell.path


def number_of(option: Option) -> int:
    """Which message of its channel comes next."""
    return option.taken if isinstance(option, Channel) else 0


def independent(one: Touched, other: Touched) -> bool:
    """Whether two steps commute."""
    return one is not None and other is not None and one.isdisjoint(other)


def keys_of(options: list[Option]) -> list[Key]:
    """A name for each option, the same in every run."""
    seen: dict[tuple[str, int], int] = {}
    keys: list[Key] = []
    for option in options:
        name = option.name, number_of(option)
        seen[name] = seen.get(name, -1) + 1
        keys.append((*name, seen[name]))
    return keys


class Names(dict[str, Any]):
    """The registered names; Any: cells.  Whoever looks or writes depends on who else does."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self._net = net

    def get(self, key: object, default: Any = None, /) -> Any:
        """Look up a name."""
        self._net.touched.add("names")
        return super().get(str(key), default)

    def pop(self, key: object, default: Any = None, /) -> Any:
        """Forget a name."""
        self._net.touched.add("names")
        return super().pop(str(key), default)

    def __setitem__(self, key: str, value: Any) -> None:
        self._net.touched.add("names")
        super().__setitem__(key, value)


class Chance(Random):
    """The world's source of chance."""

    def __init__(self, net: Net, seed: int) -> None:
        self._net = net
        super().__init__(seed)

    def random(self) -> float:
        """As `Random`."""
        self._net.touched.add("chance")
        return super().random()

    def getrandbits(self, k: int, /) -> int:
        """As `Random`."""
        self._net.touched.add("chance")
        return super().getrandbits(k)
