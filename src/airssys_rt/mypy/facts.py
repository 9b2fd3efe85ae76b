"""What the plugin remembers of a class, for other modules and later runs.

Facts are plain JSON in `TypeInfo.metadata`, so they live in mypy's caches; they are made in
semantic analysis, from syntax alone, so they are complete before any module is checked.  Laws: no
line numbers (an edit above a class would change its interface); the daemon looks at names, not at
metadata, so for it a class carries a digest of its facts as a synthetic attribute; facts are made
anew from nothing when a class is analyzed again.
"""

from __future__ import annotations

import hashlib
import marshal
from typing import Any

from mypy.nodes import TypeInfo
from mypy.plugin import ClassDefContext
from mypy.plugins.common import add_attribute_to_class
from mypy.types import LiteralType

from airssys_rt.mypy.names import KEY

__all__ = ["facts_of", "noting", "remember"]

FACT_ATTRIBUTE = "__airssys_rt_facts__"

# Any: JSON
Facts = dict[str, Any]

_read: set[TypeInfo] | None = None


def noting(read: set[TypeInfo] | None) -> set[TypeInfo] | None:
    """Note in a set, from now on, the classes whose facts are read; gives the one of before."""
    global _read  # one hook at a time, in one thread
    before, _read = _read, read
    return before


def facts_of(info: TypeInfo) -> Facts | None:
    """What is remembered of a class; None if it is neither a message nor an actor."""
    if _read is not None:
        _read.add(info)
    return info.metadata.get(KEY)


def remember(ctx: ClassDefContext, facts: Facts, *, plain: bool = False) -> None:
    """Keep the facts of the class that is being analyzed.

    Those of a `plain` class follow from its name and its bases, at which the daemon looks anyway.
    """
    ctx.cls.info.metadata[KEY] = facts
    options = ctx.api.options
    if plain or not (options.fine_grained_incremental or options.cache_fine_grained):
        return
    # tells facts apart as well as JSON does, and is made much faster; of later versions, the same
    # facts may differ by what they share
    digest = hashlib.blake2b(marshal.dumps(facts, 2), digest_size=6).hexdigest()
    add_attribute_to_class(
        ctx.api,
        ctx.cls,
        FACT_ATTRIBUTE,
        LiteralType(digest, ctx.api.named_type("builtins.str")),
        override_allow_incompatible=True,
        is_classvar=True,
        overwrite_existing=True,
    )
