"""Processes that coverage does not follow: they are many, and others run the same code."""

from __future__ import annotations

import os

__all__ = ["unmeasured"]


def unmeasured() -> dict[str, str]:
    """The environment, without what makes coverage begin in a new process."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
