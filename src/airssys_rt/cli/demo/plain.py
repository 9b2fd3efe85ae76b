"""The same count without actors: one loop, one thread, nothing shared but `parse_file`.

Law: its result depends on the tree alone; it is what the actors' result is compared with.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PurePath

from airssys_rt.cli.demo.parse import Failure, Parse, Parsed, parse_file
from airssys_rt.cli.demo.protocol import Summary

__all__ = ["differences", "plain_count"]

LEFT_OUT = ("site-packages", "dist-packages", "__pycache__")


def plain_count(root: str, limit: int | None = None, parse: Parse = parse_file) -> Summary:
    """Index a tree, one file after the other."""
    found = sorted(_walk(root), key=lambda item: PurePath(item[0]).parts)
    paths = [path for path, failure in found if failure is None][:limit]
    last = PurePath(paths[-1]).parts if limit is not None and len(paths) == limit else None
    failures = [
        failure
        for path, failure in found
        if failure is not None and (last is None or PurePath(path).parts < last)
    ]
    lines = size = indexed = 0
    imports: dict[str, int] = {}
    for path in paths:
        outcome = parse(root, path)
        if isinstance(outcome, Parsed):
            indexed += 1
            lines += outcome.lines
            size += outcome.size
            for module in outcome.imports:
                imports[module] = imports.get(module, 0) + 1
        else:
            failures.append(outcome)
    return Summary(
        found=len(paths),
        indexed=indexed,
        lines=lines,
        size=size,
        imports=dict(sorted(imports.items())),
        failures=tuple(sorted(failures)),
    )


def _walk(root: str) -> Iterator[tuple[str, Failure | None]]:
    """Each Python file with None, and each directory that cannot be read with the failure."""
    unreadable: list[OSError] = []
    for directory, inner, names in os.walk(root, onerror=unreadable.append):
        inner[:] = [name for name in inner if name not in LEFT_OUT]
        for name in names:
            if name.endswith(".py"):
                yield os.path.relpath(os.path.join(directory, name), root), None
    for error in unreadable:
        path = os.path.relpath(os.fsdecode(error.filename), root)
        yield path, Failure(path, "unreadable", error.strerror or str(error))


def differences(actors: Summary, plain: Summary) -> list[str]:
    """In which numbers, and over which files, two results differ."""
    found = [
        f"{name}: {mine} by actors, {its} by the plain loop"
        for name in ("found", "indexed", "lines", "size")
        if (mine := getattr(actors, name)) != (its := getattr(plain, name))
    ]
    if actors.imports != plain.imports:
        modules = dict(actors.imports.items() ^ plain.imports.items())
        found.append(f"imports of: {', '.join(sorted(modules))}")
    if actors.failures != plain.failures:
        files = {failure.path for failure in set(actors.failures) ^ set(plain.failures)}
        found.append(f"failures of: {', '.join(sorted(files))}")
    return found
