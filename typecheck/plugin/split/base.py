# An actor over a union from elsewhere.
from airssys_rt import Actor, on
from split.messages import Back, Get, Go, Msg


class Base(Actor[Msg]):
    @on(Go)
    def go(self, msg: Go) -> None:
        self.become(self.away)

    @on(Back)
    def stay(self, msg: Back) -> None: ...

    @on(Back)
    def back(self, msg: Back) -> None:
        self.become(self.initial)

    @on(Get)
    async def get(self, msg: Get) -> int:
        return 0

    initial = go | stay | get
    away = back | get
    flow = (initial.to(away), away.to(initial))
