"""Modules of actors that nobody would write: what mypy's plugin has to survive.

`seeds()` are programs of the house (golden files, the documentation's code); `mutated` changes some
statements and expressions of one; `invented` puts a module together from a small grammar. Laws: the
same number gives the same module; a module compiles, for mypy stops at the first syntax error.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Callable, Sequence
from random import Random

from tests.typing.golden import golden_files
from tests.typing.odd_pieces import (
    ANNOTATIONS,
    BASES,
    DECORATORS,
    EXPRESSIONS,
    KEYWORDS,
    PRELUDE,
    STATEMENTS,
)
from tests.typing.running import ROOT

# ---------------------------------------------------------------- mutations


def expression(text: str) -> ast.expr:
    """The tree of an expression."""
    return ast.parse(text, mode="eval").body


def statements(text: str) -> list[ast.stmt]:
    """The trees of statements."""
    return ast.parse(text).body


def bodies(tree: ast.AST) -> list[list[ast.stmt]]:
    """Every list of statements."""
    found = []
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                found.append(body)
    return found


def of_type(tree: ast.AST, kind: type[ast.AST] | tuple[type[ast.AST], ...]) -> list[ast.AST]:
    """Every node of a kind."""
    return [node for node in ast.walk(tree) if isinstance(node, kind)]


FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


class Mutator:
    """Changes a tree, by chance."""

    def __init__(self, tree: ast.Module, random: Random) -> None:
        self.tree, self.random = tree, random
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        self.names = sorted(names | {"initial", "flow", "Actor", "Message", "on"})

    def mutate(self) -> None:
        """One change."""
        self.random.choice(self.CHANGES)(self)

    def delete(self) -> None:
        body = self.random.choice(bodies(self.tree))
        del body[self.random.randrange(len(body))]
        if not body:
            body.append(ast.Pass())

    def duplicate(self) -> None:
        body, other = self.random.choice(bodies(self.tree)), self.random.choice(bodies(self.tree))
        # a copy: the tree has to stay one
        copied = statements(ast.unparse(self.random.choice(body)))
        at = self.random.randrange(len(other) + 1)
        other[at:at] = copied

    def swap(self) -> None:
        body = self.random.choice(bodies(self.tree))
        one, other = self.random.randrange(len(body)), self.random.randrange(len(body))
        body[one], body[other] = body[other], body[one]

    def wrap(self) -> None:
        body = self.random.choice(bodies(self.tree))
        at = self.random.randrange(len(body))
        text = self.random.choice(
            [
                "if unknown:\n    pass\nelse:\n    pass",
                "if TYPE_CHECKING:\n    pass",
                "if not TYPE_CHECKING:\n    pass",
                "for i in range(3):\n    pass",
                "while unknown:\n    pass",
                "try:\n    pass\nfinally:\n    print()",
                "with undefined:\n    pass",
                "def wrapped(self):\n    pass",
                "class Wrapped:\n    pass",
                "class Wrapped(Actor[Msg]):\n    pass",
            ]
        )
        (outer,) = statements(text)
        for inner in bodies(outer)[:1]:
            inner[:] = [body[at]]
        body[at] = outer

    def insert(self) -> None:
        body = self.random.choice(bodies(self.tree))
        at = self.random.randrange(len(body) + 1)
        body[at:at] = statements(self.random.choice(STATEMENTS))

    def replace(self) -> None:
        self._replace(lambda: expression(self.random.choice(EXPRESSIONS)))

    def replace_by_own(self) -> None:
        texts = [ast.unparse(node) for node in self._expressions()]
        self._replace(lambda: expression(self.random.choice(texts)))

    def _expressions(self) -> list[ast.expr]:
        found = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        ]
        return found or [ast.Constant(0)]

    def _replace(self, make: Callable[[], ast.expr]) -> None:
        slots = []
        for node in ast.walk(self.tree):
            for name, value in ast.iter_fields(node):
                for at, item in enumerate(value if isinstance(value, list) else [value]):
                    if isinstance(item, ast.expr) and isinstance(
                        getattr(item, "ctx", ast.Load()), ast.Load
                    ):
                        slots.append((node, name, at))
        if slots:
            node, name, at = self.random.choice(slots)
            value = getattr(node, name)
            if isinstance(value, list):
                value[at] = make()
            else:
                setattr(node, name, make())

    def rename(self) -> None:
        names = [
            n for n in ast.walk(self.tree) if isinstance(n, (ast.Name, *FUNCTION, ast.ClassDef))
        ]
        if names:
            node = self.random.choice(names)
            name = self.random.choice(self.names)
            if isinstance(node, ast.Name):
                node.id = name
            else:
                node.name = name

    def annotate(self) -> None:
        text = self.random.choice(ANNOTATIONS)
        for node in self._some((ast.arg, ast.AnnAssign, *FUNCTION)):
            if isinstance(node, FUNCTION):
                node.returns = expression(text)
            elif isinstance(node, (ast.arg, ast.AnnAssign)):
                node.annotation = expression(text)

    def _some(self, kind: type[ast.AST] | tuple[type[ast.AST], ...]) -> list[ast.AST]:
        found = of_type(self.tree, kind)
        return [self.random.choice(found)] if found else []

    def decorate(self) -> None:
        for node in self._some((*FUNCTION, ast.ClassDef)):
            if isinstance(node, (*FUNCTION, ast.ClassDef)):
                decorators = node.decorator_list
                if decorators and self.random.random() < 0.3:
                    decorators.pop(self.random.randrange(len(decorators)))
                    continue
                at = self.random.randrange(len(decorators) + 1)
                decorators.insert(at, expression(self.random.choice(DECORATORS)))

    def signature(self) -> None:
        text = self.random.choice(
            [
                "",
                "self",
                "self, *a",
                "self, **k",
                "self, m, /",
                "self, *, m",
                "self, m=1",
                "m, self",
            ]
        )
        for node in self._some(FUNCTION):
            if isinstance(node, FUNCTION):
                shaped = expression(f"lambda {text}: 0")
                if isinstance(shaped, ast.Lambda):
                    node.args = shaped.args

    def base(self) -> None:
        for node in self._some(ast.ClassDef):
            if isinstance(node, ast.ClassDef):
                if node.bases and self.random.random() < 0.5:
                    node.bases.pop(self.random.randrange(len(node.bases)))
                made = expression(f"f({self.random.choice(BASES)})")
                if isinstance(made, ast.Call) and self.random.random() < 0.8:
                    node.bases[0:0] = made.args

    def keyword(self) -> None:
        for node in self._some(ast.ClassDef):
            made = expression(f"f({self.random.choice(KEYWORDS)})")
            if isinstance(node, ast.ClassDef) and isinstance(made, ast.Call):
                node.keywords += made.keywords

    def toggle_async(self) -> None:
        for body in bodies(self.tree):
            for at, node in enumerate(body):
                if isinstance(node, FUNCTION) and self.random.random() < 0.2:
                    other = FUNCTION[isinstance(node, ast.FunctionDef)]
                    body[at] = other(**dict(ast.iter_fields(node)))

    def retarget(self) -> None:
        text = self.random.choice(
            ["a.b", "a[0]", "(a, initial)", "[initial, flow]", "self.initial", "initial", "flow"]
        )
        for node in self._some(ast.Assign):
            if isinstance(node, ast.Assign):
                (made,) = statements(f"{text} = 0")
                if isinstance(made, ast.Assign):
                    node.targets += made.targets
                    node.targets = node.targets[-2:]

    CHANGES: list[Callable[[Mutator], None]] = [
        *(delete, duplicate, swap, wrap, insert, insert, replace, replace, replace_by_own, rename),
        *(annotate, annotate, decorate, signature, base, keyword, toggle_async, retarget),
    ]


def compiles(text: str) -> bool:
    """Whether Python can read the module."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "odd.py", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError):
            return False
    return True


def mutated(seed: str, random: Random) -> str:
    """The seed with a few changes, as text that compiles."""
    text = seed
    for _ in range(random.randint(1, 6)):
        tree = ast.parse(text)
        try:
            Mutator(tree, random).mutate()
            new = ast.unparse(ast.fix_missing_locations(tree))
        except (SyntaxError, ValueError, AttributeError, TypeError):
            continue  # the change has made what is no tree
        if compiles(new):
            text = new
    return text


# ---------------------------------------------------------------- inventions


def invented(random: Random) -> str:
    """A module from a grammar: odd messages, odd aliases, odd actors."""
    makers = [_message, _alias, _actor, _statement]
    parts = [random.choice(makers)(random) for _ in range(20)]
    text = "\n".join([PRELUDE, *(part for part in parts if compiles(part))])
    return text if compiles(text) else PRELUDE


def _message(random: Random) -> str:
    base = random.choice(["Message", "Message", "Request[int]", "Request[T]", random.choice(BASES)])
    keyword = random.choice(["", "", f", {random.choice(KEYWORDS)}"])
    lines = [f"    f{n}: {random.choice(ANNOTATIONS)}" for n in range(random.randrange(3))]
    lines += [textwrap.indent(random.choice(STATEMENTS), "    ")] if random.random() < 0.2 else []
    name = random.choice(["M0", "M1", "M2", "Msg"])
    return f"class {name}({base}{keyword}):\n" + ("\n".join(lines) or "    pass")


def _alias(random: Random) -> str:
    left, right = random.choice(ANNOTATIONS), random.choice(ANNOTATIONS)
    return random.choice(
        [
            f"Msg: TypeAlias = {left}",
            f"Msg = Union[{left}, {right}]",
            "Msg: TypeAlias = 'M0 | M1 | Msg'",
            "Msg = M0 | M1",
            "Msg: TypeAlias = 'Msg'",
            f"Msg = NewType('Msg', {left})",
        ]
    )


def _actor(random: Random) -> str:
    bases = ", ".join(random.choice(BASES) for _ in range(random.randint(1, 2)))
    if random.random() < 0.6:
        bases = random.choice(
            ["Actor[Msg]", "Actor[M0 | M1]", "Actor['M0 | M2']", "A0", "Actor[M0]"]
        )
    keyword = random.choice(["", "", "", f", {random.choice(KEYWORDS)}"])
    lines = []
    for n in range(random.randint(0, 4)):
        message = random.choice(["M0", "M1", "M2", "Msg", random.choice(ANNOTATIONS)])
        lines.append(
            f"@on({message})\n{random.choice(['', 'async '])}def h{n}(self, msg: {message})"
            f" -> {random.choice(['None', 'int', random.choice(ANNOTATIONS)])}:\n"
            + textwrap.indent(_handler_body(random), "    ")
        )
    names = ["h0", "h1", "h2", "initial", "A0.initial", random.choice(EXPRESSIONS)]
    for name in ("initial", "other", "flow"):
        if random.random() < 0.7:
            some = random.choices(names, k=random.randint(1, 3))
            lines += [f"{name} = {' | '.join(some)}"]
    lines += [random.choice(STATEMENTS) for _ in range(random.randrange(3))]
    edges = [f"{random.choice(names)}.{random.choice(['to', 'push'])}({random.choice(names)}),"]
    lines += [f"flow = ({' '.join(edges)})"] if random.random() < 0.5 else []
    body = textwrap.indent("\n".join(lines) or "pass", "    ")
    return f"class {random.choice(['A0', 'A1', 'A2'])}({bases}{keyword}):\n{body}"


def _handler_body(random: Random) -> str:
    odd = random.choice(EXPRESSIONS)
    return random.choice(
        [
            "...",
            f"return {odd}",
            f"self.become({odd})",
            f"self.become(self.initial, {odd})",
            f"self.become(self.{random.choice(['h0', 'other', 'initial'])}, push=True)",
            "self.unbecome()",
            f"self.monitor({odd})",
            f"self.after(1.0, {odd})",
            f"self.every({odd}, msg, key={odd})",
            f"reply = self.defer({odd})\nreturn reply",
            f"self.items = {odd}\nself.ref.tell(self.items)",
            "time = __import__('time')\ntime.sleep(1)",
            f"open({odd})",
            f"async def inner(): await self.ref.ask({odd})\nself.become(inner)",
            f"class Local(Actor[Msg]):\n    initial = {odd}",
            f"if unknown: self.become(self.initial)\nelif {odd}: self.unbecome()\nelse: raise",
            f"match msg:\n    case M0(): self.become({odd})\n    case _: pass",
        ]
    )


def _statement(random: Random) -> str:
    return random.choice([*STATEMENTS, f"x = {random.choice(EXPRESSIONS)}"])


# ---------------------------------------------------------------- all of them

CODE_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def seeds() -> list[str]:
    """Golden files and the documentation's code."""
    found = [*golden_files(newer=False).values()]
    found += [
        text for name, text in golden_files(ROOT / "typecheck" / "cases", newer=False).items()
    ]
    found += [*golden_files(ROOT / "docs" / "examples").values()]
    for path in sorted((ROOT / "docs").rglob("*.md")):
        found += CODE_BLOCK.findall(path.read_text(encoding="utf-8"))
    return [text for text in found if compiles(text) and ast.parse(text).body]


def odd_module(number: int, programs: Sequence[str], count: int) -> str:
    """The module of a number; of `count`, some import each other, in cycles as well."""
    random = Random(number)
    text = invented(random) if number % 3 == 0 else mutated(random.choice(programs), random)
    for place in ("first", "last"):
        if random.random() < 0.1:
            other = f"from {module_name(random.randrange(count))} import *"
            more = f"{other}\n{text}\n" if place == "first" else f"{text}\n{other}\n"
            text = more if compiles(more) else text
    return text + "\n"


def module_name(number: int) -> str:
    """The name of the module of a number."""
    return f"odd{number:04}"
