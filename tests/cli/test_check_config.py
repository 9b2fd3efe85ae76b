"""The configuration for mypy: the project's own, with the plugin added, and nothing lost."""

from __future__ import annotations

import configparser
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airssys_rt.cli.check.config import configured, find_configuration
from airssys_rt.cli.check.toml import toml_tables
from airssys_rt.errors import BadArgument

OURS = "airssys_rt.mypy"
CACHE = os.path.join(".mypy_cache", "airssys-rt")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def from_toml(path: Path, text: str) -> dict[str, Any]:
    made = configured(write(path / "pyproject.toml", text), OURS)
    assert made.name == "pyproject.toml"
    tool: dict[str, Any] = tomllib.loads(made.text)["tool"]
    return tool


def from_ini(path: Path, text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(configured(write(path, text), OURS).text)
    return parser


def test_without_a_configuration_the_checks_are_strict() -> None:
    made = configured(None, OURS)
    parser = configparser.RawConfigParser()
    parser.read_string(made.text)
    assert dict(parser["mypy"]) == {"strict": "True", "plugins": OURS, "cache_dir": CACHE}
    assert not made.has_targets


TOML = """\
[project]
name = "x"
[tool.mypy]
files = ["src", "tests"]
plugins = ["pydantic.mypy", "tools/own.py:entry"]
mypy_path = ["$MYPY_CONFIG_FILE_DIR/stubs", "src"]
cache_dir = ".cache/mypy"
strict = false
[[tool.mypy.overrides]]
module = ["a.*", "b"]
ignore_errors = true
[tool.airssys-rt-mypy]
allow_types = ["pathlib.Path"]
nested = { when = 2020-01-01, "a b" = 1.5 }
[tool.pydantic-mypy]
init_typed = true
"""


def test_what_pyproject_says_holds_with_the_plugin_added(tmp_path: Path) -> None:
    old = tomllib.loads(TOML)["tool"]
    new = from_toml(tmp_path, TOML)
    mypy = new.pop("mypy")
    assert mypy == {
        **old.pop("mypy"),
        "plugins": ["pydantic.mypy", f"{tmp_path / 'tools' / 'own.py'}:entry", OURS],
        "mypy_path": [f"{tmp_path}/stubs", "src"],
        "cache_dir": os.path.join(".cache/mypy", "airssys-rt"),
    }
    assert new == old
    assert configured(tmp_path / "pyproject.toml", OURS).has_targets
    assert (tmp_path / "pyproject.toml").read_text(encoding="utf-8") == TOML


INI = """\
[mypy]
plugins = pydantic.mypy,
    ./own.py
mypy_path = ${MYPY_CONFIG_FILE_DIR}/stubs:src
packages = bank
[mypy-a.*,b]
ignore_errors = True
[airssys-rt-mypy]
allow_types = pathlib.Path,
    decimal.Decimal
[pydantic-mypy]
init_typed = 50%
"""


@pytest.mark.parametrize("name", ["mypy.ini", ".mypy.ini", "setup.cfg"])
def test_what_an_ini_file_says_holds_with_the_plugin_added(tmp_path: Path, name: str) -> None:
    new = from_ini(tmp_path / name, INI)
    own = tmp_path / "own.py"
    assert new["mypy"]["plugins"] == f"pydantic.mypy, {own}, {OURS}"
    assert new["mypy"]["mypy_path"] == f"{tmp_path}/stubs:src"
    assert new["mypy"]["packages"] == "bank"
    assert "strict" not in new["mypy"]
    assert new["mypy-a.*,b"]["ignore_errors"] == "True"
    assert new["airssys-rt-mypy"]["allow_types"].split() == ["pathlib.Path,", "decimal.Decimal"]
    assert new["pydantic-mypy"]["init_typed"] == "50%"
    assert configured(tmp_path / name, OURS).has_targets


def test_a_plugin_that_is_listed_is_not_added_and_its_cache_is_the_projects(tmp_path: Path) -> None:
    new = from_ini(tmp_path / "mypy.ini", f"[mypy]\nplugins = {OURS}, x\n")
    assert dict(new["mypy"]) == {"plugins": f"{OURS}, x"}
    assert from_toml(tmp_path, f'[tool.mypy]\nplugins = "x, {OURS}"\n') == {
        "mypy": {"plugins": ["x", OURS]}
    }


def test_no_cache_stays_no_cache(tmp_path: Path) -> None:
    tool = from_toml(tmp_path, f'[tool.mypy]\ncache_dir = "{os.devnull}"\n')
    assert tool["mypy"]["cache_dir"] == os.devnull


def test_a_file_that_says_nothing_to_mypy_leaves_the_checks_strict(tmp_path: Path) -> None:
    assert from_toml(tmp_path, "[tool.airssys-rt-mypy]\nx = 1\n") == {
        "mypy": {"strict": True, "plugins": [OURS], "cache_dir": CACHE},
        "airssys-rt-mypy": {"x": 1},
    }
    parser = from_ini(tmp_path / "mypy.ini", "[mypy-a]\nignore_errors = True\n")
    assert parser["mypy"]["strict"] == "True"


@pytest.mark.parametrize(
    ("name", "text"),
    [("pyproject.toml", "[tool\n"), ("mypy.ini", "what\n"), ("mypy.ini", "[a]\n[a]\n")],
)
def test_a_file_that_cannot_be_read_is_an_error_that_says_so(
    tmp_path: Path, name: str, text: str
) -> None:
    with pytest.raises(BadArgument) as caught:
        configured(write(tmp_path / name, text), OURS)
    assert name in caught.value.where
    assert caught.value.why
    with pytest.raises(BadArgument, match="cannot be read"):
        configured(tmp_path / "none.ini", OURS)


# ---------------------------------------------------------------- where it is


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home without configuration, and a root above which nobody looks."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (tmp_path / ".git").mkdir()


def test_the_file_is_the_one_that_mypy_would_take(tmp_path: Path) -> None:
    here = tmp_path / "a" / "b"
    here.mkdir(parents=True)
    assert find_configuration(here) is None
    below = write(tmp_path / "pyproject.toml", "[tool.mypy]\n")
    assert find_configuration(here) == below
    write(here / "pyproject.toml", "[tool.other]\n")
    write(here / "setup.cfg", "[metadata]\n")
    assert find_configuration(here) == below
    cfg = write(here / "setup.cfg", "[mypy]\n")
    assert find_configuration(here) == cfg
    toml = write(here / "pyproject.toml", "[tool.mypy]\n")
    assert find_configuration(here) == toml
    hidden = write(here / ".mypy.ini", "[mypy]\n")
    assert find_configuration(here) == hidden
    plain = write(here / "mypy.ini", "")
    assert find_configuration(here) == plain


def test_a_broken_shared_file_is_passed_over_as_mypy_does(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool\n")
    write(tmp_path / "setup.cfg", "what\n")
    assert find_configuration(tmp_path) is None


def test_nobody_looks_above_the_root_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path / "mypy.ini", "[mypy]\n")
    (tmp_path / "inner" / ".hg").mkdir(parents=True)
    assert find_configuration(tmp_path / "inner") is None


def test_a_section_of_the_plugin_alone_is_found_where_nothing_speaks_to_mypy(
    tmp_path: Path,
) -> None:
    ours = write(tmp_path / "a" / "pyproject.toml", "[tool.airssys-rt-mypy]\n")
    assert find_configuration(tmp_path / "a") == ours
    mypys = write(tmp_path / "mypy.ini", "[mypy]\n")
    assert find_configuration(tmp_path / "a") == mypys


def test_the_users_own_file_is_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = write(tmp_path / "home" / ".mypy.ini", "[mypy]\n")
    assert find_configuration(tmp_path) == last
    first = write(tmp_path / "home" / ".config" / "mypy" / "config", "[mypy]\n")
    assert find_configuration(tmp_path) == first
    xdg = write(tmp_path / "xdg" / "mypy" / "config", "[mypy]\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert find_configuration(tmp_path) == xdg


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", b"[tool.mypy\nstrict = true\n"),
        ("pyproject.toml", b"\xef\xbb\xbf[tool.mypy]\nstrict = true\n"),
        ("setup.cfg", b"[mypy]\nstrict = true\nstrict = false\n"),
    ],
)
def test_a_broken_file_that_is_meant_for_mypy_is_not_passed_over(
    tmp_path: Path, name: str, text: bytes
) -> None:
    (tmp_path / name).write_bytes(text)
    found = find_configuration(tmp_path)
    assert found == tmp_path / name
    with pytest.raises(BadArgument, match="cannot be read"):
        configured(found, "airssys_rt.mypy")


# ---------------------------------------------------------------- TOML

leaves = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(codec="utf-8")),
    st.dates(),
    st.times(),
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("aä. -_\"'"), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.text("ab.ä_ -\"'"), st.dictionaries(st.text("aä_ -.\"'"), values)))
def test_what_is_written_is_read_again(tables: dict[str, Any]) -> None:
    text = toml_tables({f"tool.{name}": table for name, table in tables.items()})
    assert tomllib.loads(text).get("tool", {}) == tables


def test_numbers_that_are_none_are_written_as_such() -> None:
    assert toml_tables({"tool.x": {"a": float("inf"), "b": float("nan")}, "tool.y": 1}) == (
        "[tool.x]\na = inf\nb = nan\n"
    )
    with pytest.raises(TypeError):
        toml_tables({"tool.x": {"a": None}})
