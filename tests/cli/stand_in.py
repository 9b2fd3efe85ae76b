"""A plugin for mypy that reports what it is told to, in place of the real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mypy.errorcodes import ErrorCode
from mypy.options import Options
from mypy.plugin import FunctionContext, Plugin
from mypy.types import Type

ACTOR = ErrorCode("actor", "of actors", "Actors")
MISSING = ErrorCode("actor-missing", "of actors", "Actors", sub_code_of=ACTOR)


class StandIn(Plugin):
    """Reports every call of `report_me`, and what its own section says."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        text = Path(options.config_file or "").read_text(encoding="utf-8")
        self.told = "and its section" if "told" in text else "alone"

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        return self.report if fullname.endswith(".report_me") else None

    def report(self, context: FunctionContext) -> Type:
        context.api.fail(f"no handler, {self.told}", context.context, code=MISSING)
        return context.default_return_type


def plugin(version: str) -> type[Plugin]:
    return StandIn


def crashing(version: str) -> type[Plugin]:
    raise RuntimeError("crash on purpose")
