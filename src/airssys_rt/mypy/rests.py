"""What a class's findings rest on beyond its own module: mypy checks it again when that changes.

A class's findings rest on the facts of others that were read for them, and on little else that mypy
does not know by itself.  A warm run goes by modules, the daemon by what stands in them.  Law: noted
is what is read, so nothing that is read can be left out.
"""

from __future__ import annotations

from typing import Any

from mypy import nodes as n
from mypy.server.trigger import make_wildcard_trigger
from mypy.typestate import type_state

from airssys_rt.mypy.facts import noting
from airssys_rt.mypy.names import STABLE

__all__ = ["Resting", "rest_on_module"]

# classes that are known to stay what they are: the library's own
_stable: set[n.TypeInfo] = set()


class Resting:
    """Within it, what is analyzed or checked comes to rest on every class whose facts are read."""

    # no generator: as a context manager, that takes longer
    __slots__ = ("_api", "_before", "_read")

    # Any: the analyzer's api or the checker's; where mypy is at the moment they alone know
    def __init__(self, api: Any) -> None:
        self._api = api
        self._read: set[n.TypeInfo] = set()

    def __enter__(self) -> None:
        self._before = noting(self._read)

    def __exit__(self, *failure: object) -> None:
        noting(self._before)
        api = self._api
        if isinstance(tree := getattr(api, "tree", None), n.MypyFile):
            scope = api.tscope
        else:
            tree, scope = api.cur_mod_node, api.scope
        module = tree.fullname
        for info in self._read.difference(_stable):
            home = info.module_name
            if home == module:
                continue  # what most of them are of
            if info.fullname.startswith(STABLE):
                _stable.add(info)
            else:
                _rest_on(tree, scope, info.fullname, home, api.options)


# Any: as above
def rest_on_module(api: Any, module: str) -> None:
    """Have what is analyzed now rest on all names of a module."""
    _rest_on(api.cur_mod_node, api.scope, module, module, api.options)


def _rest_on(tree: n.MypyFile, scope: Any, name: str, module: str, options: Any) -> None:
    tree.module_refs.add(module)
    trigger, target = make_wildcard_trigger(name), scope.current_target()
    tree.plugin_deps.setdefault(trigger, set()).add(target)
    if options.fine_grained_incremental:
        _keep(trigger[1:-1], target)


def _keep(changed: str, target: str) -> None:
    """Have the daemon take over a dependency of a class that it checks without its file.

    It forgets the plugins' then, as of a class that is checked again alone because an alias of
    another module has changed.  Those of protocols it takes over after each check; of a class's
    name it makes a trigger, and so it gets a class of the trigger's.
    """
    named = n.TypeInfo(n.SymbolTable(), n.ClassDef(changed, n.Block([])), "")
    named._fullname = changed
    named.mro = []
    # Any: what the type state collects is private
    state: Any = type_state
    state._rechecked_types.add(named)
    state._checked_against_members.setdefault(changed, set())
    state._attempted_protocols.setdefault(changed, set()).add(target)
