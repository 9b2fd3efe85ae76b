"""Which messages a protocol, or one of its behaviours, takes: the classes behind the strategies.

A protocol is an actor class, a union of messages, or one message class.  Members keep the order in
which the union names them, so that what is drawn depends on the program alone.
"""

from __future__ import annotations

from typing import Any, get_origin

import msgspec

from airssys_rt.core.behaviour import Accepts, members_text
from airssys_rt.core.union import _flatten, union_members
from airssys_rt.errors import BadArgument, ProtocolError

__all__ = ["accepted", "members_of"]

# Any throughout: message classes of every kind, parametrized ones among them


def members_of(protocol: Any) -> tuple[Any, ...]:
    """The members of the protocol's union."""
    declared = getattr(protocol, "__protocol__", None)
    union = protocol if declared is None else declared.arguments
    name = getattr(protocol, "__name__", None) or repr(protocol)
    classes = None if union is None else union_members(union, name)
    if not classes:
        raise ProtocolError(
            f"the messages of {name} are not known",
            where="messages(...)",
            why="its union has a type variable, names what is not defined yet, or there is none",
            mend="give an actor class, a union of message classes, or one message class",
        )
    for kind in sorted(classes, key=lambda kind: kind.__name__):
        if not issubclass(kind, msgspec.Struct):
            raise BadArgument(
                f"{kind.__name__} is no message class",
                where="messages(...)",
                why="messages are frozen, tagged msgspec Structs",
                mend="give an actor class, a union of message classes, or one message class",
            )
    return tuple(dict.fromkeys(_flatten(union)))


def accepted(
    members: tuple[Any, ...], behaviour: Accepts[Any] | None, *, invalid: bool
) -> tuple[Any, ...]:
    """Of the members, those that the behaviour takes; with `invalid`, the others."""
    if behaviour is None:
        return members
    keys = {get_origin(member) or member for member in members}
    if foreign := behaviour.table.keys() - keys:
        raise BadArgument(
            f"the behaviour takes {members_text(foreign)}, and the protocol does not",
            where="messages(..., behaviour=...)",
            why="it is a behaviour of another protocol",
            mend="give a behaviour of the actor, such as behaviour=Account.frozen",
        )
    found = tuple(
        member
        for member in members
        if ((get_origin(member) or member) in behaviour.table) is not invalid
    )
    if not found:
        raise BadArgument(
            f"the behaviour takes {'all' if invalid else 'none'} of the protocol's messages",
            where="messages(..., behaviour=...)",
            why="there is nothing to draw",
            mend="leave out behaviour= to draw what no behaviour takes"
            if invalid
            else "give another behaviour",
        )
    return found
