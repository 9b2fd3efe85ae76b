"""What is known of one Python file, or why it is not: pure functions of a file's bytes.

Worker processes import this module, so it imports little.  Laws: whatever the bytes are, nothing
is raised, a failure is data; the same bytes give the same outcome in every process and thread.
"""

from __future__ import annotations

import ast
import io
import os
import signal
import stat
import threading
import tokenize
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from typing import Literal, NamedTuple, TypeAlias

__all__ = [
    "Failure",
    "Kind",
    "Outcome",
    "Parse",
    "Parsed",
    "parse_file",
    "parse_source",
    "prepare_process",
]

Kind: TypeAlias = Literal[
    "unreadable", "encoding", "null bytes", "syntax", "nesting", "worker", "other"
]


class Parsed(NamedTuple):
    """A file that is Python: `imports` are the top-level modules that it imports, sorted."""

    path: str
    lines: int
    size: int
    imports: tuple[str, ...]


class Failure(NamedTuple):
    """A file, or a directory, that could not be indexed, and why."""

    path: str
    kind: Kind
    reason: str


Outcome: TypeAlias = Parsed | Failure
Parse: TypeAlias = Callable[[str, str], Outcome]


def parse_file(root: str, path: str) -> Outcome:
    """Index the file at `path`, which is relative to `root`."""
    try:
        source = _read(os.path.join(root, path))
    except OSError as error:
        return Failure(path, "unreadable", error.strerror or str(error))
    except MemoryError:
        return Failure(path, "unreadable", "too large for the memory")
    return parse_source(path, source)


def parse_source(path: str, source: bytes) -> Outcome:
    """Index a file with these bytes."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError) as error:
        return Failure(path, "encoding", _one_line(error))
    except Exception as error:  # a codec may raise what it likes
        return Failure(path, "encoding", f"{type(error).__name__}: {_one_line(error)}")
    if "\0" in text:
        return Failure(path, "null bytes", f"the first one at character {text.index(chr(0))}")
    try:
        with NO_WARNINGS:
            tree = ast.parse(text)
    except UnicodeError as error:  # a codec made text of it that is not Unicode
        return Failure(path, "encoding", _one_line(error))
    except SyntaxError as error:
        where = f" (line {error.lineno})" if error.lineno is not None else ""
        return Failure(path, "syntax", f"{error.msg}{where}")
    except (RecursionError, MemoryError) as error:
        return Failure(path, "nesting", _one_line(error) or "too deep for the parser")
    except Exception as error:
        return Failure(path, "other", f"{type(error).__name__}: {_one_line(error)}")
    return Parsed(path, count_lines(text), len(source), imported_modules(tree))


def prepare_process() -> None:
    """Have a worker process ignore Ctrl-C, which reaches it too: its parent decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def count_lines(text: str) -> int:
    """The number of lines, whichever ends they have; a last one without an end counts."""
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    return ends + (text != "" and text[-1] not in "\r\n")


def imported_modules(tree: ast.Module) -> tuple[str, ...]:
    """The top-level modules of all absolute imports, wherever they stand, sorted."""
    found: set[str] = set()
    # a stack, not recursion; imports are statements, so expressions need not be looked into
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0 and node.module is not None:
                found.add(node.module.partition(".")[0])
        else:
            for field in BLOCKS:
                pending.extend(getattr(node, field, ()))
    return tuple(sorted(found))


BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")


def _read(path: str) -> bytes:
    # not to wait for a writer, if it is a pipe
    nonblocking = getattr(os, "O_NONBLOCK", 0)
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | nonblocking)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("not a regular file")
        return file.read()


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


class _Silence:
    """Silences warnings; unlike `catch_warnings` alone, in several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._filters = ExitStack()  # those of before the first user

    def __enter__(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._filters.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._filters.close()


NO_WARNINGS = _Silence()
