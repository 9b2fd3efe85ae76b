"""The build hook of the accelerated wheel: compiles the twins, if it is asked to.

`AIRSSYS_RT_ACCELERATE=1` asks for it while the wheel is built; else the wheel is pure Python, and
good for every interpreter.  An editable install gets the compiled module beside its sources.
The file runs when a wheel is built and is in none.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from importlib import import_module
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

__all__ = ["SpeedHook", "compile_speed", "wanted", "why_not"]

VARIABLE = "AIRSSYS_RT_ACCELERATE"
PLACE = "airssys_rt/kernel/native"
WITHOUT_A_LOCK = "Py_GIL_DISABLED"


class SpeedHook(BuildHookInterface[BuilderConfig]):
    """Adds the compiled twins to the wheel."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs besides hatchling."""
        return ["setuptools"] if wanted() else []

    # Any: hatchling's own table
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the twins before the wheel is put together."""
        if not wanted():
            return
        refusal = why_not()
        if refusal is not None:
            raise RuntimeError(f"{VARIABLE}=1: {refusal}; without it the wheel is pure Python")
        sources = Path(self.root, "src", PLACE)
        compiled = compile_speed(sources, Path(self.directory, ".speed"))
        if version == "editable":
            shutil.copy2(compiled, sources)
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"][str(compiled)] = f"{PLACE}/{compiled.name}"

    # Any: as above
    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing but the wheel."""
        shutil.rmtree(Path(self.directory, ".speed"), ignore_errors=True)


def wanted() -> bool:
    """Whether the environment asks for the twins.  Raises `ValueError` if it says neither."""
    value = os.environ.get(VARIABLE, "")
    if value not in ("", "0", "1"):
        raise ValueError(
            f"{VARIABLE}={value!r}: write 1 for an accelerated build, 0 for a pure one"
        )
    return value == "1"


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
    distribution = setuptools.Distribution({"name": "airssys-rt", "ext_modules": [module]})
    command = distribution.get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(into), str(into / "objects")
    command.ensure_finalized()
    command.run()
    return Path(command.get_ext_fullpath("speed"))
