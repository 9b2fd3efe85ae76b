"""What every test shares: the backends, hypothesis's profiles, and where caches go."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent

os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".venv/cache/hypothesis"))

# A deadline would fail tests on a busy machine; the blob makes a failure repeatable elsewhere.
settings.register_profile("dev", deadline=None, print_blob=True, max_examples=30)
settings.register_profile("ci", deadline=None, print_blob=True, max_examples=100)
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


@pytest.fixture(scope="module", params=BACKENDS)
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """Each test marked ``anyio`` runs once on each of these."""
    return request.param


def pytest_report_header() -> str:
    """Name the backends, also the one that is missing."""
    names = ", ".join(str(backend.id) for backend in BACKENDS)
    return f"backends: {names}" + ("" if HAS_UVLOOP else " (not tested: uvloop, not installed)")
