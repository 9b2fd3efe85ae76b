"""The build hook of the accelerated wheel: compiles what it is asked to.

`AIRSSYS_RT_ACCELERATE=1` asks for the engine's twins and mypy's plugin while the wheel is built,
`AIRSSYS_RT_ACCELERATE=engine` for the twins alone, which takes seconds and needs no mypy; else the
wheel is pure Python, and good for every interpreter.  An editable install gets the twins beside
their sources, and the plugin as it is: a compiled module would hide the edits of its source.
The file runs when a wheel is built and is in none.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tomllib
from contextlib import chdir
from importlib import import_module
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

__all__ = ["SpeedHook", "compile_plugin", "compile_speed", "wanted", "why_not"]

VARIABLE = "AIRSSYS_RT_ACCELERATE"
PLACE = "airssys_rt/kernel/native"
WITHOUT_A_LOCK = "Py_GIL_DISABLED"
ENGINE, ALL = "engine", "1"
PLUGIN = "airssys_rt/mypy"
# mypy reads the first two as files; the others are replaced and subclassed from outside
INTERPRETED = frozenset({"__init__", "gate", "plugin", "hooks", "guard"})


class SpeedHook(BuildHookInterface[BuilderConfig]):
    """Adds the compiled twins to the wheel."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs besides hatchling."""
        asked = wanted()
        if asked == ALL:
            project = tomllib.loads(Path(self.root, "pyproject.toml").read_text(encoding="utf-8"))
            return ["setuptools", *project["project"]["optional-dependencies"]["mypy"]]
        return ["setuptools"] if asked == ENGINE else []

    # Any: hatchling's own table
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the wheel is put together."""
        asked = wanted()
        if asked is None:
            return
        refusal = why_not()
        if refusal is not None:
            text = f"{VARIABLE}={asked}: {refusal}; without it the wheel is pure Python"
            raise RuntimeError(text)
        sources = Path(self.root, "src", PLACE)
        compiled = compile_speed(sources, Path(self.directory, ".speed"))
        if version == "editable":
            shutil.copy2(compiled, sources)
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"][str(compiled)] = f"{PLACE}/{compiled.name}"
        if asked == ALL:
            into = Path(self.directory, ".speed").absolute()
            for name, module in compile_plugin(Path(self.root, "src"), into).items():
                build_data["force_include"][str(module)] = name

    # Any: as above
    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing but the wheel."""
        shutil.rmtree(Path(self.directory, ".speed"), ignore_errors=True)


def wanted() -> str | None:
    """What the environment asks for; None for a pure wheel.  Raises `ValueError` if unclear."""
    value = os.environ.get(VARIABLE, "")
    if value not in ("", "0", ENGINE, ALL):
        raise ValueError(
            f"{VARIABLE}={value!r}: write 1 for an accelerated build, 0 for a pure one,"
            f" {ENGINE} for one whose mypy plugin stays as it is"
        )
    return value if value in (ENGINE, ALL) else None


def why_not() -> str | None:
    """Why this interpreter cannot have the twins; None if it can."""
    if sys.implementation.name != "cpython":
        return "the twins are for CPython"
    if sysconfig.get_config_var(WITHOUT_A_LOCK):
        return "the twins stand on CPython's lock, which this build of it has not"
    return None


def compile_speed(sources: Path, into: Path) -> Path:
    """Compile the module into a directory; the file that it is in."""
    # Any: setuptools has no types in all of its releases
    setuptools: Any = import_module("setuptools")
    unix = os.name != "nt"
    module = setuptools.Extension(
        "speed",
        sorted(str(source) for source in sources.glob("*.c")),
        depends=sorted(str(header) for header in sources.glob("*.h")),
        extra_compile_args=["-O3", "-fvisibility=hidden"] if unix else [],
    )
    command = build([module], into)
    return Path(command.get_ext_fullpath("speed"))


def compile_plugin(root: Path, into: Path) -> dict[str, Path]:
    """Compile the modules of mypy's plugin with mypy's own compiler; the files by their places."""
    mypycify: Any = import_module("mypyc.build").mypycify
    with chdir(root):  # a module's name is its path
        sources = [path.as_posix() for path in sorted(Path(PLUGIN).glob("*.py"))]
        sources = [path for path in sources if Path(path).stem not in INTERPRETED]
        quiet = ["--ignore-missing-imports", "--follow-imports=silent"]
        modules = mypycify(
            ["--config-file=", f"--cache-dir={into / 'cache'}", *quiet, *sources],
            only_compile_paths=sources,
            target_dir=str(into / "c"),
            group_name="airssys_rt_mypy",
            opt_level="2",
            debug_level="0",
            multi_file=True,
        )
        build(modules, into / "lib")
    lib = into / "lib"
    made = [path for path in sorted(lib.rglob("*")) if path.suffix in (".so", ".pyd")]
    return {path.relative_to(lib).as_posix(): path for path in made}


# Any: as above
def build(modules: list[Any], into: Path) -> Any:
    """Have setuptools build extension modules; its command."""
    setuptools: Any = import_module("setuptools")
    distribution = setuptools.Distribution({"name": "airssys-rt", "ext_modules": modules})
    command = distribution.get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(into), str(into / "objects")
    command.ensure_finalized()
    command.run()
    return command
