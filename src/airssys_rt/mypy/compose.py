"""Exact `|`: `self.become(self.a | self.b)` has the union of both, whatever is expected around.

mypy infers the operand from the outside in, and so refuses an expression that is right.
"""

from __future__ import annotations

from typing import Any

from mypy import nodes as n
from mypy.maptype import map_instance_to_supertype
from mypy.plugin import MethodSigContext
from mypy.typeops import make_simplified_union
from mypy.types import FunctionLike, Instance, ProperType, Type, UnionType, get_proper_type

from airssys_rt.mypy.names import BEHAVIOUR, MESSAGE, REQUEST

__all__ = ["or_signature"]


def or_signature(ctx: MethodSigContext) -> FunctionLike:
    """The signature of `a | b`, with the operand's message type taken from the operand."""
    signature = ctx.default_signature
    # Any: what is expected around is known to the checker alone
    checker: Any = ctx.api
    if checker.expr_checker.type_context[-1] is None:
        return signature  # nothing is: mypy infers the operand as it is
    if not (ctx.args and ctx.args[0]) or not isinstance(ctx.type, Instance):
        return signature
    other = type_of_operand(ctx, ctx.args[0][0])
    result = get_proper_type(signature.ret_type)
    if not isinstance(other, Instance) or not other.type.has_base(BEHAVIOUR):
        return signature
    if not isinstance(result, Instance) or result.type.fullname != BEHAVIOUR:
        return signature
    one, two = [
        operand.args[0]
        if operand.type is result.type
        else map_instance_to_supertype(operand, result.type).args[0]
        for operand in (ctx.type, other)
    ]
    union = joined(one, two)
    # Any: the defaults of copy_modified are of types that other checkers cannot read
    old: Any = signature
    kind: Any = result
    exact: FunctionLike = old.copy_modified(
        arg_types=[other], ret_type=kind.copy_modified(args=[union]), variables=[]
    )
    return exact


def type_of_operand(ctx: MethodSigContext, value: n.Expression) -> ProperType:
    """The type of an operand; quickly, if it is a handler by its name, as most are."""
    node = value.node if type(value) is n.NameExpr else None
    known = node.var.type if type(node) is n.Decorator else None
    return get_proper_type(ctx.api.get_expression_type(value) if known is None else known)


def joined(one: Type, two: Type) -> Type:
    """The union of two, as mypy simplifies it; quickly, if both are of plain messages."""
    found: dict[n.TypeInfo, Type] = {}
    above: set[n.TypeInfo] = set()
    for part in (one, two):
        proper = get_proper_type(part)
        for item in proper.items if type(proper) is UnionType else (proper,):
            kind = get_proper_type(item)
            if type(kind) is not Instance or kind.args or kind.last_known_value or kind.extra_attrs:
                return make_simplified_union([one, two])
            info = kind.type
            if info.fallback_to_any or info.is_protocol:
                return make_simplified_union([one, two])
            found[info] = kind
            bases = info.bases
            if len(bases) != 1 or bases[0].type.fullname not in (MESSAGE, REQUEST):
                above.update(info.mro[1:])
    if not above.isdisjoint(found):
        return make_simplified_union([one, two])  # one is a subclass of another
    return UnionType.make_union([*found.values()])
