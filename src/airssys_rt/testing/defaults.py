"""Which fields of a class may be left out, because their defaults belong to their types.

A class may have a default that its type excludes (`limit: int = None`); messages that have it
cannot be decoded, so such a field is always drawn.  Nor is a default left to a factory that makes
another value each time: what is drawn has to be the same when it is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import msgspec
import msgspec.inspect as mi

__all__ = ["Classy", "good_defaults"]

# types with fields
Classy = mi.StructType | mi.DataclassType | mi.NamedTupleType | mi.TypedDictType


# Any throughout: defaults of every type

# `msgspec.inspect` resolves annotations, generic and recursive ones too, but keeps them to itself
annotations_of: Callable[[Any], dict[str, Any]] = import_module(
    "msgspec._utils"
).get_class_annotations


@cache
def decoder_of(hint: Any) -> msgspec.msgpack.Decoder[Any]:
    """A decoder for the type, kept for good: msgspec 0.22 does not free every one safely."""
    return msgspec.msgpack.Decoder(hint)


def good_defaults(info: Classy) -> frozenset[str]:
    """The names of the fields that a value may leave to their defaults."""
    optional = [field for field in info.fields if not field.required]
    if not optional or isinstance(info, mi.TypedDictType):
        return frozenset()
    hints = annotations_of(info.cls)
    array_like = isinstance(info, mi.StructType) and info.array_like
    return frozenset(f.name for f in optional if is_good(f, hints[f.name], array_like))


def is_good(field: mi.Field, hint: Any, array_like: bool) -> bool:
    """Whether the default is of the field's type, and the same at each time."""
    if field.default_factory is not msgspec.NODEFAULT:
        return encodes(field.default_factory(), field.default_factory(), hint)
    if field.default is msgspec.NODEFAULT:
        return not array_like  # UNSET, which msgspec does not show; in an array it has no place
    return encodes(field.default, field.default, hint)


def encodes(value: Any, again: Any, hint: Any) -> bool:
    """Whether the value passes as one of the type."""
    try:
        coded = msgspec.msgpack.encode(value)
        return bool(decoder_of(hint).decode(coded) == value == again)
    except Exception:  # whatever a factory, an encoder or a comparison raises: it is not good
        return False
