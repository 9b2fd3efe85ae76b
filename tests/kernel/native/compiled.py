"""The compiled twins for tests, and a way to have either engine in one process.

In an accelerated build they are those that are installed; else they are compiled for the tests,
where there is a compiler.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from airssys_rt.kernel import actor, scheduler, spawn, starting, steps
from airssys_rt.kernel.native import twins
from airssys_rt.kernel.native.asking import ask_twin
from airssys_rt.kernel.ref import ActorRef
from airssys_rt.runtime import system

ROOT = Path(__file__).parent.parent.parent.parent
SOURCES = ROOT / "src/airssys_rt/kernel/native"
MODULE = "airssys_rt.kernel.native.speed"
VARIABLE = "AIRSSYS_RT_ACCELERATE"

# Any throughout: functions of every type


def load(name: str, path: Path) -> ModuleType:
    """A module from a file."""
    spec: ModuleSpec | None = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def no_compiler() -> str | None:
    """What is missing to compile the twins."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"no compiler {compiler}"
    if not Path(sysconfig.get_paths()["include"], "Python.h").exists():
        return "no headers of CPython"
    if importlib.util.find_spec("setuptools") is None:
        return "no setuptools"
    return None


def wheel(into: Path, wanted: str) -> Path:
    """A wheel of the project, pure or not, built in this process."""
    builder: Any = import_module("hatchling.builders.wheel").WheelBuilder
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, wanted)
        [path] = builder(str(ROOT)).build(directory=str(into), versions=["standard"])
    return Path(path)


class Engines:
    """The places of the functions that exist twice, with both functions for each."""

    def __init__(self, speed: ModuleType) -> None:
        self.places: list[tuple[Any, str, Any, Any]] = []
        for owner, names in ((ActorRef, "tell"), (scheduler.Scheduler, "run_slice turn")):
            for name in names.split():
                pure = twins.pure_of(owner.__dict__[name])
                twin = speed.method(owner, f"{owner.__name__}.{name}", pure)
                self.places.append((owner, name, pure, twin))
        ask = twins.pure_of(ActorRef.__dict__["ask"])
        twin = ask_twin(ask, speed.ask_now, speed.NOT_NOW)
        self.places.append((ActorRef, "ask", ask, twin))
        for module in (spawn, starting):
            name = module.__name__.rpartition(".")[2].replace("starting", "start")
            self._function(name, getattr(module, name), speed)

    def _function(self, name: str, now: Any, speed: ModuleType) -> None:
        pure = twins.pure_of(now)
        twin = speed.function(name, pure)
        modules = [m for key, m in list(sys.modules.items()) if key.startswith("airssys_rt.")]
        users = [module for module in modules if module.__dict__.get(name) is now]
        assert {spawn, actor, system} <= {*users} or {starting, scheduler, steps} <= {*users}
        self.places += [(module, name, pure, twin) for module in users]

    @contextmanager
    def pure(self) -> Iterator[None]:
        """The pure engine."""
        with self._chosen(lambda pure, _twin: pure):
            yield

    @contextmanager
    def compiled(self) -> Iterator[None]:
        """The engine with the twins."""
        with self._chosen(lambda _pure, twin: twin):
            yield

    @contextmanager
    def _chosen(self, choose: Callable[[Any, Any], Any]) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for owner, name, pure, twin in self.places:
                patch.setattr(owner, name, choose(pure, twin))
            yield
