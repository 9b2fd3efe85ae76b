"""Finding the actor class that `MODULE:ACTOR` names.

Importing a module runs it: what it prints goes to standard error, and whatever it raises becomes
an error that says where.  Law: the present directory is searched first, as with `python -m`.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import traceback
from contextlib import redirect_stdout
from difflib import get_close_matches
from types import ModuleType
from typing import Any, cast

from airssys_rt import Actor
from airssys_rt.core.protocol import ActorProtocol
from airssys_rt.errors import ActorError, BadArgument

__all__ = ["protocol_at"]


def protocol_at(target: str) -> ActorProtocol:
    """What the actor class at `MODULE:ACTOR` declares.  Raises `BadArgument`."""
    where = f"the argument {target}"
    module_name, colon, path = target.partition(":")
    if not (colon and path) or not all(p.isidentifier() for p in module_name.split(".")):
        raise BadArgument(
            f"{target!r} names no actor class",
            where=where,
            why="a class is named by its module, as in an import, a colon, and its name",
            mend=f"write {_guess(module_name, path)}",
        )
    module = _imported(module_name, where)
    found: Any = module  # Any: whatever has the name
    holder = module_name
    for name in path.split("."):
        if not hasattr(found, name):
            raise BadArgument(
                f"{holder} has no {name}",
                where=where,
                why=f"{_file(module)} was imported, and defines nothing of that name",
                mend=_mend(module, name),
            )
        found, holder = getattr(found, name), name
    if not (isinstance(found, type) and issubclass(found, Actor)):
        is_class = isinstance(found, type)
        what = "a class, but not derived from Actor" if is_class else f"no class, but {found!r:.60}"
        raise BadArgument(
            f"{target} is no actor class",
            where=where,
            why=f"it is {what}",
            mend=_mend(module, path),
        )
    # Any: Actor itself has none
    protocol: Any = getattr(cast("Any", found), "__protocol__", None)
    if protocol is None or protocol.initial is None:
        raise BadArgument(
            f"{target} has no initial behaviour",
            where=where,
            why="it is a base for actor classes, and does not say in which state they start",
            mend="name a class that defines `initial`",
        )
    declared: ActorProtocol = protocol
    return declared


def _guess(module: str, path: str) -> str:
    stem = module.removesuffix(".py").replace("\\", "/").strip("./").replace("/", ".")
    before, _, last = stem.rpartition(".")
    if not path and last[:1].isupper():
        stem, path = before, last
    return f"{stem or 'package.module'}:{path or 'Account'}"


def _imported(name: str, where: str) -> ModuleType:
    here = os.getcwd()
    if sys.path[:1] not in ([""], [here]):
        sys.path.insert(0, here)
    try:
        with redirect_stdout(sys.stderr):
            return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    # a module may raise anything, and may end the program; it is then no module to look into
    except BaseException as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing is not None and f"{name}.".startswith(f"{missing}."):
            raise BadArgument(
                f"there is no module {missing}",
                where=where,
                why=f"neither {here} nor another directory of sys.path has it",
                mend="run the command where `python -m` finds the module, or set PYTHONPATH",
            ) from None
        raise BadArgument(
            f"the module {name} does not import",
            where=_place(error) or where,
            why=_reason(error),
            mend=error.mend
            if isinstance(error, ActorError) and error.mend
            else f'make `python -c "import {name}"` work first',
        ) from None


def _reason(error: BaseException) -> str:
    said = error.what if isinstance(error, ActorError) else str(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _place(error: BaseException) -> str:
    """The last line of a file that is neither ours nor of the import system's."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    ours = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(("<frozen", os.path.join(ours, "")))
        and frame.filename != importlib.__file__
    ]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _file(module: ModuleType) -> str:
    return getattr(module, "__file__", None) or module.__name__


def _mend(module: ModuleType, wanted: str) -> str:
    actors = sorted(
        name
        for name, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, Actor) and value.__module__ == module.__name__
    )
    near = get_close_matches(wanted, actors, n=1)
    if near:
        return f"did you mean {module.__name__}:{near[0]}?"
    if actors:
        return f"name one of {', '.join(actors)}"
    return "name a module that defines a class derived from Actor"
