"""The commands that the README gives are those that CI runs and the other pages repeat."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT

TEST_COMMAND = re.compile(r"^ *(python3 -m venv .*/bin/nox)$", re.MULTILINE)


def test_the_readme_ci_and_the_contributing_page_run_the_same_command() -> None:
    texts = [
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("README.md", ".ci/run", "docs/contributing.md")
    ]
    [command] = TEST_COMMAND.findall(texts[0])
    assert [TEST_COMMAND.findall(text) for text in texts] == [[command]] * 3


def test_the_readme_has_one_console_block_a_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", readme, re.DOTALL)
    assert len(blocks) == 2
    assert all(block.startswith("python3 -m venv .venv && ") for block in blocks)
    assert blocks[0].endswith(".venv/bin/airssys-rt demo\n")
