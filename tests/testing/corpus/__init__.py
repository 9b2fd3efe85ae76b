"""The programs of the corpus."""

from __future__ import annotations

from tests.testing.corpus import actors, protocols, races
from tests.testing.corpus.base import PROGRAMS, Program

__all__ = ["PROGRAMS", "Program"]

FILES = (races, protocols, actors)
