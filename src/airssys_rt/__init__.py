"""airssys-rt: actors with typed message protocols, checked before the program runs.

This module only re-exports, and lazily: importing it imports nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airssys_rt.core.backoff import Backoff
    from airssys_rt.core.behaviour import Accepts, Behaviour, Edge, on_enter
    from airssys_rt.core.handler import on
    from airssys_rt.core.health import Health
    from airssys_rt.core.message import Later, Message, Request
    from airssys_rt.core.name import Name
    from airssys_rt.core.ref import AnyRef
    from airssys_rt.core.signals import (
        CircuitChanged,
        CircuitState,
        Crashed,
        DeadLetter,
        DeadReason,
        Down,
        Ended,
        Exit,
        ExitReason,
        Failed,
        Killed,
        LifecycleEvent,
        NodeLost,
        Normal,
        Overloaded,
        Relieved,
        Restarting,
        Shutdown,
        Started,
        Stuck,
        SystemLimit,
    )
    from airssys_rt.errors import (
        ActorError,
        ActorStopped,
        AskCycle,
        AskTimeout,
        BadArgument,
        CircuitOpen,
        HandlerFailed,
        IllegalTransition,
        MailboxFull,
        NameTaken,
        NoSystem,
        NotAccepted,
        ProtocolError,
        RateLimited,
        Refused,
        RestartIntensityExceeded,
        StartFailed,
        TooManyActors,
        Unhealthy,
        Unsendable,
        WorkerDied,
        WorkersFull,
        WrongThread,
    )
    from airssys_rt.kernel.actor import Actor
    from airssys_rt.kernel.clock import Clock
    from airssys_rt.kernel.jobs import Job
    from airssys_rt.kernel.mailbox import Bounded
    from airssys_rt.kernel.props import Props, props
    from airssys_rt.kernel.ref import ActorRef
    from airssys_rt.kernel.reply import ReplyTo
    from airssys_rt.kernel.timers import Timer
    from airssys_rt.kernel.watch import Monitor
    from airssys_rt.naming.breaker import breaker
    from airssys_rt.naming.group import Group
    from airssys_rt.naming.limited import limited
    from airssys_rt.naming.topic import Stream, Topic
    from airssys_rt.runtime.offload import Workers, offload
    from airssys_rt.runtime.snapshot import ActorInfo, Snapshot
    from airssys_rt.runtime.system import ActorSystem
    from airssys_rt.runtime.threads import BlockingRef, BlockingSystem, blocking
    from airssys_rt.supervision.control import (
        ChildCount,
        ChildInfo,
        CountChildren,
        DeleteChild,
        RestartChild,
        StartChild,
        SupervisorMsg,
        TerminateChild,
        WhichChildren,
    )
    from airssys_rt.supervision.pool import pool, resize
    from airssys_rt.supervision.routing import ConsistentHash, consistent_hash
    from airssys_rt.supervision.supervisor import DynamicSupervisor, Supervisor

    __accelerated__: bool  # whether the hottest functions are compiled ones

_WHERE = {
    "core.backoff": ("Backoff",),
    "core.health": ("Health",),
    "core.behaviour": ("Accepts", "Behaviour", "Edge", "on_enter"),
    "core.handler": ("on",),
    "core.message": ("Later", "Message", "Request"),
    "core.name": ("Name",),
    "core.ref": ("AnyRef",),
    "core.signals": (
        "CircuitChanged",
        "CircuitState",
        "Crashed",
        "DeadLetter",
        "DeadReason",
        "Down",
        "Ended",
        "Exit",
        "ExitReason",
        "Failed",
        "Killed",
        "LifecycleEvent",
        "NodeLost",
        "Normal",
        "Restarting",
        "Overloaded",
        "Relieved",
        "Shutdown",
        "Started",
        "Stuck",
        "SystemLimit",
    ),
    "errors": (
        "ActorError",
        "ActorStopped",
        "AskCycle",
        "AskTimeout",
        "BadArgument",
        "CircuitOpen",
        "HandlerFailed",
        "IllegalTransition",
        "MailboxFull",
        "NameTaken",
        "NoSystem",
        "NotAccepted",
        "ProtocolError",
        "RateLimited",
        "Refused",
        "RestartIntensityExceeded",
        "StartFailed",
        "Unhealthy",
        "TooManyActors",
        "Unsendable",
        "WorkerDied",
        "WorkersFull",
        "WrongThread",
    ),
    "kernel.actor": ("Actor",),
    "kernel.clock": ("Clock",),
    "kernel.jobs": ("Job",),
    "kernel.mailbox": ("Bounded",),
    "kernel.props": ("Props", "props"),
    "kernel.ref": ("ActorRef",),
    "kernel.reply": ("ReplyTo",),
    "kernel.timers": ("Timer",),
    "kernel.watch": ("Monitor",),
    "naming.group": ("Group",),
    "naming.breaker": ("breaker",),
    "naming.limited": ("limited",),
    "naming.topic": ("Stream", "Topic"),
    "runtime.offload": ("Workers", "offload"),
    "runtime.snapshot": ("ActorInfo", "Snapshot"),
    "runtime.system": ("ActorSystem",),
    "supervision.control": (
        "ChildCount",
        "ChildInfo",
        "CountChildren",
        "DeleteChild",
        "RestartChild",
        "StartChild",
        "SupervisorMsg",
        "TerminateChild",
        "WhichChildren",
    ),
    "supervision.pool": ("pool", "resize"),
    "supervision.routing": ("ConsistentHash", "consistent_hash"),
    "supervision.supervisor": ("DynamicSupervisor", "Supervisor"),
    "runtime.threads": ("BlockingRef", "BlockingSystem", "blocking"),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "Accepts",
    "Actor",
    "ActorError",
    "ActorInfo",
    "ActorRef",
    "ActorStopped",
    "ActorSystem",
    "AnyRef",
    "AskCycle",
    "AskTimeout",
    "Backoff",
    "BadArgument",
    "Behaviour",
    "BlockingRef",
    "BlockingSystem",
    "Bounded",
    "ChildCount",
    "ChildInfo",
    "CircuitChanged",
    "CircuitOpen",
    "CircuitState",
    "Clock",
    "ConsistentHash",
    "CountChildren",
    "Crashed",
    "DeadLetter",
    "DeadReason",
    "DeleteChild",
    "Down",
    "DynamicSupervisor",
    "Edge",
    "Ended",
    "Exit",
    "ExitReason",
    "Failed",
    "Group",
    "HandlerFailed",
    "Health",
    "IllegalTransition",
    "Job",
    "Killed",
    "Later",
    "LifecycleEvent",
    "MailboxFull",
    "Message",
    "Monitor",
    "Name",
    "NameTaken",
    "NoSystem",
    "NodeLost",
    "Normal",
    "NotAccepted",
    "Overloaded",
    "Props",
    "ProtocolError",
    "RateLimited",
    "Refused",
    "Relieved",
    "ReplyTo",
    "Request",
    "RestartChild",
    "RestartIntensityExceeded",
    "Restarting",
    "Shutdown",
    "Snapshot",
    "StartChild",
    "StartFailed",
    "Started",
    "Stream",
    "Stuck",
    "Supervisor",
    "SupervisorMsg",
    "SystemLimit",
    "TerminateChild",
    "Timer",
    "TooManyActors",
    "Topic",
    "Unhealthy",
    "Unsendable",
    "WhichChildren",
    "WorkerDied",
    "Workers",
    "WorkersFull",
    "WrongThread",
    "blocking",
    "breaker",
    "consistent_hash",
    "limited",
    "offload",
    "on",
    "on_enter",
    "pool",
    "props",
    "resize",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("airssys-rt")
    if name == "__accelerated__":
        from airssys_rt.kernel.native.twins import ACCELERATED

        return ACCELERATED
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__accelerated__", "__version__"]
