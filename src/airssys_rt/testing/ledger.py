"""The books of a simulated world: what becomes of each message that arrives.

Kept beside the engine and by other means: the dispatch tables of the actors of a world are twins of
their classes' tables that note each call of a handler, and after each step what an actor has put
aside is compared with what it had before.

Laws: an item that arrives is handled in that step, exactly once; or put aside by the actor; or a
dead letter; or void, as the message of a timer that was cancelled is.  What was put aside stays
there until it is handled, once, or a dead letter; what was stashed together comes back in its
order.  A message that a step puts aside and that is not the one it handled came from `next`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from airssys_rt.core.protocol import State
from airssys_rt.errors import LawBroken
from airssys_rt.kernel.mailbox import Adapted, ClosedBox, Control, Grave, Notice
from airssys_rt.kernel.timers import ReceiveTimeout, Timer
from airssys_rt.kernel.waits import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airssys_rt.testing.net import Net
    from airssys_rt.testing.post import Post

__all__ = [
    "Twin",
    "aside",
    "close_books",
    "due",
    "look",
    "message_of",
    "refused",
    "settle_item",
    "take_aside",
]

# letters of a message that its handler has failed at
FAILED = frozenset({"failed", "killed", "overflow"})

# Any throughout: messages of every protocol


class Twin(State):
    """A behaviour whose handlers note that they are called."""

    __slots__ = ()

    def __init__(self, net: Net, state: State) -> None:
        self.name = state.name
        self.source = state.source
        self.enter = state.enter
        self.sync = {key: noted(net, handler) for key, handler in state.sync.items()}
        self.find = self.sync.get
        if type(state.sync) is not dict:  # an open table, which knows classes that it does not list
            self.sync = NotedTable(net, state.sync)
            self.find = state.find
        self.coro = {key: noted(net, handler) for key, handler in state.coro.items()}


class NotedTable(dict[type[Any], "Callable[[Any, Any], Any]"]):
    """An open table whose handlers note that they are called."""

    def __init__(self, net: Net, table: dict[type[Any], Callable[[Any, Any], Any]]) -> None:
        super().__init__()
        self.net = net
        self.table = table

    def get(self, key: Any, default: Any = None, /) -> Any:
        """As dict's."""
        handler = self.table.get(key)
        return default if handler is None else noted(self.net, handler)


def noted(net: Net, handler: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A handler that notes its calls."""

    def handle(actor: Any, msg: Any) -> Any:
        net.calls += 1
        net.called = msg
        return handler(actor, msg)

    return handle


def message_of(item: Any) -> Any:
    """The message of a mailbox item."""
    while isinstance(item, (Call, Notice, Adapted)):
        item = item.msg
    return item


def aside(post: Post) -> list[Any]:
    """What an actor has put aside: to go next, come back from the stash, in the stash."""
    cell = post.cell
    rich = cell.rich
    found = [item for item in cell.items() if not isinstance(item, Control)]
    if rich is not None:
        found += [item for item, _ in rich.stash or ()]
        found += rich.nexts or ()
    return found


def settle_item(net: Net, post: Post, item: Any, calls: int, *, due: bool) -> None:
    """A step took an item: see what has become of it; `calls` handlers were called.

    `due`: the item's source was live before the step.
    """
    rich = post.cell.rich
    own = message_of(item)
    if calls == 1 and (net.called is own or is_adapted(item)):
        if post.gone:
            for letter in post.gone:
                if letter.message is own and letter.reason not in FAILED:
                    raise broken(post, own, f"was handled, and is a dead letter ({letter.reason})")
        if rich is not None or post.aside:
            look(post, item, net.called)
        return
    if calls > 1:
        raise broken(post, own, f"was handled {calls} times")
    if calls == 1:
        raise broken(post, own, f"arrived, and {net.called!r} was handled in its place")
    if isinstance(item, Control):
        return
    known = len(post.aside)
    buried = any(letter.message is own for letter in post.gone) or (
        is_adapted(item) and bool(post.gone)
    )
    look(post, item, own)
    if not (buried or len(post.aside) > known or (isinstance(item, Notice) and not due)):
        raise broken(post, own, "arrived, and was neither handled nor a dead letter")


def is_adapted(item: Any) -> bool:
    """Whether the receiver makes another message of it."""
    return isinstance(item, Adapted) or (isinstance(item, Notice) and item.adapt is not None)


def due(item: Any, post: Post) -> bool:
    """Whether a notice has to be handled: its source is live, and this incarnation's."""
    source: Any = item.source
    if not source.live:
        return False
    if isinstance(source, Timer):
        return not isinstance(source, ReceiveTimeout)
    return bool(getattr(source, "_number", 0) == post.cell.incarnation)


def refused(post: Post, item: Any) -> None:
    """An item came to a mailbox that takes none: it is a dead letter, or void."""
    if not isinstance(post.cell.box, (ClosedBox, Grave)) or isinstance(item, (Control, Notice)):
        return
    own = message_of(item)
    if not any(letter.message is own for letter in post.gone):
        raise broken(post, own, "came when the actor was over, and is no dead letter")
    post.gone.clear()


def take_aside(post: Post, item: Any) -> None:
    """A step takes what was put aside: it was, and is not any more."""
    for place, one in enumerate(post.aside):
        if one is item:
            del post.aside[place]
            return
    raise broken(post, message_of(item), "is handled again, and nobody has put it aside")


def look(post: Post, came: Any = None, handled: Any = None) -> None:
    """Compare what an actor has put aside with what it had; `came` is what this step took."""
    rich = post.cell.rich
    before = post.aside
    if not before and (rich is None or not (rich.stash or rich.nexts)) and not post.cell.box:
        post.gone.clear()
        return
    now = aside(post)
    for item in missing(before, now):
        own = message_of(item)
        letter = next((one for one in post.gone if one.message is own), None)
        if letter is None:
            raise broken(post, own, "was put aside, and is gone: neither handled nor a dead letter")
        post.gone.remove(letter)
    fresh = missing(now, before)
    stashed = has_stashed(post)
    nexts: list[Any] = list(rich.nexts or ()) if rich is not None else []
    own = message_of(came)
    for item in fresh:
        if any(item is one for one in nexts):
            nexts = [one for one in nexts if one is not item]
        elif (came is not None and stashed) and (
            item is came or message_of(item) is own or item is handled or is_adapted(came)
        ):
            came = None
        else:
            raise broken(post, message_of(item), "is to be handled again")
    check_stash_order(post, now)
    post.aside = now
    post.stashed = [item for item, _ in rich.stash or ()] if rich is not None else []
    post.gone.clear()


class Stash(deque[tuple[Any, bool]]):
    """A stash that counts what is put into it."""

    puts = 0

    def append(self, entry: tuple[Any, bool], /) -> None:
        """As deque's."""
        self.puts += 1
        super().append(entry)


def has_stashed(post: Post) -> bool:
    """Whether the actor may have put something into its stash since the last look."""
    rich = post.cell.rich
    stash = rich.stash if rich is not None else None
    if rich is None or stash is None:
        return False
    if isinstance(stash, Stash):
        count, stash.puts = stash.puts, 0
        return count > 0
    rich.stash = Stash(stash)  # the engine has made a new one, with what there was to keep
    return True


def check_stash_order(post: Post, now: list[Any]) -> None:
    """What came back from the stash together stands in the order in which it was stashed."""
    rich = post.cell.rich
    left = {id(item) for item, _ in rich.stash or ()} if rich is not None else set[int]()
    back = [id(item) for item in post.stashed if id(item) not in left]
    if len(back) < 2 or "order" not in post.net.laws:
        return
    found = [id(item) for item in now if id(item) in back]
    if len(found) == len(back) and found != back:
        raise LawBroken(
            f"{post.tag} unstashes in another order than it has stashed",
            where=post.tag,
            why="law 'order': what is stashed comes back in its order",
            mend="this is the engine's fault, or that of who changes its cells",
        )


def missing(some: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """The items that are in one multiset and not in the other, by identity."""
    count: dict[int, int] = {}
    for item in others:
        count[id(item)] = count.get(id(item), 0) + 1
    found: list[Any] = []
    for item in some:
        if count.get(id(item), 0):
            count[id(item)] -= 1
        else:
            found.append(item)
    return found


def close_books(net: Net) -> None:
    """At the end of a run: what was put aside is there still, or was buried; nothing at the dead.

    What lies in a channel then is held by a partition or a fault, and named by `check_accounted`
    otherwise.
    """
    for post in net.posts.values():
        if not post.inner:
            look(post)


def broken(post: Post, msg: object, what: str) -> LawBroken:
    """The law for one message."""
    return LawBroken(
        f"{msg!r} to {post.tag} {what}",
        where=post.tag,
        why="law 'accounted': each message is handled once, or a dead letter, or put aside",
        mend="this is the engine's fault, or that of who changes its cells",
    )
