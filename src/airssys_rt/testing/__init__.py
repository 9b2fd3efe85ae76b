"""Tools for tests of actors: this module only re-exports, and lazily."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airssys_rt.errors import Counterexample, ForeignAwait, LawBroken
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
    from airssys_rt.testing.exhaustive import Exhaustive
    from airssys_rt.testing.exploring import Exploration, explore, replay
    from airssys_rt.testing.history import History, Operation
    from airssys_rt.testing.kit import ActorKit, Reply
    from airssys_rt.testing.linear import Model, Verdict, linearizable
    from airssys_rt.testing.machine import ProtocolMachine, protocol_machine
    from airssys_rt.testing.probe import TestProbe
    from airssys_rt.testing.registration import register
    from airssys_rt.testing.schedule import PCT, Uniform
    from airssys_rt.testing.simulating import simulate
    from airssys_rt.testing.standin import stand_in
    from airssys_rt.testing.strategies import messages, wire
    from airssys_rt.testing.world import World

_WHERE = {
    "ActorKit": "airssys_rt.testing.kit",
    "Asked": "airssys_rt.testing.effects",
    "Became": "airssys_rt.testing.effects",
    "Counterexample": "airssys_rt.errors",
    "Demonitored": "airssys_rt.testing.effects",
    "Effect": "airssys_rt.testing.effects",
    "Exhaustive": "airssys_rt.testing.exhaustive",
    "Exploration": "airssys_rt.testing.exploring",
    "Faults": "airssys_rt.testing.checked",
    "ForeignAwait": "airssys_rt.errors",
    "Forwarded": "airssys_rt.testing.effects",
    "History": "airssys_rt.testing.history",
    "LawBroken": "airssys_rt.errors",
    "Linked": "airssys_rt.testing.effects",
    "Model": "airssys_rt.testing.linear",
    "Monitored": "airssys_rt.testing.effects",
    "Operation": "airssys_rt.testing.history",
    "PCT": "airssys_rt.testing.schedule",
    "Piped": "airssys_rt.testing.effects",
    "ProtocolMachine": "airssys_rt.testing.machine",
    "PutNext": "airssys_rt.testing.effects",
    "Reply": "airssys_rt.testing.kit",
    "Sent": "airssys_rt.testing.effects",
    "Spawned": "airssys_rt.testing.effects",
    "Stashed": "airssys_rt.testing.effects",
    "StopSent": "airssys_rt.testing.effects",
    "Stopped": "airssys_rt.testing.effects",
    "TestProbe": "airssys_rt.testing.probe",
    "TimerCancelled": "airssys_rt.testing.effects",
    "TimerSet": "airssys_rt.testing.effects",
    "Unbecame": "airssys_rt.testing.effects",
    "Uniform": "airssys_rt.testing.schedule",
    "Unlinked": "airssys_rt.testing.effects",
    "Unstashed": "airssys_rt.testing.effects",
    "Verdict": "airssys_rt.testing.linear",
    "VirtualTime": "airssys_rt.testing.clock",
    "World": "airssys_rt.testing.world",
    "explore": "airssys_rt.testing.exploring",
    "linearizable": "airssys_rt.testing.linear",
    "messages": "airssys_rt.testing.strategies",
    "protocol_machine": "airssys_rt.testing.machine",
    "register": "airssys_rt.testing.registration",
    "replay": "airssys_rt.testing.exploring",
    "simulate": "airssys_rt.testing.simulating",
    "stand_in": "airssys_rt.testing.standin",
    "wire": "airssys_rt.testing.strategies",
}

__all__ = [
    "ActorKit",
    "Asked",
    "Became",
    "Counterexample",
    "Demonitored",
    "Effect",
    "Exhaustive",
    "Exploration",
    "Faults",
    "ForeignAwait",
    "Forwarded",
    "History",
    "LawBroken",
    "Linked",
    "Model",
    "Monitored",
    "Operation",
    "PCT",
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
    "Uniform",
    "Unlinked",
    "Unstashed",
    "Verdict",
    "VirtualTime",
    "World",
    "explore",
    "linearizable",
    "messages",
    "protocol_machine",
    "register",
    "replay",
    "simulate",
    "stand_in",
    "wire",
]


def __getattr__(name: str) -> object:
    module = _WHERE.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
