"""The command in this process, and trees of files for the demo."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from airssys_rt.cli.app import main

Call: TypeAlias = Callable[..., tuple[int, str, str]]  # exit code, standard output and error

GOOD = {
    "a.py": b"import os\nimport os.path, sys\n",
    "empty.py": b"",
    "inner/b.py": b"from json import loads\nfrom . import x\n",
    "inner/deeper/c.py": b"def f():\n    import sys\n",
    "latin.py": b"# -*- coding: latin-1 -*-\ntext = '\xe9\xe8'\n",
    "with [brackets].py": b"import re\n",
}
BAD = {
    "bad_syntax.py": b"def f(:\n",
    "deep.py": b"-" * 100_000 + b"1\n",
    "inner/broken.py": b"text = '\xff\xfe'\n",
    "nulls.py": b"a = 1\n\0\n",
    "unknown_codec.py": b"# coding: klingon\n",
}
IGNORED = {
    "__pycache__/a.py": b"import hidden\n",
    "notes.txt": b"import hidden\n",
    "site-packages/p.py": b"import hidden\n",
}


def plant(root: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Files of every kind that the demo distinguishes."""
    root = tmp_path / "tree"
    plant(root, {**GOOD, **BAD, **IGNORED})
    (root / "dangling.py").symlink_to(root / "nowhere.py")
    (root / "package.py").mkdir()
    (root / "inner" / "around").symlink_to(root, target_is_directory=True)
    return root


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["airssys-rt", *arguments])
        code = main()
        out, err = capsys.readouterr()
        return code, out, err

    return run
