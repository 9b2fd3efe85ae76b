"""Running mypy, in a process of its own.

Laws: nothing of the project is changed, and mypy's cache is the only trace; a run that did not come
to its end is told from one with findings.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from airssys_rt.cli.check.config import configured, find_configuration
from airssys_rt.cli.check.findings import Finding, read_findings
from airssys_rt.errors import BadArgument

__all__ = ["Outcome", "run_mypy"]

# the options that name what to check, so that "." would be too much
TARGETS = ("-p", "--package", "-m", "--module", "-c", "--command")


class Outcome(NamedTuple):
    """What a run gave; `complete` is False if mypy could not check what it was to check."""

    findings: list[Finding]
    complete: bool
    complaints: str  # what mypy wrote beside its findings


def run_mypy(paths: list[str], options: list[str], plugin: str) -> Outcome:
    """Check the paths, or what the configuration names.  Raises `BadArgument`."""
    if importlib.util.find_spec("mypy") is None:
        raise BadArgument(
            "mypy is not installed",
            where=f"the Python that runs this command, {sys.executable}",
            why="mypy is an extra of the library",
            mend="pip install 'airssys-rt[mypy]'",
        )
    source, rest = _configuration_named(options)
    configuration = configured(source, plugin)
    names_targets = any(option.partition("=")[0] in TARGETS for option in rest)
    if not (paths or configuration.has_targets or names_targets):
        paths = ["."]
    with tempfile.TemporaryDirectory(prefix="airssys-rt-check-") as directory:
        file = Path(directory, configuration.name)
        file.write_text(configuration.text, encoding="utf-8")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", f"--config-file={file}", *rest),
                *("--output=json", "--no-error-summary", "--show-error-codes", "--", *paths),
            ],
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
    findings, others = read_findings(done.stdout.splitlines())
    about_itself, plain = read_findings(done.stderr.splitlines())  # of the configuration
    texts = [f"{f.file}: {f.severity}: {f.message}" for f in about_itself]
    complaints = "\n".join([*others, *plain, *texts])
    for shown in {str(file), os.path.relpath(file)}:
        complaints = complaints.replace(shown, str(configuration.source or "the defaults"))
    failed = done.returncode not in (0, 1) or (done.returncode == 1 and not findings)
    return Outcome(findings, not failed, complaints)


def _configuration_named(options: list[str]) -> tuple[Path | None, list[str]]:
    """The configuration, which an option may name, and the other options."""
    rest: list[str] = []
    source = ""
    named = False
    waiting = iter(options)
    for option in waiting:
        name, equals, value = option.partition("=")
        if name != "--config-file":
            rest.append(option)
            continue
        named = True
        source = value if equals else next(waiting, "")
    if not named:
        return find_configuration(Path.cwd()), rest
    return (Path(source) if source else None), rest  # without a name: no configuration
