"""How a supervisor fails: by a child that does not start, or by children that fail too often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airssys_rt.core.signals import Failed, brief
from airssys_rt.errors import RestartIntensityExceeded, StartFailed

if TYPE_CHECKING:
    from airssys_rt.core.signals import ExitReason
    from airssys_rt.kernel.cell import Cell
    from airssys_rt.supervision.child import Child
    from airssys_rt.supervision.intensity import Window

__all__ = ["child_not_started", "too_many_restarts"]


def child_not_started(path: str, reason: ExitReason) -> StartFailed:
    """The failure of a child that a supervisor needs in order to start."""
    cause = reason.cause if isinstance(reason, Failed) else None
    error = StartFailed(
        f"{path} did not start",
        why=brief(cause) if cause is not None else f"it ended: {type(reason).__name__}",
        mend="mend its constructor or pre_start; see the cause below",
    )
    error.__cause__ = cause
    return error


def too_many_restarts(
    owner: Cell, child: Child, window: Window | None, reason: ExitReason
) -> RestartIntensityExceeded:
    """The failure of a supervisor whose children failed too often, the last one for `reason`."""
    why = type(reason).__name__
    if isinstance(reason, Failed):
        cause = reason.cause
        why = brief(cause) if cause is not None else f"{reason.error_type}: {reason.text}"
    who, mend = owner.path, "mend what fails, or allow more with intensity and period"
    if owner.parent is None:
        who = f"the system {owner.scheduler.name!r}"
        mend = "mend what fails, or put it below a Supervisor that allows more"
    allowed = window.describe() if window is not None else "none"
    error = RestartIntensityExceeded(
        f"{who} restarted its children too often: {allowed} is allowed",
        where=child.cell.path if child.cell is not None else child.id,
        why=why,
        mend=mend,
    )
    error.__cause__ = reason.cause if isinstance(reason, Failed) else None
    return error
