"""Pieces of the odd modules: expressions, annotations, statements, and what stands at a class."""

# ruff: noqa: E501

from __future__ import annotations

__all__ = ["ANNOTATIONS", "BASES", "DECORATORS", "EXPRESSIONS", "KEYWORDS", "PRELUDE", "STATEMENTS"]

_EXPRESSIONS = """
lambda: 0; lambda self, msg: None; (yes := initial); [*range(3)]; {**{}}; ...; None; 0; "initial"; -1
initial | initial; initial.to(initial); initial.push; initial.to(*targets); (initial, initial)[0]
initial.to(initial) if unknown else None; tuple(initial.to(b) for b in (initial,)); [initial]; undefined
undefined.attribute; self.initial; super().initial; Actor; Actor[int]; Actor[Any]; Message; Request
Request[int]; on; on(Message); on(Message)(lambda self, m: None); type("X", (Message,), {}); Any; int
type[Message]; Message | None; Message | int; Union[Message, None]; Literal["a"]; Callable[..., int]
list[Message]; cast(Any, initial); getattr(self, "initial"); initial.replace(initial); initial.replace()
print; print(initial); (lambda b: b)(initial); {1: initial}[1]; initial and initial; not initial
Behaviour; Accepts[Any]; ActorRef[Any]; ActorRef["Missing"]; f"{initial}"; b""; 1 + 1; ~initial
initial @ initial; initial < initial; initial[0]; initial(None); Message(); Message.__init__; __name__
reveal_type(initial); NotImplemented; Ellipsis; typing.Any; airssys_rt.Message; Self; Never; [][0]
""".replace("\n", ";")
EXPRESSIONS = [text.strip() for text in _EXPRESSIONS.split(";") if text.strip()]

_ANNOTATIONS = """
Any; None; int; "Forward"; "Msg"; Msg; list[Msg]; dict[str, "Msg"]; Literal[1]; Callable[..., Any]; Self
Message; Request[int]; Request[Any]; type[Message]; tuple[()]; tuple[int, ...]; tuple[int, *tuple[str, ...]]
Never; ClassVar[int]; Final; Annotated[int, 1]; Undefined; Undefined[int]; list; T; T | None; object
ActorRef[Msg]; ActorRef["Undefined"]; Recursive; Optional[Recursive]; Nest[int]; Required[int]; Ellipsis
Union[int, "Union[str, Recursive]"]; 1; "not valid ["; Later; int | Later; Behaviour[Msg]; Accepts[Any]
Concatenate[int, ...]; Unpack[tuple[int, ...]]; TypeGuard[int]; Enum; Point; Struct; bytearray; set[int]
""".replace("\n", ";")
ANNOTATIONS = [text.strip() for text in _ANNOTATIONS.split(";") if text.strip()]

DECORATORS = [
    *(
        "property",
        "staticmethod",
        "classmethod",
        "overload",
        "override",
        "final",
        "cached_property",
    ),
    *("undefined", "undefined(1)", "on(Message)", "on(Request)", "on(int)", "on(*types)", "on()"),
    *("on(Undefined)", "on(lambda: 0)", "on(Message | None)", "on_enter(initial)", "on_enter()"),
    *(
        "(lambda f: f)",
        "dataclass",
        "contextmanager",
        "no_type_check",
        "on(T)",
        "on(Msg)",
        "wraps(on)",
    ),
]

BASES = [
    *(
        "Actor",
        "Actor[Msg]",
        "Actor[Any]",
        "Actor[int]",
        "Actor['Undefined']",
        "Actor[T]",
        "Undefined",
    ),
    *(
        "Generic[T]",
        "Protocol",
        "Message",
        "Request[int]",
        "Enum",
        "NamedTuple",
        "TypedDict",
        "object",
    ),
    *(
        "Actor[Message]",
        "Actor[Recursive]",
        "Actor[Request[int] | Message]",
        "*bases",
        "type",
        "Any",
    ),
    *("Struct", "Supervisor", "Exception", "Actor[Actor[Any]]", "Actor[None]", "Actor[Literal[1]]"),
]

KEYWORDS = [
    *("metaclass=ABCMeta", "metaclass=type", "metaclass=Undefined", "frozen=False", "frozen=yes"),
    *(
        "tag='x'",
        "tag=1",
        "tag=str.lower",
        "tag=None",
        "tag=lambda name: name",
        "tag=-1",
        "tag=f'{1}'",
    ),
    *("kw_only=True", "array_like=True", "**options", "unknown=1", "tag_field='t'", "protocol='p'"),
]

STATEMENTS = [
    "pass",
    "...",
    "initial = Undefined",
    "initial: Behaviour[Msg]",
    "initial = None",
    "initial |= initial",
    "initial, other = other, initial",
    "initial = other = third = first",
    "(initial, *rest) = values",
    "flow = ()",
    "flow = initial.to(initial)",
    "flow = [initial.to(initial)]",
    "flow = tuple(initial.to(b) for b in (initial,))",
    "flow = (initial.to(initial), *more)",
    "flow = (initial.to(undefined.b), initial.push(*b), 3, None, lambda: 0)",
    "flow = (initial.final(), initial.final)",
    "flow = property(lambda self: ())",
    "flow: tuple[Edge, ...]",
    "flow += (initial.to(initial),)",
    "del initial",
    "from airssys_rt import Actor as Actor, on as initial",
    "import airssys_rt as initial",
    "class initial: pass",
    "class initial(Message): x: int",
    "def initial(self): ...",
    "async def initial(self, msg: Msg) -> None: await initial",
    "@property\ndef initial(self) -> Any: ...",
    "@property\ndef flow(self) -> Any: ...",
    "@overload\ndef h(self, m: int) -> int: ...\n@overload\ndef h(self, m: str) -> str: ...\ndef h(self, m: Any) -> Any: ...",
    "if unknown:\n    initial = first\nelse:\n    initial = second",
    "for initial in (first, second): pass",
    "with undefined as initial: pass",
    "try:\n    initial = first\nexcept Exception as initial:\n    pass",
    "match unknown:\n    case [initial, *rest]: pass\n    case {'a': flow}: pass\n    case _: pass",
    "initial: Final = first",
    "__slots__ = ('initial', 'flow')",
    "__init_subclass__ = None",
    "def __init_subclass__(cls, **k: Any) -> None: super().__init_subclass__(**k)",
    "def __class_getitem__(cls, item: Any) -> Any: return cls",
    "@on(Message)\ndef h1(self, msg: Message) -> None:\n    self.become(self.initial)",
    "@on(Message)\nasync def h2(self, *msg: Message, **k: Any) -> None:\n    self.unbecome()",
    "@on(Message)\n@on(Message)\ndef h3(self, msg: Any): self.become(lambda: 0, push=unknown, *a, **k)",
    "@on(Undefined)\ndef h4(): return become()",
    "h5 = on(Message)(lambda self, m: self.become(self.h5))",
    "become = None",
    "def become(self, x: int) -> int: return x",
    "self.become(self.initial)",
    "x = [self.become(b) for b in (self.initial,)]",
    "Msg = Message",
    "class Inner(Actor[Msg]):\n    initial = Outer.initial\n    class Deeper(Actor[Inner]): initial = None",
    "def local() -> None:\n    class Local(Actor[Msg]):\n        initial = first\n        flow = (initial.to(initial),)\n    class M(Message): x: 'M'",
    "type_ = type('T', (Actor,), {})",
    "Recursive2 = list['Recursive2'] | Message",
    "raise NotImplementedError",
    "global initial",
    "x: int = (y := 3)",
    "assert False",
    "return_ = yield_ = None",
]

PRELUDE = """
import typing, airssys_rt
from abc import ABCMeta
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, wraps
from typing import *
from msgspec import Struct
from airssys_rt import *
from airssys_rt import Accepts, Actor, ActorRef, Behaviour, Edge, Later, Message, Request, Supervisor, on, on_enter
T = TypeVar("T")
class Point(NamedTuple):
    x: int
Recursive = Union[int, list["Recursive"]]
Nest = Union[T, list["Nest[T]"]]
"""
