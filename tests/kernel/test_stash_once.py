"""A message is stashed once, and what its handler does afterwards is not about it."""

from __future__ import annotations

import anyio
import pytest

from airssys_rt import Actor, ActorStopped, ActorSystem, Later, Message, NoSystem, Request, on

pytestmark = pytest.mark.anyio


class Get(Request[str]):
    how: str = ""


class Note(Message):
    how: str


class Open(Message): ...


class Shop(Actor[Get | Note | Open]):
    def __init__(self, seen: list[object]) -> None:
        self.seen = seen
        self.open = False

    @on(Get)
    def get(self, msg: Get) -> str | Later:
        if self.open:
            return "answered when it was handled again"
        later = self.stash()
        if msg.how == "raise":
            raise ValueError("after the stash")
        return "too early" if msg.how == "return" else later

    @on(Note)
    async def note(self, msg: Note) -> None:
        if self.open:
            self.seen.append(msg)
            return
        self.stash()
        if msg.how == "twice":
            try:
                self.stash()
            except NoSystem as error:
                self.seen.append(error.code)

    @on(Open)
    def unlock(self, msg: Open) -> None:
        self.open = True
        self.unstash_all()

    initial = get | note | unlock


@pytest.mark.parametrize("how", ["", "return"])
@pytest.mark.parametrize("busy", [False, True])
async def test_a_stashed_request_is_answered_by_its_second_handling(how: str, busy: bool) -> None:
    async with ActorSystem() as system:
        shop = system.spawn(Shop, [])
        await shop.started()

        answers: list[str] = []

        async def ask() -> None:
            answers.append(await shop.ask(Get(how)))

        async with anyio.create_task_group() as tasks:
            if busy:  # not the direct ask of an idle actor
                shop.tell(Note(""))
            tasks.start_soon(ask)
            await anyio.sleep(0.01)
            assert answers == []
            shop.tell(Open())
        assert answers == ["answered when it was handled again"]
        assert system.snapshot().dead_letters == 0


async def test_a_second_stash_of_one_message_is_an_error_and_keeps_one() -> None:
    seen: list[object] = []
    async with ActorSystem() as system:
        shop = system.spawn(Shop, seen)
        shop.tell(Note("twice"))
        shop.tell(Open())
        await system.drain(1)
    assert seen == ["RT003", Note("twice")]


async def test_a_handler_that_raises_after_a_stash_leaves_one_dead_letter() -> None:
    async with ActorSystem() as system:
        shop = system.spawn(Shop, [])
        await shop.started()
        with pytest.raises(ActorStopped):
            await shop.ask(Get("raise"))
        await shop.stopped()
        assert system.snapshot().dead_letters == 1
