# Coroutines of asks and waits that nobody awaits, inside of expressions.
import logging
from collections.abc import Coroutine
from typing import Any

from airssys_rt import Actor, ActorRef, Message, Request, on

log = logging.getLogger(__name__)


class Get(Request[int]): ...


class Put(Message):
    n: int


Msg = Get | Put


def show(value: object) -> None: ...


async def gather(*waits: Coroutine[Any, Any, int]) -> None: ...


def start(wait: Coroutine[Any, Any, int]) -> None: ...


class Store(Actor[Msg]):
    def __init__(self) -> None:
        self.n = 0

    @on(Get)
    async def get(self, msg: Get) -> int:
        return self.n

    @on(Put)
    async def put(self, msg: Put) -> None:
        self.n = msg.n
        print(self.ref.send(msg))  # E: actor-reply "so nothing is sent"

    initial = get | put


async def wrong(a: ActorRef[Msg], b: ActorRef[Get], some: bool) -> None:
    some and a.ask(Get())  # E: actor-reply "the expression's value is dropped"
    a.ask(Get())  # E: unused-coroutine
    print(await a.ask(Get()), b.ask(Get()))  # E: actor-reply "of its result, so nothing is asked"
    print(f"n = {a.ask(Get())}")  # E: actor-reply "a text gets it"
    print("n = {}".format(a.ask(Get())))  # E: actor-reply "a text gets it"
    print("n = %s" % a.ask(Get()))  # E: actor-reply "it is formatted"
    str(a.ask(Get()))  # E: actor-reply "str() gets it"
    repr([a.ask(Get())])  # E: actor-reply "repr() gets it"
    log.info("n = %s", a.ask(Get()))  # E: actor-reply "the log gets it"
    logging.info("n = %s", a.ask(Get()))  # E: actor-reply "the log gets it"
    [x.ask(Get()) for x in (a, b)]  # E: actor-reply "the expression's value is dropped"
    a.ask(Get()), b.ask(Get())  # E: actor-reply "the expression's value is dropped"
    any(x.ask(Get()) for x in (a, b))  # E: actor-reply "any() gets it"
    if not a.ask(Get()):  # E: actor-reply "it is tested instead of its result, and always true"
        return
    if some or a.ask(Get()):  # E: actor-reply "it is tested"
        return
    assert a.ask(Get())  # E: actor-reply "it is tested"
    print(1 if a.ask(Get()) else 2)  # E: actor-reply "it is tested"
    print(a.ask(Get()) is None)  # E: actor-reply "it is compared"
    print(a.started())  # E: actor-reply "nobody waits for the start"
    print(1, a.stopped())  # E: actor-reply "nobody waits for the end"
    later = lambda: print(a.ask(Get()))  # E: actor-reply "print() gets it"
    show(later)


async def right(a: ActorRef[Msg], b: ActorRef[Get], some: bool) -> object:
    print(await a.ask(Get()), f"{await b.ask(Get())}", str(await a.ask(Get())))
    asks = [x.ask(Get()) for x in (a, b)]
    await gather(*asks)
    await gather(*[x.ask(Get()) for x in (a, b)])
    await gather(a.ask(Get()), b.ask(Get()))
    [await x.ask(Get()) for x in (a, b)]
    start(a.ask(Get()))
    print(await (a.ask(Get()) if some else b.ask(Get())))
    show(a.ask(Get()))
    if (ask := a.ask(Get())) is not None:
        await ask
    for each in (a.ask(Get()), b.ask(Get())):
        await each
    assert some, await a.ask(Get())
    return some and a.ask(Get())
