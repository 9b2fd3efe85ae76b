"""actor-missing, actor-extra, actor-duplicate, actor-unused: who handles which message."""

from __future__ import annotations

from airssys_rt.mypy import codes
from airssys_rt.mypy.model import ActorModel
from airssys_rt.mypy.table import listed

__all__ = ["check_coverage"]


def check_coverage(actor: ActorModel) -> None:
    """Compare the class's behaviours with its union."""
    _check_initial(actor)
    for name in actor.own_behaviours:
        _check_behaviour(actor, name)
    _check_unused(actor)


def _check_initial(actor: ActorModel) -> None:
    """`initial` handles each member; at the class, where only the union is its own."""
    if not actor.closed or not actor.is_behaviour("initial"):
        return
    table = actor.table("initial")
    if actor.members.keys() <= table.handlers.keys():
        return
    # mypy leaves subclasses out of a union with their base: a row made of a type has them as well
    by_type = [key for key, handler in table.handlers.items() if handler is None]
    missing = [
        member.type.name
        for key, member in actor.members.items()
        if key not in table.handlers and not any(map(member.type.has_base, by_type))
    ]
    if missing and table.known:
        own = "initial" in actor.own_behaviours or "initial" in actor.info.names
        actor.fail(
            f'Behaviour "initial" of "{actor.info.name}" has no handler for {listed(missing)};'
            " write one with @on(...) and add it with |, or take the message out of the union",
            actor.places.get("initial", actor.info.defn) if own else actor.info.defn,
            codes.MISSING,
        )


def _check_behaviour(actor: ActorModel, name: str) -> None:
    table = actor.table(name)
    if not table.twice and (not actor.closed or table.handlers.keys() <= actor.members.keys()):
        return  # what nearly all are like
    where = actor.places.get(name, actor.info.defn)
    for message, one, other in table.twice:
        actor.fail(
            f'Behaviour "{name}" has two handlers for "{short(message)}", "{one}" and "{other}";'
            " leave one out, or exchange it with .replace(...)",
            where,
            codes.DUPLICATE,
        )
    if not actor.closed:
        return
    foreign = [short(key) for key in table.handlers if key not in actor.members]
    if foreign:
        actor.fail(
            f'Behaviour "{name}" handles {listed(foreign)}, but the union of'
            f' "{actor.info.name}" has no such member; add it there, or take the handler out',
            where,
            codes.EXTRA,
        )


def _check_unused(actor: ActorModel) -> None:
    """A handler that no behaviour lists and nothing becomes is never called."""
    handlers = [method for method in actor.methods if method.message is not None]
    if not handlers:
        return
    if not actor.behaviours or not actor.is_behaviour("initial"):
        return
    tables = [actor.table(name) for name in actor.behaviours]
    used: set[str | None] = set()
    used.update(*[table.handlers.values() for table in tables])
    unused = [method for method in handlers if method.name not in used]
    if not unused or not all(table.known for table in tables):
        return
    used.update([other for table in tables for _, _, other in table.twice])  # reported as such
    # named alone, it is a behaviour itself
    used.update([t for doing in actor.does("become") for t in doing[2]])
    used.update([name for edge in actor.flow or () for name in edge[:2]])
    for method in unused:
        if method.message is None or method.name in used:
            continue
        if method.name in actor.mentioned:
            continue  # called as a method, or composed in an expression
        actor.fail(
            f'Handler "{method.name}" for "{method.message.type.name}" is in no behaviour of'
            f' "{actor.info.name}", so it is never called; add it with |, or take it out',
            method.function,
            codes.UNUSED,
        )


def short(fullname: str) -> str:
    """The last part of a full name."""
    return fullname.rpartition(".")[2]
