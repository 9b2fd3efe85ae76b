"""`messages` and `wire`: hypothesis strategies for the messages of a protocol, and their bytes."""

from __future__ import annotations

from typing import Any, Literal, TypeVar, overload

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from airssys_rt.core.behaviour import Accepts
from airssys_rt.core.message import Message, Request
from airssys_rt.errors import BadArgument
from airssys_rt.kernel.actor import Actor
from airssys_rt.testing.accepted import accepted, members_of
from airssys_rt.testing.bytes import corrupted_bytes, encoder_of, valid_bytes
from airssys_rt.testing.foreign import foreign
from airssys_rt.testing.values import Using, values_of

__all__ = ["messages", "wire"]

M = TypeVar("M")
Msg = TypeVar("Msg", bound=Message | Request[Any])


# Any: a union is no type to a checker, so what is drawn of one has none
@overload
def messages(
    protocol: Any,
    *,
    behaviour: Accepts[Any] | None = None,
    invalid: Literal[True],
    using: Using | None = None,
) -> SearchStrategy[Any]: ...
@overload
def messages(
    protocol: type[Actor[M]],
    *,
    behaviour: Accepts[Any] | None = None,
    invalid: Literal[False] = False,
    using: Using | None = None,
) -> SearchStrategy[M]: ...
@overload
def messages(
    protocol: type[Msg],
    *,
    behaviour: Accepts[Any] | None = None,
    invalid: Literal[False] = False,
    using: Using | None = None,
) -> SearchStrategy[Msg]: ...
@overload
def messages(
    protocol: Any,
    *,
    behaviour: Accepts[Any] | None = None,
    invalid: bool = False,
    using: Using | None = None,
) -> SearchStrategy[Any]: ...
def messages(
    protocol: Any,
    *,
    behaviour: Accepts[Any] | None = None,
    invalid: bool = False,
    using: Using | None = None,
) -> SearchStrategy[Any]:
    """Messages that the protocol has: of an actor class, a union, or one message class.

    With `behaviour`, only those that the actor accepts in that state.  `invalid=True` gives the
    complement: the members that the behaviour does not accept; without a behaviour, values that are
    no member at all.

    Each message fits the types and constraints of its fields, passes its `__post_init__`, and comes
    back equal from msgpack, and from JSON where JSON has its types.  `using` gives strategies for
    classes that stand in fields: `using={ActorRef: st.just(ref)}`.  Without one, a field for a ref
    gets one that names nobody, and a class that msgspec does not know is drawn by
    `st.from_type`, as is one that is registered with hypothesis.

    Raises `ProtocolError` where a field cannot be drawn, `BadArgument` for a behaviour of another
    protocol or one that leaves nothing to draw.
    """
    members = members_of(protocol)
    chosen = accepted(members, behaviour, invalid=invalid)
    valid = drawn_of(chosen, check_using(using))
    return foreign(members, valid) if invalid and behaviour is None else valid


def wire(
    protocol: Any,
    *,
    format: Literal["msgpack", "json"] = "msgpack",  # noqa: A002 (what else would one call it)
    corrupted: bool = False,
    behaviour: Accepts[Any] | None = None,
    using: Using | None = None,
) -> SearchStrategy[bytes]:
    """Encoded messages of the protocol, for tests of decoders.

    They are encoded as another program might do it: with the fields in another order, with unknown
    fields where the class allows them, with defaults left out.  A decoder for the union accepts
    them all.

    With `corrupted=True` they are damaged: cut, changed in a byte or a bit, doubled, with fields
    lost or of other types, with the tag of nobody.  A decoder refuses most, but not all: some
    damage makes another message.

    Raises `ProtocolError` where a message cannot be encoded, as one with a ref.
    """
    encode = encoder_of(format)
    members = members_of(protocol)
    chosen = accepted(members, behaviour, invalid=False)
    drawn = drawn_of(chosen, check_using(using), format)
    if corrupted:
        return corrupted_bytes(drawn, encode, format)
    return valid_bytes(drawn, encode, format)


def drawn_of(
    members: tuple[Any, ...], using: Using, form: str | None = None
) -> SearchStrategy[Any]:
    """Messages of the classes, those with the fewest fields first: they are the smallest."""
    plainest = sorted(members, key=lambda member: len(struct_of(member).__struct_fields__))
    return st.one_of(*(values_of(member, using, form) for member in plainest))


def struct_of(member: Any) -> Any:
    """The class of a member, which may be parametrized."""
    return getattr(member, "__origin__", member)


BUILTIN = frozenset({bool, bytes, bytearray, dict, float, frozenset, int, list, set, str, tuple})


# Any: what a test wrote, which may be anything
def check_using(using: Any) -> Using:
    """What a test gives for classes, if it can have an effect."""
    given: dict[Any, Any] = dict(using or {})
    for kind, strategy in given.items():
        if isinstance(kind, type) and kind not in BUILTIN and isinstance(strategy, SearchStrategy):
            continue
        raise BadArgument(
            f"using={{{getattr(kind, '__name__', kind)}: {strategy!r}}} has no meaning",
            where="messages(..., using=...)",
            why="it gives strategies for classes; fields of builtin types follow their constraints",
            mend="name the class that stands in the field, or restrict the field with Meta(...)",
        )
    return given
