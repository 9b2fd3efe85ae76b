"""The benchmarks of load, offloading and memory run, and do what they say they measure."""

from __future__ import annotations

import gc
from pathlib import Path
from xml.etree import ElementTree

import pytest

from airssys_rt.bench.backends import BACKENDS
from tests.benchmarks import load, offload, soak
from tests.benchmarks.load import Load, Pauses, measure, pauses
from tests.benchmarks.plot import Line, nice, plot


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_load_gives_figures_for_everything_that_is_noticed(backend: str) -> None:
    found = measure(BACKENDS[backend], 50, 2_000, 0.1)
    assert found.handled > 0
    assert all(samples.wall and samples.cpu for samples in found.samples.values())
    assert found.line().count("|") == 8


def test_a_target_that_is_missed_is_named() -> None:
    found = Load(3, 3)
    for samples in found.samples.values():
        samples.cpu.append(0.0)
    found.samples["ask"].cpu.append(0.009)
    assert found.missed() == ["ask with 3 actors: 9.00 ms"]


def test_the_collectors_pauses_are_noted() -> None:
    with pauses() as found:
        gc.collect()
    assert [generation for generation, _ in found.seen][-1] == 2
    assert found.longest > 0
    assert Pauses([(0, 1.0), (2, 12.0)]).longest == 12.0


def test_the_command_draws_what_messages_cost(tmp_path: Path) -> None:
    picture = tmp_path / "growth.svg"
    said: list[str] = []
    arguments = ["--actors", "100", "--backlog", "1000", "--growth", str(picture)]
    load.main(arguments, said.append)
    assert "| 100 |" in said[-1]
    root = ElementTree.parse(picture).getroot()
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 6


def test_a_picture_has_every_point_within_its_frame() -> None:
    text = plot([Line("a & b", [(10, 5.0), (1_000, 130.0)])], "x", "y")
    circles = ElementTree.fromstring(text).findall("{http://www.w3.org/2000/svg}circle")
    places = [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in circles]
    assert all(0 < x < 640 and 0 < y < 320 for x, y in places)
    assert places[0][0] < places[1][0]
    assert places[0][1] > places[1][1]
    assert (nice(130), nice(3.5), nice(0)) == (200, 4, 2)


def test_offloading_gives_a_row_for_each_kind_of_worker() -> None:
    said: list[str] = []
    offload.main(["--count", "2", "--rounds", "1", "--steps", "10"], said.append)
    assert [row.split()[1] for row in said[1:]] == list(offload.KINDS)


def test_a_short_soak_does_everything_and_leaves_nothing() -> None:
    said: list[str] = []
    try:
        soak.main(["--minutes", "0.01", "--actors", "100", "--backlog", "1000"], said.append)
    except SystemExit:  # so short a run says nothing about memory
        said.append("")
    assert "asks" in said[1]
    assert "messages" in said[1]
