"""What no member of a union is: values that an actor gets only by mistake.

Dispatch is by the exact class, so the hardest of them are near misses: an instance of a
subclass with the same name, tag and fields, the class in place of an instance, the message before
it was decoded.
"""

from __future__ import annotations

from types import new_class
from typing import Any, get_origin

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from airssys_rt.core.message import Message, Request

__all__ = ["foreign"]


class Stranger(Message):
    """A message of no protocol."""

    text: str = ""


class StrangeRequest(Request[None]):
    """A request of no protocol."""


# Any throughout: values of every type


def foreign(members: tuple[Any, ...], valid: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Values whose class is none of the members."""
    classes = [get_origin(member) or member for member in members]
    twins = {kind: twin for kind in classes if (twin := subclass_of(kind)) is not None}

    def as_twin(message: Any) -> Any:
        twin = twins.get(type(message))
        return None if twin is None else twin(**as_fields(message))

    drawn = st.one_of(
        st.none(),
        st.integers(),
        st.text(),
        st.builds(Stranger, st.text()),
        st.builds(StrangeRequest),
        st.sampled_from(classes),
        st.builds(RuntimeError, st.text()),
        valid.map(as_fields),
        valid.map(as_twin),
        st.tuples(valid),
    )
    return drawn.filter(lambda value: type(value) not in classes)


def as_fields(message: Any) -> dict[str, Any]:
    """The message as it would be with its class forgotten."""
    return {field: getattr(message, field) for field in message.__struct_fields__}


def subclass_of(kind: type[Any]) -> type[Any] | None:
    """A class of the same name, with the same fields and tag; None if there can be none."""
    # not an attribute of `type`, for type checkers
    config: Any = getattr(kind, "__struct_config__")  # noqa: B009
    try:
        twin = new_class(kind.__name__, (kind,), {"tag": config.tag, "tag_field": config.tag_field})
    except Exception:  # its own __init_subclass__ forbids it, for instance
        return None
    twin.__module__ = kind.__module__
    return twin
