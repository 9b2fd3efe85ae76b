"""The plugin, as mypy sees it.

Laws: stateless between modules, for mypy loads it in every worker; the checks are imported when
mypy first asks for a hook, so a run that finds nothing to check costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mypy.options import Options as MypyOptions
from mypy.plugin import (
    ClassDefContext,
    FunctionContext,
    MethodContext,
    MethodSigContext,
    Plugin,
    ReportConfigContext,
)
from mypy.types import FunctionLike, Type

from airssys_rt.mypy import codes
from airssys_rt.mypy.options import BadOptions, end_with, read_options

if TYPE_CHECKING:
    from airssys_rt.mypy.hooks import Hooks

__all__ = ["ActorPlugin"]

ALL_CODES = codes.ALL  # the configuration names them before anything is checked


class ActorPlugin(Plugin):
    """Checks of actors and their messages."""

    def __init__(self, options: MypyOptions) -> None:
        super().__init__(options)
        try:
            self.own = read_options(options.config_file)
        except BadOptions as error:
            end_with(str(error))
        self.digest = self.own.digest  # mypy asks for it with every module

    @cached_property
    def hooks(self) -> Hooks:
        """The checks."""
        from airssys_rt.mypy.hooks import Hooks

        steady = not self.options.fine_grained_incremental
        hooks = Hooks(self.own, self.lookup_fully_qualified, steady=steady)
        # mypy asks for a hook at every call of a program: from now on, it asks the tables
        self.__dict__.update(
            get_base_class_hook=hooks.classes.__getitem__,
            get_method_hook=hooks.methods.__getitem__,
            get_function_hook=hooks.functions.__getitem__,
            get_method_signature_hook=hooks.signatures.__getitem__,
        )
        return hooks

    # Any: mypy's own signature
    def report_config_data(self, ctx: ReportConfigContext) -> Any:
        """What a module's findings depend on besides its source."""
        return self.digest

    def get_base_class_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """Structs and actors are remembered when they are analyzed."""
        return self.hooks.classes[fullname]

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """Classes, and calls of methods."""
        return self.hooks.methods[fullname]

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """Calls of functions and constructors."""
        return self.hooks.functions[fullname]

    def get_method_signature_hook(
        self, fullname: str
    ) -> Callable[[MethodSigContext], FunctionLike] | None:
        """Signatures that depend on more than annotations can say."""
        return self.hooks.signatures[fullname]
