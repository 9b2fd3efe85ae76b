"""Fields of messages: what msgspec can encode and decode, and what nobody can change.

The tables follow msgspec's documented support; `tests/typing/test_fields.py` compares them with
msgspec itself.  Refs are encoded by the library, exceptions stay in the process where they were
raised (`pipe` delivers them), and `allow_types` names what the user's own codec encodes.
"""

from __future__ import annotations

from mypy import nodes as n
from mypy.errorcodes import ErrorCode
from mypy.plugin import ClassDefContext
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    Instance,
    LiteralType,
    NoneType,
    PlaceholderType,
    ProperType,
    TupleType,
    Type,
    TypeAliasType,
    TypedDictType,
    TypeType,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from airssys_rt.mypy import codes
from airssys_rt.mypy.facts import facts_of
from airssys_rt.mypy.names import ANY_REF, REPLY_TO, STRUCT
from airssys_rt.mypy.options import Options

__all__ = ["FieldCheck"]

ARRAY, DICT, TEXT = "an array", "a mapping", "text"

# full name -> its place in JSON, of which a union may have one each; None: told apart always
SCALARS: dict[str, str | None] = {
    "builtins.int": None,
    "builtins.float": None,
    "builtins.bool": None,
    "builtins.str": TEXT,
    "builtins.bytes": TEXT,
    "builtins.memoryview": TEXT,
    "datetime.datetime": TEXT,
    "datetime.date": TEXT,
    "datetime.time": TEXT,
    "datetime.timedelta": TEXT,
    "uuid.UUID": TEXT,
    "decimal.Decimal": TEXT,
    "msgspec.UnsetType": None,
    "msgspec._core.UnsetType": None,
    "msgspec.Raw": None,
    "msgspec._core.Raw": None,
    "msgspec.msgpack.Ext": None,
    "msgspec._core.Ext": None,
}
# those of which no container can take the place: bytes may be a bytearray
INERT = SCALARS.keys() - {"builtins.bytes", "builtins.memoryview"}
FROZEN_CONTAINERS = {
    "builtins.tuple": ARRAY,
    "builtins.frozenset": ARRAY,
    "typing.Sequence": ARRAY,
    "typing.Collection": ARRAY,
    "typing.AbstractSet": ARRAY,
    "typing.Mapping": DICT,
}
MUTABLE_CONTAINERS = {
    "builtins.list": ARRAY,
    "builtins.set": ARRAY,
    "builtins.dict": DICT,
    "builtins.bytearray": TEXT,
    "typing.MutableSequence": ARRAY,
    "typing.MutableSet": ARRAY,
    "typing.MutableMapping": DICT,
}
INSTEAD = {
    "builtins.list": "tuple[T, ...]",
    "builtins.set": "frozenset[T]",
    "builtins.dict": "Mapping[K, V]",
    "builtins.bytearray": "bytes",
    "typing.MutableSequence": "Sequence[T]",
    "typing.MutableSet": "AbstractSet[T]",
    "typing.MutableMapping": "Mapping[K, V]",
}
# subclasses that msgspec handles like their base; of other scalars it takes the very class only
BY_BASE = ("enum.Enum",)
LOCAL = ("builtins.BaseException",)


class FieldCheck:
    """Checks the fields of one message class; findings wait until all of its types are known."""

    def __init__(self, ctx: ClassDefContext, options: Options) -> None:
        self.ctx = ctx
        self.allowed = (*LOCAL, *options.allow_types)
        self.found: list[tuple[str, n.Context, ErrorCode]] = []
        self.ready = True
        self.inert = True  # whether no field can hold a container, as far as they were checked

    def field(self, var: n.Var, where: n.Context) -> bool:
        """Check one field; False if its type is not known yet, but will be."""
        final = self.ctx.api.final_iteration
        if var.type is None:
            return final
        kind = var.type
        if type(kind) is Instance and kind.type.fullname in INERT:
            return self.ready or final  # most of them
        self.inert = False
        self._check(kind, f'Field "{self.ctx.cls.name}.{var.name}"', where, set())
        return self.ready or final

    def report(self) -> None:
        """Report what was found."""
        for text, where, code in self.found:
            self.ctx.api.fail(text, where, code=code)

    def _fail(self, text: str, where: n.Context, code: ErrorCode) -> None:
        if (text, where, code) not in self.found:
            self.found.append((text, where, code))

    def _check(self, kind: Type, what: str, where: n.Context, seen: set[str]) -> None:
        if isinstance(kind, TypeAliasType):
            name = kind.alias.fullname if kind.alias is not None else ""
            if kind.alias is None or kind.is_recursive or name in seen:
                if kind.alias is not None:
                    self._fail(
                        f"{what} is of a recursive alias, which msgspec cannot decode;"
                        " use a Struct that refers to itself",
                        where,
                        codes.FIELD,
                    )
                return
        proper = get_proper_type(kind)
        if isinstance(proper, Instance):  # nearly all of them
            self._instance(proper, what, where, seen)
            return
        match proper:
            case PlaceholderType():
                self.ready = False
            case UnionType():
                self._union(proper, what, where, seen)
            case TupleType():
                for item in proper.items:
                    self._check(item, what, where, seen)
            case TypedDictType():
                self._mutable(what, where, "TypedDict", "a frozen Struct")
            case CallableType() | FunctionLike() | TypeType():
                function = isinstance(proper, FunctionLike)
                self._unencodable(what, where, "a function" if function else "a class")
            case _:
                pass

    def _instance(self, kind: Instance, what: str, where: n.Context, seen: set[str]) -> None:
        info, name = kind.type, kind.type.fullname
        if name in SCALARS:
            return
        if self._is_allowed(info) or name == "builtins.object":
            return  # object says nothing, as Any does
        if info.has_base(ANY_REF) or info.has_base(REPLY_TO):
            self._fail(
                f'{what} holds a "{info.name}": it names an actor of this process, so the message'
                " has a meaning here alone",
                where,
                codes.REF_FIELD,
            )
            return
        if name in MUTABLE_CONTAINERS:
            self._mutable(what, where, info.name, INSTEAD[name])
        if name in MUTABLE_CONTAINERS or name in FROZEN_CONTAINERS:
            for argument in kind.args:
                self._check(argument, what, where, seen)
        elif info.has_base(STRUCT):
            facts = facts_of(info)
            if facts is None:
                self.ready = False
            elif facts.get("frozen") is False:
                self._mutable(what, where, info.name, "a Struct with frozen=True")
        elif is_dataclass(info):
            if not dataclass_is_frozen(info):
                self._mutable(what, where, info.name, "a dataclass with frozen=True")
        elif info.typeddict_type is not None:
            self._mutable(what, where, info.name, "a frozen Struct")
        elif not is_known(info):
            self._unencodable(what, where, f'"{info.name}"')

    def _is_allowed(self, info: n.TypeInfo) -> bool:
        return any(info.has_base(name) for name in self.allowed)

    def _mutable(self, what: str, where: n.Context, name: str, instead: str) -> None:
        self._fail(
            f"{what} can be changed ({name}), and sender and receiver share it; use {instead}",
            where,
            codes.MUTABLE,
        )

    def _unencodable(self, what: str, where: n.Context, name: str) -> None:
        self._fail(
            f"{what} holds {name}, which msgspec can neither encode nor decode; use a type that it"
            " knows, or name the class in allow_types if your codec does",
            where,
            codes.FIELD,
        )

    def _union(self, union: UnionType, what: str, where: n.Context, seen: set[str]) -> None:
        items = [get_proper_type(item) for item in union.items]
        for item in union.items:
            self._check(item, what, where, seen)
        told_apart = [item for item in items if not isinstance(item, UNJUDGED)]
        custom = [item for item in told_apart if self._is_custom(item)]
        if custom and len(told_apart) > 1:
            self._fail(
                f"{what} is a union of {show(custom[0])} and others, which msgspec cannot decode;"
                " wrap it in a tagged Struct",
                where,
                codes.FIELD,
            )
            return
        places: dict[str, ProperType] = {}
        for item in told_apart:
            place = place_of(item)
            other = None if place is None else places.setdefault(place, item)
            if other is not None and other is not item and not stand_together(other, item):
                self._fail(
                    f"{what} is a union of {show(other)} and {show(item)}, which msgspec cannot"
                    f" tell apart ({place}); wrap them in tagged Structs",
                    where,
                    codes.FIELD,
                )

    def _is_custom(self, kind: ProperType) -> bool:
        """Whether a codec of the library's or the user's own encodes it."""
        if not isinstance(kind, Instance):
            return False
        info = kind.type
        return info.has_base(ANY_REF) or info.has_base(REPLY_TO) or self._is_allowed(info)


# what msgspec tells from everything, or nobody knows
UNJUDGED = (NoneType, AnyType, TypeVarType, PlaceholderType)


def place_of(kind: ProperType) -> str | None:
    """The place of a union's member in JSON; None if it can stand beside every other."""
    match kind:
        case LiteralType():
            return TEXT if isinstance(kind.value, str) else None
        case TupleType():
            return ARRAY
        case TypedDictType():
            return DICT
        case Instance():
            name = kind.type.fullname
            for table in (SCALARS, FROZEN_CONTAINERS, MUTABLE_CONTAINERS):
                if name in table:
                    return table[name]
            if is_dataclass(kind.type) or kind.type.has_base(STRUCT):
                return DICT
            return TEXT if kind.type.is_enum and kind.type.has_base("builtins.str") else None
        case _:
            return None


def stand_together(one: ProperType, other: ProperType) -> bool:
    """Whether two members of a union have one place in JSON and can be told apart all the same."""
    if all(is_text(kind) for kind in (one, other)):
        return True
    return all(is_tagged(kind) for kind in (one, other))


def is_text(kind: ProperType) -> bool:
    """A string, or certain strings: msgspec merges these."""
    return isinstance(kind, LiteralType) or (
        isinstance(kind, Instance) and kind.type.fullname == "builtins.str"
    )


def is_tagged(kind: ProperType) -> bool:
    """A Struct with a tag, as far as that is known."""
    if not isinstance(kind, Instance) or not kind.type.has_base(STRUCT):
        return False
    facts = facts_of(kind.type)
    return facts is None or facts.get("tag") is not False


def is_dataclass(info: n.TypeInfo) -> bool:
    """Whether a class is made by `@dataclass`."""
    return ("dataclass" in info.metadata or "dataclass_tag" in info.metadata) and not info.has_base(
        STRUCT
    )


def dataclass_is_frozen(info: n.TypeInfo) -> bool:
    """Whether a dataclass is frozen, from mypy's own notes or from its decorator."""
    known = info.metadata.get("dataclass")
    if isinstance(known, dict) and "frozen" in known:
        return bool(known["frozen"])
    return any(
        isinstance(decorator, n.CallExpr)
        and any(
            name == "frozen" and isinstance(value, n.NameExpr) and value.name == "True"
            for name, value in zip(decorator.arg_names, decorator.args, strict=True)
        )
        for decorator in info.defn.decorators
    )


def is_known(info: n.TypeInfo) -> bool:
    """Whether msgspec handles the class for what it is."""
    return (
        info.is_enum
        or info.is_newtype
        or info.is_named_tuple
        or info.fallback_to_any
        or "attrs" in info.metadata
        or "attrs_tag" in info.metadata
        or any(info.has_base(name) for name in BY_BASE)
    )


def show(kind: ProperType) -> str:
    """A type's name in a text."""
    if isinstance(kind, Instance):
        return f'"{kind.type.name}"'
    if isinstance(kind, LiteralType):
        return f"Literal[{kind.value!r}]"
    return "a tuple" if isinstance(kind, TupleType) else "a TypedDict"
