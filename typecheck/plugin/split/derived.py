# Actors derived from one in another module, and messages derived where they should not be.
from airssys_rt import Actor, Message, on
from split import base, messages
from split.messages import Get, Go, Msg


class Derived(base.Base):
    @on(Go)
    def go_on(self, msg: Go) -> None:
        self.become(self.away)

    initial = base.Base.initial.replace(go_on)


class Missing(Actor[Msg]):
    @on(messages.Go)
    def go(self, msg: messages.Go) -> None: ...

    initial = go | base.Base.get  # E: actor-missing "Back", assignment


class More(messages.Go):  # E: actor-sealed "Go"
    number: int = 0


class Clash(Message, tag="Get"): ...


class Clashing(Actor[Get | Clash]):  # E: actor-sealed "Get"
    @on(Clash)
    def clash(self, msg: Clash) -> None: ...

    initial = base.Base.get | clash
