"""One file: what is known of it, and how it can fail."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airssys_rt.cli.demo.parse import (
    NO_WARNINGS,
    Failure,
    Parsed,
    parse_file,
    parse_source,
)

COOKIES = ("utf-8", "latin-1", "utf-7", "unicode_escape", "utf-16", "rot13", "zlib", "idna", "x")


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(source: bytes) -> None:
    assert isinstance(parse_source("x.py", source), (Parsed, Failure))


@given(st.sampled_from(COOKIES), st.binary(max_size=100))
def test_no_bytes_behind_a_cookie_make_it_raise(cookie: str, source: bytes) -> None:
    whole = b"# coding: " + cookie.encode() + b"\n" + source
    assert isinstance(parse_source("x.py", whole), (Parsed, Failure))


@given(st.text(max_size=200))
def test_no_text_makes_it_raise(text: str) -> None:
    outcome = parse_source("x.py", text.encode("utf-8", "surrogatepass"))
    assert isinstance(outcome, (Parsed, Failure))


@given(st.lists(st.sampled_from(["a = 1", "", "# é", "'''x'''"]), max_size=9), st.booleans())
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whichever_ends_they_have(end: str, lines: list[str], last: bool) -> None:
    source = end.join(lines) + (end if last else "")
    outcome = parse_source("x.py", source.encode())
    assert isinstance(outcome, Parsed)
    assert outcome.lines == len(source.splitlines())
    assert outcome.size == len(source.encode())


def imports_of(source: str) -> tuple[str, ...]:
    outcome = parse_source("x.py", source.encode())
    assert isinstance(outcome, Parsed)
    return outcome.imports


def test_imports_are_top_level_modules_named_once() -> None:
    assert imports_of("import b.c, a as z\nfrom a.d import e\nimport b\n") == ("a", "b")


def test_relative_imports_do_not_count() -> None:
    assert imports_of("from . import a\nfrom .b import c\nfrom ..d import e\n") == ()


def test_imports_are_found_in_every_block() -> None:
    source = """
if x:
    import a
elif y:
    import b
else:
    import c
try:
    import d
except E:
    import e
else:
    import f
finally:
    import g
for i in x:
    import h
else:
    import i
while x:
    import j
with x:
    import k
async def f():
    async with x:
        import l
    async for _ in x:
        import m
class C:
    import n
match x:
    case 1:
        import o
try:
    pass
except* E:
    import p
"""
    assert imports_of(source) == tuple("abcdefghijklmnop")


@pytest.mark.parametrize(
    ("source", "kind", "reason"),
    [
        (b"def f(:\n", "syntax", "invalid syntax (line 1)"),
        (b"a = '\xff'\n", "encoding", "invalid or missing encoding declaration"),
        (b"\n\n\na = '\xff'\n", "encoding", "can't decode byte 0xff"),
        (b"# coding: klingon\n", "encoding", "unknown encoding: klingon"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding", "encoding problem: utf-8"),
        (b"# coding: rot13\n", "encoding", "not a text encoding"),
        (b"# coding: undefined\n", "encoding", "undefined"),
        (b"# coding: unicode_escape\na = '\\ud800'\n", "encoding", "surrogates not allowed"),
        (b"a = 1\0\n", "null bytes", "character 5"),
        (b"-" * 100_000 + b"1", "nesting", ""),
        (b"1" + b"+1" * 50_000, "nesting", "recursion depth"),
        (b"(" * 5_000, "syntax", "too many nested parentheses"),
    ],
)
def test_what_cannot_be_parsed_has_a_kind_and_a_reason(
    source: bytes, kind: str, reason: str
) -> None:
    outcome = parse_source("x.py", source)
    assert isinstance(outcome, Failure)
    assert (outcome.path, outcome.kind) == ("x.py", kind)
    assert reason in outcome.reason
    assert "\n" not in outcome.reason


@pytest.mark.parametrize(
    ("error", "kind"), [(MemoryError(), "nesting"), (ValueError("no"), "other")]
)
def test_what_the_parser_raises_is_data(
    error: Exception, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(text: str) -> None:
        raise error

    monkeypatch.setattr("ast.parse", parse)
    outcome = parse_source("x.py", b"")
    assert isinstance(outcome, Failure)
    assert outcome.kind == kind
    assert outcome.reason


def test_a_codec_may_raise_what_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    def detect(readline: object) -> None:
        raise AssertionError("a\nb")

    monkeypatch.setattr("tokenize.detect_encoding", detect)
    assert parse_source("x.py", b"") == Failure("x.py", "encoding", "AssertionError: a b")


def test_a_cookie_is_honoured() -> None:
    assert isinstance(parse_source("x.py", "# coding: cp1252\nté = 1".encode("cp1252")), Parsed)
    assert isinstance(parse_source("x.py", "\ufefftext = 'é'".encode()), Parsed)


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    outcome = parse_file(str(tmp_path), "x.py")
    assert outcome == Failure("x.py", "unreadable", "No such file or directory")


def test_a_directory_is_unreadable_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.py").mkdir()
    outcome = parse_file(str(tmp_path), "x.py")
    assert isinstance(outcome, Failure)
    assert outcome.kind == "unreadable"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_unreadable_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.py")
    assert parse_file(str(tmp_path), "x.py") == Failure("x.py", "unreadable", "not a regular file")


def test_a_file_larger_than_the_memory_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: str) -> bytes:
        raise MemoryError

    monkeypatch.setattr("airssys_rt.cli.demo.parse._read", read)
    outcome = parse_file(str(tmp_path), "x.py")
    assert outcome == Failure("x.py", "unreadable", "too large for the memory")


def test_warnings_of_the_parser_are_silenced() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert isinstance(parse_source("x.py", b"a = '\\d'\nb = 1if 1else 2\n"), Parsed)
    assert seen == []


def test_warnings_are_silenced_in_all_threads_and_heard_again_after_that() -> None:
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: parse_source("x.py", b"a = '\\d'\n"), range(400)))
    assert all(isinstance(outcome, Parsed) for outcome in outcomes)
    assert list(warnings.filters) == before
    with NO_WARNINGS, NO_WARNINGS:
        warnings.warn("not heard", stacklevel=1)
    assert list(warnings.filters) == before


def test_what_a_worker_process_imports_is_little() -> None:
    program = """if True:
        import sys
        import airssys_rt.cli.app
        import airssys_rt.cli.demo.parse
        heavy = {"anyio", "asyncio", "msgspec", "rich", "trio", "typer"}
        print(sorted(heavy & sys.modules.keys()))
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
