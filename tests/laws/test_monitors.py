"""What a monitor and a link promise, over random lives of supervised actors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.watching import BACKOFFS, KINDS, STEPS, STRATEGIES, WORKERS, Watch, World, play

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    logger = logging.getLogger("airssys_rt")
    logger.disabled = True
    yield
    logger.disabled = False


def check_watch(world: World, watch: Watch) -> None:
    """Numbers never fall; one `Down` for each that ends; the last one, and only it, is final."""
    told = [(down.incarnation, down.restarting) for down in watch.downs]
    numbers = [number for number, restarting in told if restarting]
    assert numbers == sorted(set(numbers)), told
    assert all(later - former == 1 for former, later in pairwise(numbers))
    assert [restarting for _, restarting in told[:-1]] == [True] * (len(told) - 1), told
    lasted = world.lives[watch.watcher] == watch.life and not watch.ended
    if lasted:
        assert told, "no Down at all"
    if told:
        assert watch.first <= told[0][0] <= watch.first + 1, (watch.first, told)
        final = watch.downs[-1]
        if lasted:
            assert not final.restarting, told
        if not final.restarting:
            assert final.incarnation == watch.slot.incarnation, told
            assert final.reason == watch.slot.outcome, told
            if numbers:
                assert 0 <= final.incarnation - numbers[-1] <= 1, told


def check(world: World) -> None:
    assert not world.wrong, world.wrong
    for watch in world.watches:
        check_watch(world, watch)
    for (number, life, slot), count in world.linked.items():
        if count and world.lives[number] == life:
            assert world.exits[number, life, slot] >= 1, "a link brought no Exit"
    for slots in world.slots:
        for ref in slots:
            assert ref._cell.rich is None, "something of a monitor or link is left"


@given(
    st.lists(STEPS, min_size=5, max_size=60),
    st.lists(KINDS, min_size=WORKERS, max_size=WORKERS),
    st.lists(st.sampled_from(BACKOFFS), min_size=WORKERS, max_size=WORKERS),
    STRATEGIES,
)
async def test_monitors_and_links_keep_their_promise(
    program: Any, kinds: Any, backoffs: Any, strategy: Any
) -> None:
    check(await play(program, kinds, backoffs, strategy))
