"""Messages in bytes: as an encoder of another make would write them, and damaged.

Law: what is called valid is decoded by a decoder for the message's class; what is called corrupted
differs from the encoding that it was made of.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from airssys_rt.errors import BadArgument, ProtocolError

__all__ = ["corrupted_bytes", "encoder_of", "valid_bytes"]

# Any throughout: messages of every type, and what they are made of

Encode = Callable[[Any], bytes]

FORMATS: dict[str, Any] = {"json": msgspec.json, "msgpack": msgspec.msgpack}
UNKNOWN = "an unknown field"


def encoder_of(form: str) -> Encode:
    """A function that encodes messages in the format."""
    module = FORMATS.get(form)
    if module is None:
        raise BadArgument(
            f"format={form!r} is none",
            where="wire(...)",
            mend='give "msgpack" or "json"',
        )

    def encode(message: Any) -> bytes:
        try:
            return bytes(module.encode(message))
        except (TypeError, OverflowError) as error:
            raise ProtocolError(
                f"{type(message).__name__} cannot be encoded in {form}",
                where="wire(...)",
                why=str(error),
                mend="draw it with messages(...), or leave it out with behaviour=",
            ) from error

    return encode


def valid_bytes(drawn: SearchStrategy[Any], encode: Encode, form: str) -> SearchStrategy[bytes]:
    """Encodings of the messages, plain and in other ways of writing the same."""
    plain = drawn.map(encode)
    rewritten = st.tuples(drawn, st.randoms(use_true_random=False)).map(
        lambda pair: rewrite(pair[0], pair[1], encode, form)
    )
    return plain | rewritten


def rewrite(message: Any, random: Random, encode: Encode, form: str) -> bytes:
    """The message's fields in another order, with one that it does not know, if it allows that."""
    config = message.__struct_config__
    good = encode(message)
    tree = parts_of(good, form)
    if tree is None:
        return good
    if config.array_like:
        items = list(tree) if config.forbid_unknown_fields else [*tree, UNKNOWN]
        return encode(items)
    fields = list(tree.items())
    if not config.forbid_unknown_fields:
        fields.append((UNKNOWN, [random.randrange(10)]))
    random.shuffle(fields)
    coded = encode(dict(fields))
    return msgspec.json.format(coded, indent=random.choice([1, 4])) if form == "json" else coded


def parts_of(coded: bytes, form: str) -> Any:
    """What a decoder without a type makes of it; None if keys of a map are maps themselves."""
    try:
        return FORMATS[form].decode(coded)
    except (TypeError, msgspec.DecodeError):
        return None


# -- damage --------------------------------------------------------------------------------


def corrupted_bytes(drawn: SearchStrategy[Any], encode: Encode, form: str) -> SearchStrategy[bytes]:
    """Encodings with one damage, to a byte or to a field."""

    @st.composite
    def damaged(draw: st.DrawFn) -> bytes:
        message = draw(drawn)
        good = encode(message)
        kind = draw(st.sampled_from(["cut", "flip", "remove", "insert", "repeat", "field", "tag"]))
        if kind in ("field", "tag"):
            tree = parts_of(good, form)
            harmed = None if tree is None else harm(draw, tree, message, kind)
            return good[:-1] if harmed is None else encode(harmed)
        where = draw(st.integers(0, len(good) - 1))
        match kind:
            case "cut":
                return good[:where]
            case "flip":
                return (
                    good[:where]
                    + bytes([good[where] ^ 1 << draw(st.integers(0, 7))])
                    + good[where + 1 :]
                )
            case "remove":
                return good[:where] + good[where + 1 :]
            case "insert":
                return good[:where] + draw(st.binary(min_size=1, max_size=4)) + good[where:]
            case _:
                return good[:where] + good[where:] + good[where:]

    return damaged()


def harm(draw: st.DrawFn, tree: Any, message: Any, kind: str) -> Any:
    """The parts with one lost or of another type, or the tag of nobody; None if there are none."""
    config = message.__struct_config__
    harmed = list(tree) if config.array_like else dict(tree)
    places: list[Any] = list(range(len(harmed))) if config.array_like else list(harmed)
    tag = 0 if config.array_like else config.tag_field
    if kind == "tag":
        harmed[tag] = "nobody" if isinstance(config.tag, str) else -1
        return harmed
    fields = [place for place in places if place != tag]
    if not fields:
        return None
    place = draw(st.sampled_from(fields))
    if draw(st.booleans()):
        del harmed[place]
        return harmed
    old = harmed[place]
    other = [value for value in (None, True, 1.5, "?", [None], {"?": None}) if value != old]
    harmed[place] = draw(st.sampled_from([v for v in other if type(v) is not type(old)]))
    return harmed
