"""Reads the documentation's pages into programs: blocks of Python, and the output that they claim.

A page is Markdown. Its fences of ``python`` are one program, in order, until a fence marked
``<!-- fresh -->`` begins another. What else a comment before a fence may say is in
``docs/contributing.md``; a comment or a kind of fence that is not known is an error, so that
nothing on a page escapes its test by a slip of the pen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent.parent
DIRECTIVE = re.compile(r"<!--\s*(output|fresh|check\b.*?)\s*-->")
# Fences that are shown and not tested; those in braces are Sphinx's own directives.
OTHER_KINDS = frozenset({"console", "text", "toml", "json", "mermaid", "yaml"})
DIRECTIVES_WITH_CODE = ("{code", "{doctest", "{testcode", "{ipython")


class BadPage(Exception):
    """A page that is not written by the rules; the text begins with file and line."""


@dataclass(frozen=True)
class Block:
    """A fence of ``python``: its code begins on line ``line`` of the page."""

    line: int
    code: str
    runs: bool = True


@dataclass(frozen=True)
class Output:
    """A fence of ``text`` that claims what the program has printed since the last claim."""

    line: int
    text: str


@dataclass(frozen=True)
class Program:
    """What one namespace, and one process, executes."""

    page: Path
    index: int
    parts: tuple[Block | Output, ...]

    @property
    def title(self) -> str:
        name = self.page.relative_to(ROOT) if self.page.is_relative_to(ROOT) else self.page
        return f"{name}-{self.index}" if self.index else str(name)

    @property
    def runs(self) -> bool:
        return any(isinstance(part, Block) and part.runs for part in self.parts)

    def source(self) -> str:
        """All blocks as one file, each line where it stands on the page."""
        text = ""
        for part in self.parts:
            if isinstance(part, Block):
                text += "\n" * (part.line - 1 - text.count("\n")) + part.code
        return text


def fences(text: str) -> Iterator[tuple[Token, list[str]]]:
    """Every fence with the directives of the comments right before it."""
    directives: list[str] = []
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "html_block":
            directives += DIRECTIVE.findall(token.content)
            continue
        if token.type == "fence" or directives:
            yield token, directives
        directives = []


def programs(page: Path) -> list[Program]:
    """The programs of a page, in order; an example is a page of one program."""
    if page.suffix == ".py":
        block = Block(1, page.read_text(encoding="utf-8"))
        output = Output(1, page.with_suffix(".out").read_text(encoding="utf-8"))
        return [Program(page, 0, (block, output))]
    groups: list[list[Block | Output]] = [[]]
    for token, directives in fences(page.read_text(encoding="utf-8")):
        kind = token.info.strip() if token.type == "fence" else "no fence"
        line = (token.map or [0])[0] + 2  # the first line inside
        where = f"{page}:{line}: "
        if kind == "python":
            if set(directives) - {"fresh", "check: types"}:
                raise BadPage(f"{where}a block of python cannot be marked {directives}")
            if "fresh" in directives and groups[-1]:
                groups.append([])
            groups[-1].append(Block(line, token.content, "check: types" not in directives))
        elif directives == ["output"] and kind == "text":
            if not groups[-1]:
                raise BadPage(f"{where}output of no program")
            groups[-1].append(Output(line, token.content))
        elif directives:
            raise BadPage(f"{where}{kind} cannot be marked {directives}")
        elif kind.startswith(DIRECTIVES_WITH_CODE) or (
            kind not in OTHER_KINDS and not kind.startswith("{")
        ):
            raise BadPage(f"{where}unknown kind of block: {kind!r}")
    return [Program(page, index, tuple(group)) for index, group in enumerate(groups) if group]


def pages() -> list[Path]:
    """The README and every page of the documentation."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def examples() -> list[Path]:
    """The files of docs/examples, each a program that prints what stands in its ``.out`` file."""
    return sorted((ROOT / "docs" / "examples").glob("*.py"))
