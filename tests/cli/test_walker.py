"""The walker finds every file once, in order, and not more than are wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import anyio
import pytest

from airssys_rt import Actor, ActorSystem, Request, on
from airssys_rt.cli.demo import walker as module
from airssys_rt.cli.demo.parse import Failure
from airssys_rt.cli.demo.protocol import Found, Next
from airssys_rt.cli.demo.walker import Walker
from tests.cli.conftest import plant

pytestmark = pytest.mark.anyio


class Heard(Request[list[Found]]):
    """What the walker said."""


EarMsg: TypeAlias = Found | Heard


class Ear(Actor[EarMsg]):
    def __init__(self) -> None:
        self.heard: list[Found] = []

    @on(Found)
    def hear(self, msg: Found) -> None:
        self.heard.append(msg)

    @on(Heard)
    def tell_me(self, msg: Heard) -> list[Found]:
        return list(self.heard)

    initial = hear | tell_me


async def walk(root: Path, limit: int | None = None) -> tuple[list[str], list[Found]]:
    async with ActorSystem() as system:
        ear = system.spawn(Ear)
        walker = system.spawn(Walker, str(root), limit, ear)
        paths: list[str] = []
        while batch := await walker.ask(Next()):
            assert len(batch) <= module.BATCH
            paths += batch
        assert await walker.ask(Next()) == ()
        return paths, await ear.ask(Heard())


async def test_files_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    plant(tmp_path, dict.fromkeys(["b.py", "a/z.py", "a/b/c.py", "a.py", "c/d.py", "a-b.py"], b""))
    paths, found = await walk(tmp_path)
    assert paths == ["a/b/c.py", "a/z.py", "a-b.py", "a.py", "b.py", "c/d.py"]
    assert sum(one.files for one in found) == 6
    assert [one.last for one in found] == [False] * (len(found) - 1) + [True]


async def test_caches_and_installed_packages_and_links_to_directories_are_left_out(
    tree: Path,
) -> None:
    paths, _ = await walk(tree)
    assert "inner/b.py" in paths
    assert "dangling.py" in paths
    assert not [path for path in paths if "around" in path or "packages" in path]


async def test_an_empty_tree_is_over_at_once(tmp_path: Path) -> None:
    assert await walk(tmp_path) == ([], [Found(0, (), True)])


@pytest.mark.parametrize("limit", [1, 2, 7])
async def test_a_limit_takes_the_first_files(tree: Path, limit: int) -> None:
    every, _ = await walk(tree)
    some, found = await walk(tree, limit)
    assert some == every[:limit]
    assert sum(one.files for one in found) == limit


async def test_a_directory_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    paths, found = await walk(tmp_path / "gone")
    assert paths == []
    assert found == [Found(0, (Failure(".", "unreadable", "No such file or directory"),), True)]


async def test_it_does_not_run_far_ahead_of_those_who_pull(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AHEAD", 16)
    plant(tmp_path, {f"{i // 10}/{i}.py": b"" for i in range(100)})
    async with ActorSystem() as system:
        ear = system.spawn(Ear)
        walker = system.spawn(Walker, str(tmp_path), None, ear)
        taken = len(await walker.ask(Next()))
        while taken < 100:
            await anyio.sleep(0.002)
            found = sum(one.files for one in await ear.ask(Heard()))
            assert found <= taken + 16
            taken += len(await walker.ask(Next()))
