"""The settings of a system, checked once."""

from __future__ import annotations

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
    debug: bool

    def __post_init__(self) -> None:
        check_text(self.name)
        for label, seconds in (("drain", self.drain), ("shutdown", self.shutdown)):
            if not seconds > 0:
                raise BadArgument(
                    f"ActorSystem({label}={seconds!r}) leaves no time",
                    mend=f"give seconds greater than 0 for {label}",
                )
