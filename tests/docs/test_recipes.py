"""The recipes in YAML: they parse, and the commands in them are commands of this package."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
from typing import Any

import pytest

from airssys_rt.cli.app import main
from tests.docs.pages import ROOT, fences

PAGE = ROOT / "docs" / "how-to" / "check-in-ci.md"
COMMAND = re.compile(r"airssys-rt (?P<name>check|graph)\b(?P<rest>[^>\n]*)")


def recipes() -> list[str]:
    found = fences(PAGE.read_text(encoding="utf-8"))
    return [token.content for token, _ in found if token.info.strip() == "yaml"]


def test_the_recipes_are_there_with_what_they_depend_on() -> None:
    hooks, workflow = recipes()
    for line in ("  - repo: local", "language: system", "pass_filenames: false"):
        assert line in hooks
    for line in ("security-events: write", "upload-sarif", "continue-on-error: true"):
        assert line in workflow
    for recipe in (hooks, workflow):
        assert "\t" not in recipe
        indents = [len(line) - len(line.lstrip()) for line in recipe.splitlines() if line]
        assert all(indent % 2 == 0 for indent in indents)


def test_the_recipes_parse() -> None:
    pytest.importorskip("yaml", reason="PyYAML is not installed")
    yaml: Any = importlib.import_module("yaml")  # Any: it ships no types
    hooks, workflow = map(yaml.safe_load, recipes())
    [repository] = hooks["repos"]
    assert repository["repo"] == "local"
    assert {hook["entry"].split()[0] for hook in repository["hooks"]} == {"airssys-rt"}
    steps = workflow["jobs"]["check"]["steps"]
    assert [step["id"] for step in steps if "id" in step] == ["check"]
    [upload] = [step for step in steps if "upload-sarif" in step.get("uses", "")]
    assert f"> {upload['with']['sarif_file']}" in "".join(step.get("run", "") for step in steps)


def test_the_commands_of_the_recipes_have_the_options_that_they_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    used = [match for recipe in recipes() for match in COMMAND.finditer(recipe)]
    assert {match["name"] for match in used} == {"check", "graph"}
    monkeypatch.setenv("COLUMNS", "200")
    for match in used:
        monkeypatch.setattr(sys, "argv", ["airssys-rt", match["name"], "--help"])
        assert main() == 0
        said = capsys.readouterr().out
        options = [word for word in shlex.split(match["rest"]) if word.startswith("--")]
        assert all(option in said for option in options)
