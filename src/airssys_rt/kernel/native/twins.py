"""Where the compiled twins take the places of the functions that they stand for.

A wheel built with `AIRSSYS_RT_ACCELERATE=1` holds the module `speed`; the same variable set to 0
when a program starts leaves it aside.  Law: without it, a marked function is itself, unchanged.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

__all__ = ["ACCELERATED", "accelerated", "pure_of"]

T = TypeVar("T")

VARIABLE = "AIRSSYS_RT_ACCELERATE"
# the methods that have twins, by class
METHODS = {"ActorRef": ("tell",), "Scheduler": ("run_slice", "turn")}


def compiled() -> ModuleType | None:
    """The compiled module, if it is there and wanted."""
    if os.environ.get(VARIABLE) == "0":
        return None
    try:
        return import_module("airssys_rt.kernel.native.speed")
    except ImportError:  # a pure wheel, or an interpreter that it was not made for
        return None


speed = compiled()
ACCELERATED = speed is not None
# Any: functions of every type
PURE: dict[object, Callable[..., Any]] = {}  # what a twin stands for


def accelerated(pure: T) -> T:
    """Put the twin of a function, or those of a class's methods, in the place of the pure ones."""
    if speed is None:
        return pure
    # Any: a class or a function
    marked: Any = pure
    if isinstance(marked, type):
        for name in METHODS[marked.__name__]:
            function = marked.__dict__[name]
            set_twin(marked, name, speed.method(marked, f"{marked.__name__}.{name}", function))
        if marked.__name__ == "ActorRef":
            from airssys_rt.kernel.native.asking import ask_twin

            ask = ask_twin(marked.__dict__["ask"], speed.ask_now, speed.NOT_NOW)
            set_twin(marked, "ask", ask)
        return pure
    twin: T = speed.function(marked.__name__, marked)
    PURE[twin] = marked
    return twin


# Any: twins of every type
def set_twin(owner: type[Any], name: str, twin: Any) -> None:
    """Have a twin as the class's method."""
    PURE[twin] = owner.__dict__[name]
    setattr(owner, name, twin)


# Any: functions of every type
def pure_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """The Python function behind a twin; of others, the function itself."""
    return PURE.get(function, function)
