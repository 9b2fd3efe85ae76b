"""The build hook: a pure wheel unless the environment asks for the twins, and no half measures."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.native.compiled import ROOT, SOURCES, VARIABLE, load, no_compiler, wheel

NATIVE = "airssys_rt/kernel/native"

# Any: the hook is a program, not a module of the package, and hatchling is untyped in part
hook: Any = load("airssys_rt_build_hook", SOURCES / "hook.py")


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {name for name in archive.namelist() if name.startswith(NATIVE)}


@pytest.mark.parametrize("wanted", ["", "0"])
def test_a_wheel_is_pure_python_unless_it_is_asked_for(tmp_path: Path, wanted: str) -> None:
    made = wheel(tmp_path, wanted)
    assert made.name.endswith("-py3-none-any.whl")
    assert names(made) == {f"{NATIVE}/{name}" for name in ("__init__.py", "asking.py", "twins.py")}


def test_an_accelerated_wheel_is_for_this_interpreter_and_says_that_it_is_accelerated(
    tmp_path: Path, accelerated_wheel: Path
) -> None:
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    assert f"-{tag}-{tag}" in accelerated_wheel.name
    assert sorted(accelerated_wheel.parent.iterdir()) == [accelerated_wheel]
    with zipfile.ZipFile(accelerated_wheel) as archive:
        archive.extractall(tmp_path)
    program = "import airssys_rt; print(airssys_rt.__file__, airssys_rt.__accelerated__)"
    told = {}
    for value in ("", "0"):
        told[value] = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": str(tmp_path), VARIABLE: value},
            cwd=tmp_path,
        ).stdout.split()
    where = str(tmp_path / "airssys_rt/__init__.py")
    assert told == {"": [where, "True"], "0": [where, "False"]}


def test_an_editable_build_has_the_twins_beside_their_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    sources = tmp_path / "src" / NATIVE
    sources.mkdir(parents=True)
    made = tmp_path / "speed.so"
    made.touch()
    monkeypatch.setattr(hook, "compile_speed", lambda *_: made)
    build = hook.SpeedHook(str(tmp_path), {}, None, None, str(tmp_path / "dist"), "wheel")
    data: dict[str, object] = {}
    build.initialize("editable", data)
    assert (sources / "speed.so").exists()
    assert data == {}


@pytest.mark.parametrize("value", ["yes", "true", "2"])
def test_the_variable_says_1_or_0(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(ValueError, match="write 1 for an accelerated build, 0 for a pure one"):
        hook.wanted()


def test_the_compilers_are_asked_for_only_where_they_compile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build = hook.SpeedHook(str(ROOT), {}, None, None, str(ROOT / "dist"), "wheel")
    monkeypatch.setenv(VARIABLE, "0")
    assert build.dependencies() == []
    monkeypatch.setenv(VARIABLE, "engine")
    assert build.dependencies() == ["setuptools"]
    monkeypatch.setenv(VARIABLE, "1")
    assert build.dependencies() == ["setuptools", "mypy>=2.1,<2.5"]


def test_a_full_build_has_the_plugin_compiled_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook, "compile_speed", lambda *_: tmp_path / "speed.so")
    plugin = {"airssys_rt/mypy/table.so": tmp_path / "table.so"}
    monkeypatch.setattr(hook, "compile_plugin", lambda *_: plugin)
    build = hook.SpeedHook(str(tmp_path), {}, None, None, str(tmp_path / "dist"), "wheel")
    for asked, more in (("engine", set[str]()), ("1", {*plugin})):
        monkeypatch.setenv(VARIABLE, asked)
        data: dict[str, Any] = {"force_include": {}}
        build.initialize("standard", data)
        assert {*data["force_include"].values()} == {f"{NATIVE}/speed.so"} | more
        assert data["infer_tag"]
        assert not data["pure_python"]


def test_modules_of_the_plugin_are_compiled_where_nothing_replaces_them(tmp_path: Path) -> None:
    missing = no_compiler()
    if missing is not None:
        pytest.skip(f"nothing can be compiled here: {missing}")
    package = tmp_path / "src/airssys_rt/mypy"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("import missing\n", encoding="utf-8")
    for name in ("__init__", "hooks", "counted"):
        (package / f"{name}.py").write_text("def one() -> int:\n    return 1\n", encoding="utf-8")
    made = hook.compile_plugin(tmp_path / "src", tmp_path / "into")
    assert sorted(Path(place).name.partition(".")[0] for place in made) == [
        "airssys_rt_mypy__mypyc",
        "counted",
    ]
    assert all(path.is_file() for path in made.values())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["into", "src"]


def test_an_interpreter_that_cannot_have_the_twins_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hook.why_not() is None
    monkeypatch.setenv(VARIABLE, "1")
    monkeypatch.setattr(hook.sysconfig, "get_config_var", lambda name: name == "Py_GIL_DISABLED")
    build = hook.SpeedHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    with pytest.raises(RuntimeError, match="lock, which this build of it has not; without it"):
        build.initialize("standard", {})
    monkeypatch.setattr(hook.sys, "implementation", type("Other", (), {"name": "pypy"}))
    assert hook.why_not() == "the twins are for CPython"


def test_the_sources_are_in_the_source_distribution(tmp_path: Path) -> None:
    builder: Any = import_module("hatchling.builders.sdist").SdistBuilder
    [path] = builder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(path) as archive:
        found = [Path(name) for name in archive.getnames() if f"/src/{NATIVE}/" in name]
    wanted = {source.name for source in SOURCES.iterdir() if source.suffix in (".c", ".h", ".py")}
    assert wanted <= {name.name for name in found}
    assert not [name for name in found if name.suffix in (".so", ".pyd")]
