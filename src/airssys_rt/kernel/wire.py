"""Wire mode: each message makes a round trip through its encoding, as if it went to another node.

What works only because sender and receiver share memory - a mutable object in a field, a wrong
type, something that cannot be encoded - shows in tests that way.  Refs, props and deferred replies
pass by a table of the trip and come back identical.  Law: a message that cannot make the trip is an
error at the sender, who keeps it.
"""

from __future__ import annotations

from typing import Any, ForwardRef, TypeVar, get_args, get_origin

import msgspec

from airssys_rt.core.message import Request
from airssys_rt.core.ref import AnyRef
from airssys_rt.errors import ProtocolError
from airssys_rt.kernel.props import Props
from airssys_rt.kernel.reply import ReplyTo

__all__ = ["Wire"]

HELD = 7  # the msgpack extension code for an entry in the trip's table

LOCAL: tuple[type, ...] = (AnyRef, ReplyTo, Props)

# Any throughout: messages and replies of every class


class Wire:
    """Encodes and decodes; decoders are made on first use and kept by class."""

    def __init__(self) -> None:
        self._held: list[object] = []
        self._encoder = msgspec.msgpack.Encoder(enc_hook=self._hold)
        self._decoders: dict[Any, msgspec.msgpack.Decoder[Any]] = {}

    def message(self, msg: Any, where: str) -> Any:
        """The message as it comes out at `where`, a path.  Raises `ProtocolError`."""
        return self._trip(msg, type(msg), f"message {type(msg).__name__} to {where}")

    def reply(self, msg: Any, reply: Any) -> Any:
        """A reply to `msg` as it comes out at the asker's end.  Raises `ProtocolError`."""
        wanted = reply_type(msg.__class__)
        kind = reply.__class__ if wanted is None else wanted
        return self._trip(reply, kind, f"reply to {type(msg).__name__}")

    def _trip(self, value: Any, kind: Any, what: str) -> Any:
        self._held.clear()
        try:
            decoder = self._decoders.get(kind)
            if decoder is None:
                decoder = self._decoders[kind] = msgspec.msgpack.Decoder(
                    kind, dec_hook=self._fetch, ext_hook=self._fetch_ext
                )
            return decoder.decode(self._encoder.encode(value))
        except NameError as error:
            raise ProtocolError(
                f"the {what} cannot go over the wire: its fields cannot be resolved",
                why=f"{error}: the class, or a class that it names, is local to a function",
                mend="define message classes at module level to use them with strict_wire=True",
            ) from error
        except (TypeError, ValueError, OverflowError, msgspec.ValidationError) as error:
            raise ProtocolError(
                f"the {what} cannot go over the wire",
                why=str(error),
                mend="use field types that msgspec encodes, and values of those types",
            ) from error
        finally:
            self._held.clear()

    def _hold(self, value: object) -> msgspec.msgpack.Ext:
        if not isinstance(value, LOCAL):
            raise TypeError(f"objects of type {type(value).__name__} cannot be encoded")
        self._held.append(value)
        return msgspec.msgpack.Ext(HELD, (len(self._held) - 1).to_bytes(4, "big"))

    def _fetch_ext(self, code: int, data: memoryview) -> object:
        if code != HELD:
            raise ValueError(f"unknown extension {code}")
        return self._held[int.from_bytes(data, "big")]

    def _fetch(self, kind: Any, value: Any) -> object:
        origin = get_origin(kind) or kind
        if not isinstance(value, origin):
            raise TypeError(f"expected {origin.__name__}, got {type(value).__name__}")
        return value


def reply_type(request: type[Any]) -> Any:
    """What stands in `Request[...]`; None if it cannot be known from the class alone."""
    for base in request.__mro__:
        for parent in base.__dict__.get("__orig_bases__", ()):
            if get_origin(parent) is Request:
                wanted = get_args(parent)[0]
                unknown = isinstance(wanted, (TypeVar, ForwardRef)) or bool(
                    getattr(wanted, "__parameters__", ())
                )
                return None if unknown else wanted
    return None
