"""The page of each code: the wrong program gets what the page shows, the mended one nothing."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import pytest
from mypy import api

from airssys_rt import ProtocolError
from airssys_rt.mypy import codes

PAGES = Path(codes.__file__).parent / "pages"
CHECKS = Path(__file__).parent.parent.parent / "docs" / "reference" / "checks"
PARTS = re.compile(
    r"# (?P<code>[\w-]+)\n\n.+?\n## Wrong\n\n```python\n(?P<wrong>.+?)```\n\n"
    r"## Reported\n\n```text\n(?P<reported>.+?)```\n\n"
    r"## Mended\n\n```python\n(?P<mended>.+?)```\n\n## Notes\n\n.+",
    re.DOTALL,
)
CODES = [code.code for code in codes.ALL]
REFUSED_AT_IMPORT = {"actor-missing", "actor-duplicate", "actor-sealed"}


def parts(code: str) -> re.Match[str]:
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    found = PARTS.fullmatch(text)
    assert found is not None, f"{code}.md has not the form of a page"
    return found


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What mypy says of each program: one run for all of them."""
    folder = tmp_path_factory.mktemp("pages")
    for code in CODES:
        page = parts(code)
        for kind in ("wrong", "mended"):
            (folder / f"{name(code, kind)}.py").write_text(page[kind], encoding="utf-8")
    config = folder / "mypy.ini"
    config.write_text("[mypy]\nstrict = true\nplugins = airssys_rt.mypy\n", encoding="utf-8")
    out, errors, _ = api.run(
        ["--config-file", str(config), "--cache-dir", str(folder / "cache"), "--no-error-summary"]
        + [str(path) for path in sorted(folder.glob("*.py"))]
    )
    assert not errors
    texts: dict[str, str] = defaultdict(str)
    for line in out.splitlines(keepends=True):
        path, colon, rest = line.partition(".py:")
        program = Path(path).name
        texts[program] += "main.py:" + rest.replace(program, "main") if colon else line
    return texts


def name(code: str, kind: str) -> str:
    return f"{code.replace('-', '_')}_{kind}"


def test_every_code_has_a_page_here_and_in_the_documentation() -> None:
    assert sorted(path.stem for path in PAGES.glob("*.md")) == sorted(CODES)
    for code in CODES:
        text = (CHECKS / f"{code}.md").read_text(encoding="utf-8")
        assert f"mypy/pages/{code}.md" in text
    table = (CHECKS / "index.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| \[([\w-]+)\]", table, re.MULTILINE)) == sorted(CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_wrong_program_gets_what_the_page_shows(reported: dict[str, str], code: str) -> None:
    page = parts(code)
    assert page["code"] == code
    assert f"[{code}]" in page["reported"]
    assert reported[name(code, "wrong")] == page["reported"]


@pytest.mark.parametrize("code", CODES)
def test_the_mended_program_gets_no_finding_and_runs(reported: dict[str, str], code: str) -> None:
    assert reported.get(name(code, "mended"), "") == ""
    run(parts(code)["mended"])


@pytest.mark.parametrize("code", CODES)
def test_a_wrong_program_without_the_plugin_fails_at_import_or_in_its_hour(code: str) -> None:
    if code in REFUSED_AT_IMPORT:
        with pytest.raises(ProtocolError):
            run(parts(code)["wrong"])
    else:
        run(parts(code)["wrong"])


def run(program: str) -> None:
    """Import a program's text as a module of its own."""
    module = ModuleType("a_page")
    sys.modules[module.__name__] = module  # dataclasses look there
    try:
        exec(compile(program, "a page", "exec"), vars(module))
    finally:
        del sys.modules[module.__name__]
