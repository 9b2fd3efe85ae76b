"""A small project of actors as data, which renders to modules; edits.py changes it.

Modules: `messages` (with `more`, when it is split), `base` with an actor, `derived` with one that
inherits from it, `user` with a class over the same union and calls; `far` names none of the
modules that its classes rest on but by aliases and bases. Laws: a project always renders
to text that a programmer could have on the screen, right or wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field


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
        own = {handler.name for handler in self.handlers} | {b.name for b in self.behaviours}
        for behaviour in self.behaviours:
            parts = [part if part in own else self.prefix + part for part in behaviour.parts]
            lines.append(f"    {behaviour.name} = {' | '.join(parts)}")
        if self.flow is not None:
            lines.append(f"    flow = ({''.join(f'{edge}, ' for edge in self.flow)})")
        return "\n".join(lines if len(lines) > 1 else [*lines, "    pass"]) + "\n"


FAR = """\
import derived
from airssys_rt import Actor, Message
from protocol import Kind, Msg, Part
class Alone(Actor[Msg]):
    pass
class Deep(derived.Derived):
    def back(self) -> None:
        self.become(self.initial)
class Extended(Kind):
    pass
class Holder(Message):
    part: Part
"""


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
            f"Kind: TypeAlias = {self.union[0]}\nPart: TypeAlias = Plain\n"
        )
        fetch = f"from messages import {', '.join(m.name for m in stay)}"
        every = f"{fetch}\n"
        every += f"from more import {', '.join(m.name for m in more)}\n" if more else ""
        files = {
            "messages.py": head
            + ours
            + first
            + "".join(m.render() for m in stay)
            + self.pair_text(),
            "more.py": head + ours + fetch + ", Of, Plain\n" + "".join(m.render() for m in more),
            "protocol.py": head
            + ours
            + every
            + "from messages import Plain\n"
            + self.union_text()
            + shared,
            "far.py": FAR,
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
            head
            + ours
            + fetch
            + "from derived import Derived\nimport base\n"
            + user.render(self)
            + "def use(ref: ActorRef[Msg]) -> None:\n"
            + "".join(
                f"    ref.tell({name}())\n" for name in self.union if not self.get(name).fields
            )
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
