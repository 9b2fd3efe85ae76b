"""Which behaviours the methods of a class name in `self.become(...)`, read from its source.

Only for a class without `flow`, where nothing else says which behaviours are states.  Where there
is no source, nothing is named.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

__all__ = ["named_in_become"]


# Any: an actor class of whatever union
def named_in_become(cls: type[Any]) -> frozenset[str]:
    """Every attribute that stands in the argument of a `become`, in the class and its bases."""
    names: set[str] = set()
    for base in cls.__mro__:
        if base is not object and not base.__module__.startswith(("airssys_rt.kernel", "typing")):
            names.update(_named(base))
    return frozenset(names)


def _named(cls: type[Any]) -> Iterator[str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):  # made without a file, or in the midst of a text
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr == "become":
            given = [k.value for k in node.keywords if k.arg == "behaviour"]
            for target in (*node.args[:1], *given):
                yield from _attributes(target)


def _attributes(target: ast.expr) -> Iterator[str]:
    """The last name of `self.a`, those of both ends of a choice; what is made on the spot: none."""
    if isinstance(target, ast.IfExp):
        yield from _attributes(target.body)
        yield from _attributes(target.orelse)
    elif isinstance(target, ast.Attribute):
        yield target.attr
