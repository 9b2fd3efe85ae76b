"""Both engines, for the tests in this folder; the accelerated wheel is built once."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from airssys_rt.kernel.native import twins
from tests.kernel.native.compiled import MODULE, Engines, load, no_compiler, wheel


@pytest.fixture(scope="session")
def accelerated_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel with the compiled twins."""
    missing = no_compiler()
    if missing is not None:
        pytest.skip(f"the twins cannot be compiled here: {missing}")
    return wheel(tmp_path_factory.mktemp("dist"), "engine")


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engines:
    """The pure engine and the one with the twins: the installed ones, or those of the wheel."""
    if twins.speed is not None:
        return Engines(twins.speed)
    made: Path = request.getfixturevalue("accelerated_wheel")
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(made) as archive:
        archive.extractall(site)
    [module] = site.glob("airssys_rt/kernel/native/speed.*")
    return Engines(load(MODULE, module))
