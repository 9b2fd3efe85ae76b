"""The plugin's own options: `[tool.airssys-rt-mypy]`, or `[airssys-rt-mypy]` in an ini file.

Laws: an option that is unknown or has a wrong value ends the run with a text that names the file;
what has an effect on findings is part of `digest`, so that a change invalidates mypy's cache.
"""

from __future__ import annotations

import configparser
import json
import sys
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

__all__ = ["BadOptions", "Options", "read_options"]

SECTION = "airssys-rt-mypy"


class BadOptions(Exception):
    """The plugin's section of the configuration cannot be used; the text says why."""


@dataclass(frozen=True)
class Options:
    """The options, with their defaults.

    `allow_types`: full names of classes that your codec encodes, and that count as immutable.
    `blocking`: full names of further calls that block.  `not_blocking`: names to take off the
    list.  `newer_mypy`: whether to go on with a mypy newer than those the plugin was tested with.
    """

    allow_types: tuple[str, ...] = field(default=())
    blocking: tuple[str, ...] = field(default=())
    not_blocking: tuple[str, ...] = field(default=())
    newer_mypy: bool = False

    @property
    def digest(self) -> str:
        """The options as text, the same for the same options."""
        return json.dumps(asdict(self), sort_keys=True)


def read_options(config_file: str | None) -> Options:
    """The options of a configuration file.  Raises `BadOptions`."""
    if config_file is None:
        return Options()
    path = Path(config_file)
    try:
        given = _toml(path) if path.suffix == ".toml" else _ini(path)
    except (OSError, tomllib.TOMLDecodeError, configparser.Error, UnicodeDecodeError):
        return Options()  # mypy has told its user what is wrong with the file
    values = {name.replace("-", "_"): (name, value) for name, value in given.items()}
    known = {option.name for option in fields(Options)}
    for key, (name, _) in values.items():
        if key not in known:
            there = ", ".join(sorted(known))
            raise BadOptions(
                f"{path}: {section_of(path)} has no option {name!r}; there are {there}"
            )
    return Options(
        allow_types=_names(path, *values.get("allow_types", ("", ()))),
        blocking=_names(path, *values.get("blocking", ("", ()))),
        not_blocking=_names(path, *values.get("not_blocking", ("", ()))),
        newer_mypy=_flag(path, *values.get("newer_mypy", ("", False))),
    )


def section_of(path: Path) -> str:
    """The plugin's section, as it is spelled in a file."""
    return f"[tool.{SECTION}]" if path.suffix == ".toml" else f"[{SECTION}]"


# Any: what stands in a configuration file
def _toml(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        section: Any = tomllib.load(file).get("tool", {}).get(SECTION, {})
    if not isinstance(section, dict):
        raise BadOptions(f"{path}: tool.{SECTION} is no table")
    return {**section}


def _ini(path: Path) -> dict[str, Any]:
    parser = configparser.RawConfigParser()
    parser.read(path, encoding="utf-8")
    return dict(parser.items(SECTION)) if parser.has_section(SECTION) else {}


def _names(path: Path, name: str, value: Any) -> tuple[str, ...]:
    parts: Any = value.replace("\n", ",").split(",") if isinstance(value, str) else value
    if type(parts) not in (list, tuple) or any(type(part) is not str for part in parts):
        raise BadOptions(
            f"{path}: {section_of(path)} {name} is a list of full names, not {value!r}"
        )
    names: list[str] = [*parts]
    found = sorted(part.strip() for part in names if part.strip())
    for full in found:
        if "." not in full:
            raise BadOptions(
                f"{path}: {section_of(path)} {name} has {full!r}, which is no full name; write the"
                f" module as well, as in builtins.open"
            )
    return tuple(found)


FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _flag(path: Path, name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in FLAGS:
        return FLAGS[value.lower()]
    raise BadOptions(f"{path}: {section_of(path)} {name} is true or false, not {value!r}")


def end_with(text: str) -> None:
    """End mypy's run with its code for wrong use."""
    print(f"airssys_rt.mypy: {text}", file=sys.stderr)  # noqa: T201 - there is no other channel yet
    raise SystemExit(2)
