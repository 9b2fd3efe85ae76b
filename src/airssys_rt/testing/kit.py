"""`ActorKit`: one actor under test, without a system and without an event loop.

The actor runs in the real engine, so its mailbox, behaviours, timers, stash, asks and its end are
those that it has anywhere; around it are stand-ins.  Each call of the kit's runs until nothing is
left to do, and what the actor did to others in it is in `effects`.

Laws: time passes in `advance` only; an exception that the actor raises is never swallowed: the
call that led to it raises it, an `ask` as its asker would get it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, cast, overload

from typing_extensions import TypeVar

from airssys_rt.core.message import Replies, RequestFor
from airssys_rt.core.name import Name
from airssys_rt.core.ref import AnyRef
from airssys_rt.core.signals import Normal
from airssys_rt.errors import AskTimeout, BadArgument
from airssys_rt.kernel.actor import Actor
from airssys_rt.kernel.due import next_due
from airssys_rt.kernel.failure import failed
from airssys_rt.kernel.life import Life
from airssys_rt.kernel.limits import box_for
from airssys_rt.kernel.mailbox import START
from airssys_rt.kernel.props import DEFAULT, Props
from airssys_rt.kernel.ref import Accepting, ActorRef, cell_of
from airssys_rt.kernel.spawn import register
from airssys_rt.kernel.waits import Call
from airssys_rt.testing.ground import Ground
from airssys_rt.testing.noted import NotedCell, pending
from airssys_rt.testing.standin import adopt, adopt_all, stand_in

if TYPE_CHECKING:
    from airssys_rt.core.signals import ExitReason
    from airssys_rt.runtime.system import ActorSystem
    from airssys_rt.testing.effects import Effect, TimerSet

__all__ = ["ActorKit", "Reply"]

# Any: an actor of whatever union; the methods find the union from the actor's class
A_co = TypeVar("A_co", bound=Actor[Any], covariant=True)
M = TypeVar("M")
R = TypeVar("R")
P = ParamSpec("P")
Req = TypeVar("Req")


class Reply(Generic[R]):
    """What becomes of a request that `ActorKit.begin` sent."""

    def __init__(self, call: Call, ground: Ground) -> None:
        self._call = call
        self._ground = ground

    @property
    def done(self) -> bool:
        """Whether the request was answered, or failed."""
        return self._call.done

    def result(self) -> R:
        """The reply; raises what the asker would get, and `AskTimeout` if there is none yet."""
        call = self._call
        if not call.done:
            owed = ", ".join(type(open_.msg).__name__ for open_ in self._ground.owed)
            raise AskTimeout(
                f"no reply to {type(call.msg).__name__} so far",
                where=call.target.path if call.target is not None else "",
                why=f"others have not answered {owed}"
                if owed
                else "it was stashed or deferred, or waits for time to pass",
                mend="kit.answer(...) for the requests to others; or reply = kit.begin(...), what"
                " leads to the reply, and reply.result()",
            )
        return cast("R", call.result())


class ActorKit(Generic[A_co]):
    """One actor under test: `ActorKit(Account, 100)`, or `ActorKit(props(Account, 100))`.

    Raises `StartFailed`, as `started()` does, if the actor does not start.
    """

    # Any: the class that the props hold is not in their type
    @overload
    def __init__(self: ActorKit[Actor[M]], what: Props[M], /) -> None: ...
    @overload
    def __init__(self, what: Callable[P, A_co], /, *args: P.args, **kwargs: P.kwargs) -> None: ...
    def __init__(self, what: Any, /, *args: Any, **kwargs: Any) -> None:
        made: object = what
        if isinstance(made, Props):
            what = cast("Props[Any]", what)
            recipe, spec = what.recipe, what.spec
        else:
            recipe, spec = (what, args, kwargs), DEFAULT
        self._ground = ground = Ground("kit")
        self._history: list[Effect] = []
        self._effects: list[Effect] = []
        scheduler = ground.scheduler
        adopt_all(scheduler, ground.root, [*recipe[1], *recipe[2].values()])
        scheduler.serial = 1
        self._cell = cell = NotedCell(
            ground.note, scheduler, ground.root, spec.name or 1, Life.NEW, recipe, spec
        )
        ground.subject = ground.timers.of = cell
        if spec.registered is not None:
            register(cell, spec.registered, recipe[0])
        ground.root.more.children[cell] = None
        scheduler.actors += 1
        if spec.supervised:
            overseer = ground.root.more.overseer = scheduler.oversee(ground.root)
            overseer.adopt(cell)
        if spec.mailbox is not None:
            cell.guard(box_for(cell, spec.mailbox))
        self._run(lambda: cell.put(START))
        if cell.start_error is not None:
            raise cell.start_error

    # -- what is sent to the actor -----------------------------------------------------------------

    def tell(self: ActorKit[Actor[M]], msg: M, /) -> None:
        """Send a message, and run until nothing is left to do.

        Raises what the handler raised.
        """
        self._adopt(msg)
        self._run(lambda: ActorRef[Any](self._cell).tell(msg))

    def ask(self: ActorKit[Actor[M]], msg: RequestFor[M, R], /) -> R:
        """Send a request, run until nothing is left to do, and give the reply.

        Raises what an asker gets: a refusal, `HandlerFailed`, `NotAccepted`, `ActorStopped`; and
        `AskTimeout` if there is no reply by then: no time passes.
        """
        return self.begin(msg).result()

    def begin(self: ActorKit[Actor[M]], msg: RequestFor[M, R], /) -> Reply[R]:
        """Send a request, and run; the reply may come of later calls."""
        self._adopt(msg)
        call = Call(msg, self._cell, None)
        self._ground.calls.append(call)
        self._run(lambda: ActorRef[Any](self._cell).submit(call))
        return Reply(call, self._ground)

    def advance(self, seconds: float, /) -> None:
        """Let `seconds` pass; what is due in them happens in its order, each at its own time."""
        if not 0 <= seconds < inf:
            raise BadArgument(
                f"time cannot advance by {seconds!r} seconds",
                mend="give a number of seconds, 0 or more",
            )
        self._run(lambda: self._ground.advance(seconds))

    def stop(self, *, drain: bool = False) -> ExitReason | None:
        """Stop the actor, and say why it ended; None if its `post_stop` waits for something."""
        self._run(lambda: ActorRef[Any](self._cell).stop(drain=drain))
        return self.stopped

    # -- the others -------------------------------------------------------------------------------

    # Any: see the overloads
    @overload
    def stand_in(self, name: str, of: Callable[..., Accepting[M]], /) -> ActorRef[M]: ...
    @overload
    def stand_in(self, name: Name[M], /) -> ActorRef[M]: ...
    def stand_in(self, name: Any, of: Any = None, /) -> ActorRef[Any]:
        """A ref to an actor that is not there; a `Name` is registered in the kit's system."""
        ref = stand_in(name, of) if of is not None else stand_in(name)
        adopt(self._ground.scheduler, self._ground.root, ref)
        self._run(lambda: None)
        return ref

    def answer(self, kind: type[Replies[R]], reply: R, /) -> None:
        """Have each stand-in answer requests of this class, also those that are open, so."""
        self._answer(kind, lambda _: reply)

    # Any: a type variable cannot have both the request and its reply in its bounds
    def answer_with(self, kind: type[Req], reply: Callable[[Req], Any], /) -> None:
        """As `answer`, with the function's result, or with what it raises."""
        self._answer(kind, reply)

    def _answer(self, kind: Any, reply: Callable[[Any], Any]) -> None:
        ground = self._ground
        ground.answers[kind] = reply

        def settle() -> None:
            for call in list(ground.owed):
                ground.settle(call)

        self._run(settle)

    def reply(self, reply: object, /) -> None:
        """Answer the oldest open request to another actor."""
        call = self._oldest()
        self._run(lambda: self._ground.scheduler.answer(call, reply))

    def fail(self, error: BaseException, /) -> None:
        """Answer it with an exception, which the actor gets."""
        call = self._oldest()
        self._run(lambda: call.fail(error))

    def _oldest(self) -> Call:
        if not self._ground.owed:
            raise BadArgument(
                "there is no open request to answer",
                why="the actor has asked nobody, or all have answered",
                mend="look at kit.owed",
            )
        return self._ground.owed[0]

    def end(self, ref: AnyRef, error: BaseException | None = None, /) -> None:
        """End a stand-in: normally, or because it failed with `error`."""
        cell = cell_of(ref)
        if cell.scheduler is not self._ground.scheduler or cell is self._cell:
            raise BadArgument(
                f"{ref!r} is no stand-in of this kit",
                mend="give a ref of kit.children or kit.stand_in(...); kit.stop() ends the actor",
            )
        reason = Normal() if error is None else failed(error)
        self._run(lambda: cell.signal("end", reason))

    @property
    def children(self) -> tuple[AnyRef, ...]:
        """The stand-ins for the actor's children, in order of their spawning."""
        rich = self._cell.rich
        return tuple(ActorRef[Any](cell) for cell in (rich.children if rich is not None else ()))

    # -- what can be seen --------------------------------------------------------------------------

    @property
    def effects(self) -> list[Effect]:
        """What the actor did in the latest call, in order; at first, in its start."""
        return self._effects

    @property
    def history(self) -> list[Effect]:
        """What it did since its start."""
        return self._history

    @property
    def owed(self) -> list[object]:
        """The requests to others that have no answer yet."""
        return [call.msg for call in self._ground.owed]

    @property
    def actor(self) -> A_co:
        """The instance; the latest one, if the actor is over."""
        return cast("A_co", self._cell.last)

    @property
    def state(self) -> dict[str, object]:
        """The instance's attributes by name."""
        last: object = self._cell.last
        found = vars(last)
        return {name: value for name, value in found.items() if name != "__cell__"}

    @property
    def behaviour(self) -> str:
        """The name of the behaviour that the actor is in; "" if it is over."""
        state = self._cell.state
        return state.name if state is not None else ""

    @property
    def busy(self) -> bool:
        """Whether a handler waits: what is sent meanwhile waits in the mailbox."""
        return self._cell.suspension is not None

    # Any: a message class of whatever union
    def accepts(self, kind: type[Any], /) -> bool:
        """Whether the present behaviour has a handler for messages of the class."""
        state = self._cell.state
        return state is not None and state.accepts(kind)

    @property
    def stopped(self) -> ExitReason | None:
        """Why the actor ended; None if it has not."""
        return self._cell.outcome

    @property
    def ref(self: ActorKit[Actor[M]]) -> ActorRef[M]:
        """The actor's address; what is told to it is handled with the kit's next call."""
        return ActorRef(self._cell)

    @property
    def system(self) -> ActorSystem:
        """What the actor gets for `self.system`: names, groups and topics."""
        return self._ground.system

    @property
    def now(self) -> float:
        """The seconds that have passed."""
        return self._ground.time

    @property
    def timers(self) -> list[TimerSet]:
        """The timers that are set, those due first in front, with the seconds that are left."""
        return pending(self._cell, self._ground.time)

    @property
    def next_due(self) -> float | None:
        """In how many seconds something happens: a timer, or the deadline of an ask."""
        due = next_due(self._ground.scheduler)
        return None if due is None else max(0.0, due - self._ground.time)

    # -- running -----------------------------------------------------------------------------------

    def _adopt(self, msg: object) -> None:
        adopt_all(self._ground.scheduler, self._ground.root, msg)

    def _run(self, action: Callable[[], object]) -> None:
        ground = self._ground
        asks = list(ground.calls)
        action()
        try:
            ground.run()
        finally:
            self._effects, ground.effects = ground.effects, []
            self._history += self._effects
        failures, ground.failures = ground.failures, []
        error, ground.foreign = ground.foreign, None
        if error is not None:
            raise error
        # who awaits the start, or asked, gets these
        shown = [self._cell.start_error, *(call.value for call in asks if call.done)]
        causes = [getattr(value, "__cause__", None) for value in shown]
        for failure in failures:
            if not any(cause is failure for cause in causes):
                raise failure

    def __repr__(self) -> str:
        doing = self.behaviour or "over"
        return f"<ActorKit of {self._cell.path}: {doing}>"
