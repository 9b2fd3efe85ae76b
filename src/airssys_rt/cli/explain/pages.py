"""The pages of all codes: those of the mypy plugin's checks, and those of the run-time errors.

Law: each has one source.  A check's page is a Markdown file of the package, from which the
documentation is made, too; an error's page is made from its class, with which the table of the
documentation is compared.
"""

from __future__ import annotations

import inspect
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from airssys_rt import errors
from airssys_rt.errors import ActorError

__all__ = ["Page", "all_pages", "check_pages", "error_pages"]

HEADING = re.compile(r"^# .*\n+")


class Page(NamedTuple):
    """What there is to say of a code, in Markdown; `summary` is one line."""

    code: str
    summary: str
    text: str


def all_pages() -> dict[str, Page]:
    """Every page by its code, checks first."""
    return {**check_pages(), **error_pages()}


def check_pages(directory: Traversable | None = None) -> dict[str, Page]:
    """The pages of the checks, by code."""
    if directory is None:
        # not through the plugin's package, which needs mypy to be imported
        directory = files("airssys_rt").joinpath("mypy", "pages")
    if not directory.is_dir():
        return {}
    found = [file for file in directory.iterdir() if file.name.endswith(".md")]
    pages: dict[str, Page] = {}
    for file in sorted(found, key=lambda file: file.name):
        code = file.name.removesuffix(".md")
        text = file.read_text(encoding="utf-8")
        pages[code] = Page(code, _first_sentence(HEADING.sub("", text)), text)
    return pages


def error_pages() -> dict[str, Page]:
    """The pages of the run-time errors, by code."""
    classes = (getattr(errors, name) for name in errors.__all__)
    found = sorted(
        (cls for cls in classes if issubclass(cls, ActorError)), key=lambda cls: cls.code
    )
    return {cls.code: _error_page(cls) for cls in found}


def _error_page(cls: type[ActorError]) -> Page:
    said = inspect.getdoc(cls) or ""
    also = [f"`{base.__name__}`" for base in cls.__bases__ if not issubclass(base, ActorError)]
    parts = [f"# {cls.code}: {cls.__name__}", said]
    if also and cls is not ActorError:
        parts.append(f"It is also a {', '.join(also)}.")
    parts.append(f"**Mend:** {cls.remedy}.")
    return Page(cls.code, f"{cls.__name__}: {_first_sentence(said)}", "\n\n".join(parts) + "\n")


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.!?])\s", paragraph, maxsplit=1)[0]
