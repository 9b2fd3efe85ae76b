"""Wrong messages: one error that names what would fit, in the place of mypy's own.

A call that is right keeps its signature; so does whatever is not understood, and mypy says what it
has to say.  Laws: whether a call is right, mypy itself decides, by a trial whose errors are thrown
away; the code is mypy's own, so that ignores mean the same without the plugin; what replaces an
error is on its line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mypy import errorcodes
from mypy import nodes as n
from mypy.errorcodes import ErrorCode
from mypy.expandtype import expand_type
from mypy.maptype import map_instance_to_supertype
from mypy.plugin import MethodSigContext
from mypy.subtypes import is_subtype
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    ProperType,
    Type,
    TypeOfAny,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from airssys_rt.mypy import codes
from airssys_rt.mypy.messages import is_message, protocol_of
from airssys_rt.mypy.names import (
    ACTOR,
    BLOCKING_REF,
    GROUP,
    RECEIVER,
    REF,
    REQUEST,
    REQUEST_FOR,
    TOPIC,
)
from airssys_rt.mypy.table import is_closed
from airssys_rt.mypy.wording import Refusal, reply_of

__all__ = ["OWNERS", "changed", "receiver_of", "sent_signature"]

# verb: the formal that is the message
VERBS = {
    **dict.fromkeys(("tell", "send", "ask", "tell_from_thread"), 0),
    **dict.fromkeys(("publish", "broadcast", "next"), 0),
    **dict.fromkeys(("forward", "after", "every", "state_timeout", "receive_timeout"), 1),
}
TIMERS = frozenset({"after", "every", "state_timeout", "receive_timeout"})
STARS = frozenset({n.ARG_STAR, n.ARG_STAR2})
REFS = (RECEIVER, BLOCKING_REF)
# which class has the verb
OWNERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("tell", "send", "ask", "tell_from_thread"), REFS),
    **dict.fromkeys(("next", "forward", *TIMERS), (ACTOR,)),
    "publish": (TOPIC,),
    "broadcast": (GROUP,),
}


@dataclass
class Sending:
    """One call that sends a message, seen with one of its signatures."""

    verb: str
    api: Any  # mypy's checker, whose plugin interface lacks what is needed
    call: n.CallExpr
    signature: CallableType
    arguments: list[list[n.Expression]]
    receiver: ProperType
    place: int

    @property
    def argument(self) -> n.Expression:
        """The message."""
        return self.arguments[self.place][0]

    def is_plain(self) -> bool:
        """Whether each argument has its formal, and each formal that needs one its argument."""
        call, arguments = self.call, self.arguments
        if len(arguments) <= self.place or len(arguments[self.place]) != 1:
            return False
        if sum(map(len, arguments)) != len(call.args) or not STARS.isdisjoint(call.arg_kinds):
            return False
        for kind, actuals in zip(self.signature.arg_kinds, arguments, strict=True):
            if not actuals and kind.is_required():
                return False
        return True

    def target(self) -> n.Expression | None:
        """The ref that the message goes to, where the call names it."""
        for name, actuals in zip(self.signature.arg_names, self.arguments, strict=True):
            if actuals and name == ("ref" if self.verb == "forward" else "to"):
                return actuals[0]
        return self.arguments[0][0] if self.verb == "forward" else None

    def union(self) -> ProperType:
        """What the receiver takes."""
        formal = get_proper_type(self.signature.arg_types[self.place])
        if self.verb == "ask":
            if isinstance(formal, Instance) and formal.type.fullname == REQUEST_FOR:
                return get_proper_type(formal.args[0])
            return AnyType(TypeOfAny.special_form)
        target = self.target()
        if target is None:
            return formal
        ref = self.inferred(target, None)
        union = None if ref is None else message_of_ref(ref)
        return AnyType(TypeOfAny.special_form) if union is None else union

    def inferred(self, argument: n.Expression, context: Type | None) -> ProperType | None:
        """The type of an argument; None if it has errors of its own, which mypy reports."""
        with self.api.msg.filter_errors() as errors, self.api.local_type_map:
            kind: Type = self.api.expr_checker.accept(argument, type_context=context)
        return None if errors.has_new_errors() else get_proper_type(kind)

    def tried(self) -> tuple[dict[n.Expression, Type], list[ErrorCode | None]]:
        """The types of the call's parts, and the codes of what mypy has to say about it."""
        call, msg = self.call, self.api.msg
        with (
            msg.filter_errors(save_filtered_errors=True) as errors,
            self.api.local_type_map as types,
        ):
            self.api.expr_checker.check_call(
                self.signature, call.args, call.arg_kinds, call, call.arg_names
            )
        found = [error.code for error in errors.filtered_errors() if error.severity == "error"]
        return types, found


def sent_signature(verb: str, ctx: MethodSigContext) -> CallableType:
    """The signature of a call that sends; one that takes anything, if a wrong one is reported."""
    signature = ctx.default_signature
    if not isinstance(ctx.context, n.CallExpr) or is_made_for(ctx.args, signature, VERBS[verb]):
        return signature
    sending = Sending(
        verb, ctx.api, ctx.context, signature, ctx.args, get_proper_type(ctx.type), VERBS[verb]
    )
    if not sending.is_plain() or is_obvious(sending):
        return signature
    types, errors = sending.tried()
    if not errors:
        check_exact(sending, types.get(sending.argument))
        return signature
    union = sending.union()
    given = sending.inferred(sending.argument, union) if is_closed(union) else None
    if given is None:
        return signature
    bad, some = refused(given, union, asks=verb == "ask")
    code, where = reported_as(sending, errors)
    if not bad or code is None:
        return signature
    text = Refusal(
        who_takes(sending),
        "the timer's" if code is codes.SIGNAL else "",
        bad,
        some,
        items(union),
        verb == "ask",
        sending.api.options,
    ).text()
    sending.api.fail(text, where, code=code)
    return accepting(sending, given)


def is_made_for(arguments: list[list[n.Expression]], signature: CallableType, place: int) -> bool:
    """Whether the message is made in the call, of a class that the receiver takes.

    What most calls are.  Anything else that is wrong with such a call, mypy says itself.
    """
    if len(arguments) <= place or len(arguments[place]) != 1 or "to" in signature.arg_names:
        return False
    argument = arguments[place][0]
    if type(argument) is not n.CallExpr:
        return False
    callee = argument.callee
    if type(callee) is not n.NameExpr and type(callee) is not n.MemberExpr:
        return False
    made = callee.node
    if type(made) is not n.TypeInfo:
        return False
    formal = get_proper_type(signature.arg_types[place])
    if type(formal) is Instance and formal.type.fullname == REQUEST_FOR:
        return made.has_base(REQUEST) and has_member(get_proper_type(formal.args[0]), made)
    return has_member(formal, made)


def is_obvious(sending: Sending) -> bool:
    """Whether a variable holds a message that is a member, so that there is no need of a trial."""
    if not isinstance(sending.argument, n.NameExpr) or sending.target() is not None:
        return False
    given = sending.inferred(sending.argument, None)
    if not isinstance(given, Instance) or given.args:
        return False
    if sending.verb == "ask" and not given.type.has_base(REQUEST):
        return False
    return has_member(sending.union(), given.type)


def refused(given: ProperType, union: ProperType, *, asks: bool) -> tuple[list[ProperType], bool]:
    """What of a type a union does not take, and whether it takes the rest."""
    parts = items(given)
    bad = [
        part
        for part in parts
        if not is_subtype(part, union)
        or (asks and isinstance(part, Instance) and is_message(part.type) and not reply_of(part))
    ]
    if not all(is_closed(part) for part in bad):
        return [], False
    return bad, len(bad) < len(parts)


def reported_as(
    sending: Sending, errors: list[ErrorCode | None]
) -> tuple[ErrorCode | None, n.Context]:
    """The code and the place of the error; no code, if the check is switched off."""
    overloaded = sending.verb in ("after", "state_timeout", "receive_timeout")
    if sending.verb in TIMERS and sending.target() is None:
        enabled = sending.api.msg.errors.is_error_code_enabled(codes.SIGNAL)
        where: n.Context = sending.call if overloaded else sending.argument
        return (codes.SIGNAL if enabled else None), where
    if errorcodes.ARG_TYPE in errors and not overloaded:
        return errorcodes.ARG_TYPE, sending.argument
    # a message and a ref that do not go together: mypy finds no value for their type variable
    return errors[0], sending.call


def who_takes(sending: Sending) -> str:
    """The receiver, as the text begins with it."""
    if sending.verb == "publish":
        return "This topic"
    if sending.verb == "broadcast":
        return "This group"
    actor = receiver_of(sending.receiver)
    if actor is not None and sending.target() is None:
        return f'"{actor.type.name}"'
    return "This ref"


def accepting(sending: Sending, given: ProperType) -> CallableType:
    """The signature without its demand on the message; the reply of a request stays known."""
    signature, anything = sending.signature, AnyType(TypeOfAny.from_error)
    formals = list(signature.arg_types)
    formal, formals[sending.place] = get_proper_type(formals[sending.place]), anything
    if sending.verb != "ask":
        return changed(signature, arg_types=formals)
    reply = reply_of(given) or anything
    result = signature.ret_type
    variable = get_proper_type(formal.args[1]) if isinstance(formal, Instance) else None
    if isinstance(variable, TypeVarType):
        result = expand_type(result, {variable.id: reply})
    return changed(signature, arg_types=formals, ret_type=result, variables=[])


# ---------------------------------------------------------------- exact classes


def check_exact(sending: Sending, given: Type | None) -> None:
    """A subclass of a member is accepted by its type, but no handler is found for it."""
    if given is None or sending.verb in ("publish", "broadcast"):
        return
    parts = [p for p in items(get_proper_type(given)) if isinstance(p, Instance)]
    if not any(is_message(part.type) for part in parts):
        return
    union = sending.union()
    if not is_closed(union):
        return
    members = [member for member in items(union) if isinstance(member, Instance)]
    for part in parts:
        info = part.type
        # neither a NewType nor what isinstance narrows to is a class at run time
        if (
            info.is_newtype
            or info.is_intersection
            or any(member.type is info for member in members)
        ):
            continue
        for member in members:
            if info.has_base(member.type.fullname) and joins(sending, member.type):
                sending.api.fail(
                    f'Actors dispatch by the exact class, so a "{info.name}" is not handled as the'
                    f' "{member.type.name}" that it extends; add "{info.name}" to the union with a'
                    f' handler of its own, or send a "{member.type.name}"',
                    sending.argument,
                    code=codes.SEALED,
                )
                break


def joins(sending: Sending, member: n.TypeInfo) -> bool:
    """Whether a class is known to be a member of a protocol: adapters take any other, too."""
    if not is_message(member):
        return False
    if receiver_of(sending.receiver) is not None and sending.target() is None:
        return True
    home = sending.api.modules.get(member.module_name)
    return home is not None and protocol_of(member, home) is not None


# ---------------------------------------------------------------- types


def items(kind: ProperType) -> list[ProperType]:
    """The members of a union, nested ones taken apart."""
    if isinstance(kind, UnionType):
        return [item for part in kind.items for item in items(get_proper_type(part))]
    return [kind]


def has_member(kind: ProperType, info: n.TypeInfo) -> bool:
    """Whether a class is a member of a union itself."""
    if type(kind) is UnionType:
        for item in kind.items:  # asked for every message: any() takes longer
            if type(item) is Instance:
                if item.type is info:
                    return True
            elif has_member(get_proper_type(item), info):
                return True
        return False
    return isinstance(kind, Instance) and kind.type is info


def receiver_of(kind: ProperType) -> Instance | None:
    """The actor whose method is called."""
    if isinstance(kind, TypeVarType):
        kind = get_proper_type(kind.upper_bound)
    return kind if isinstance(kind, Instance) and kind.type.has_base(ACTOR) else None


def message_of_ref(kind: ProperType) -> ProperType | None:
    """What a ref takes."""
    if not isinstance(kind, Instance):
        return None
    base = next((base for base in kind.type.mro if base.fullname == REF), None)
    return None if base is None else get_proper_type(map_instance_to_supertype(kind, base).args[0])


# Any: `copy_modified` is annotated for mypy alone, other checkers do not understand it
def changed(signature: Any, **parts: Any) -> CallableType:
    """A signature with some parts replaced."""
    result: CallableType = signature.copy_modified(**parts)
    return result
