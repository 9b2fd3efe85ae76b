"""`ActorSystem(gc="freeze")`: no full collection while actors are at work.

CPython's collector looks at all objects there are when the old ones have grown by a quarter; with a
million actors that takes a second, in the middle of a message.  Under this setting it looks at
young objects as before, and at the old ones only when the system is at rest.  What it has looked at
once it is told to leave alone (`gc.freeze`), so that the next time takes as long as there are new
old objects, not as long as there are objects.

Laws: nothing changes for a program that has not asked for it; when the last system that did is
left, the collector is as the first one found it; frozen objects are freed when nobody refers to
them, as all are - only cycles among them wait for that end.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from airssys_rt.kernel.life import later
from airssys_rt.kernel.misuse import beside

if TYPE_CHECKING:
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["freeze", "thaw"]

EVERY = 1.0  # seconds between two looks at whether the system is at rest
NEVER = 2**31 - 1  # collections of the middle generation before one of the old

_settings: list[tuple[int, int, int]] = []  # of the collector, one for each system that froze


def freeze(scheduler: Scheduler) -> None:
    """Take the collector over for a system; it is the whole process's."""
    _settings.append(gc.get_threshold())
    young, middle, _ = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(young, middle, NEVER)
    later(scheduler, EVERY, lambda: look(scheduler))


def look(scheduler: Scheduler) -> float | None:
    """Collect what has become old since the last time, if nobody has to wait for it."""
    if not scheduler.open:
        return None
    # without a lock around the interpreter, all generations are one
    if not scheduler.busy() and gc.get_count()[0 if beside() else 2]:
        gc.collect()
        gc.freeze()
    return scheduler.now() + EVERY


def thaw() -> None:
    """Give the collector back, unless another system needs it so."""
    former = _settings.pop(0)
    if not _settings:
        gc.set_threshold(*former)
        gc.unfreeze()
    else:
        _settings[0] = former
