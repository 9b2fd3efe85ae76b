"""Message classes that hypothesis makes up, with fields of any type that msgspec supports."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import itertools
import sys
import types
import uuid
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypedDict, TypeVar, Union

import msgspec
from hypothesis import assume
from hypothesis import strategies as st
from msgspec import Meta

from airssys_rt import Message, Request

T = TypeVar("T")

SCRATCH = types.ModuleType("tests.testing.scratch")  # where the names of made-up classes live
sys.modules[SCRATCH.__name__] = SCRATCH
NUMBERS = itertools.count()


class Box(msgspec.Struct, Generic[T], frozen=True):
    item: T
    more: tuple[T, ...] = ()


class Slot(Message, Generic[T]):
    item: T


class Leaf(Message):
    value: int = 7


class Branch(Message, tag="branch"):
    parts: tuple[Leaf | Branch, ...]
    label: str = "b"


class Span(Message):
    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("upside down")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 10


class Word(enum.StrEnum):
    A = enum.auto()
    B = enum.auto()


class Access(enum.Flag):
    READ = 1
    WRITE = 2


def fresh(prefix: str) -> str:
    return f"{prefix}{next(NUMBERS)}"


def placed(cls: Any) -> Any:
    cls.__module__ = SCRATCH.__name__
    setattr(SCRATCH, cls.__name__, cls)
    return cls


def of(kind: Any, *arguments: Any) -> Any:
    return kind[arguments[0] if len(arguments) == 1 else arguments]


def bounded(kind: Any, **constraints: Any) -> Any:
    meta: Any = Meta
    return of(Annotated, kind, meta(**constraints)) if constraints else kind


# ---------------------------------------------------------------- types without parts

ints = st.integers(-(2**63), 2**63 - 1)
small = st.integers(-1000, 1000)


@st.composite
def int_types(draw: st.DrawFn) -> Any:
    number = draw(small | ints.filter(lambda n: abs(n) < 2**63 - 1))
    # a bound must leave something
    low = draw(st.sampled_from([{}, {"ge": number}, {"gt": number}]))
    room = draw(st.sampled_from([2, 3, 50, 10**6]))
    high: dict[str, int] = {}
    if number + room < 2**63:
        high = draw(st.sampled_from([{}, {"le": number + room}, {"lt": number + room}]))
    step = draw(st.sampled_from([None, 1, 2, 7]))
    if step is not None and (not low or not high or room > 7 * 2) and (number < 2**62):
        return bounded(int, **low, **high, multiple_of=step)
    return bounded(int, **low, **high)


@st.composite
def float_types(draw: st.DrawFn) -> Any:
    number = float(draw(st.integers(-1000, 1000))) / draw(st.sampled_from([1, 2, 3, 1e6, 1e-200]))
    low = draw(st.sampled_from([{}, {"ge": number}, {"gt": number}]))
    high = draw(
        st.sampled_from([{}, {"le": number + abs(number) + 0.5}, {"lt": number + abs(number) + 1}])
    )
    step = draw(st.sampled_from([None, None, 0.25, 0.1, 3.0]))
    if step is not None:
        sign = draw(st.sampled_from([{}, {"ge": 0.0}, {"le": 0.0}, {"gt": -10.0, "lt": 10.0}]))
        return bounded(float, multiple_of=step, **sign)
    return bounded(float, **low, **high)


@st.composite
def lengths(draw: st.DrawFn, top: int = 40) -> dict[str, int]:
    least = draw(st.none() | st.integers(0, top))
    most = draw(st.none() | st.integers(least or 0, (least or 0) + top))
    found = {"min_length": least, "max_length": most}
    return {key: value for key, value in found.items() if value is not None}


PATTERNS = [
    (r"^[a-z]+$", 0, None),
    (r"^[A-Z]{3}-\d{4}$", 8, 8),
    (r"[0-9]", 1, None),
    (r"^x*y?$", 0, None),
    (r"^(foo|ba+r)+$", 3, None),
    (r"^\w+@\w+\.[a-z]{2,}$", 6, None),
    (r"^$|^ab", 2, None),
    (r"\bword\b", 4, None),
    (r"^a*?b+$", 1, None),
    (r"^[^+*\]]+$", 1, None),
]


@st.composite
def pattern_types(draw: st.DrawFn) -> Any:
    pattern, shortest, longest = draw(st.sampled_from(PATTERNS))
    bounds: dict[str, int] = {}
    if longest is None and draw(st.booleans()):
        bounds["min_length"] = draw(st.integers(shortest, 30))
    if longest is None and draw(st.booleans()):
        bounds["max_length"] = draw(st.integers(bounds.get("min_length", shortest), 60))
    return bounded(str, pattern=pattern, **bounds)


@st.composite
def sized(draw: st.DrawFn, kind: Any, top: int = 40) -> Any:
    bounds = draw(lengths(top))
    return bounded(kind, **bounds)


def zoned(kind: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([kind, bounded(kind, tz=True), bounded(kind, tz=False)])


@st.composite
def literals(draw: st.DrawFn) -> Any:
    values = draw(
        st.lists(
            st.text(max_size=3) | st.integers(-5, 5) | st.none(),
            min_size=1,
            max_size=4,
            unique_by=lambda value: (type(value).__name__, value),
        )
    )
    return of(Literal, *values)


# of a union, at most one member may come from each kind
NUMBERLIKE = {
    "none": st.just(None),
    "bool": st.just(bool),
    "int": int_types() | st.just(Level),
    "float": float_types(),
}
TEXTLIKE = st.one_of(
    sized(str),
    sized(bytes),
    sized(bytearray),
    sized(memoryview),
    zoned(dt.datetime),
    zoned(dt.time),
    st.sampled_from([dt.date, dt.timedelta, uuid.UUID, Decimal, Colour, Word]),
)
# no pattern in a union: to free a decoder of one beside a list destroys memory in msgspec 0.22
scalars: st.SearchStrategy[Any] = st.one_of(
    *NUMBERLIKE.values(),
    TEXTLIKE,
    pattern_types(),
    literals(),
    st.sampled_from([Access, Any, msgspec.Raw]),
)

# what JSON can have as a key
keys = st.one_of(
    sized(str, 5),
    pattern_types(),
    int_types(),
    float_types(),
    st.sampled_from([bytes, dt.datetime, dt.date, dt.time, dt.timedelta, uuid.UUID, Decimal, Word]),
    st.sampled_from([Colour, Level, Literal["a", "b"], Literal[1, 2], Any]),
)
# what can be in a set
elements = st.one_of(
    keys,
    st.just(bool),
    st.tuples(int_types(), sized(str)).map(lambda pair: of(tuple, *pair)),
    st.just(Span),
    st.just(Box[Span]),
    st.just(frozenset[int]),
)


# ---------------------------------------------------------------- types with parts


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def short(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return kind.flatmap(lambda k: sized(k, 3))

    few = short(elements.map(lambda e: of(frozenset, e)) | elements.map(lambda e: of(set, e)))
    # of some types there are only two values, or three
    sets = few.filter(lambda kind: not hasattr(kind, "__metadata__")) | sized(frozenset[int], 3)
    return st.one_of(
        short(inner.map(lambda i: of(list, i))),
        short(inner.map(lambda i: of(tuple, i, ...))),
        short(inner.map(lambda i: of(Sequence, i))),
        inner.map(lambda i: of(Collection, i)),
        sets,
        elements.map(lambda e: of(AbstractSet, e)),
        st.lists(inner, max_size=3).map(lambda items: of(tuple, *items) if items else tuple[()]),
        st.tuples(keys, inner).map(lambda pair: of(dict, *pair)),
        st.tuples(st.just(str), inner)
        .map(lambda pair: of(Mapping, *pair))
        .flatmap(lambda k: sized(k, 3)),
        st.sampled_from([list, tuple, dict, set, frozenset]),
        inner.map(lambda i: of(Box, i)),
        unions(inner),
        named_tuples(inner),
        typed_dicts(inner),
        data_classes(inner),
        structs(inner, base=msgspec.Struct),
    )


@st.composite
def unions(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> Any:
    numbers = draw(st.lists(st.sampled_from(sorted(NUMBERLIKE)), unique=True, max_size=3))
    members = [draw(NUMBERLIKE[name]) for name in numbers]
    if draw(st.booleans()):
        members.append(draw(TEXTLIKE))
    if draw(st.booleans()):
        members.append(of(list, draw(inner)))
    mapping = draw(st.sampled_from(["", "dict", "tagged"]))
    if mapping == "dict":
        members.append(of(dict, str, draw(inner)))
    elif mapping:
        members += draw(st.lists(st.sampled_from([Leaf, Branch, Span]), unique=True, min_size=1))
    assume(len(members) > 1)
    return of(Union, *members)


@st.composite
def named_tuples(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> Any:
    kinds = draw(st.lists(inner, max_size=3))
    name = fresh("Tuple")
    fields = [(f"f{i}", kind) for i, kind in enumerate(kinds)]
    make: Any = NamedTuple
    cls = placed(make(name, fields))
    if draw(st.booleans()) and kinds:
        cls._field_defaults["f" + str(len(kinds) - 1)] = None
        cls.__new__.__defaults__ = (None,)
    return cls


@st.composite
def typed_dicts(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> Any:
    kinds = draw(st.lists(inner, max_size=3))
    fields = {f"f{i}": kind for i, kind in enumerate(kinds)}
    make: Any = TypedDict
    return placed(make(fresh("Dict"), fields, total=draw(st.booleans())))


@st.composite
def data_classes(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> Any:
    kinds = draw(st.lists(inner, max_size=3))
    fields: list[Any] = [(f"f{i}", kind) for i, kind in enumerate(kinds)]
    if draw(st.booleans()):
        fields.append(("n", int, dataclasses.field(default=3)))
    if draw(st.booleans()):
        fields.append(("d", dict[str, int], dataclasses.field(default_factory=dict)))
    options: dict[str, Any] = {"frozen": draw(st.booleans()), "kw_only": draw(st.booleans())}
    return placed(dataclasses.make_dataclass(fresh("Data"), fields, **options))


def reject_upside_down(made: Any) -> None:
    if made.low > made.high:
        raise ValueError("upside down")


@st.composite
def structs(draw: st.DrawFn, inner: st.SearchStrategy[Any], base: Any) -> Any:
    name = fresh("Made")
    kinds: list[Any] = list(draw(st.lists(inner, max_size=4)))
    back = draw(
        st.sampled_from(
            [
                "",
                "",
                "",
                f"{name} | None",
                f"tuple[{name}, ...]",
                f"dict[str, {name}]",
                f"list[{name} | int]",
            ]
        )
    )
    plain = base is msgspec.Struct
    if back:
        kinds.append(back)
    array_like = draw(st.booleans())
    if array_like and "dict" not in back and "| int" in back:
        kinds[-1] = f"list[{name}]"
    fields: list[Any] = [(f"f_{i}", kind) for i, kind in enumerate(kinds)]
    if draw(st.booleans()):
        fields.append(("n", int, draw(st.just(3) | st.none())))
    if draw(st.booleans()):
        fields.append(("xs", list[int], msgspec.field(default_factory=list)))
    if draw(st.booleans()):
        fields.append(("u", int | msgspec.UnsetType, msgspec.UNSET))
    if draw(st.booleans()):
        fields.append(("ident", str, msgspec.field(default_factory=lambda: uuid.uuid4().hex)))
    options: dict[str, Any] = {
        "kw_only": draw(st.booleans()),
        "rename": draw(st.sampled_from([None, "camel", "upper", "kebab"])),
        "array_like": array_like,
        "forbid_unknown_fields": draw(st.booleans()),
        "omit_defaults": draw(st.booleans()),
    }
    if draw(st.booleans()):
        fields += [("low", int, 0), ("high", int, 0)]
        options["namespace"] = {"__post_init__": reject_upside_down}
    if plain:
        options["frozen"] = draw(st.booleans())
        options["tag"] = draw(st.sampled_from([None, True, 5]))
    cls = msgspec.defstruct(name, fields, bases=(base,), module=SCRATCH.__name__, **options)
    return placed(cls)


kinds_of_fields: st.SearchStrategy[Any] = st.recursive(scalars, containers, max_leaves=5)


def message_classes() -> st.SearchStrategy[Any]:
    """Classes of messages and requests, with fields of every kind."""
    made = st.sampled_from([Message, Request]).flatmap(lambda base: structs(kinds_of_fields, base))
    return made | kinds_of_fields.map(lambda kind: of(Slot, kind))
