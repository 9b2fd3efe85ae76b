"""The configuration for a run of mypy with the plugin: the project's own, and the plugin added.

mypy takes plugins from a configuration file only, and the project's file is not ours to edit; so a
copy of it is made in a temporary directory.  Laws: the file is the one that mypy would find; what
it says holds; a path in it means what it meant; all its sections come along, for plugins have their
own; without a section for mypy, the checks are strict.
"""

from __future__ import annotations

import configparser
import io
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from airssys_rt.cli.check.toml import toml_tables
from airssys_rt.errors import BadArgument

__all__ = ["Configuration", "configured", "find_configuration"]

NAMES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
SHARED = ("pyproject.toml", "setup.cfg")  # count only if they have a section for mypy
ROOTS = (".git", ".hg")  # where mypy stops to look upward
HERE = re.compile(r"\$MYPY_CONFIG_FILE_DIR\b|\$\{MYPY_CONFIG_FILE_DIR\}")
CACHE = ".mypy_cache"
# Any: the values of a configuration file
Section = dict[str, Any]


class Configuration(NamedTuple):
    """A file for mypy: its name, its text, and whether it says what to check."""

    name: str
    text: str
    has_targets: bool
    source: Path | None = None  # the project's file


def configured(source: Path | None, plugin: str) -> Configuration:
    """The project's configuration with the plugin in it.  Raises `BadArgument`."""
    if source is None:
        text = f"[mypy]\nstrict = True\nplugins = {plugin}\ncache_dir = {_own_cache(None)}\n"
        return Configuration("mypy.ini", text, has_targets=False)
    try:
        text = source.read_bytes().decode("utf-8")
        if source.suffix.lower() == ".toml":
            return _from_toml(source, text, plugin)
        return _from_ini(source, text, plugin)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, configparser.Error) as error:
        raise BadArgument(
            f"the configuration {source} cannot be read",
            where=str(source),
            why=" ".join(str(error).split()),
            mend="mend the file, or name another one: airssys-rt check -- --config-file FILE",
        ) from None


def find_configuration(here: Path) -> Path | None:
    """The file that mypy would take: from here upward to the repository's root, or the user's."""
    # what speaks to the plugin alone is better than nothing, and mypy would not find it
    for section in ("mypy", "airssys-rt-mypy"):
        for directory in _upward(here):
            for name in NAMES:
                path = directory / name
                if path.is_file() and (name not in SHARED or _has_section(path, section)):
                    return path
    users = [Path("~/.config/mypy/config"), Path("~/.mypy.ini")]
    if home := os.environ.get("XDG_CONFIG_HOME"):
        users.insert(0, Path(home, "mypy", "config"))
    return next((path for user in users if (path := user.expanduser()).is_file()), None)


def _upward(here: Path) -> Iterator[Path]:
    for directory in (here, *here.parents):
        yield directory
        if any((directory / name).exists() for name in ROOTS):
            return


def _has_section(path: Path, section: str) -> bool:
    """Whether a file that others use, too, has the section."""
    try:
        raw = path.read_bytes()
    except OSError:
        return False
    try:
        text = raw.decode("utf-8")
        if path.suffix == ".toml":
            tool = tomllib.loads(text).get("tool", {})
            return isinstance(tool, dict) and section in tool
        return _ini(text).has_section(section)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, configparser.Error):
        # broken, but meant for us: to pass over it would lose the user's settings
        spelled = f"[tool.{section}" if path.suffix == ".toml" else f"[{section}]"
        return spelled.encode() in raw


class _AsWritten(configparser.RawConfigParser):
    """Leaves the names of options as they are: other plugins may read them so."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def _ini(text: str) -> configparser.RawConfigParser:
    parser = _AsWritten()
    parser.read_string(text)
    return parser


def _from_ini(source: Path, text: str, plugin: str) -> Configuration:
    parser = _ini(text)
    if not parser.has_section("mypy"):
        parser["mypy"] = {"strict": "True"}
    section = parser["mypy"]
    for name in parser.sections():
        for option, value in parser[name].items():
            if name == "mypy" or name.startswith("mypy-"):
                parser[name][option] = _at_home(value, source)
    plugins, added = _plugins(re.split(r"[,\n]", section.get("plugins", "")), source, plugin)
    section["plugins"] = ", ".join(plugins)
    if added:
        section["cache_dir"] = _own_cache(section.get("cache_dir"))
    out = io.StringIO()
    parser.write(out)
    return Configuration(source.name, out.getvalue(), _has_targets(dict(section)), source)


def _from_toml(source: Path, text: str, plugin: str) -> Configuration:
    tool: dict[str, Section] = tomllib.loads(text).get("tool", {})
    section: Section = _at_home(tool.get("mypy", {"strict": True}), source)
    given = section.get("plugins", [])
    listed = re.split(r"[,\n]", given) if isinstance(given, str) else [str(p) for p in given]
    section["plugins"], added = _plugins(listed, source, plugin)
    if added:
        section["cache_dir"] = _own_cache(section.get("cache_dir"))
    tables = {f"tool.{name}": table for name, table in tool.items() if name != "mypy"}
    text = toml_tables({"tool.mypy": section, **tables})
    name = source.name if source.name.endswith(".toml") else "pyproject.toml"
    return Configuration(name, text, _has_targets(section), source)


def _at_home(value: Any, source: Path) -> Any:
    """The value with the directory of the project's file where it names that of its own file."""
    if isinstance(value, str):
        return HERE.sub(lambda _: str(source.parent.absolute()), value)
    if isinstance(value, list):
        parts: list[Any] = [*value]
        return [_at_home(each, source) for each in parts]
    if isinstance(value, dict):
        table: Section = {**value}
        return {key: _at_home(each, source) for key, each in table.items()}
    return value


def _plugins(listed: list[str], source: Path, plugin: str) -> tuple[list[str], bool]:
    """The plugins, files among them by their whole path; and whether ours was not among them."""
    found: list[str] = []
    for each in filter(None, map(str.strip, listed)):
        file, colon, function = each.rpartition(":") if ":" in Path(each).name else (each, "", "")
        if file.endswith(".py"):
            file = str(source.parent.absolute() / file)
        found.append(f"{file}{colon}{function}")
    added = plugin not in found
    return ([*found, plugin] if added else found), added


def _own_cache(given: str | None) -> str:
    """A cache beside the project's: mypy drops a cache that was made with other plugins."""
    if given in (os.devnull, "nul", "/dev/null"):
        return str(given)
    return os.path.join(given or CACHE, "airssys-rt")


def _has_targets(section: Section) -> bool:
    return any(section.get(key) for key in ("files", "packages", "modules"))
