"""What is said of a message that its receiver does not take: the nearest members, and the mend.

Laws: the text names what was sent, what would fit, and what to do; a small union is named whole, a
large one by its nearest members, three at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from mypy import nodes as n
from mypy.maptype import map_instance_to_supertype
from mypy.messages import format_type
from mypy.options import Options
from mypy.subtypes import is_same_type, is_subtype
from mypy.types import (
    CallableType,
    FunctionLike,
    Instance,
    NoneType,
    ProperType,
    Type,
    TypeType,
    get_proper_type,
)

from airssys_rt.mypy.messages import is_message
from airssys_rt.mypy.names import ACCEPTS, REQUEST
from airssys_rt.mypy.table import listed

__all__ = ["Refusal", "reply_of"]

FEW = 4  # a union with so many members is named whole
NEAREST = 3
ALIKE = 0.6  # names that are this similar may be a slip of the pen


@dataclass(frozen=True)
class Refusal:
    """A message that a receiver does not take.

    `bad` are the types that it does not take, `some` tells whether it takes others of what the
    argument may be; `members` are what it takes; `who` and `what` begin the text.
    """

    who: str
    what: str
    bad: Sequence[ProperType]
    some: bool
    members: Sequence[ProperType]
    asks: bool
    options: Options

    def text(self) -> str:
        """The whole message."""
        one = self.bad[0]
        if len(self.bad) == 1:
            made = class_of(one)
            if made is not None and self._has(made):
                return (
                    f'{self.who} takes messages, and "{made.type.name}" is a class; make one:'
                    f" {self._made(made)}"
                )
            if self.asks and isinstance(one, Instance) and self._has(one) and not is_request(one):
                return (
                    f'"{one.type.name}" is a message without a reply, so it cannot be asked; tell'
                    " it, or derive it from Request[...]"
                )
            handled = handled_by(one)
            if handled is not None and self._has(handled):
                return f"{self.who} takes messages, not handlers; make one: {self._made(handled)}"
        return f"{self.who} does not take {self._given()}; {self._takes()}; {self._mend()}"

    # -- what was sent -----------------------------------------------------------------------

    def _given(self) -> str:
        names = [self._name(bad) for bad in self.bad]
        text = names[0] if len(names) < 2 else f"{', '.join(names[:-1])} and {names[-1]}"
        return f"{self.what} {text}" if self.what else text

    def _name(self, bad: ProperType) -> str:
        made = class_of(bad)
        if made is not None:
            return f'the class "{made.type.name}"'
        if isinstance(bad, Instance) and self._namesake(bad) is not None:
            return f'"{full_name(bad)}"'
        return "None" if isinstance(bad, NoneType) else format_type(bad, self.options)

    def _namesake(self, bad: ProperType) -> Instance | None:
        if isinstance(bad, Instance):
            for member in self._classes():
                if member.type.name == bad.type.name and member.type is not bad.type:
                    return member
        return None

    # -- what is taken -----------------------------------------------------------------------

    def _choice(self) -> tuple[list[ProperType], bool]:
        """The members that would do here, the nearest if there are many; whether those are all."""
        choice = list(self.members)
        if self.asks:
            choice = [m for m in choice if not isinstance(m, Instance) or is_request(m)]
        near = self._nearest(choice) if len(choice) > FEW else []
        return (near, False) if near else (choice, True)

    def _takes(self) -> str:
        verb = "answers" if self.asks else "takes"
        choice, whole = self._choice()
        if not choice:
            return f"it answers no request, and takes {self._some(list(self.members))}"
        if not whole:
            return f"nearest to that it {verb} {self._listed(choice)}"
        return f"it {verb} {self._some(choice)}{' only' if len(choice) == 1 else ''}"

    def _some(self, members: list[ProperType]) -> str:
        if len(members) <= FEW:
            return self._listed(members)
        names = ", ".join(self._member(member) for member in members[:NEAREST])
        return f"{names} and {len(members) - NEAREST} more"

    def _listed(self, members: Sequence[ProperType]) -> str:
        return listed(self._member(member)[1:-1] for member in members)

    def _member(self, member: ProperType) -> str:
        if isinstance(member, Instance) and any(self._namesake(bad) is member for bad in self.bad):
            return f'"{full_name(member)}"'
        return format_type(member, self.options)

    def _nearest(self, members: list[ProperType]) -> list[ProperType]:
        ranked = [
            (max(likeness(bad, member) for bad in self.bad), -place)
            for place, member in enumerate(members)
        ]
        best = sorted((rank for rank in ranked if rank[0] > 0), reverse=True)[:NEAREST]
        return [members[-place] for _, place in best]

    # -- what to do --------------------------------------------------------------------------

    def _mend(self) -> str:
        one = self.bad[0]
        if self.some:
            if len(self.bad) == 1 and isinstance(one, NoneType):
                return "check for None first"
            return "narrow it first, with isinstance or match"
        awaited = result_of(one)
        if awaited is not None and self._fits(awaited):
            return "await it first"
        same = self._namesake(one)
        if same is not None:
            return f"import {same.type.name} from {same.type.module_name}"
        if any(is_subtype(member, one) for member in self.members):
            return "narrow it first, with isinstance or match"
        choice, _ = self._choice()
        verb, these = "ask" if self.asks else "send", "one of these"
        if not choice:
            verb, these = "tell", "it a message"
        elif len(choice) == 1:
            these = self._listed(choice)
        if not isinstance(one, Instance) or not is_message(one.type) or self._has(one):
            return f"{verb} {these}"
        if self.asks and not is_request(one):
            return f"{verb} {these}"
        return f'{verb} {these}, or add "{one.type.name}" to the union'

    def _made(self, made: Instance) -> str:
        return f"{made.type.name}({'...' if fields_of(made) else ''})"

    def _fits(self, kind: Type) -> bool:
        return any(is_subtype(kind, member) for member in self.members)

    def _classes(self) -> list[Instance]:
        return [member for member in self.members if isinstance(member, Instance)]

    def _has(self, kind: Instance) -> bool:
        return any(kind.type is member.type for member in self._classes())


def full_name(kind: Instance) -> str:
    """The module and the name of a class."""
    return f"{kind.type.module_name}.{kind.type.name}"


def likeness(bad: ProperType, member: ProperType) -> float:
    """How near a member is to what was sent; 0 if it is not."""
    given = class_of(bad) or handled_by(bad) or bad
    if not isinstance(given, Instance) or not isinstance(member, Instance):
        return 0.0
    one, other = given.type, member.type
    if one.name == other.name:
        return 5.0
    # all messages have Message in common
    if (one.has_base(other.fullname) or other.has_base(one.fullname)) and is_message(one):
        return 4.0
    alike = SequenceMatcher(None, one.name.lower(), other.name.lower()).ratio()
    if alike >= ALIKE:
        return 2.0 + alike
    if not is_message(one):
        return 0.0
    mine, others = fields_of(given), fields_of(member)
    same = mine.keys() == others.keys()
    if mine and same and all(is_same_type(mine[name], others[name]) for name in mine):
        return 1.0
    reply, other_reply = reply_of(given), reply_of(member)
    if reply is not None and other_reply is not None and not isinstance(reply, NoneType):
        return 0.5 if is_same_type(reply, other_reply) else 0.0
    return 0.0


def class_of(kind: ProperType) -> Instance | None:
    """The instances' type, if what was given is a class."""
    if isinstance(kind, TypeType):
        return kind.item if isinstance(kind.item, Instance) else None
    if isinstance(kind, FunctionLike) and kind.is_type_obj():
        made = get_proper_type(kind.items[0].ret_type)
        return made if isinstance(made, Instance) else None
    return None


def handled_by(kind: ProperType) -> Instance | None:
    """The message that a handler handles, if what was given is a handler or a method."""
    if isinstance(kind, Instance) and kind.type.has_base(ACCEPTS) and kind.args:
        message = get_proper_type(kind.args[0])
        return message if isinstance(message, Instance) else None
    if isinstance(kind, CallableType) and not kind.is_type_obj() and len(kind.arg_types) == 1:
        message = get_proper_type(kind.arg_types[0])
        return message if isinstance(message, Instance) and is_message(message.type) else None
    return None


def result_of(kind: ProperType) -> Type | None:
    """What a coroutine that nobody awaited would give."""
    if isinstance(kind, Instance) and kind.type.fullname == "typing.Coroutine":
        return kind.args[2]
    return None


def is_request(kind: Instance) -> bool:
    """Whether a class derives from `Request`."""
    return kind.type.has_base(REQUEST)


def reply_of(kind: ProperType) -> ProperType | None:
    """The reply type of a request."""
    if not isinstance(kind, Instance):
        return None
    base = next((base for base in kind.type.mro if base.fullname == REQUEST), None)
    if base is None:
        return None
    return get_proper_type(map_instance_to_supertype(kind, base).args[0])


def fields_of(kind: Instance) -> dict[str, Type]:
    """The fields of a message class, with their types."""
    found: dict[str, Type] = {}
    for base in reversed(kind.type.mro):
        if is_message(base):
            for name, symbol in base.names.items():
                node = symbol.node
                if not isinstance(node, n.Var) or node.is_classvar or name.startswith("__"):
                    continue
                if node.type is not None:
                    found[name] = node.type
    return found
