"""The error codes: one parent, one code a check; all of them can be switched by mypy's settings."""

from __future__ import annotations

from typing import Final

from mypy.errorcodes import ErrorCode

CATEGORY = "airssys-rt"

ACTOR: Final = ErrorCode("actor", "Protocol checks of airssys-rt", CATEGORY)


def code(name: str, description: str, *, enabled: bool = True) -> ErrorCode:
    """One code under `actor`."""
    return ErrorCode(name, description, CATEGORY, default_enabled=enabled, sub_code_of=ACTOR)


MISSING: Final = code("actor-missing", "A behaviour handles every message it has to")
EXTRA: Final = code("actor-extra", "A behaviour handles members of the union only")
DUPLICATE: Final = code("actor-duplicate", "A behaviour has one handler for each message")
UNUSED: Final = code("actor-unused", "A handler is part of some behaviour")
SEALED: Final = code("actor-sealed", "Unions hold frozen, tagged messages that nobody extends")
FIELD: Final = code("actor-field", "Message fields can be encoded and decoded")
MUTABLE: Final = code("actor-mutable", "Message fields cannot be changed")
BECOME: Final = code("actor-become", "become and unbecome follow the declared flow")
STATE: Final = code("actor-state", "A reply's narrowed ref takes what the next state accepts")
REPLY: Final = code("actor-reply", "A request is answered")
SIGNAL: Final = code("actor-signal", "Signals and timers arrive as members of the union")
BLOCKING: Final = code("actor-blocking", "Handlers do not block the event loop")
CAPTURE: Final = code("actor-capture", "An actor's state stays its own")
REF_FIELD: Final = code("actor-ref-field", "Messages hold no refs", enabled=False)

ALL: Final = (
    *(MISSING, EXTRA, DUPLICATE, UNUSED, SEALED, FIELD, MUTABLE, BECOME, STATE, REPLY, SIGNAL),
    *(BLOCKING, CAPTURE, REF_FIELD),
)
