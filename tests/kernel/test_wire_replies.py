"""Replies make the trip, too: what cannot is a failure of who gave it."""

from __future__ import annotations

import pytest

from airssys_rt import (
    Failed,
    HandlerFailed,
    ProtocolError,
)
from tests.kernel.wired import (
    AskLater,
    Forward,
    Keep,
    Kept,
    Node,
    Point,
    Wrong,
    wired,
)

pytestmark = pytest.mark.anyio


class AtOnce(Node):
    initial = Node.initial.replace(Node.wrong_at_once)


class MuchLater(Node):
    initial = Node.initial.replace(Node.wrong_later)


class Deferred(Node):
    initial = Node.initial.replace(Node.wrong_deferred)


async def test_a_reply_is_not_shared_either() -> None:
    async with wired() as system:
        node = system.spawn(Node)
        await node.send(Keep([1]))
        (await node.ask(Kept())).append(2)
        assert await node.ask(Kept()) == [1]


async def test_a_deferred_reply_comes_out_identical() -> None:
    async with wired() as system:
        node = system.spawn(Node)
        assert await node.ask(AskLater()) == 7


async def test_a_request_that_names_its_reply_type_as_a_text_is_answered() -> None:
    async with wired() as system:
        assert await system.spawn(Node).ask(Forward()) == Point(3)


@pytest.mark.parametrize("cls", [Node, AtOnce, MuchLater])
@pytest.mark.parametrize("reply", ["type", "opaque"])
@pytest.mark.parametrize("busy", [False, True])
async def test_a_reply_that_cannot_go_is_a_failure_of_who_gave_it(
    cls: type[Node], reply: str, busy: bool
) -> None:
    async with wired() as system:
        node = system.spawn(cls)
        if not busy:
            await node.started()
        with pytest.raises(HandlerFailed) as caught:
            await node.ask(Wrong(reply))
        assert isinstance(caught.value.__cause__, ProtocolError)
        reason = await node.stopped()
        assert isinstance(reason, Failed)
        assert reason.error_type == "ProtocolError"
        assert await system.spawn(Node).ask(Kept()) == []


async def test_a_deferred_reply_that_cannot_go_is_an_error_where_it_is_given() -> None:
    async with wired() as system:
        node = system.spawn(Deferred)
        assert await node.ask(Wrong("opaque")) == 1
