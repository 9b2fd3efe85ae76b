"""How messages and reply types are written in a diagram: short, as in the source.

Laws: a type is written without its module; what is not known yet - a type variable, a name that is
defined below - is written as its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import NoneType, UnionType
from typing import Annotated, Any, ForwardRef, Literal, TypeVar, Union, get_args, get_origin

from airssys_rt.core.message import Request
from airssys_rt.core.protocol import ActorProtocol
from airssys_rt.core.union import _flatten, protocol_argument

__all__ = ["spelled", "spelled_messages"]

# Any throughout: message classes and types of every kind


def spelled_messages(protocol: ActorProtocol) -> Callable[[Any], tuple[str, str | None]]:
    """For a message class of the protocol, its text and its reply's, if it is a request."""
    members: dict[Any, Any] = {}
    try:
        # with their type arguments, which the tables do not have
        members = {get_origin(m) or m: m for m in _flatten(protocol.arguments)}
    except (NameError, TypeError):  # an alias of what is not defined
        pass

    def texts(key: Any) -> tuple[str, str | None]:
        member = members.get(key, key)
        if not (isinstance(key, type) and issubclass(key, Request)):
            return spelled(member), None
        return spelled(member), spelled(_reply(key, member))

    return texts


def _reply(key: Any, member: Any) -> Any:
    reply = protocol_argument(key, Request)
    given: dict[Any, Any] = dict(
        zip(getattr(key, "__parameters__", ()), get_args(member), strict=False)
    )
    if isinstance(reply, TypeVar):
        return given.get(reply, reply)
    parameters = getattr(reply, "__parameters__", ())
    if given and parameters and get_origin(reply) is not None:
        return reply[tuple(given.get(parameter, parameter) for parameter in parameters)]
    return reply


def spelled(kind: Any) -> str:
    """A type as one would write it."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is None or kind is NoneType:
        return "None"
    if kind is Ellipsis:
        return "..."
    if isinstance(kind, str):
        return kind
    if isinstance(kind, ForwardRef):
        return kind.__forward_arg__
    if type(kind) is list:  # the parameters of a Callable
        parameters: list[Any] = [*kind]
        return f"[{_all_spelled(parameters)}]"
    if origin in (Union, UnionType):
        return " | ".join(spelled(argument) for argument in arguments)
    if origin is Annotated:
        return spelled(arguments[0])
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin is not None and arguments:
        return f"{spelled(origin)}[{_all_spelled(arguments)}]"
    return str(getattr(kind, "__name__", None) or kind)


def _all_spelled(kinds: Iterable[Any]) -> str:
    return ", ".join(spelled(kind) for kind in kinds)
