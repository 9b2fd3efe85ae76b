# Methods with the names of other libraries' hooks; classes that say nowhere how they start; actors
# that are made by hand; private messages and timers' keys.
from typing import Generic, TypeAlias, TypeVar

from airssys_rt import Actor, ActorSystem, Message, on, props


class Go(Message): ...


class Stop(Message): ...


Msg: TypeAlias = Go | Stop
M = TypeVar("M")

# ---------------------------------------------------------------- hooks


class Misnamed(Actor[Go]):
    def on_start(self) -> None: ...  # E: actor-unused "before the first message is "

    async def postStop(self) -> None: ...  # E: actor-unused "at the end is "

    def pre_restart(self, error: Exception) -> None: ...  # E: actor-unused "a restart calls "

    def on_failure(self, error: Exception) -> None: ...  # E: actor-unused "a failure is the reason"

    def handle_call(self, msg: Go) -> None: ...  # E: actor-unused "methods under @on(...)"

    def pre_start(self) -> None: ...

    @on(Go)
    def go(self, msg: Go) -> None:
        self.setup()

    def setup(self) -> None: ...

    @staticmethod
    def on_stop() -> None: ...

    initial = go


class Template(Actor[M], Generic[M]):
    def pre_start(self) -> None:
        self.on_started()

    def on_started(self) -> None: ...


class Filled(Template[Go]):
    def on_started(self) -> None: ...

    @on(Go)
    def receive(self, msg: Go) -> None: ...

    initial = receive


def adopt(actor: object) -> None: ...


class HandedOn(Actor[Go]):
    def pre_start(self) -> None:
        adopt(self)

    def on_message(self) -> None: ...

    @on(Go)
    def go(self, msg: Go) -> None: ...

    initial = go


# ---------------------------------------------------------------- no initial


class NoStart(Actor[Msg]):  # E: actor-missing "initial = go | stop_now"
    @on(Go)
    def go(self, msg: Go) -> None: ...

    @on(Stop)
    def stop_now(self, msg: Stop) -> None: ...


class OfProps(NoStart): ...  # E: actor-missing "initial = go | stop_now"


class NotSpawned(Actor[Go]):
    @on(Go)
    def go(self, msg: Go) -> None: ...


class Started(NotSpawned):
    initial = NotSpawned.go


class SetByHand(Actor[Go]):
    @on(Go)
    def go(self, msg: Go) -> None: ...


SetByHand.initial = SetByHand.go  # E: misc


class Half(Actor[Msg]):
    @on(Go)
    def go(self, msg: Go) -> None: ...


def main(system: ActorSystem) -> None:
    system.spawn(NoStart)
    system.spawn(props(OfProps))
    system.spawn(Started)
    system.spawn(Half)
    system.spawn(SetByHand)

    class Local(Actor[Go]):  # E: actor-missing "initial = go"
        @on(Go)
        def go(self, msg: Go) -> None: ...

    system.spawn(Local)
    print(isinstance(system, NotSpawned))


# ---------------------------------------------------------------- made by hand


class Maker(Actor[Go]):
    def __init__(self) -> None:
        self.other = Started()  # E: actor-capture "spawn it, self.spawn(Started, ...)"
        self.spawn(self.made)
        self.spawn(self.configured)
        self.spawn(lambda: Started())

    @on(Go)
    def go(self, msg: Go) -> None:
        Started().go(msg)  # E: actor-capture "has no mailbox"
        other = Started()  # E: actor-capture "has no mailbox"
        other.go(msg)

        def make() -> Started:
            made = Started()
            made.go(msg)
            return made

        self.spawn(make)
        adopt(Started())

    def made(self) -> Started:
        return Started()

    def configured(self) -> Started:
        made = Started()
        made.go(Go())
        return made

    initial = go


def by_hand() -> None:
    Started().go(Go())


# ---------------------------------------------------------------- private messages


class _Tick(Message): ...


class _Tock(Message): ...


class _Again(Message): ...


class _Own(Message): ...


ClockMsg: TypeAlias = _Tick | _Tock | _Again | _Own | Go


class Clock(Actor[ClockMsg]):
    @on(Go)
    def go(self, msg: Go) -> None:
        self.after(1, _Tock(), "tock")
        self.every(1, Go(), key="go")

    @on(_Tick)
    def tick(self, msg: _Tick) -> None: ...  # E: actor-signal "so "

    @on(_Tock)
    def tock(self, msg: _Tock) -> None:
        self.cancel_timer("tock")
        self.cancel_timer("tocks")  # E: actor-signal "did you mean "

    @on(_Again)
    def again(self, msg: _Again) -> None:  # E: actor-signal "is never called"
        self.after(1, _Again())

    @on(_Own)
    def own(self, msg: _Own = _Own()) -> None:
        self.cancel_timer("none")  # E: actor-signal "the keys are "
        timer = self.after(2, Go())
        self.cancel_timer(timer)

    initial = go | tick | tock | again | own


class Computed(Actor[Go]):
    @on(Go)
    def go(self, msg: Go) -> None:
        self.after(1, Go(), key=("a", 1))
        self.after(1, Go(), key="b")
        self.cancel_timer("c")

    initial = go


class Stopwatch(Computed):
    def pre_start(self) -> None:
        self.cancel_timer("d")


# ---------------------------------------------------------------- a push that is forgotten


class Menu(Actor[Msg]):
    @on(Go)
    def open(self, msg: Go) -> None:
        self.become(self.menu)

    @on(Stop)
    def nowhere(self, msg: Stop) -> None: ...

    @on(Stop)
    def back(self, msg: Stop) -> None:
        self.unbecome()  # E: actor-become "nothing to go back to when the actor is in "

    initial = open | nowhere
    menu = open | back
