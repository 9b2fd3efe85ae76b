"""The settings of a system, checked once."""

from __future__ import annotations

from typing import Literal

import msgspec

from airssys_rt.core.name import check_text
from airssys_rt.errors import BadArgument

__all__ = ["Settings"]


class Settings(msgspec.Struct, frozen=True):
    """What `ActorSystem(...)` was given; times in seconds."""

    name: str
    strict_wire: bool
    drain: float
    shutdown: float
    max_actors: int | None
    max_queued: int | None
    debug: bool
    gc: Literal["freeze"] | None

    def __post_init__(self) -> None:
        check_text(self.name)
        for label, seconds in (("drain", self.drain), ("shutdown", self.shutdown)):
            if not seconds > 0:
                raise BadArgument(
                    f"ActorSystem({label}={seconds!r}) leaves no time",
                    mend=f"give seconds greater than 0 for {label}",
                )
        if self.gc not in (None, "freeze"):
            raise BadArgument(
                f"ActorSystem(gc={self.gc!r}) says nothing about the garbage collector",
                mend='give "freeze", or None to leave it as it is',
            )
        for label, most in (("max_actors", self.max_actors), ("max_queued", self.max_queued)):
            if most is not None and (most < 1 or most != int(most)):
                raise BadArgument(
                    f"ActorSystem({label}={most!r}) could never do anything",
                    mend=f"give a number of 1 or more for {label}; None sets no limit",
                )
