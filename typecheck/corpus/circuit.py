"""A circuit breaker written as an actor: closed, open, half open."""

from typing import TypeAlias

from airssys_rt import Actor, ActorError, ActorRef, Message, Refused, Request, on, on_enter


class Call(Request[str]):
    text: str


class Trip(Message): ...


class _Try(Message): ...


class State(Request[str]): ...


CircuitMsg: TypeAlias = Call | Trip | _Try | State


class Circuit(Actor[CircuitMsg]):
    def __init__(self, target: ActorRef[Call], most: int, pause: float) -> None:
        self.target = target
        self.most = most
        self.pause = pause
        self.failures = 0

    @on(Call)
    async def pass_on(self, msg: Call) -> str:
        try:
            reply = await self.target.ask(msg, timeout=1.0)
        except ActorError:
            self.failures += 1
            if self.failures >= self.most:
                self.become(self.broken)
            raise
        self.failures = 0
        return reply

    @on(Call)
    def refuse(self, msg: Call) -> str:
        if self.failures:
            raise Refused("the circuit is open")
        return ""

    @on(Call)
    async def attempt(self, msg: Call) -> str:
        try:
            reply = await self.target.ask(msg, timeout=1.0)
        except ActorError:
            self.become(self.broken)
            raise
        self.failures = 0
        self.become(self.initial)
        return reply

    @on(Trip)
    def trip(self, msg: Trip) -> None:
        self.failures = self.most
        self.become(self.broken)

    @on(_Try)
    def not_broken(self, msg: _Try) -> None:
        """It is closed already."""

    @on(_Try)
    def try_again(self, msg: _Try) -> None:
        self.become(self.half)

    @on(State)
    def is_closed(self, msg: State) -> str:
        return "closed"

    @on(State)
    def is_broken(self, msg: State) -> str:
        return "open"

    @on(State)
    def is_half(self, msg: State) -> str:
        return "half open"

    initial = pass_on | trip | not_broken | is_closed
    broken = refuse | try_again | is_broken
    half = attempt | trip | is_half
    flow = (
        initial.to(broken),
        broken.to(half),
        half.to(initial, broken),
    )

    @on_enter(broken)
    def opened(self) -> None:
        self.state_timeout(self.pause, _Try())
