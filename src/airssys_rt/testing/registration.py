"""What makes `st.from_type(Deposit)` work: the hook that hypothesis calls when it is imported.

Hypothesis asks the resolvers of other packages before it looks at a class itself, and only those
whose package is imported.  Law: the hook imports nothing but hypothesis, which is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_origin

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["register"]

# Hypothesis asks when this module is loaded: where no message class can be, it costs nothing.
WHERE = "airssys_rt.core.message"


def register() -> None:
    """Let hypothesis draw values of every subclass of `Message` and `Request` by their type.

    Hypothesis calls it by itself, through its entry point, unless `HYPOTHESIS_NO_PLUGINS` is set.
    To call it again changes nothing.
    """
    # Hypothesis documents no other way that holds for classes which are yet to be defined.
    from hypothesis.strategies._internal import types

    types._global_extra_lookup[WHERE] = _resolve


# Any: hypothesis asks for classes and type expressions of every kind
def _resolve(thing: Any) -> SearchStrategy[Any] | None:
    from airssys_rt.core.message import Message, Request

    kind = get_origin(thing) or thing
    if not isinstance(kind, type) or not issubclass(kind, (Message, Request)):
        return None
    if kind in (Message, Request):
        return None
    from airssys_rt.testing.strategies import messages

    return messages(thing)
