# Signals and timers: what they bring is in the union of the actor that gets it.
from typing import Generic, Protocol, TypeAlias, TypeVar

from airssys_rt import Actor, ActorRef, AnyRef, Down, Exit, Message, on


class Tick(Message): ...


class Tock(Message):
    n: int


class Tocks(Message):
    n: int


class Foreign(Message): ...


class Gone(Message):
    path: str


Msg: TypeAlias = Tick | Tock | Gone
M = TypeVar("M")


def gone(down: Down) -> Gone:
    return Gone(down.path)


def over(end: Exit) -> Gone:
    return Gone(end.path)


# ---------------------------------------------------------------- timers and monitors


class Clock(Actor[Msg]):
    def __init__(self, other: ActorRef[Foreign], any_ref: AnyRef) -> None:
        self.after(1, Tick())
        self.after(1, Foreign(), to=other)
        self.after(1, Foreign())  # E: actor-signal "the timer's "
        self.after(1, Foreign(), "key")  # E: actor-signal "it takes "
        self.after(1, Tick, key="key")  # E: actor-signal "is a class; make one: Tick()"
        self.after(1, Tick(), to=other)  # E: misc "This ref does not take "
        self.after("soon", Tick())  # E: call-overload
        self.every(1, Tocks(1))  # E: actor-signal "it takes "
        self.every(1, Tock(1), key=("a", 1))
        self.state_timeout(1, Foreign())  # E: actor-signal "it takes "
        self.state_timeout(None)
        self.state_timeout(1)  # E: call-overload
        self.receive_timeout(1, Foreign())  # E: actor-signal "it takes "
        self.receive_timeout(1, Tick())
        self.after(  # E: actor-signal "it takes "
            1,
            Foreign(),
        )
        self.monitor(any_ref)  # E: actor-signal "add Down to the union"
        self.monitor(other, via=gone)
        self.monitor(other, gone)
        self.monitor(other, via=lambda down: Foreign())  # E: arg-type, return-value
        self.link(any_ref)

    @on(Tick)
    def tick(self, msg: Tick) -> None: ...

    @on(Tock)
    def tock(self, msg: Tock) -> None: ...

    @on(Gone)
    def gone(self, msg: Gone) -> None: ...

    initial = tick | tock | gone


class Watcher(Actor[Down | Tick]):
    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.monitor(self.ref)
        self.monitor(self.ref, via=lambda down: Tick())

    @on(Down)
    def down(self, msg: Down) -> None: ...

    initial = tick | down


class Deaf(Actor[Down | Tick]):  # E: actor-signal "nothing in the class monitors an actor"
    @on(Tick)
    def tick(self, msg: Tick) -> None: ...

    @on(Down)
    def down(self, msg: Down) -> None: ...

    initial = tick | down


class HandsItselfOn(Actor[Down | Tick]):
    def __init__(self) -> None:
        watch(self)

    @on(Tick)
    def tick(self, msg: Tick) -> None: ...

    @on(Down)
    def down(self, msg: Down) -> None: ...

    initial = tick | down


def watch(actor: Watcher | HandsItselfOn) -> None:
    actor.monitor(actor.ref)


class NoInitialYet(Actor[Down | Exit]):
    """A base: those that derive from it monitor and trap."""

    @on(Down)
    def down(self, msg: Down) -> None: ...

    @on(Exit)
    def ended(self, msg: Exit) -> None: ...


class Complete(NoInitialYet):
    trap_exits = True

    def __init__(self, any_ref: AnyRef) -> None:
        self.monitor(any_ref)

    initial = NoInitialYet.down | NoInitialYet.ended


class StillDeaf(NoInitialYet):  # E: actor-signal "Down", actor-signal "Exit"
    initial = NoInitialYet.down | NoInitialYet.ended


class InheritsTheMonitor(Watcher): ...


class OfAny(Actor[M], Generic[M]):
    trap_exits = True

    def watch(self, any_ref: AnyRef) -> None:
        self.link(any_ref)


# ---------------------------------------------------------------- links


class Trapping(Actor[Tick | Exit]):
    trap_exits = True

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.link(self.ref)

    @on(Exit)
    def ended(self, msg: Exit) -> None: ...

    initial = tick | ended


class LinkedByOthers(Actor[Tick | Exit]):
    """A link binds both, so an Exit may come though it links with nobody."""

    trap_exits = True

    @on(Tick)
    def tick(self, msg: Tick) -> None: ...

    @on(Exit)
    def ended(self, msg: Exit) -> None: ...

    initial = tick | ended


class Untrapped(Actor[Tick | Exit]):  # E: actor-signal "does not trap exits"
    @on(Tick)
    def tick(self, msg: Tick) -> None: ...

    @on(Exit)
    def ended(self, msg: Exit) -> None: ...

    initial = tick | ended


class Lacking(Actor[Tick | Gone]):
    trap_exits = True

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.link(self.ref)  # E: actor-signal "its union has no Exit for this link"
        self.link(self.ref, via=over)
        self.link(self.ref, over)

        def later() -> None:
            self.link(self.ref)  # E: actor-signal

        later()

    @on(Gone)
    def gone(self, msg: Gone) -> None: ...

    initial = tick | gone


class LacksThemStill(Lacking): ...


class Plain(Actor[Tick]):
    """Does not trap exits."""

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.link(self.ref)

    initial = tick


class NowTraps(Plain):  # E: actor-signal "its union has no Exit for its links"
    trap_exits = True


class Computed(Actor[Tick | Exit]):
    trap_exits = bool(1)

    @on(Tick)
    def tick(self, msg: Tick) -> None: ...

    @on(Exit)
    def ended(self, msg: Exit) -> None: ...

    initial = tick | ended


class OfTheType(OfAny[Tick]):  # E: actor-signal "its union has no Exit for its links"
    @on(Tick)
    def tick(self, msg: Tick) -> None: ...

    initial = tick


# -- a mixin that is no actor, and a function, act for the actor


class Able(Protocol):
    def watch(self, ref: AnyRef) -> None: ...

    def monitor(self, ref: AnyRef) -> object: ...

    def unstash_all(self) -> int: ...


class Watches:
    def watch(self: Able, ref: AnyRef) -> None:
        self.monitor(ref)

    def release(self: Able) -> None:
        self.unstash_all()

    def unused(self) -> None: ...


class ByMixin(Watches, Actor[Down | Tick]):
    def __init__(self, other: AnyRef) -> None:
        self.other = other

    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.watch(self.other)
        self.stash()

    @on(Down)
    def down(self, msg: Down) -> None:
        self.release()

    initial = tick | down


class NotByMixin(Watches, Actor[Down | Tick]):  # E: actor-signal "nothing in the class monitors"
    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.stash()  # E: actor-reply "stashes messages"

    @on(Down)
    def down(self, msg: Down) -> None:
        self.unused_here()

    def unused_here(self) -> None: ...

    initial = tick | down


class ByFunction(Actor[Tick | Tock]):
    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.stash()

    @on(Tock)
    def tock(self, msg: Tock) -> None:
        release(self)

    initial = tick | tock


def release(actor: ByFunction) -> None:
    actor.unstash_all()
