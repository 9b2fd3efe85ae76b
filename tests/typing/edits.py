"""Edits of a small project of actors: each changes one thing.

An edit takes its choices from a `Picker`, so that a list of edits and numbers is a history.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from tests.typing.project import Behaviour, Handler, Project

__all__ = ["EDITS", "Edit", "Picker", "syntax_breaks"]

T = TypeVar("T")

TAGS = [None, None, '"M0"', '"M1"', "7", "False", "str.lower"]
TYPES = ["int", "str", "tuple[int, ...]", "list[int]", "dict[str, int]", "M0 | None", "Plain", "Of"]
ALIASES = ["old", "typealias", "type", "union", "nested", "inline", "quoted"]
BASES = ["Actor[{union}]", "Actor[{union}]", "Mixin, Actor[{union}]", "Open[{union}]"]
DERIVED = ["Base", "Base", "Mixin, Base", "Actor[{union}]", "base.Base"]


class Picker:
    """A number taken apart into choices."""

    def __init__(self, number: int) -> None:
        self.number = number

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        self.number, rest = divmod(self.number, len(options))
        return options[rest]


Edit: TypeAlias = Callable[[Project, Picker], None]


def union_changes(project: Project, picker: Picker) -> None:
    """A message comes into the union, or leaves it, or is there twice."""
    name = picker.pick(project.messages).name
    if name in project.union and len(project.union) > 1:
        project.union.remove(name)
    else:
        project.union.append(name)


def tag_changes(project: Project, picker: Picker) -> None:
    """A message's tag is another."""
    picker.pick(project.messages).tag = picker.pick(TAGS)


def field_changes(project: Project, picker: Picker) -> None:
    """A field comes, goes, or has another type."""
    message, text = picker.pick(project.messages), picker.pick(TYPES)
    how = picker.pick(["set", "add", "drop"])
    if how == "add" or not message.fields:
        message.fields.append(text)
    elif how == "set":
        message.fields[-1] = text
    else:
        message.fields.pop()


def field_alias_changes(project: Project, picker: Picker) -> None:
    """The type that fields name is another."""
    project.of = picker.pick(["int", "list[int]", "Plain", "tuple[int, ...]", "set[str]"])


def field_class_changes(project: Project, picker: Picker) -> None:
    """The class that fields name is another kind of class."""
    project.plain = picker.pick(
        [
            "class Plain",
            "@dataclass\nclass Plain",
            "@dataclass(frozen=True)\nclass Plain",
            "class Plain(Struct)",
            "class Plain(Struct, frozen=True)",
            "class Plain(Enum)",
            "class Plain(Message)",
        ]
    )


def second_alias_changes(project: Project, picker: Picker) -> None:
    """An alias beside the messages makes some of them a protocol."""
    name = picker.pick(project.messages).name
    if name in project.pair:
        project.pair.remove(name)
    else:
        project.pair.append(name)


def cycle_changes(project: Project, picker: Picker) -> None:
    """The modules of messages import each other, or no more."""
    project.cycle = not project.cycle


def kind_changes(project: Project, picker: Picker) -> None:
    """A message is made a request, or the reply is another."""
    picker.pick(project.messages).reply = picker.pick([None, "int", "str"])


def message_base_changes(project: Project, picker: Picker) -> None:
    """A message derives from another one, or does so no more."""
    at = picker.pick(range(1, len(project.messages)))
    message, base = project.messages[at], project.messages[at - 1]
    message.base = base.name if message.base is None else None


def message_moves(project: Project, picker: Picker) -> None:
    """A message moves to the other module."""
    message = picker.pick(project.messages[1:])
    message.moved = not message.moved


def handler_changes(project: Project, picker: Picker) -> None:
    """A handler comes, goes, has another name, message or body."""
    actor = picker.pick(project.actors)
    how = picker.pick(["drop", "add", "rename", "message", "does"])
    if how == "add" or not actor.handlers:
        name = picker.pick(["x0", "h0", "h1", "g0"])
        actor.handlers.append(Handler(name, picker.pick(project.messages).name))
        return
    handler = picker.pick(actor.handlers)
    if how == "drop":
        actor.handlers.remove(handler)
    elif how == "rename":
        handler.name = f"{handler.name}x" if "x" not in handler.name else "h0"
    elif how == "message":
        handler.message = picker.pick(project.messages).name
    else:
        target = picker.pick(["initial", "away", "third", "h0"])
        call = picker.pick(
            [f"become(self.{target})", f"become(self.{target}, push=True)", "unbecome()"]
        )
        handler.does = picker.pick(["pass", f"self.{call}", f"self.{call}", "self.ref.tell(msg)"])


def behaviour_changes(project: Project, picker: Picker) -> None:
    """A behaviour comes, goes, is composed otherwise."""
    actor = picker.pick(project.actors)
    how = picker.pick(["part", "add", "drop", "swap"])
    parts = [h.name for a in project.actors for h in a.handlers] + ["initial", "away"]
    if how == "add" or not actor.behaviours:
        name = picker.pick(["third", "initial", "away"])
        actor.behaviours.append(Behaviour(name, [picker.pick(parts)]))
        return
    behaviour = picker.pick(actor.behaviours)
    if how == "drop":
        actor.behaviours.remove(behaviour)
    elif how == "swap":
        behaviour.parts.reverse()
    else:
        part = picker.pick(parts)
        if part in behaviour.parts and len(behaviour.parts) > 1:
            behaviour.parts.remove(part)
        else:
            behaviour.parts.append(part)


def flow_changes(project: Project, picker: Picker) -> None:
    """A transition comes or goes; or all of them."""
    actor = picker.pick(project.actors)
    names = [behaviour.name for behaviour in actor.behaviours] or ["initial"]
    edge = f"{picker.pick(names)}.{picker.pick(['to', 'push'])}({picker.pick(names)})"
    if actor.flow is None:
        actor.flow = [edge]
    elif edge in actor.flow:
        actor.flow.remove(edge)
    elif picker.pick([False, False, False, True]):
        actor.flow = None
    else:
        actor.flow.append(edge)


def actor_base_changes(project: Project, picker: Picker) -> None:
    """An actor inherits from something else."""
    base, derived, _ = project.actors
    if picker.pick([True, False]):
        base.base = picker.pick(BASES)
    else:
        derived.base = picker.pick(DERIVED)


def alias_changes(project: Project, picker: Picker) -> None:
    """The union is spelled otherwise."""
    project.alias = picker.pick(ALIASES)


def imports_change(project: Project, picker: Picker) -> None:
    """Names are imported in another way."""
    project.imports = picker.pick(["names", "modules"])


def comment_comes(project: Project, picker: Picker) -> None:
    """Lines move, nothing else."""
    project.comments = picker.pick([0, 1, 2])


def syntax_breaks(project: Project, picker: Picker) -> None:
    """A module cannot be parsed, until it can."""
    names = ["messages.py", "protocol.py", "base.py", "derived.py"]
    project.broken = picker.pick(names) if project.broken is None else None


EDITS: list[Edit] = [
    comment_comes,
    union_changes,
    handler_changes,
    behaviour_changes,
    flow_changes,
    tag_changes,
    field_changes,
    field_alias_changes,
    field_class_changes,
    second_alias_changes,
    cycle_changes,
    kind_changes,
    message_base_changes,
    message_moves,
    actor_base_changes,
    alias_changes,
    imports_change,
    syntax_breaks,
]
