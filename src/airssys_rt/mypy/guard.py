"""No defect of the plugin ends a run of mypy: it becomes one error that names its place."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from mypy.nodes import Context

from airssys_rt.mypy import codes

__all__ = ["guarded", "report_defect"]

C = TypeVar("C")
R = TypeVar("R")


def guarded(
    check: Callable[[C], R], otherwise: Callable[[C], R], place: Callable[[C], Context]
) -> Callable[[C], R]:
    """The hook `check`, which falls back on `otherwise` when it raises."""

    def hook(context: C) -> R:
        try:
            return check(context)
        except Exception as error:
            # Any: the contexts of hooks share `api`, but no base
            report_defect(getattr(context, "api", None), place(context), error)
            return otherwise(context)

    return hook


# Any: the analyzer's api or the checker's
def report_defect(api: Any, where: Context, error: Exception) -> None:
    """Report a defect of the plugin at a place in the user's program."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    if getattr(api.options, "show_traceback", False):
        traceback.print_exception(error)
    api.fail(
        f"airssys_rt.mypy failed here ({type(error).__name__} at {at}: {error}); this is a defect"
        " of the plugin: please report it with these lines of your program",
        where,
        code=codes.ACTOR,
    )
