"""Strategies for the values of any type that msgspec knows, by a walk over its description.

Laws: what is drawn belongs to the type, constraints and `__post_init__` included; it shrinks to
defaults and to the plainest members of unions; values of recursive types end (`shapes.py`); in a
set or as a key there is only what can be hashed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_origin

import msgspec.inspect as mi
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from hypothesis.strategies._internal import types as hypothesis_types

from airssys_rt.core.ref import AnyRef, Receiver
from airssys_rt.errors import ProtocolError
from airssys_rt.kernel.props import Props
from airssys_rt.kernel.ref import ActorRef
from airssys_rt.kernel.reply import ReplyTo
from airssys_rt.testing.defaults import Classy, good_defaults
from airssys_rt.testing.nobody import NOBODIES
from airssys_rt.testing.scalars import ANYTHING, PLAIN, scalar
from airssys_rt.testing.shapes import Shapes

__all__ = ["Using", "values_of"]

# Any throughout: values of every type

Using = Mapping[type[Any], SearchStrategy[Any]]

DEEPER = 3  # classes entered beyond what the shallowest value needs
FEW, FEWER = 4, 2  # items that may hold more of their kind: at the top, and further down

REJECTED = object()

ENGINE = (ReplyTo, Props)  # made by the engine for a moment of its own
REFS = (AnyRef, Receiver, ActorRef)


def values_of(kind: Any, using: Using, form: str | None = None) -> SearchStrategy[Any]:
    """Values of the type; `form` is the only format that they have to pass, if there is one."""
    try:
        info = mi.type_info(kind)
    except NameError as error:
        raise ProtocolError(
            f"the fields of {name_of(kind)} cannot be resolved",
            why=f"{error}: the class, or a class that it names, is local to a function",
            mend="define message classes at module level",
        ) from error
    except (TypeError, ValueError) as error:
        raise ProtocolError(
            f"{name_of(kind)} has a field that msgspec does not take",
            why=str(error),
            mend="use types and constraints that msgspec knows",
        ) from error
    return Walk(Shapes(info), using, form).whole(info)


def name_of(kind: Any) -> str:
    """A type's name in an error text."""
    return getattr(kind, "__name__", None) or repr(kind)


class Walk:
    """One walk over a type; strategies are made once for each part and budget."""

    def __init__(self, shapes: Shapes, using: Using, form: str | None) -> None:
        self._shapes = shapes
        self._using = using
        self._form = form
        self._made: dict[tuple[int, float, bool], SearchStrategy[Any]] = {}
        self._full = 0.0

    def whole(self, info: mi.Type) -> SearchStrategy[Any]:
        """Values of the type that the walk begins with."""
        least = self._shapes.depth(info)
        if least == float("inf"):
            raise ProtocolError(
                "no value of the type ever comes to an end",
                where=repr(info)[:80],
                why="each one needs another one of its kind inside",
                mend="give the field that leads back a default, or make it optional",
            )
        self._full = least + DEEPER
        return self._of(info, self._full, False)

    def _of(self, info: mi.Type, budget: float, hashable: bool) -> SearchStrategy[Any]:
        key = (id(info), budget if self._shapes.leads_to_cycle(info) else 0.0, hashable)
        known = self._made.get(key)
        if known is None:
            known = self._made[key] = self._make(info, budget, hashable)
        return known

    def _make(self, info: mi.Type, budget: float, hashable: bool) -> SearchStrategy[Any]:
        match info:
            case mi.Metadata():
                return self._of(info.type, budget, hashable)
            case mi.AnyType():
                return PLAIN if hashable else ANYTHING
            case mi.CustomType():
                return self._custom(info.cls, hashable)
            case mi.EnumType():
                return self._given(info.cls) or st.sampled_from(list(info.cls))
            case mi.UnionType():
                return self._union(info, budget, hashable)
            case mi.DictType():
                return st.nothing() if hashable else self._dict(info, budget)
            case mi.TupleType():
                return st.tuples(*(self._of(item, budget, hashable) for item in info.item_types))
            case mi.CollectionType():
                return self._collection(info, budget, hashable)
            case mi.StructType() | mi.DataclassType() | mi.NamedTupleType() | mi.TypedDictType():
                return self._classy(info, budget, hashable)
            case mi.ByteArrayType() | mi.RawType() | mi.ExtType() if hashable:
                return st.nothing()
            case _:
                found = scalar(info, self._form)
                if found is None:
                    raise ProtocolError(
                        f"there is no strategy for {type(info).__name__}",
                        why="this msgspec knows a type that airssys_rt.testing does not know yet",
                        mend="give the message's strategy in using={...}",
                    )
                return found

    def _union(self, info: mi.UnionType, budget: float, hashable: bool) -> SearchStrategy[Any]:
        members = [part for part in info.types if self._shapes.depth(part) <= budget]
        members.sort(key=self._plainness)
        return st.one_of(*(self._of(part, budget, hashable) for part in members))

    def _plainness(self, info: mi.Type) -> tuple[int, float, int]:
        """Values shrink to the first members of a union: nothing, scalars, what has parts."""
        if isinstance(info, mi.NoneType):
            return (0, 0, 0)
        fields = len(info.fields) if isinstance(info, Classy) else 0
        rank = 2 if isinstance(info, (mi.DictType, mi.CollectionType, mi.TupleType)) else 1
        return (3 if isinstance(info, Classy) else rank, self._shapes.depth(info), fields)

    def _sizes(
        self, info: mi.DictType | mi.CollectionType, budget: float, *inside: mi.Type
    ) -> tuple[int, int | None]:
        """How many items a container may have here."""
        least, most = info.min_length or 0, info.max_length
        if any(self._shapes.depth(part) > budget for part in inside):
            return (0, 0)
        if any(self._shapes.leads_to_cycle(part) for part in inside):
            few = max(least, FEW if budget >= self._full - 1 else FEWER)
            most = few if most is None else min(most, few)
        return (least, most)

    def _collection(
        self, info: mi.CollectionType, budget: float, hashable: bool
    ) -> SearchStrategy[Any]:
        least, most = self._sizes(info, budget, info.item_type)
        match info:
            case mi.SetType() | mi.FrozenSetType():
                if hashable and isinstance(info, mi.SetType):
                    return st.nothing()
                make = st.sets if isinstance(info, mi.SetType) else st.frozensets
                if most == 0:
                    return make(st.nothing())
                return make(self._of(info.item_type, budget, True), min_size=least, max_size=most)
            case mi.ListType() if hashable:
                return st.nothing()
            case _:
                inner = st.nothing() if most == 0 else self._of(info.item_type, budget, hashable)
                drawn = st.lists(inner, min_size=least, max_size=most)
                return drawn if isinstance(info, mi.ListType) else drawn.map(tuple)

    def _dict(self, info: mi.DictType, budget: float) -> SearchStrategy[Any]:
        least, most = self._sizes(info, budget, info.key_type, info.value_type)
        if most == 0:
            return st.dictionaries(st.nothing(), st.nothing())
        keys = self._keys(info.key_type, budget)
        values = self._of(info.value_type, budget, False)
        return st.dictionaries(keys, values, min_size=least, max_size=most)

    def _keys(self, info: mi.Type, budget: float) -> SearchStrategy[Any]:
        """Keys; in JSON they are text, so a key of a union or of any type is text as well."""
        match info:
            case mi.Metadata():
                return self._keys(info.type, budget)
            case mi.AnyType():
                return st.text()
            case mi.UnionType() if self._form == "json":
                texts = [part for part in info.types if isinstance(part, mi.StrType)]
                if texts:
                    return self._of(texts[0], budget, True)
            case _:
                pass
        return self._of(info, budget, True)

    # -- classes ---------------------------------------------------------------------------

    def _given(self, cls: Any) -> SearchStrategy[Any] | None:
        """What the test, or a registration with hypothesis, says of the class."""
        kind = get_origin(cls) or cls
        if kind in self._using:
            return self._using[kind]
        return st.from_type(kind) if kind in hypothesis_types._global_type_lookup else None

    def _custom(self, cls: Any, hashable: bool) -> SearchStrategy[Any]:
        kind = get_origin(cls) or cls
        if kind in self._using:
            return self._using[kind]
        if kind is object:
            return PLAIN if hashable else ANYTHING
        if isinstance(kind, type):
            for base in kind.__mro__[1:-1]:
                if base in self._using:
                    return self._using[base].filter(lambda value: isinstance(value, kind))
            if kind in REFS:
                return st.sampled_from(NOBODIES)
            if issubclass(kind, (*ENGINE, AnyRef)):
                raise ProtocolError(
                    f"there is no strategy for {kind.__name__}",
                    where="messages(...)",
                    why="only the engine makes one",
                    mend=f"give one that the test made: using={{{kind.__name__}: st.just(...)}}",
                )
        return st.from_type(cls)

    def _classy(self, info: Classy, budget: float, hashable: bool) -> SearchStrategy[Any]:
        cls: Any = get_origin(info.cls) or info.cls
        given = self._given(cls)
        if given is not None:
            return given
        if hashable and not can_be_hashed(info, cls):
            return st.nothing()
        inside = budget - self._shapes.is_cyclic(info)
        good = good_defaults(info)
        needed: dict[str, SearchStrategy[Any]] = {}
        optional: dict[str, SearchStrategy[Any]] = {}
        for field in info.fields:
            may_lack = field.name in good or (
                isinstance(info, mi.TypedDictType) and not field.required
            )
            if self._shapes.depth(field.type) > inside:
                continue  # it may be left out, or the class would be deeper
            drawn = self._of(field.type, inside, hashable)
            (optional if may_lack else needed)[field.name] = drawn
        if isinstance(info, mi.TypedDictType):
            return st.fixed_dictionaries(needed, optional=optional)
        return instances(cls, needed, optional)


def can_be_hashed(info: Classy, cls: Any) -> bool:
    """Whether values of the class can, if their fields can."""
    if isinstance(info, mi.TypedDictType):
        return False
    if isinstance(info, mi.StructType):
        return bool(cls.__struct_config__.frozen)
    return cls.__hash__ is not None


def instances(
    cls: Any, needed: dict[str, SearchStrategy[Any]], optional: dict[str, SearchStrategy[Any]]
) -> SearchStrategy[Any]:
    """Instances of the class, with some of the optional fields, that it does not reject."""
    make = maker(cls)

    @cache
    def having(chosen: frozenset[str]) -> SearchStrategy[Any]:
        given = {name: drawn for name, drawn in optional.items() if name in chosen}
        return st.builds(make, **needed, **given).filter(lambda value: value is not REJECTED)

    def some(draw: st.DrawFn) -> Any:
        return draw(having(frozenset(name for name in optional if draw(st.booleans()))))

    some.__name__ = cls.__name__  # a short repr, where that of the parts may be of any length
    return st.composite(some)()


def maker(cls: Any) -> Callable[..., Any]:
    """A function that makes a value of its fields, or says that the class rejects them."""
    arguments = {a.name: a.alias for a in getattr(cls, "__attrs_attrs__", ())}
    later = {f.name for f in getattr(cls, "__dataclass_fields__", {}).values() if not f.init}

    def make(**fields: Any) -> Any:
        try:
            return cls(**{arguments.get(k, k): v for k, v in fields.items() if k not in later})
        except (TypeError, ValueError):  # which a decoder turns into its own error
            return REJECTED

    make.__name__ = cls.__name__  # hypothesis prints the call
    return make
