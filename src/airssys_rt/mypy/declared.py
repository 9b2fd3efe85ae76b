"""Types of expressions by what is declared, for the time before mypy has checked a body."""

from __future__ import annotations

from mypy import nodes as n
from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.types import (
    CallableType,
    Instance,
    Overloaded,
    TupleType,
    Type,
    UnionType,
    get_proper_type,
)

from airssys_rt.mypy.model import ActorModel

__all__ = ["awaited", "iterated", "returned", "type_of"]


def type_of(actor: ActorModel, value: n.Expression, me: str | None) -> Type | None:
    """The type of an expression in a method whose first parameter is `me`; None if unknown."""
    match value:
        case n.AwaitExpr():
            return awaited(type_of(actor, value.expr, me))
        case n.CallExpr():
            return _called(actor, value, me)
        case n.IndexExpr():
            return _method(type_of(actor, value.base, me), "__getitem__")
        case n.NameExpr(name="True" | "False"):
            return None
        case n.NameExpr(node=n.Var() as var):
            return None if var.is_inferred else var.type
        case n.MemberExpr(expr=n.NameExpr(name=owner)) if owner == me:
            return actor.attribute(value.name)
        case n.MemberExpr():
            return _member(type_of(actor, value.expr, me), value.name)
        case _:
            return None


def _called(actor: ActorModel, call: n.CallExpr, me: str | None) -> Type | None:
    callee = call.callee
    if isinstance(callee, n.MemberExpr):
        if isinstance(callee.expr, n.NameExpr) and callee.expr.name == me:
            symbol = actor.info.get(callee.name)
            node = symbol.node if symbol is not None else None
            # a handler is called as the plain method that it decorates
            if isinstance(node, n.Decorator):
                node = node.func
            return returned(node.type) if isinstance(node, (n.FuncDef, n.Var)) else None
        if not isinstance(callee.node, (n.FuncDef, n.TypeInfo)):
            return _method(type_of(actor, callee.expr, me), callee.name)
    if isinstance(callee, n.RefExpr):
        if isinstance(callee.node, n.TypeInfo):
            return Instance(callee.node, [])
        if isinstance(callee.node, n.FuncDef):
            return returned(callee.node.type)
    return None


def _member(owner: Type | None, name: str) -> Type | None:
    proper = None if owner is None else get_proper_type(owner)
    if not isinstance(proper, Instance):
        return None
    symbol = proper.type.get(name)
    node = symbol.node if symbol is not None else None
    if not isinstance(node, (n.Var, n.FuncDef, n.OverloadedFuncDef)) or node.type is None:
        return None
    home = node.info or proper.type
    return expand_type_by_instance(
        get_proper_type(node.type), map_instance_to_supertype(proper, home)
    )


def _method(owner: Type | None, name: str) -> Type | None:
    proper = None if owner is None else get_proper_type(owner)
    if isinstance(proper, TupleType):
        return UnionType.make_union(proper.items)
    if isinstance(proper, UnionType):
        results = [_method(item, name) for item in proper.items]
        known = [result for result in results if result is not None]
        return UnionType.make_union(known) if len(known) == len(results) else None
    return returned(_member(proper, name))


def returned(kind: Type | None) -> Type | None:
    """The return type of a function's type."""
    proper = None if kind is None else get_proper_type(kind)
    if isinstance(proper, CallableType):
        return proper.ret_type
    if isinstance(proper, Overloaded):
        return UnionType.make_union([item.ret_type for item in proper.items])
    return None


def awaited(kind: Type | None) -> Type | None:
    """What a coroutine results in."""
    proper = None if kind is None else get_proper_type(kind)
    if isinstance(proper, Instance) and proper.type.fullname == "typing.Coroutine":
        return proper.args[2]
    return None


def iterated(kind: Type | None) -> Type | None:
    """What a loop over a value yields, as far as that is known."""
    proper = None if kind is None else get_proper_type(kind)
    if isinstance(proper, UnionType):
        parts = [part for item in proper.items if (part := iterated(item)) is not None]
        return UnionType.make_union(parts) if parts else None
    result = _method(proper, "__iter__")
    iterator = None if result is None else get_proper_type(result)
    if isinstance(iterator, Instance) and iterator.args:
        return iterator.args[0]
    return None
