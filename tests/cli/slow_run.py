"""A run of the demo that lasts until it is interrupted: `slow_run.py ROOT BACKEND WORKERS`."""

from __future__ import annotations

import sys

from airssys_rt.cli.demo.command import carry_out
from airssys_rt.cli.demo.crew import Plan
from airssys_rt.cli.demo.run import Backend
from airssys_rt.cli.demo.workers import WorkerKind
from tests.cli.parsers import slow

BACKENDS: dict[str, Backend] = {"asyncio": "asyncio", "trio": "trio"}
WORKERS: dict[str, WorkerKind] = {"processes": "processes", "threads": "threads"}

if __name__ == "__main__":
    _, root, backend, workers = sys.argv
    plan = Plan(root, 2, WORKERS[workers], parse=slow)
    sys.exit(carry_out(plan, BACKENDS[backend]))
