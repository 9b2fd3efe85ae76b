"""actor-state: a reply's ref to the actor itself takes what the next state accepts."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Later, Message, Refused, Request, on


class Put(Message): ...


class Count(Request[int]): ...


class Reopen(Request["ActorRef[OpenMsg]"]): ...


ClosedMsg: TypeAlias = Count | Reopen


class Close(Request[ActorRef[ClosedMsg]]): ...


class Freeze(Request[tuple[ActorRef[ClosedMsg], int]]): ...


OpenMsg: TypeAlias = Put | Count | Close | Freeze
StoreMsg: TypeAlias = OpenMsg | ClosedMsg


class Handlers(Actor[StoreMsg]):
    @on(Put)
    def put(self, msg: Put) -> None: ...

    @on(Count)
    def count(self, msg: Count) -> int:
        return 1

    @on(Freeze)
    def never_freeze(self, msg: Freeze) -> tuple[ActorRef[ClosedMsg], int]:
        raise Refused("no")


class Store(Actor[StoreMsg]):
    """Every ref is right."""

    @on(Put)
    def put(self, msg: Put) -> None: ...

    @on(Count)
    def count(self, msg: Count) -> int:
        return 1

    @on(Close)
    def close(self, msg: Close) -> ActorRef[ClosedMsg]:
        self.become(self.closed)
        return self.ref

    @on(Freeze)
    async def freeze(self, msg: Freeze) -> tuple[ActorRef[ClosedMsg], int]:
        mine: ActorRef[ClosedMsg] = self.ref
        self.become(self.closed)
        return mine, 1

    @on(Reopen)
    def reopen(self, msg: Reopen) -> ActorRef[OpenMsg]:
        self.become(self.opened)
        return self.ref

    opened = put | count | close | freeze
    closed = count | reopen
    initial = opened | reopen


class Forgets(Actor[StoreMsg]):
    @on(Put)
    def put(self, msg: Put) -> None: ...

    @on(Count)
    def count(self, msg: Count) -> int:
        return 1

    @on(Close)
    def close(self, msg: Close) -> ActorRef[ClosedMsg]:
        self.become(self.shut)
        return self.ref  # E: actor-state "Reopen"

    @on(Freeze)
    async def freeze(self, msg: Freeze) -> tuple[ActorRef[ClosedMsg], int]:
        mine: ActorRef[ClosedMsg] = self.ref
        self.become(self.shut)
        return mine, 1  # E: actor-state "Reopen"

    @on(Reopen)
    def reopen(self, msg: Reopen) -> ActorRef[OpenMsg]:
        if self.now() > 1:
            self.become(self.closed)
        return self.ref  # E: actor-state "in "closed""

    initial = put | count | close | freeze | reopen
    closed = count | reopen
    shut = count


class SomePaths(Actor[StoreMsg]):
    @on(Put)
    def put(self, msg: Put) -> None: ...

    @on(Count)
    def count(self, msg: Count) -> int:
        self.become(self.shut)
        return 1

    @on(Close)
    def close(self, msg: Close) -> ActorRef[ClosedMsg]:
        if self.now() > 1:
            self.become(self.closed)
            return self.ref
        self._shut()
        return self.ref  # E: actor-state "in "shut""

    @on(Freeze)
    async def freeze(self, msg: Freeze) -> tuple[ActorRef[ClosedMsg], int] | Later:
        if self.now() > 1:
            return self.stash()
        return self.ref, 1

    @on(Reopen)
    def reopen(self, msg: Reopen) -> ActorRef[OpenMsg]:
        self.become(self.initial)
        self.unstash_all()
        return self.ref

    def _shut(self) -> None:
        self.become(self.shut)

    initial = put | count | close | freeze | reopen
    closed = count | reopen
    shut = put | count


class Postpones(Actor[StoreMsg]):
    """What is postponed is not refused, if a later state takes it."""

    unhandled = "stash"

    @on(Put)
    def put(self, msg: Put) -> None:
        self.become(self.initial)

    @on(Count)
    def count(self, msg: Count) -> int:
        return 1

    @on(Close)
    def close(self, msg: Close) -> ActorRef[ClosedMsg]:
        self.become(self.shut)
        return self.ref

    @on(Freeze)
    def freeze(self, msg: Freeze) -> tuple[ActorRef[ClosedMsg], int]:
        return self.ref, 1

    @on(Reopen)
    def reopen(self, msg: Reopen) -> ActorRef[OpenMsg]:
        return self.ref

    initial = put | count | close | freeze | reopen
    shut = put | count


# ---------------------------------------------------------------- the whole union


class Door(Message): ...


class Shut(Request["ActorRef[DoorMsg]"]): ...


class Look(Request["ActorRef[DoorMsg]"]): ...


class Turn(Request["ActorRef[DoorMsg]"]): ...


DoorMsg: TypeAlias = Door | Shut | Look | Turn


class Whole(Actor[DoorMsg]):
    @on(Door)
    def door(self, msg: Door) -> None: ...

    @on(Shut)
    def shut(self, msg: Shut) -> ActorRef[DoorMsg]:
        if self.now() > 1:
            return self.ref
        self.become(self.closed)
        return self.ref  # E: actor-state "takes "

    @on(Look)
    def look(self, msg: Look) -> ActorRef[DoorMsg]:
        return self.ref

    @on(Turn)
    def turn(self, msg: Turn) -> ActorRef[DoorMsg]:
        self.become(self.initial)
        return self.ref

    initial = door | shut | look | turn
    closed = look | turn


class Postponed(Whole):
    unhandled = "stash"

    @on(Shut)
    def shut_now(self, msg: Shut) -> ActorRef[DoorMsg]:
        self.become(self.closed)
        return self.ref

    initial = Whole.initial.replace(shut_now)


class AtLast(Actor[StoreMsg]):
    """What `finally` does has happened when the reply leaves."""

    @on(Put)
    def put(self, msg: Put) -> None: ...

    @on(Count)
    def count(self, msg: Count) -> int:
        return 1

    @on(Close)
    def close(self, msg: Close) -> ActorRef[ClosedMsg]:
        try:
            return self.ref
        finally:
            self.become(self.closed)

    @on(Freeze)
    def freeze(self, msg: Freeze) -> tuple[ActorRef[ClosedMsg], int]:
        self.become(self.closed)
        return self.ref, 1

    @on(Reopen)
    def reopen(self, msg: Reopen) -> ActorRef[OpenMsg]:
        raise Refused("closed for good")

    opened = put | count | close | freeze
    closed = count | reopen
    initial = opened | reopen
