"""Parse functions that worker processes import."""

from __future__ import annotations

import os
import time
from pathlib import Path

from airssys_rt.cli.demo.parse import Outcome, parse_file


def deadly(root: str, path: str) -> Outcome:
    """Some files are the end of the process that parses them."""
    if Path(path).name.startswith("deadly"):
        os._exit(3)
    return parse_file(root, path)


def unlucky(root: str, path: str) -> Outcome:
    """Some files are the end of the first process that parses them."""
    mark = Path(root, f"{path}.mark")
    if Path(path).name.startswith("deadly") and not mark.exists():
        mark.touch()
        os._exit(3)
    return parse_file(root, path)


def failing(root: str, path: str) -> Outcome:
    """Some files make the parse function raise."""
    if Path(path).name.startswith("deadly"):
        raise ZeroDivisionError("this file")
    return parse_file(root, path)


def slow(root: str, path: str) -> Outcome:
    """Takes its time, and leaves a mark when it begins."""
    Path(root, "begun").touch()
    time.sleep(0.2)
    return parse_file(root, path)


def different(root: str, path: str) -> Outcome:
    """Never says the same twice."""
    outcome = parse_file(root, path)
    return outcome._replace(path=f"{path} at {time.perf_counter_ns()}")
