"""Strategies for what a `protocol_machine` sends: messages, and the replies of others.

Messages come from `airssys_rt.testing.strategies` where that is there, else of their fields' types.
Refs in them are stand-ins, a new one for each message.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import NoneType
from typing import Any, get_origin

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from airssys_rt.core.ref import AnyRef, Receiver
from airssys_rt.kernel.actor import Actor
from airssys_rt.kernel.ref import ActorRef
from airssys_rt.kernel.wire import reply_type
from airssys_rt.testing.standin import stand_in

__all__ = ["messages_of", "replies_to"]

# Any throughout: message classes, field types and replies of every kind
STRATEGIES = "airssys_rt.testing.strategies"
WHOLE = st.integers(-(2**63), 2**64 - 1)  # msgspec encodes no others
REFS: tuple[Any, ...] = (ActorRef, AnyRef, Receiver)


def drawn_ref() -> ActorRef[Any]:
    """A ref to an actor that is not there."""
    return stand_in("drawn", Actor[Any])


def messages_of(kind: type[Any]) -> SearchStrategy[Any]:
    """Valid messages of a class."""
    if find_spec(STRATEGIES) is not None:
        made: Any = import_module(STRATEGIES).messages
        found: SearchStrategy[Any] = made(kind, using={ActorRef: st.builds(drawn_ref)})
        return found
    return st.deferred(lambda: struct(kind))


def struct(kind: type[Any]) -> SearchStrategy[Any]:
    """A Struct, field by field; one with a default is left out at times."""
    needed: dict[str, SearchStrategy[Any]] = {}
    optional: dict[str, SearchStrategy[Any]] = {}
    for field in msgspec.structs.fields(kind):
        (needed if field.required else optional)[field.name] = of_type(field.type)
    arguments = st.fixed_dictionaries(needed, optional=optional)
    return arguments.map(lambda given: kind(**given))


def of_type(kind: Any) -> SearchStrategy[Any]:
    """Values of a field's type."""
    origin = get_origin(kind) or kind
    if origin in REFS:
        return st.builds(drawn_ref)
    if isinstance(origin, type) and issubclass(origin, msgspec.Struct):
        return st.deferred(lambda: struct(kind))
    return WHOLE if kind is int else st.from_type(kind)


def replies_to(request: type[Any]) -> SearchStrategy[Any]:
    """Replies of the type that the request class declares."""
    kind = reply_type(request)
    return st.none() if kind in (None, NoneType) else of_type(kind)
