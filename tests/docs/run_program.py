"""Runs one program of a page, or an example: ``python run_program.py PAGE INDEX``.

The blocks share a module named ``__main__``, tracebacks point at the page's own lines, and each
claimed output is compared with what was printed since the last one.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import sys
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.docs.pages import Block, Program, programs


def unhurried() -> None:
    """Hypothesis reads constants out of local sources when it first draws: here, the library's."""
    from hypothesis import HealthCheck, settings

    settings.register_profile("docs", suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("docs")


def execute(program: Program) -> None:
    """Run the blocks and check the outputs; raises what they raise, or AssertionError."""
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    if program.page.suffix == ".py":  # worker processes import the main program from its file
        main.__file__ = str(program.page)
    if any(isinstance(part, Block) and "hypothesis" in part.code for part in program.parts):
        unhurried()
    printed = io.StringIO()
    for part in program.parts:
        if isinstance(part, Block):
            if part.runs:
                source = "\n" * (part.line - 1) + part.code
                code = compile(source, str(program.page), "exec", dont_inherit=True)
                with contextlib.redirect_stdout(printed):
                    exec(code, main.__dict__)
            continue
        got, printed = printed.getvalue(), io.StringIO()
        if not doctest.OutputChecker().check_output(part.text, got, doctest.ELLIPSIS):
            where = f"{program.page}:{part.line}"
            raise AssertionError(f"{where}: claimed\n{part.text}\nprinted\n{got}")
    sys.stdout.write(printed.getvalue())


if __name__ == "__main__":
    execute(programs(Path(sys.argv[1]))[int(sys.argv[2])])
