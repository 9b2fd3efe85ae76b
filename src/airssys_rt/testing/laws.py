"""The laws that every run of a world is held to, unless they are switched off.

`accounted`: each message that arrives is, by identity and once, handled, a dead letter, put aside
(stash, `next`), held by a partition, or lost by a fault that says so; at rest nothing is left in a
mailbox or a stash.  `order`: what one sender sends to one receiver arrives in its order, `Down` and
`Exit` behind what was sent before, and the stash comes back in its order.  `serial`: one message at
a time.  `answered`: no request is left without an answer, or ran into its deadline while nothing
else happened.  `cycles`: no handler waited in a circle.  `supervised`: restarts, stops and ends are
as OTP's tables have them.  `orphans`: nothing outlives its parent.  `flow`: no state outside of the
declared flow.  `asserts`: no assertion in a handler failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airssys_rt.errors import AskCycle, BadArgument, ForeignAwait, IllegalTransition, LawBroken
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.waits import OPEN, Call
from airssys_rt.testing.ledger import close_books, message_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airssys_rt.testing.world import World

__all__ = ["LAWS", "check_end", "check_foreign", "check_quiet", "known"]

LAWS = (
    "accounted",
    "answered",
    "asserts",
    "cycles",
    "flow",
    "order",
    "orphans",
    "serial",
    "supervised",
)


def known(laws: Iterable[str]) -> frozenset[str]:
    """Names of laws.  Raises `BadArgument` for what is none."""
    names = frozenset(laws)
    unknown = sorted(names.difference(LAWS))
    if unknown:
        raise BadArgument(
            f"there is no law {', '.join(map(repr, unknown))}",
            mend=f"the laws are {', '.join(LAWS)}",
        )
    return names


def check_quiet(world: World) -> None:
    """At quiescence: what was sent, asked and done."""
    if world.port.ended is not None:
        return  # the system is over, and says so: what it leaves undone follows from that
    laws = world.laws
    if world.port.failures:
        check_failures(world)
    if "answered" in laws:
        check_answered(world)
    if world.net.supervised is not None and "supervised" in laws:
        world.net.supervised.check_quiet()
    if "accounted" in laws:
        close_books(world.net)
        check_accounted(world)


def check_failures(world: World) -> None:
    """What actors failed by."""
    check_foreign(world)
    for failure in world.port.failures:
        for error in chain(failure.error):
            law = ""
            if isinstance(error, AskCycle):
                law = "cycles"
            elif isinstance(error, IllegalTransition):
                law = "flow"
            elif isinstance(error, AssertionError):
                law = "asserts"
            if law in world.laws:
                raise LawBroken(
                    f"{failure.tag} failed {failure.doing}: {type(error).__name__}: {error}",
                    where=failure.tag,
                    why=f"law {law!r}",
                    mend="see the trace",
                ) from error


def check_foreign(world: World) -> None:
    """Raise what an actor has awaited that only an event loop could give it."""
    for failure in world.port.failures:
        for error in chain(failure.error):
            if isinstance(error, ForeignAwait):
                raise error


def chain(error: BaseException) -> list[BaseException]:
    """An error and what it came from."""
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found


def check_answered(world: World) -> None:
    """No request is open, and none was given up while nothing happened."""
    net = world.net
    if net.expired and not (world.faults.active or net.was_parted):
        task, wait = net.expired[0]
        raise unanswered(world, task.tag, wait)
    held = {reply.wait for reply in net.held}
    for task in net.tasks:
        wait = task.waiting
        is_open = isinstance(wait, Call) and wait.state == OPEN and not wait.deadline
        if is_open and wait not in held:
            raise unanswered(world, task.tag, wait)


def unanswered(world: World, who: str, wait: object) -> LawBroken:
    """The law for one request."""
    what, whom = "a request", ""
    if isinstance(wait, Call):
        what = type(wait.msg).__name__
        if wait.target is not None:
            whom = f" of {world.net.posts[wait.target].tag}"
    return LawBroken(
        f"nobody answered {what}, which {who} asked{whom}",
        why="law 'answered': all was quiet, and the reply had not come",
        mend="reply in every branch; unstash what was stashed; give the deferred reply",
    )


def check_accounted(world: World) -> None:
    """Nothing is left in a channel, a mailbox or a stash."""
    net = world.net
    for post in net.posts.values():
        cell = post.cell
        rich = cell.rich
        if rich is not None and rich.stash:
            names = ", ".join(type(message_of(item)).__name__ for item, _ in rich.stash)
            raise left(post.tag, f"{names} in its stash")
        if cell.life == Life.RUNNING and cell.suspension is None:
            items = cell.items()
            waiting = [entry[1] for channel in post.channels.values() for entry in channel.items]
            if items or (waiting and not any(c.cut for c in post.channels.values())):
                names = ", ".join(type(message_of(i)).__name__ for i in [*items, *waiting])
                raise left(post.tag, f"{names} in its mailbox")


def left(tag: str, what: str) -> LawBroken:
    """The law for what is left at an actor."""
    return LawBroken(
        f"all is quiet, and {tag} still has {what}",
        where=tag,
        why="law 'accounted': what was sent is handled, or a dead letter, in the end",
        mend="unstash_all() where the actor can handle it again; or drop it on purpose",
    )


def check_end(world: World) -> None:
    """After the ordered stop: nothing is left."""
    if "accounted" in world.laws:
        close_books(world.net)
    if "orphans" not in world.laws:
        return
    for post in world.net.posts.values():
        if post.cell.life != Life.DEAD and not post.inner:
            raise LawBroken(
                f"{post.tag} is {post.cell.life} after everything was stopped",
                where=post.tag,
                why="law 'orphans': nothing outlives its parent",
                mend="see what its handler or its hook waits for",
            )
