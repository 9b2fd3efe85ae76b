"""What every test shares: the backends, hypothesis's profiles, and where caches go."""

from __future__ import annotations

import gc
import importlib.util
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent

os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".venv/cache/hypothesis"))

# A deadline would fail tests on a busy machine; the blob makes a failure repeatable elsewhere.
settings.register_profile("dev", deadline=None, print_blob=True, max_examples=30)
settings.register_profile("ci", deadline=None, print_blob=True, max_examples=100)
settings.register_profile("long", deadline=None, print_blob=True, max_examples=1000)
# long searches for what breaks mypy's plugin (tests/typing)
settings.register_profile("plugin", deadline=None, print_blob=True, max_examples=100)
settings.load_profile("dev")

HAS_UVLOOP = importlib.util.find_spec("uvloop") is not None
BACKENDS = [
    pytest.param(("asyncio", {"use_uvloop": False}), id="asyncio"),
    pytest.param(("trio", {}), id="trio"),
]
if HAS_UVLOOP:
    BACKENDS.append(pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--in-world`` runs the tests of the engine in simulated worlds (tests/inworld)."""
    parser.addoption("--in-world", action="store_true", help="run what can be in simulated worlds")
    parser.addoption("--unsuited", action="store_true", help="and now what cannot: it must fail")


def pytest_configure(config: pytest.Config) -> None:
    """Each test marked ``anyio`` runs once on each of the backends, or in worlds."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # in the background of a shell; the programs of the tests are to be interrupted all the same
        signal.signal(signal.SIGINT, signal.default_int_handler)
    backends = BACKENDS
    if config.getoption("--in-world"):
        from tests.inworld.loop import backend

        backends = [pytest.param(backend(), id="world")]

    @pytest.fixture(scope="module", params=backends)
    def anyio_backend(request: pytest.FixtureRequest) -> Any:
        return request.param

    # before pytest looks for the fixtures of this module
    globals()["anyio_backend"] = anyio_backend


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In worlds, run what can be."""
    if config.getoption("--in-world"):
        from tests.inworld.unsuited import select

        select(config, items)


def pytest_collection_finish() -> None:
    """Leave what is loaded by now out of the collections that many tests ask for."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    """Name the backends, also the one that is missing."""
    names = ", ".join(str(backend.id) for backend in BACKENDS)
    return f"backends: {names}" + ("" if HAS_UVLOOP else " (not tested: uvloop, not installed)")
