"""The house rules about files and imports, read from the source with ``ast``.

Imports go downward only; the kernel and what is under it know no event loop; no module needs itself
to be imported; files are short; facades only re-export, the package's own one lazily. Each rule is
a function from a package's directory to the sentences that say what is wrong with it, so that the
last tests can plant a violation of each and see it found.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "airssys_rt"
NAME = "airssys_rt"

# A layer imports what stands above it in this list, and itself; layers on one line do not know of
# each other.
LAYERS = (
    {"errors"},
    {"core"},
    {"kernel"},
    {"supervision", "naming"},
    {"runtime"},
    {"observe", "osl", "wasm", "nats"},
    {"bench"},
    {"testing", "cli"},
    {"__main__"},
)
RANK = {layer: rank for rank, layers in enumerate(LAYERS) for layer in layers}
FACADE = "__init__"  # the package's own: imported by nothing inside, except by programs
PROGRAMS = {"bench", "cli", "testing", "__main__"}
PLUGIN = "mypy"  # runs inside of mypy, imports nothing of the package

# Typing-only imports that go upward, each with its reason.
UPWARD_TYPES = {
    # the type of Actor.system; the engine never imports the runtime
    ("kernel.actor", "runtime.system"),
}

SYNC_LAYERS = {"errors", "core", "kernel"}
EVENT_LOOPS = {"anyio", "asyncio", "curio", "sniffio", "trio", "uvloop"}
MOST_LINES = 400


@dataclass(frozen=True)
class Import:
    """One imported module, as some module of the package names it."""

    module: str  # the importer, relative to the package: "kernel.cell"
    target: str  # absolute: "airssys_rt.core.message", "anyio.abc"
    line: int
    typing_only: bool

    @property
    def where(self) -> str:
        return f"{self.module}:{self.line}"


def layer_of(module: str) -> str:
    """``kernel.cell`` -> ``kernel``."""
    return module.partition(".")[0]


def modules(package: Path) -> dict[str, ast.Module]:
    """Every module by its name relative to the package; a facade by its subpackage's name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


def is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def imports(module: str, tree: ast.AST, known: frozenset[str]) -> Iterator[Import]:
    """Every import of a module, those inside of functions and under TYPE_CHECKING too."""

    def walk(node: ast.AST, typing_only: bool) -> Iterator[Import]:
        if isinstance(node, ast.If) and is_type_checking(node.test):
            for statement in node.body:
                yield from walk(statement, True)
            for statement in node.orelse:
                yield from walk(statement, typing_only)
            return
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, node.lineno, typing_only)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            for alias in node.names:
                # `from airssys_rt.core import message` imports a module, not a name.
                submodule = f"{base}.{alias.name}"
                is_module = submodule.removeprefix(f"{NAME}.") in known
                yield Import(module, submodule if is_module else base, node.lineno, typing_only)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, typing_only)

    yield from walk(tree, False)


def all_imports(package: Path) -> list[Import]:
    trees = modules(package)
    known = frozenset(trees)
    return [found for module, tree in trees.items() for found in imports(module, tree, known)]


def inner_target(found: Import) -> str | None:
    """The imported module relative to the package, or None if it belongs to another package."""
    if found.target == NAME:
        return FACADE
    return found.target.removeprefix(f"{NAME}.") if found.target.startswith(f"{NAME}.") else None


# ---------------------------------------------------------------- the rules


def imports_that_go_upward(package: Path) -> list[str]:
    wrong = []
    for found in all_imports(package):
        target = inner_target(found)
        if target is None or found.module == FACADE:
            continue
        source, goal = layer_of(found.module), layer_of(target)
        if source == goal:
            continue
        if PLUGIN in (source, goal):
            allowed = False
        elif goal == FACADE:
            allowed = source in PROGRAMS
        else:
            typed = found.typing_only and (found.module, target) in UPWARD_TYPES
            allowed = typed or RANK[goal] < RANK[source]
        if not allowed:
            wrong.append(f"{found.where} imports {target}")
    return wrong


def layers_without_a_place(package: Path) -> list[str]:
    layers = {layer_of(module) for module in modules(package)}
    return sorted(layers - RANK.keys() - {FACADE, PLUGIN})


def event_loops_where_none_belongs(package: Path) -> list[str]:
    return [
        f"{found.where} imports {found.target}"
        for found in all_imports(package)
        if layer_of(found.module) in SYNC_LAYERS and layer_of(found.target) in EVENT_LOOPS
    ]


def import_cycles(package: Path) -> list[str]:
    """Cycles among modules at run time; an import that waits inside of a function counts too."""
    graph: dict[str, set[str]] = {}
    for found in all_imports(package):
        target = inner_target(found)
        # The facade imports lazily, by name, when everything else has been imported.
        if target is not None and not found.typing_only and FACADE not in (found.module, target):
            graph.setdefault(found.module, set()).add(target)
    cycles: list[str] = []
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        if module in path:
            cycles.append(" -> ".join((*path[path.index(module) :], module)))
        elif module not in done:
            for target in sorted(graph.get(module, ())):
                visit(target, (*path, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())
    return cycles


def long_files(package: Path) -> list[str]:
    sizes = {
        path.relative_to(package).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in package.rglob("*.py")
    }
    return [f"{path} has {lines} lines" for path, lines in sizes.items() if lines > MOST_LINES]


def facades_that_do_more_than_re_export(package: Path) -> list[str]:
    """A facade holds its docstring, imports, ``__all__`` and the hooks of lazy import, no more."""
    wrong = []
    for path in sorted(package.rglob("__init__.py")):
        facade = path.relative_to(package).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lazy_only = path.parent == package
        for node in tree.body:
            match node:
                case ast.Expr(value=ast.Constant(value=str())) | ast.Assign() | ast.AnnAssign():
                    continue
                case ast.If(test=test) if is_type_checking(test):
                    continue
                case ast.FunctionDef(name="__getattr__" | "__dir__"):
                    continue
                case ast.Import() | ast.ImportFrom():
                    here = imports(FACADE, node, frozenset(modules(package)))
                    if not lazy_only or all(inner_target(found) is None for found in here):
                        continue
                case _:
                    pass
            wrong.append(f"{facade}:{node.lineno} {ast.unparse(node).partition(chr(10))[0]}")
    return wrong


RULES = (
    imports_that_go_upward,
    layers_without_a_place,
    event_loops_where_none_belongs,
    import_cycles,
    long_files,
    facades_that_do_more_than_re_export,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_has_no(rule: type) -> None:
    assert len(modules(PACKAGE)) > 5
    assert rule(PACKAGE) == []


def test_importing_the_package_loads_nothing_of_it_but_the_facade() -> None:
    program = f"""if True:
        import sys
        import {NAME}
        heavy = {{"msgspec", "anyio", "asyncio", "trio"}}
        print(sorted(m for m in sys.modules if m.startswith("{NAME}.") or m in heavy))
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_name_that_the_facade_lists_can_be_had_from_it() -> None:
    program = f"""if True:
        import {NAME}
        assert set({NAME}.__all__) <= set(dir({NAME})), "dir() hides names"
        for name in {NAME}.__all__:
            getattr({NAME}, name)
        scope = {{}}
        exec("from {NAME} import *", scope)
        assert set({NAME}.__all__) <= scope.keys()
    """
    subprocess.run([sys.executable, "-c", program], check=True)


# ---------------------------------------------------------------- the rules find what they look for

CLEAN = {
    "__init__.py": '"""Facade."""\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n'
    "    from airssys_rt.core.message import Message\n"
    "def __getattr__(name: str) -> object: ...\n",
    "errors.py": "",
    "core/__init__.py": "from airssys_rt.core.message import Message as Message\n",
    "core/message.py": "import airssys_rt.errors\nclass Message: ...\n",
    "kernel/__init__.py": "",
    "kernel/ref.py": "from airssys_rt.core import message\n",
    "runtime/system.py": "import anyio\nfrom airssys_rt.kernel.ref import x\n",
    "cli/app.py": "from airssys_rt import Actor\n",
    "mypy/plugin.py": "from airssys_rt.mypy import names\n",
    "mypy/names.py": "",
}

VIOLATIONS = [
    (imports_that_go_upward, "errors.py", "import airssys_rt.core.message\n"),
    (imports_that_go_upward, "core/actor.py", "from airssys_rt.kernel.ref import x\n"),
    (imports_that_go_upward, "core/actor.py", "from airssys_rt import kernel\n"),
    (imports_that_go_upward, "core/actor.py", "def f():\n    import airssys_rt.runtime.system\n"),
    (
        imports_that_go_upward,
        "kernel/cell.py",
        "import typing\nif typing.TYPE_CHECKING:\n    from airssys_rt.runtime.system import x\n",
    ),
    (imports_that_go_upward, "kernel/cell.py", "from airssys_rt import Actor\n"),
    (imports_that_go_upward, "naming/name.py", "import airssys_rt.supervision\n"),
    (imports_that_go_upward, "mypy/tell.py", "from airssys_rt.errors import x\n"),
    (imports_that_go_upward, "runtime/ask.py", "import airssys_rt.mypy.names\n"),
    (layers_without_a_place, "helpers/misc.py", ""),
    (event_loops_where_none_belongs, "kernel/cell.py", "from anyio.abc import TaskGroup\n"),
    (event_loops_where_none_belongs, "core/props.py", "def f():\n    import asyncio\n"),
    (
        import_cycles,
        "errors.py",
        "def f():\n    from airssys_rt.core.message import Message\n",
    ),
    (long_files, "core/long.py", "\n" * 401),
    (facades_that_do_more_than_re_export, "__init__.py", "from airssys_rt.errors import x\n"),
    (facades_that_do_more_than_re_export, "core/__init__.py", "def help(): ...\n"),
]


def plant(package: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, encoding="utf-8")
    return package


def test_a_clean_package_breaks_no_rule(tmp_path: Path) -> None:
    package = plant(tmp_path / NAME, CLEAN)
    assert [problem for rule in RULES for problem in rule(package)] == []


@pytest.mark.parametrize(
    ("rule", "file", "text"), VIOLATIONS, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_planted_violation_is_found(tmp_path: Path, rule: type, file: str, text: str) -> None:
    package = plant(tmp_path / NAME, {**CLEAN, file: text})
    assert len(rule(package)) == 1
