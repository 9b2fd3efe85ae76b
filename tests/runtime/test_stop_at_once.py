"""A stop that an actor orders while it starts, or enters a behaviour, has its time limit, too."""

from __future__ import annotations

import anyio
import pytest

from airssys_rt import Actor, ActorSystem, Killed, Message, on, on_enter, props

pytestmark = pytest.mark.anyio


class Ping(Message):
    pass


class HangsAtStart(Actor[Ping]):
    async def pre_start(self) -> None:
        self.stop()
        await anyio.sleep_forever()

    @on(Ping)
    def ping(self, msg: Ping) -> None:
        """Never handled."""

    initial = ping


class HangsAsItEnters(Actor[Ping]):
    @on(Ping)
    def ping(self, msg: Ping) -> None:
        """Never handled."""

    initial = ping

    @on_enter(initial)
    async def entered(self) -> None:
        self.stop()
        await anyio.sleep_forever()


@pytest.mark.parametrize("kind", [HangsAtStart, HangsAsItEnters])
async def test_who_stops_itself_outside_a_message_and_hangs_is_killed(
    kind: type[HangsAtStart] | type[HangsAsItEnters],
) -> None:
    async with ActorSystem("stop") as system:
        ref = system.spawn(props(kind).shutdown(0.02))
        with anyio.fail_after(2):
            assert await ref.stopped() == Killed()
