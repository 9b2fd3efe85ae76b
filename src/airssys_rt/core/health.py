"""Health checks: the request that a supervisor asks its child, and how often it does."""

from __future__ import annotations

import msgspec

from airssys_rt.core.message import Request
from airssys_rt.errors import BadArgument

__all__ = ["Health", "HealthCheck"]


class Health(Request[bool]):
    """Whether the actor is well; asked by its supervisor, if its Props say `.health(...)`.

    False, a refusal and no answer in time count as a failed check.  An exception is a failure, as
    in any handler.
    """


class HealthCheck(msgspec.Struct, frozen=True):
    """A child is asked every `interval` seconds and has `timeout` seconds to answer.

    After `threshold` failed checks in a row it is restarted.  Raises `BadArgument`.
    """

    interval: float
    timeout: float
    threshold: int

    def __post_init__(self) -> None:
        # Any number of a wrong kind gets here from users of no checker
        if not (self.interval > 0 and self.timeout > 0 and self.threshold >= 1):
            raise BadArgument(
                f"a health check cannot have interval={self.interval!r},"
                f" timeout={self.timeout!r}, threshold={self.threshold!r}",
                mend="give seconds greater than 0, and a threshold of 1 or more",
            )
