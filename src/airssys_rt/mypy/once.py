"""A value that is made when it is first asked for, as by `functools.cached_property`.

Without the lock that this takes in Python 3.11: a class is checked in one thread, and what is asked
of it are some twenty small answers.  Compiled, an instance has no dictionary of its own but `kept`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

__all__ = ["once"]

T = TypeVar("T")


class Probe:
    """An instance tells whether this module is compiled."""


COMPILED = not hasattr(Probe(), "__dict__")


class once(Generic[T]):
    """The value of a method without arguments, kept in the instance under the method's name."""

    # Any: the instance is of whatever class the method stands in
    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name: str = getattr(make, "__name__", "")
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type[object]) -> once[T]: ...

    @overload
    def __get__(self, instance: object, owner: type[object]) -> T: ...

    # Any: as above
    def __get__(self, instance: Any, owner: type[object]) -> once[T] | T:
        """Make the value; from then on the instance's own one is found first."""
        if instance is None:
            return self
        if not COMPILED:
            value = instance.__dict__[self._name] = self._make(instance)
            return value
        kept: dict[str, Any] = instance.kept
        found: T
        if self._name in kept:
            found = kept[self._name]
        else:
            found = kept[self._name] = self._make(instance)
        return found
