"""A small project of actors as data: it renders to modules, and edits change one thing of it.

Modules: `messages` (with `more`, when it is split), `base` with an actor, `derived` with one that
inherits from it, `user` with a class over the same union and calls. Laws: a project always renders
to text that a programmer could have on the screen, right or wrong; an edit takes its choices from a
`Picker`, so that a list of numbers is a history.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

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


@dataclass
class Msg:
    """A message class."""

    name: str
    reply: str | None = None
    tag: str | None = None
    fields: list[str] = field(default_factory=list)
    moved: bool = False  # to the second module
    base: str | None = None  # another message

    def render(self) -> str:
        """The class."""
        base = self.base or ("Message" if self.reply is None else f"Request[{self.reply}]")
        keyword = f", tag={self.tag}" if self.tag is not None else ""
        lines = [f"class {self.name}({base}{keyword}):"]
        lines += [f"    f{n}: {text}" for n, text in enumerate(self.fields)] or ["    pass"]
        return "\n".join(lines) + "\n"


@dataclass
class Handler:
    """A handler: its name, its message, and what its body does with the state."""

    name: str
    message: str
    does: str = "pass"


@dataclass
class Behaviour:
    """A named behaviour: the names that are composed."""

    name: str
    parts: list[str]


@dataclass
class Actor:
    """An actor class."""

    name: str
    base: str
    handlers: list[Handler] = field(default_factory=list)
    behaviours: list[Behaviour] = field(default_factory=list)
    flow: list[str] | None = None
    prefix: str = ""  # where inherited names are: `Base.`

    def render(self, project: Project) -> str:
        """The class."""
        lines = [f"class {self.name}({self.base.format(union=project.union_name())}):"]
        for handler in self.handlers:
            message = next((m for m in project.messages if m.name == handler.message), None)
            reply = (message.reply if message else None) or "None"
            does = "return 0" if reply == "int" and handler.does == "pass" else handler.does
            lines += [
                f"    @on({handler.message})",
                f"    def {handler.name}(self, msg: {handler.message}) -> {reply}:",
                f"        {does}",
                *(["        return 0"] if reply == "int" and does == handler.does else []),
                *(["        return ''"] if reply == "str" else []),
            ]
        own = {one.name for one in [*self.handlers, *self.behaviours]}
        for behaviour in self.behaviours:
            parts = [part if part in own else self.prefix + part for part in behaviour.parts]
            lines.append(f"    {behaviour.name} = {' | '.join(parts)}")
        if self.flow is not None:
            lines.append(f"    flow = ({''.join(f'{edge}, ' for edge in self.flow)})")
        return "\n".join(lines if len(lines) > 1 else [*lines, "    pass"]) + "\n"


@dataclass
class Project:
    """All of it."""

    messages: list[Msg]
    union: list[str]
    actors: list[Actor]
    alias: str = "typealias"
    of: str = "int"  # what the alias `Of` stands for, which fields use
    plain: str = "class Plain"  # a class that fields use
    pair: list[str] = field(default_factory=list)  # an alias beside the messages
    cycle: bool = False  # the two modules of messages import each other
    comments: int = 0
    broken: str | None = None  # the module with a syntax error
    imports: str = "names"

    def union_name(self) -> str:
        """What stands in the brackets."""
        if self.alias == "quoted":
            return '"Msg"'
        return " | ".join(self.union) if self.alias == "inline" else "Msg"

    def union_text(self) -> str:
        """The alias."""
        union = " | ".join(self.union)
        if self.alias == "type":
            return f"type Msg = {union}\n"
        if self.alias == "union":
            return f"Msg = Union[{', '.join(self.union)}]\n"
        if self.alias == "nested" and len(self.union) > 1:
            most = " | ".join(self.union[:-1])
            return f"Part: TypeAlias = {most}\nMsg: TypeAlias = Part | {self.union[-1]}\n"
        if self.alias == "old" and len(self.union) > 1:
            return f"Msg = {union}\n"
        return f"Msg: TypeAlias = {union}\n"

    def pair_text(self) -> str:
        """An alias that makes some messages a protocol where they are defined."""
        text = "import more\n" if self.cycle else ""
        moved = {message.name for message in self.messages if message.moved}
        names = [f"more.{name}" if name in moved else name for name in self.pair]
        known = [name for name in names if self.cycle or "more." not in name]
        return f"{text}Pair: TypeAlias = {' | '.join(known)}\n" if known else text

    def render(self) -> dict[str, str]:
        """The modules."""
        head = "from typing import Generic, TypeAlias, TypeVar, Union\n"
        ours = "from airssys_rt import Actor, ActorRef, Message, Request, on\n"
        more = [m for m in self.messages if m.moved]
        stay = [m for m in self.messages if not m.moved]
        first = (
            "from dataclasses import dataclass\nfrom enum import Enum\nfrom msgspec import Struct\n"
            f"{self.plain}:\n    number: int = 0\nOf: TypeAlias = {self.of}\n"
        )
        shared = (
            "class Mixin:\n    pass\nT = TypeVar('T')\n"
            "class Open(Actor[T], Generic[T]):\n    pass\n"
        )
        fetch = f"from messages import {', '.join(m.name for m in stay)}"
        every = f"{fetch}\n"
        every += f"from more import {', '.join(m.name for m in more)}\n" if more else ""
        files = {
            "messages.py": head + ours + first + "".join(m.render() for m in stay) + self.pair_text(),
            "more.py": head + ours + fetch + ", Of, Plain\n" + "".join(m.render() for m in more),
            "protocol.py": head + ours + every + self.union_text() + shared,
        }
        if self.imports == "modules":
            every = "import messages, more\n" + "".join(
                f"{m.name} = {'more' if m.moved else 'messages'}.{m.name}\n" for m in self.messages
            )
        fetch = every + "from protocol import Mixin, Msg, Open\n"
        base, derived, user = self.actors
        files["base.py"] = head + ours + fetch + base.render(self)
        files["derived.py"] = (
            head + ours + fetch + "import base\nfrom base import Base\n" + derived.render(self)
        )
        files["user.py"] = (
            head + ours + fetch + "from derived import Derived\nimport base\n" + user.render(self)
            + "def use(ref: ActorRef[Msg]) -> None:\n"
            + "".join(f"    ref.tell({name}())\n" for name in self.union if not self.get(name).fields)
            + "    print(base.Base.initial, Derived.initial)\n"
        )
        lines = "# a comment\n" * self.comments
        files = {name: lines + text for name, text in files.items()}
        if self.broken is not None:
            files[self.broken] += "def broken(:\n"
        return files

    def get(self, name: str) -> Msg:
        """The message of this name."""
        return next(m for m in self.messages if m.name == name)


def start() -> Project:
    """A right project, but for what its names suggest."""
    names = [f"M{n}" for n in range(4)]
    base = Actor(
        "Base",
        "Actor[{union}]",
        [
            Handler("h0", "M0", "self.become(self.away)"),
            Handler("h1", "M1"),
            Handler("h2", "M2"),
            Handler("g0", "M0"),
            Handler("g1", "M1", "self.become(self.initial)"),
        ],
        [Behaviour("initial", ["h0", "h1", "h2"]), Behaviour("away", ["g0", "g1"])],
        ["initial.to(away)", "away.to(initial)"],
    )
    derived = Actor("Derived", "Base", [Handler("h2", "M2")], [], None, "Base.")
    user = Actor("User", "Actor[{union}]", [], [Behaviour("initial", ["h0", "h1", "h2"])])
    user.prefix = "base.Base."
    messages = [Msg(name) for name in names]
    messages[2].reply = "int"
    return Project(messages, names[:3], [base, derived, user])


# ---------------------------------------------------------------- edits


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


EDITS: list[Callable[[Project, Picker], None]] = [
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
