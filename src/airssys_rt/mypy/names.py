"""The full names by which the plugin knows the library; it imports nothing of it."""

from __future__ import annotations

ACTOR = "airssys_rt.kernel.actor.Actor"
MESSAGE = "airssys_rt.core.message.Message"
REQUEST = "airssys_rt.core.message.Request"
LATER = "airssys_rt.core.message.Later"
REF = "airssys_rt.kernel.ref.ActorRef"
ANY_REF = "airssys_rt.core.ref.AnyRef"
RECEIVER = "airssys_rt.core.ref.Receiver"
BLOCKING_REF = "airssys_rt.runtime.threads.BlockingRef"
GROUP = "airssys_rt.naming.group.Group"
TOPIC = "airssys_rt.naming.topic.Topic"
REQUEST_FOR = "airssys_rt.core.message.RequestFor"
REPLY_TO = "airssys_rt.kernel.reply.ReplyTo"
ACCEPTS = "airssys_rt.core.behaviour.Accepts"
BEHAVIOUR = "airssys_rt.core.behaviour.Behaviour"
HANDLER = "airssys_rt.core.handler.Handler"
BOUND_HANDLER = "airssys_rt.core.handler.BoundHandler"
DOWN = "airssys_rt.core.signals.Down"
EXIT = "airssys_rt.core.signals.Exit"
REFUSED = "airssys_rt.errors.Refused"
STRUCT = "msgspec.Struct"

# modules in which no class is an actor or a Struct
PLAIN = ("builtins.", "typing.")
# those whose classes do not change while mypy runs
LIBRARY = "airssys_rt."
STABLE = (LIBRARY, *PLAIN)

# the key of TypeInfo.metadata under which the facts of a class stand
KEY = "airssys-rt"
