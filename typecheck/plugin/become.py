"""actor-become: transitions against the declared flow, on every path through a method."""

from typing import Protocol, TypeAlias

from airssys_rt import Accepts, Actor, Behaviour, Message, Request, on, on_enter


class Open(Message): ...


class Close(Message): ...


class Lock(Message): ...


class Look(Request[str]): ...


DoorMsg: TypeAlias = Open | Close | Lock | Look


class Parts(Actor[DoorMsg]):
    """A base of the classes below: handlers only."""

    @on(Open)
    def open(self, msg: Open) -> None: ...

    @on(Close)
    def close(self, msg: Close) -> None: ...

    @on(Lock)
    def lock(self, msg: Lock) -> None: ...

    @on(Look)
    def look(self, msg: Look) -> str:
        return "a door"


class Door(Actor[DoorMsg]):
    """All is well here."""

    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.opened)

    @on(Close)
    def close(self, msg: Close) -> None:
        if self.locks():
            self.become(self.initial)
        else:
            self.become(self.locked, push=True)

    @on(Lock)
    def lock(self, msg: Lock) -> None: ...

    @on(Look)
    def look(self, msg: Look) -> str:
        return "a door"

    @on(Open)
    async def unlock(self, msg: Open) -> None:
        self.unbecome()

    def locks(self) -> bool:
        return True

    initial = open | close | lock | look
    opened = close | look
    locked = unlock | look
    flow = (initial.to(opened), opened.to(initial), initial.push(locked), opened.push(locked),
            initial.to(initial))


class Undeclared(Actor[DoorMsg]):
    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.opened)
        self.become(self.locked)  # E: actor-become "opened.to(locked)"

    @on(Close)
    def close(self, msg: Close) -> None:
        self.become(self.opened, push=True)  # E: actor-become "initial.push(opened)"

    @on(Lock)
    def lock(self, msg: Lock) -> None:
        self._lock()

    @on(Look)
    async def look(self, msg: Look) -> str:
        for _ in range(3):
            self.become(self.opened)  # E: actor-become "opened.to(opened)"
        return "a door"

    def _lock(self) -> None:
        self.become(self.locked)  # E: actor-become "opened.to(locked)"

    initial = open | close | lock | look
    opened = lock | look
    locked = look
    flow = (initial.to(opened, locked), locked.to(opened), opened.to(initial))


class Branches(Actor[DoorMsg]):
    door: bool = True

    @on(Open)
    def open(self, msg: Open) -> None:
        if self.door:
            self.become(self.opened)
        elif self.now() > 1:
            return
        else:
            self.become(self.closed)
        self.become(self.closed)  # E: actor-become "closed.to(closed)", actor-become "opened.to(closed)"

    @on(Close)
    def close(self, msg: Close) -> None:
        try:
            self.become(self.opened)
        except ValueError:
            self.become(self.closed)  # E: actor-become "opened.to(closed)"
            raise
        else:
            self.become(self.initial)  # E: actor-become "opened.to(initial)"

    @on(Lock)
    def lock(self, msg: Lock) -> None:
        self.become(self.opened if self.door else self.closed)

    @on(Look)
    def look(self, msg: Look) -> str:
        match msg:
            case Look():
                self.become(self.opened)
        return "a door"

    @on(Look)
    def see(self, msg: Look) -> str:
        self.stop()
        return "a door"

    @on(Lock)
    def rest(self, msg: Lock) -> None: ...

    initial = open | close | lock | look
    opened = see | rest
    closed = see | rest
    flow = (initial.to(opened, closed),)


class Entering(Actor[DoorMsg]):
    def pre_start(self) -> None:
        self.become(self.opened)
        self.become(self.closed)  # E: actor-become "opened.to(closed)"

    @on(Open)
    def open(self, msg: Open) -> None: ...

    @on(Close)
    def close(self, msg: Close) -> None:
        self.become(self.closed)

    @on(Lock)
    def lock(self, msg: Lock) -> None: ...

    @on(Look)
    def look(self, msg: Look) -> str:
        return "a door"

    initial = open | close | lock | look
    opened = lock | look
    closed = open | look
    flow = (initial.to(opened, closed), opened.to(initial), closed.to(initial))

    @on_enter(opened)
    def enter(self) -> None:
        self.become(self.initial)

    @on_enter(closed)
    def entered(self) -> None:
        self.become(self.initial)
        self.become(self.initial)  # E: actor-become "initial.to(initial)"


class Dynamic(Actor[DoorMsg]):
    @on(Open)
    def open(self, msg: Open) -> None:
        choice = self.opened
        self.become(choice)  # E: actor-become "not named"

    @on(Close)
    def close(self, msg: Close) -> None:
        self.become(self.close | self.look)

    @on(Lock)
    def lock(self, msg: Lock) -> None:
        self.become(list([self.opened])[0])  # E: actor-become "not named"

    @on(Look)
    def look(self, msg: Look) -> str:
        return "a door"

    initial = open | close | lock | look
    opened = look


class ComposedAgainstFlow(Actor[DoorMsg]):
    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.close | self.look)  # E: actor-become "not named"

    @on(Close)
    def close(self, msg: Close) -> None:
        self.become(self.opened)

    @on(Lock)
    def lock(self, msg: Lock) -> None: ...

    @on(Look)
    def look(self, msg: Look) -> str:
        self.become(self.initial)
        return "a door"

    initial = open | close | lock | look
    opened = look
    flow = (initial.to(opened), initial.to(initial), opened.to(initial))


class Stack(Actor[DoorMsg]):
    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.opened, push=True)

    @on(Close)
    def close(self, msg: Close) -> None:
        self.unbecome()

    @on(Lock)
    def lock(self, msg: Lock) -> None:
        self.unbecome()  # E: actor-become "nothing to go back to"

    @on(Look)
    def look(self, msg: Look) -> str:
        return "a door"

    @on(Close)
    def ignored(self, msg: Close) -> None: ...

    initial = open | ignored | lock | look
    opened = close | look


class PoppedTwice(Actor[DoorMsg]):
    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.opened, push=True)

    @on(Close)
    def close(self, msg: Close) -> None:
        self.unbecome()
        self.unbecome()  # E: actor-become "nothing to go back to"

    @on(Lock)
    def lock(self, msg: Lock) -> None: ...

    @on(Look)
    def look(self, msg: Look) -> str:
        return "a door"

    initial = open | lock | look | Parts.close
    opened = close | look


class Unreached(Parts):
    initial = Parts.open | Parts.close | Parts.lock | Parts.look
    opened = Parts.look  # E: actor-become "nothing becomes it"


class UnreachedByFlow(Actor[DoorMsg]):
    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.opened)

    @on(Close)
    def close(self, msg: Close) -> None:
        self.become(self.initial)

    @on(Lock)
    def lock(self, msg: Lock) -> None: ...

    @on(Look)
    def look(self, msg: Look) -> str:
        return "a door"

    initial = open | close | lock | look
    opened = close | look
    locked = open | look  # E: actor-become "flow has no path"
    vanished = lock | look  # E: actor-become "nothing becomes it"
    flow = (initial.to(opened, vanished), opened.to(initial), vanished.to(initial),
            initial.to(initial))


class DeadEnd(Actor[DoorMsg]):
    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.opened)

    @on(Close)
    def close(self, msg: Close) -> None:
        self.become(self.closed)

    @on(Lock)
    def lock(self, msg: Lock) -> None: ...

    @on(Look)
    def look(self, msg: Look) -> str:
        return "a door"

    initial = open | close | lock | look
    opened = lock | look
    closed = look
    flow = (initial.to(opened, closed), closed.final())  # E: actor-become "State "opened""


class FinalAndNot(Actor[DoorMsg]):
    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.opened)

    @on(Close)
    def close(self, msg: Close) -> None:
        self.become(self.initial)

    @on(Lock)
    def lock(self, msg: Lock) -> None: ...

    @on(Look)
    def look(self, msg: Look) -> str:
        return "a door"

    initial = open | lock | look | Parts.close
    opened = close | look
    flow = (initial.to(opened), opened.to(initial), opened.final())  # E: actor-become "is final"


class Inherits(Door):
    """The flow of the base counts, and its handlers."""

    @on(Lock)
    def lock(self, msg: Lock) -> None:
        self.become(self.locked)  # E: actor-become "initial.to(locked)"


class Aliased(Actor[DoorMsg]):
    """A name for a handler is that handler."""

    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.only)

    @on(Close)
    def close(self, msg: Close) -> None: ...

    @on(Lock)
    def lock(self, msg: Lock) -> None: ...

    @on(Look)
    def look(self, msg: Look) -> str:
        self.become(self.initial)
        return "a door"

    initial = open | close | lock | look
    only = look
    flow = (initial.to(look), look.to(initial), initial.to(initial))


def made() -> Behaviour[Look]:
    return Parts.look


class Made(Actor[DoorMsg]):
    """What is made elsewhere is known by its type."""

    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.quiet)

    @on(Close)
    def close(self, msg: Close) -> None: ...

    @on(Lock)
    def lock(self, msg: Lock) -> None: ...

    @on(Look)
    def look(self, msg: Look) -> str:
        return "a door"

    initial = open | close | lock | look
    quiet = made()


# What the plugin does not see, somebody else may do: the plugin says nothing of these.


class Chosen(Parts):
    """By a property, by a walrus, by the method itself."""

    @property
    def choice(self) -> Accepts[Look]:
        return self.quiet

    def pre_start(self) -> None:
        self.become(self.choice)
        self.become(now := self.initial)
        self.log.info("%s", now)

    initial = Parts.open | Parts.close | Parts.lock | Parts.look
    quiet = Parts.look


class HandedOver(Parts):
    def pre_start(self) -> None:
        start(self, self.become)

    initial = Parts.open | Parts.close | Parts.lock | Parts.look
    quiet = Parts.look


class HandedOver2(Parts):
    def pre_start(self) -> None:
        print(self.become)

    initial = Parts.open | Parts.close | Parts.lock | Parts.look
    quiet = Parts.look


def start(actor: HandedOver, become: object) -> None:
    actor.become(HandedOver.quiet)


class Offers(Parts):
    """A method for those that derive from this class."""

    def rest(self) -> None:
        self.become(self.quiet)

    @on(Look)
    def look_on(self, msg: Look) -> str:
        self.become(self.loud)
        return "a door"

    initial = Parts.open | Parts.close | Parts.lock | Parts.look
    quiet = look_on
    loud = Parts.lock | look_on


class Switch:
    """A mixin that is no actor."""

    def switch(self: "HasBecome") -> None:
        self.become(Switched.quiet)


class HasBecome(Protocol):
    def become(self, behaviour: Accepts[DoorMsg]) -> None: ...


class Switched(Switch, Parts):
    def pre_start(self) -> None:
        self.switch()

    initial = Parts.open | Parts.close | Parts.lock | Parts.look
    quiet = Parts.look


class HandlersAsStates(Actor[Open | Close]):
    """A handler that is a state runs there, and not where only its name is said."""

    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.back, push=True)

    @on(Close)
    def back(self, msg: Close) -> None:
        self.unbecome()

    @on(Close)
    def ignored(self, msg: Close) -> None: ...

    initial = open | ignored


class HandlersAsDeclaredStates(Actor[Open | Close]):
    @on(Open)
    def open(self, msg: Open) -> None:
        self.become(self.back)

    @on(Close)
    def back(self, msg: Close) -> None:
        self.become(self.initial)

    @on(Close)
    def ignored(self, msg: Close) -> None: ...

    initial = open | ignored
    flow = (initial.to(back), back.to(initial))
