"""actor-reply: what is owed to askers, answers that nobody gets, waits that cannot end."""

from collections import deque
from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Later, Message, ReplyTo, Request, on


class Get(Request[int]): ...


class Put(Message):
    number: int


class Owed(Message):
    text: str
    to: ReplyTo[int]


class GiveUp(Message): ...


class Right(Actor[Get | Put | Owed | GiveUp]):
    def __init__(self, other: ActorRef[Owed]) -> None:
        self.waiting: list[ReplyTo[int]] = []
        self.named: dict[str, ReplyTo[int]] = {}
        self.queue: deque[tuple[int, ReplyTo[int]]] = deque()
        self.last: ReplyTo[int] | None = None
        self.other = other

    @on(Get)
    def get(self, msg: Get) -> int | Later:
        if self.last is not None:
            self.last.fail(RuntimeError("somebody else asked"))
        self.last = self.defer(msg)
        return self.last

    @on(Put)
    def put(self, msg: Put) -> None:
        for reply in self.waiting:
            reply.reply(msg.number)
        self.waiting.clear()
        while self.queue:
            number, to = self.queue.popleft()
            to.reply(number)
        found = self.named.pop("x", None)
        if found is not None:
            self.waiting.append(found)
        for name, reply in self.named.items():
            self.log.info("%s is told", name)
            reply.fail(KeyError(name))

    @on(Owed)
    def owed(self, msg: Owed) -> None:
        if msg.text == "one":
            msg.to.reply(1)
        elif msg.text == "other":
            self.other.tell(msg)
        elif msg.text == "later":
            self.waiting.append(msg.to)
        else:
            raise ValueError(msg.text)

    @on(GiveUp)
    async def give_up(self, msg: GiveUp) -> None:
        if self.last is not None:
            self.last.fail(TimeoutError())
            self.last = None
        self.pipe(self.ref.ask(Get()), Put, lambda error: GiveUp())
        match msg:
            case GiveUp():
                return

    initial = get | put | owed | give_up


class Taken(Actor[Get | Put | GiveUp]):
    def __init__(self) -> None:
        self.waiting: list[ReplyTo[int]] = []
        self.named: dict[str, ReplyTo[int]] = {}
        self.queue: deque[tuple[int, ReplyTo[int]]] = deque()
        self.last: ReplyTo[int] | None = None

    @on(Get)
    def get(self, msg: Get) -> int | Later:
        if self.last is not None:
            self.log.info("forgotten")
        self.last = self.defer(msg)  # E: actor-reply "replaces the ReplyTo"
        return self.last

    @on(Put)
    def put(self, msg: Put) -> None:
        for reply in self.waiting:  # E: actor-reply "drops it"
            self.log.info("a number")
        self.waiting.clear()
        while self.queue:
            number, to = self.queue.popleft()  # E: actor-reply "drops it"
            self.log.info("%s", number)
        found = self.named.pop("x", None)  # E: actor-reply "drops it"
        if found is not None:
            return

    @on(GiveUp)
    def give_up(self, msg: GiveUp) -> None:
        if self.last is not None:
            self.last = None  # E: actor-reply "replaces the ReplyTo"

    initial = get | put | give_up


class SomePaths(Actor[Owed]):
    @on(Owed)
    def owed(self, msg: Owed) -> None:  # E: actor-reply "on every path"
        if msg.text:
            msg.to.reply(len(msg.text))

    initial = owed


class NoPath(Actor[Owed]):
    seen: int = 0

    @on(Owed)
    async def owed(self, msg: Owed) -> None:  # E: actor-reply "on every path"
        self.seen += len(msg.text)

    initial = owed


class Nobody(Actor[Get | Owed]):
    @on(Get)
    async def get(self, msg: Get) -> int | Later:
        self.pipe(
            self.ref.ask(Get()),
            lambda number: Owed("x", self.defer(msg)),  # E: actor-reply "runs later"
            lambda error: Owed("y", self.defer(msg)),  # E: actor-reply "runs later"
        )
        return Later()  # E: actor-reply "makes a Later itself"

    @on(Owed)
    def owed(self, msg: Owed) -> None:
        msg.to.reply(1)
        msg.to.reply(1)  # E: actor-reply "twice"

    initial = get | owed


class Waits(Actor[Get | GiveUp]):
    @on(Get)
    async def get(self, msg: Get) -> int:
        return await self.ref.ask(msg)  # E: actor-reply "asks its own actor"

    @on(GiveUp)
    async def give_up(self, msg: GiveUp) -> None:
        self.stop()
        await self.ref.stopped()  # E: actor-reply "waits for the end"

    initial = get | give_up


class Stashes(Actor[Get]):
    @on(Get)
    def get(self, msg: Get) -> int | Later:
        return self.stash()  # E: actor-reply "unstash_all"

    initial = get


class OnSomePath(Actor[Get | Put | GiveUp]):
    def __init__(self) -> None:
        self.named: dict[str, ReplyTo[int]] = {}
        self.several: dict[str, list[ReplyTo[int]]] = {}

    @on(Get)
    def get(self, msg: Get) -> int | Later:
        to = self.defer(msg)
        if self.now() > 1:
            self.answer(to, 1)
        else:
            self.forget(to, 1)
        return to

    def answer(self, to: ReplyTo[int], number: int) -> None:
        while True:
            if number > 1:
                to.reply(number)
                break
            number += 1

    def forget(self, to: ReplyTo[int], number: int) -> None:  # E: actor-reply "drops it"
        if number > 1:
            to.reply(number)

    @on(Put)
    def put(self, msg: Put) -> None:
        found = self.named.get("x")
        if found is not None and msg.number:
            self.log.info("still there")
        taken = self.named.pop("x", None)
        if taken is None:
            return
        if msg.number:
            taken.reply(msg.number)
        else:
            taken.fail(ValueError("no number"))
        other = self.named.pop("y")  # E: actor-reply "drops it"
        if msg.number:
            other.reply(msg.number)

    @on(GiveUp)
    def give_up(self, msg: GiveUp) -> None:
        for to in self.several.pop("x", ()):
            to.fail(TimeoutError())
        for to in self.several.pop("y", ()):  # E: actor-reply "drops it"
            if self.now() > 1:
                continue
            to.fail(TimeoutError())

    initial = get | put | give_up


class OneAtATime(Actor[Get | Put | GiveUp]):
    """Where there is none, none is replaced."""

    ready: bool = True

    def __init__(self) -> None:
        self.asked: ReplyTo[int] | None = None

    @on(Get)
    def get(self, msg: Get) -> int | Later:
        if self.asked is None and self.ready:
            self.asked = self.defer(msg)
            return self.asked
        if not self.ready or self.asked:
            raise ValueError("busy")
        self.asked = later = self.defer(msg)
        return later

    @on(Put)
    def put(self, msg: Put) -> None:
        if self.asked is not None and self.ready:
            return
        self.asked = None  # E: actor-reply "replaces the ReplyTo"

    @on(GiveUp)
    def give_up(self, msg: GiveUp) -> None:
        if self.asked is not None:
            self.asked.fail(ValueError("given up"))

    initial = get | put | give_up


class AsksItselfBeside(Actor[Get | Put]):
    @on(Get)
    def get(self, msg: Get) -> int:
        return 7

    @on(Put)
    def put(self, msg: Put) -> None:
        self.pipe(self.beside(), Put, lambda error: Put(0))

    async def beside(self) -> int:
        return await self.ref.ask(Get())

    initial = get | put


# a type that holds itself
Nested: TypeAlias = "list[Nested] | int"


class KeepsATree(Actor[Put]):
    def __init__(self) -> None:
        self.tree: Nested = []

    @on(Put)
    def put(self, msg: Put) -> None:
        self.tree = [self.tree]

    initial = put
