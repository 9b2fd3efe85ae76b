"""actor-reply: a request is answered."""

from typing import NoReturn

from airssys_rt import Actor, ActorRef, Later, Message, Refused, ReplyTo, Request, on


class Get(Request[int]): ...


class Tell(Message): ...


class Owed(Message):
    to: ReplyTo[int]


def give_up() -> NoReturn:
    raise ValueError


class Answers(Actor[Get | Tell]):
    """Every way that is right."""

    def __init__(self, other: ActorRef[Get], sink: ActorRef[Owed]) -> None:
        self.waiting: list[ReplyTo[int]] = []
        self.by_name: dict[str, ReplyTo[int]] = {}
        self.last: ReplyTo[int] | None = None
        self.other = other
        self.sink = sink

    @on(Get)
    def kept(self, msg: Get) -> int | Later:
        self.last = self.defer(msg)
        return self.last

    @on(Get)
    def queued(self, msg: Get) -> int | Later:
        reply = self.defer(msg)
        self.waiting.append(reply)
        return reply

    @on(Get)
    async def mapped(self, msg: Get) -> int | Later:
        if self.now() > 1:
            return 1
        self.by_name["x"] = later = self.defer(msg)
        return later

    @on(Get)
    def passed(self, msg: Get) -> int | Later:
        later = self.defer(msg)
        self.sink.tell(Owed(later))
        return later

    @on(Get)
    def given(self, msg: Get) -> Later:
        self.pipe(self.other.ask(msg), self.passing(self.defer(msg)), lambda error: Tell())
        return self.stash()

    def passing(self, reply: ReplyTo[int]) -> type[Tell]:
        self.last = reply
        return Tell

    @on(Get)
    def at_once(self, msg: Get) -> int | Later:
        later = self.defer(msg)
        later.reply(1)
        return later

    @on(Get)
    def chosen(self, msg: Get) -> int | Later:
        return self.forward(self.other, msg) if self.now() > 1 else 1

    @on(Get)
    def helped(self, msg: Get) -> int | Later:
        return self.helper(msg)

    def helper(self, msg: Get) -> int | Later:
        return self.stash()

    @on(Get)
    async def helped_later(self, msg: Get) -> int | Later:
        return await self.async_helper(msg)

    async def async_helper(self, msg: Get) -> int | Later:
        return self.stash()

    @on(Get)
    def refuses(self, msg: Get) -> int:
        raise Refused("no")

    @on(Get)
    def checks(self, msg: Get) -> int:
        if self.now() > 1:
            raise ValueError("late")
        return 1

    @on(Get)
    async def tries(self, msg: Get) -> int:
        while True:
            try:
                return await self.other.ask(msg)
            except TimeoutError:
                continue

    @on(Tell)
    def told(self, msg: Tell) -> None:
        self.unstash_all()
        raise ValueError("a told message may fail its actor")

    initial = kept | told
    second = queued | told
    third = mapped
    fourth = passed
    fifth = given
    sixth = at_once
    seventh = chosen
    eighth = helped
    ninth = helped_later
    tenth = refuses
    eleventh = checks
    twelfth = tries
    flow = (
        initial.to(second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth),
        initial.to(eleventh, twelfth),
        *(),
    )


class Drops(Actor[Get]):
    def post_stop(self, reason: object) -> None:
        self.unstash_all()

    @on(Get)
    def dropped(self, msg: Get) -> int | Later:
        self.defer(msg)  # E: actor-reply "drops it"
        return self.stash()

    @on(Get)
    def assigned(self, msg: Get) -> int | Later:
        reply = self.defer(msg)  # E: actor-reply "drops it"
        return reply

    @on(Get)
    def sometimes(self, msg: Get) -> int | Later:
        if self.now() > 1:
            self.defer(msg)  # E: actor-reply "drops it"
        return self.stash()

    initial = dropped
    other = assigned
    third = sometimes
    flow = (initial.to(other, third), *())


class NeverLater(Actor[Get]):
    number: int = 1

    @on(Get)
    def value(self, msg: Get) -> int | Later:  # E: actor-reply "always answers at once"
        return 1

    @on(Get)
    def attribute(self, msg: Get) -> int | Later:  # E: actor-reply "always answers at once"
        if self.now() > 1:
            return self.number + 1
        return self.number

    @on(Get)
    async def called(self, msg: Get) -> int | Later:  # E: actor-reply "always answers at once"
        found = len("x")
        return found

    initial = value
    second = attribute
    third = called
    flow = (initial.to(second, third), *())


class OnlyRaises(Actor[Get]):
    @on(Get)
    def raises(self, msg: Get) -> int:  # E: actor-reply "can only raise"
        raise ValueError("to do")

    @on(Get)
    async def either(self, msg: Get) -> int:  # E: actor-reply "can only raise"
        if self.now() > 1:
            raise ValueError("late")
        raise NotImplementedError

    @on(Get)
    def tries(self, msg: Get) -> int:  # E: actor-reply "can only raise"
        try:
            raise KeyError(msg)
        except KeyError as error:
            raise ValueError("bad") from error

    @on(Get)
    def swallowed(self, msg: Get) -> int:
        try:
            raise KeyError(msg)
        except KeyError:
            return 1

    initial = raises
    second = either
    third = tries
    fourth = swallowed
    flow = (initial.to(second, third, fourth), *())
