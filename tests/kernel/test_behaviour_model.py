"""become, stash, next and retries against a model of a dozen lines: the handled order is equal."""

from __future__ import annotations

from collections import deque
from typing import Any, TypeAlias

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airssys_rt import Actor, ActorSystem, Bounded, DeadLetter, Message, Props, on, props

Step: TypeAlias = tuple[str, Any]  # a verb, and its argument


class Script(Message):
    """A message says itself what its handler does."""

    number: int
    steps: tuple[Any, ...] = ()


class Always(Script): ...


class Often(Script): ...


class Seldom(Script): ...


KINDS: list[type[Script]] = [Always, Often, Seldom]
ACCEPTS: list[set[type[Script]]] = [{Always, Often, Seldom}, {Always, Often}, {Always}]


class Machine(Actor[Always | Often | Seldom]):
    unhandled = "stash"

    def __init__(self, log: list[int]) -> None:
        self.log_of = log
        self.put_aside: set[int] = set()
        self.depth = 0

    def run(self, msg: Script) -> None:
        self.log_of.append(msg.number)
        behaviours = (self.initial, self.fewer, self.least)
        for verb, argument in msg.steps:
            if verb == "become":
                self.become(behaviours[argument])
            elif verb == "push":
                self.become(behaviours[argument], push=True)
                self.depth += 1
            elif verb == "unbecome" and self.depth:
                self.unbecome()
                self.depth -= 1
            elif verb == "stash" and msg.number not in self.put_aside:
                self.put_aside.add(msg.number)
                self.stash()
            elif verb == "unstash":
                self.unstash_all()
            elif verb == "next":
                self.next(argument)

    @on(Always)
    def always(self, msg: Always) -> None:
        self.run(msg)

    @on(Often)
    async def often(self, msg: Often) -> None:
        self.run(msg)
        await anyio.lowlevel.checkpoint()

    @on(Seldom)
    def seldom(self, msg: Seldom) -> None:
        self.run(msg)

    initial = always | often | seldom
    fewer = always | often
    least = always


def model(messages: list[Script]) -> tuple[list[int], list[int]]:
    """The numbers handled, in order, and those that are left in the stash."""
    queue = deque(messages)
    stash: list[tuple[Script, bool]] = []
    state, stack = 0, list[int]()
    handled: list[int] = []
    put_aside: set[int] = set()
    while queue:
        msg = queue.popleft()
        if type(msg) not in ACCEPTS[state]:
            stash.append((msg, True))
            continue
        handled.append(msg.number)
        nexts: list[Script] = []
        for verb, argument in msg.steps:
            if verb == "next":
                nexts.append(argument)
            elif verb == "stash" and msg.number not in put_aside:
                put_aside.add(msg.number)
                stash.append((msg, False))
            elif verb == "unstash":
                queue.extendleft(reversed([m for m, _ in stash]))
                stash = []
            elif verb in ("become", "push") or (verb == "unbecome" and stack):
                if verb == "push":
                    stack.append(state)
                state = stack.pop() if verb == "unbecome" else argument
                queue.extendleft(reversed([m for m, policy in stash if policy]))
                stash = [entry for entry in stash if not entry[1]]
        queue.extendleft(reversed(nexts))
    return handled, [msg.number for msg, _ in stash]


states = st.sampled_from([0, 1, 2])
plain_steps = st.one_of(
    st.tuples(st.just("become"), states),
    st.tuples(st.just("push"), states),
    st.tuples(st.sampled_from(["unbecome", "stash", "unstash"]), st.none()),
)


def scripts(steps: st.SearchStrategy[Step], most: int) -> st.SearchStrategy[Script]:
    return st.builds(
        lambda kind, steps: kind(0, tuple(steps)),
        st.sampled_from(KINDS),
        st.lists(steps, max_size=most),
    )


steps = plain_steps | st.tuples(st.just("next"), scripts(plain_steps, 2))


def numbered(messages: list[Script]) -> list[Script]:
    """The same messages, each with a number of its own, those inside of others, too."""
    count = 0

    def number(msg: Script) -> Script:
        nonlocal count
        count += 1
        mine = count
        inner = [(v, number(a)) if isinstance(a, Script) else (v, a) for v, a in msg.steps]
        return type(msg)(mine, tuple(inner))

    return [number(msg) for msg in messages]


async def handled_by(
    recipe: Props[Any], messages: list[Script], log: list[int]
) -> tuple[list[int], list[int]]:
    async with ActorSystem() as system:
        ref = system.spawn(recipe)
        for msg in messages:
            ref.tell(msg)
        await system.drain()
        async with system.dead_letters.stream() as letters:
            ref.stop()
            await ref.stopped()
            left: list[int] = []
            for _ in range(system.snapshot().dead_letters):
                letter: DeadLetter = await anext(letters)
                assert letter.reason == "stopped"
                assert isinstance(letter.message, Script)
                left.append(letter.message.number)
    return log, left


@pytest.mark.parametrize("bounded", [False, True])
@given(messages=st.lists(scripts(steps, 4), min_size=1, max_size=12).map(numbered))
def test_the_handled_order_is_the_models_and_nothing_is_lost(
    anyio_backend: Any, bounded: bool, messages: list[Script]
) -> None:
    log: list[int] = []
    recipe = props(Machine, log)
    if bounded:
        recipe = recipe.mailbox(Bounded(len(messages)))
    name, options = anyio_backend
    found = anyio.run(handled_by, recipe, messages, log, backend=name, backend_options=options)
    assert found == model(messages)
