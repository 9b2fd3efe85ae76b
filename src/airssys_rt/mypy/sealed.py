"""actor-sealed, seen from a union: its members are frozen, tagged Structs, told apart by tag."""

from __future__ import annotations

from mypy import nodes as n
from mypy.types import Instance, Type, UnionType, get_proper_type

from airssys_rt.mypy import codes
from airssys_rt.mypy.facts import facts_of
from airssys_rt.mypy.messages import is_message
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.names import STRUCT
from airssys_rt.mypy.table import is_closed

__all__ = ["check_union"]


def check_union(actor: ActorModel) -> None:
    """Check the union that the class's own statement names."""
    if actor.union is None or not any(
        base.type.fullname.endswith(".Actor") or base.args for base in actor.info.bases
    ):
        return
    where = actor.info.defn
    tags: dict[object, Instance] = {}
    seen: dict[str, Instance] = {}
    for member in union_items(actor.union):
        proper = get_proper_type(member)
        if not isinstance(proper, Instance):
            if is_closed(proper):
                actor.fail(
                    f'A member of the union of "{actor.info.name}" is no class; messages are'
                    " classes derived from Message or Request",
                    where,
                    codes.SEALED,
                )
            continue
        name = proper.type.name
        if seen.setdefault(proper.type.fullname, proper) != proper:
            actor.fail(
                f'"{name}" is in the union of "{actor.info.name}" twice: type arguments cannot be'
                " told apart at run time; derive a class for each",
                where,
                codes.SEALED,
            )
        if proper.type.fullname != "builtins.object":
            _check_member(actor, proper, tags, where)


def _check_member(
    actor: ActorModel, member: Instance, tags: dict[object, Instance], where: n.Context
) -> None:
    name, facts = member.type.name, facts_of(member.type)
    if not member.type.has_base(STRUCT):
        actor.fail(
            f'"{name}" in the union of "{actor.info.name}" is no message; derive it from Message'
            " or Request",
            where,
            codes.SEALED,
        )
        return
    if facts is None:
        return
    if facts["frozen"] is False or facts["tag"] is False:
        if not is_message(member.type):  # a message's own statement is reported
            lacks = "frozen" if facts["frozen"] is False else "tagged"
            actor.fail(
                f'Struct "{name}" in the union of "{actor.info.name}" is not {lacks}; derive it'
                " from Message or Request",
                where,
                codes.SEALED,
            )
        return
    tag = facts["tag"]
    if tag is None:
        return
    other = tags.setdefault(tag, member)
    if other.type is not member.type:
        actor.fail(
            f'"{other.type.name}" ({other.type.module_name}) and "{name}"'
            f' ({member.type.module_name}) in the union of "{actor.info.name}" have the same tag'
            f' {tag!r}; rename one, or give it a tag: class {name}(..., tag="...")',
            where,
            codes.SEALED,
        )
    first = next(iter(tags.values()))
    if first is member:
        return
    known = facts_of(first.type) or facts
    for key, text in (("tag_field", "tag fields"), ("array", "array_like settings")):
        if known.get(key) != facts.get(key):
            actor.fail(
                f'"{first.type.name}" and "{name}" in the union of "{actor.info.name}" have'
                f" different {text}, so msgspec cannot decode the union",
                where,
                codes.SEALED,
            )
    if type(next(iter(tags))) is not type(tag):
        actor.fail(
            f'"{first.type.name}" and "{name}" in the union of "{actor.info.name}" have tags of'
            " different types, so msgspec cannot decode the union",
            where,
            codes.SEALED,
        )


def union_items(union: Type) -> list[Type]:
    """The members of a union, nested ones taken apart."""
    proper = get_proper_type(union)
    if isinstance(proper, UnionType):
        return [item for part in proper.items for item in union_items(part)]
    return [proper]
