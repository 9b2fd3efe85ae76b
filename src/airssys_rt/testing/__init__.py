"""Tools for tests of actors: this module only re-exports, and lazily."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airssys_rt.testing.checked import Faults
    from airssys_rt.testing.clock import VirtualTime
    from airssys_rt.testing.effects import (
        Asked,
        Became,
        Demonitored,
        Effect,
        Forwarded,
        Linked,
        Monitored,
        Piped,
        PutNext,
        Sent,
        Spawned,
        Stashed,
        Stopped,
        StopSent,
        TimerCancelled,
        TimerSet,
        Unbecame,
        Unlinked,
        Unstashed,
    )
    from airssys_rt.testing.history import History, Operation
    from airssys_rt.testing.kit import ActorKit, Reply
    from airssys_rt.testing.linear import Model, Verdict, linearizable
    from airssys_rt.testing.loopless import ForeignAwait
    from airssys_rt.testing.machine import ProtocolMachine, protocol_machine
    from airssys_rt.testing.probe import TestProbe
    from airssys_rt.testing.registration import register
    from airssys_rt.testing.standin import stand_in
    from airssys_rt.testing.strategies import messages, wire

_WHERE = {
    "ActorKit": "kit",
    "Asked": "effects",
    "Became": "effects",
    "Demonitored": "effects",
    "Effect": "effects",
    "Faults": "checked",
    "ForeignAwait": "loopless",
    "Forwarded": "effects",
    "History": "history",
    "Linked": "effects",
    "Model": "linear",
    "Monitored": "effects",
    "Operation": "history",
    "Piped": "effects",
    "ProtocolMachine": "machine",
    "PutNext": "effects",
    "Reply": "kit",
    "Sent": "effects",
    "Spawned": "effects",
    "Stashed": "effects",
    "StopSent": "effects",
    "Stopped": "effects",
    "TestProbe": "probe",
    "TimerCancelled": "effects",
    "TimerSet": "effects",
    "Unbecame": "effects",
    "Unlinked": "effects",
    "Unstashed": "effects",
    "Verdict": "linear",
    "VirtualTime": "clock",
    "linearizable": "linear",
    "messages": "strategies",
    "protocol_machine": "machine",
    "register": "registration",
    "stand_in": "standin",
    "wire": "strategies",
}

__all__ = [
    "ActorKit",
    "Asked",
    "Became",
    "Demonitored",
    "Effect",
    "Faults",
    "ForeignAwait",
    "Forwarded",
    "History",
    "Linked",
    "Model",
    "Monitored",
    "Operation",
    "Piped",
    "ProtocolMachine",
    "PutNext",
    "Reply",
    "Sent",
    "Spawned",
    "Stashed",
    "StopSent",
    "Stopped",
    "TestProbe",
    "TimerCancelled",
    "TimerSet",
    "Unbecame",
    "Unlinked",
    "Unstashed",
    "Verdict",
    "VirtualTime",
    "linearizable",
    "messages",
    "protocol_machine",
    "register",
    "stand_in",
    "wire",
]


def __getattr__(name: str) -> object:
    module = _WHERE.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
