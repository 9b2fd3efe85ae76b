"""What the plugin says of fields, beside msgspec itself."""

from __future__ import annotations

import re
import sys
from types import ModuleType
from typing import Any

import msgspec
import pytest
from mypy import api

HEAD = """
import collections, dataclasses, datetime, decimal, enum, fractions, ipaddress, pathlib, uuid
import collections.abc as abc
import re
from typing import Any, Callable, Generic, Literal, NamedTuple, NewType
from typing import Annotated, Iterable, Iterator, Mapping, Optional, TypedDict
import msgspec
from airssys_rt import Message

@dataclasses.dataclass
class Loose: x: int
@dataclasses.dataclass(frozen=True)
class Fixed: x: int
class Pair(NamedTuple):
    a: int
    b: list[int]
class Dict(TypedDict): a: int
class Color(enum.Enum): RED = 1
class Word(enum.StrEnum): A = "a"
class Bits(enum.Flag): ONE = 1
Id = NewType("Id", int)
class Sub(int): ...
class Plain: ...
class Open(msgspec.Struct): x: int
class Shut(msgspec.Struct, frozen=True): x: int
class A(msgspec.Struct, frozen=True, tag="a"): x: int
class B(msgspec.Struct, frozen=True, tag="b"): x: int
class Node(msgspec.Struct, frozen=True):
    next: "Node | None" = None
"""
TYPES = """
int  float  str  bytes  bytearray  memoryview  bool  None  Any
list[int]  set[int]  dict[str, int]  frozenset[int]  tuple[int, ...]  tuple[int, str]  tuple[()]
Mapping[str, int]  abc.Sequence[int]  abc.Set[int]  abc.Collection[int]
abc.MutableSequence[int]  abc.MutableMapping[str, int]
Iterable[int]  Iterator[int]  abc.Hashable  collections.deque[int]
collections.OrderedDict[str, int]
collections.Counter[str]  collections.defaultdict[str, int]
Loose  Fixed  Pair  Dict  Color  Word  Bits  Id  Sub  Plain  Open  Shut  A  Node
complex  range  type  type[int]  Callable[[], int]  re.Pattern[str]
ipaddress.IPv4Address  pathlib.Path  datetime.datetime  datetime.date  datetime.time
datetime.timedelta  datetime.tzinfo  decimal.Decimal  uuid.UUID  fractions.Fraction
Literal["a"]  Literal[1]  Literal["a", 1]  Annotated[int, msgspec.Meta(gt=0)]
int | float  int | None  Optional[str]  str | int  str | bytes  str | datetime.datetime
datetime.date | datetime.datetime  Word | str  Color | str  Literal["a"] | str
Literal["a"] | Literal["b"]
list[int] | tuple[int, ...]  list[int] | int  frozenset[int] | tuple[int, ...]
A | B  A | None  A | B | int  Shut | A  Shut | Open  Fixed | Loose
dict[str, int] | A  Fixed | dict[str, int]
Plain | int  Plain | None  Plain | Fixed
dict[str, list[tuple[int, Plain]]]  frozenset[Plain]  tuple[Plain, ...]  list[str | bytes]
msgspec.Raw  int | msgspec.UnsetType
"""
KINDS = [kind for line in TYPES.splitlines() for kind in re.split(r"  +", line.strip()) if kind]
MUTABLE = re.compile(r"\b(list|set|dict|bytearray|Mutable\w+|Loose|Dict|Open)\b(?!\()")
# a field of a field
INSIDE = {"Pair"}


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The codes that the plugin reports for each kind of field."""
    folder = tmp_path_factory.mktemp("fields")
    lines = HEAD.splitlines()
    where: dict[int, str] = {}
    for number, kind in enumerate(KINDS):
        lines += [f"class Field{number}(Message):", f"    field: {kind}"]
        where[len(lines)] = kind
    program = folder / "fields.py"
    program.write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = folder / "mypy.ini"
    config.write_text("[mypy]\nplugins = airssys_rt.mypy\n", encoding="utf-8")
    out, errors, _ = api.run(
        ["--config-file", str(config), "--cache-dir", str(folder / "cache"), str(program)]
    )
    assert not errors
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for line, code in re.findall(r"fields\.py:(\d+): error: .*  \[([\w-]+)\]", out):
        found[where[int(line)]].add(code)
    return found


def msgspec_takes(kind: str) -> bool:
    """Whether msgspec knows the type, and all types in it, by themselves."""
    module = ModuleType("fields_by_msgspec")
    sys.modules[module.__name__] = module  # annotations are looked up there
    try:
        exec(HEAD, vars(module))
        annotation: Any = eval(kind, vars(module))
        msgspec.json.Decoder(annotation)
        info = msgspec.inspect.type_info(annotation)
    except TypeError:
        return False
    finally:
        del sys.modules[module.__name__]
    # UNSET is for fields, where msgspec knows it
    return "CustomType" not in repr(info).replace("CustomType(cls=<class 'msgspec.UnsetType", "")


@pytest.mark.parametrize("kind", KINDS)
def test_the_plugin_and_msgspec_agree_on_what_can_be_decoded(
    findings: dict[str, set[str]], kind: str
) -> None:
    assert ("actor-field" not in findings[kind]) == msgspec_takes(kind), findings[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_plugin_finds_what_can_be_changed(findings: dict[str, set[str]], kind: str) -> None:
    changes = bool(MUTABLE.search(kind)) or kind in INSIDE
    assert ("actor-mutable" in findings[kind]) == changes, findings[kind]
