"""Every program of the documentation runs, prints what the page claims, and is typed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, BadPage, Program, examples, pages, programs

RUNNER = Path(__file__).parent / "run_program.py"
SECONDS = 60

PROGRAMS = [program for page in (*pages(), *examples()) for program in programs(page)]
SOURCES = {program.title: program.source() for program in PROGRAMS}
REPORT = re.compile(r"^(?P<file>.+?):(?P<line>\d+): error: (?P<text>.*)$", re.MULTILINE)
EXPECTED = re.compile(r"# error: (?P<text>.*)$")


def run(*args: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", *map(str, args)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=ROOT
    )


def run_program(program: Program) -> subprocess.CompletedProcess[str]:
    return run(RUNNER, program.page, str(program.index))


def wrong_types(sources: dict[str, str], scratch: Path) -> dict[str, list[str]]:
    """One run of mypy over all: by name, the errors nobody expects and those that fail to come."""
    files = {}
    for number, (name, source) in enumerate(sources.items()):
        files[name] = scratch / f"program_{number}.py"
        files[name].write_text(source, encoding="utf-8")
    done = run(
        *("-m", "mypy", "--python-version=3.13", "--no-pretty", "--no-error-summary"),
        *files.values(),
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    reported: dict[tuple[str, int], list[str]] = defaultdict(list)
    for report in REPORT.finditer(done.stdout):
        reported[Path(report["file"]).name, int(report["line"])].append(report["text"])
    wrong: dict[str, list[str]] = {}
    for name, source in sources.items():
        wrong[name] = []
        for line, text in enumerate(source.splitlines(), start=1):
            errors = reported.pop((files[name].name, line), [])
            expected = EXPECTED.search(text)
            if expected is None:
                wrong[name] += [f"line {line}: {error}" for error in errors]
            elif not any(expected["text"] in error for error in errors):
                wrong[name].append(f"line {line}: no error {expected['text']!r} but {errors}")
    assert not reported, f"errors outside of the documentation: {dict(reported)}"
    return wrong


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    return wrong_types(SOURCES, tmp_path_factory.mktemp("programs"))


@pytest.mark.parametrize("title", SOURCES)
def test_a_program_of_the_documentation_is_typed(
    verdicts: dict[str, list[str]], title: str
) -> None:
    assert verdicts[title] == []


@pytest.mark.parametrize(
    "program", [p for p in PROGRAMS if p.runs], ids=lambda program: program.title
)
def test_a_program_of_the_documentation_runs_and_prints_what_it_claims(program: Program) -> None:
    done = run_program(program)
    assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------- the checks find what they seek


def page(tmp_path: Path, text: str) -> Path:
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    return tmp_path / "page.md"


def test_blocks_share_a_namespace_and_outputs_are_compared_one_by_one(tmp_path: Path) -> None:
    [program] = programs(
        page(
            tmp_path,
            "# T\n```python\nx = 1\nprint(x)\n```\n<!-- output -->\n```text\n1\n```\nand\n"
            "```python\nprint(x + 1, __name__)\n```\n<!-- output -->\n```text\n2 ...\n```\n",
        )
    )
    assert run_program(program).returncode == 0


def test_a_fresh_block_begins_a_program_of_its_own(tmp_path: Path) -> None:
    text = "```python\nx = 1\n```\n<!-- fresh -->\n```python\nprint(x)\n```\n"
    first, second = programs(page(tmp_path, text))
    assert run_program(first).returncode == 0
    assert "NameError" in run_program(second).stderr


def test_an_output_that_differs_fails_with_page_and_line(tmp_path: Path) -> None:
    text = "```python\nprint(1)\n```\n<!-- output -->\n```text\n2\n```\n"
    [program] = programs(page(tmp_path, text))
    done = run_program(program)
    assert done.returncode == 1
    assert "page.md:6: claimed" in done.stderr


def test_a_block_that_raises_fails_with_its_line_on_the_page(tmp_path: Path) -> None:
    [program] = programs(page(tmp_path, "# T\n\n```python\n\n1 / 0\n```\n"))
    done = run_program(program)
    assert done.returncode == 1
    assert 'page.md", line 5' in done.stderr


def test_a_block_that_is_only_typed_does_not_run(tmp_path: Path) -> None:
    [program] = programs(page(tmp_path, "<!-- check: types -->\n```python\n1 / 0\n```\n"))
    assert not program.runs
    assert run_program(program).returncode == 0


def test_mypy_reports_errors_that_nobody_expects_and_misses_those_expected(tmp_path: Path) -> None:
    sources = {
        "wrong": '\nx: int = ""\n',
        "missing": "x: int = 1  # error: Incompatible types\n",
        "good": 'x: int = ""  # error: Incompatible types\ntype A = int\n',
    }
    wrong = wrong_types(sources, tmp_path)
    assert [line.partition(":")[0] for line in wrong["wrong"]] == ["line 2"]
    assert [line.partition(":")[0] for line in wrong["missing"]] == ["line 1"]
    assert wrong["good"] == []


def test_an_example_has_to_print_what_its_out_file_says(tmp_path: Path) -> None:
    example = tmp_path / "example.py"
    example.write_text("print(__file__)\n", encoding="utf-8")
    example.with_suffix(".out").write_text("...example.py\n", encoding="utf-8")
    [program] = programs(example)
    assert run_program(program).returncode == 0
    example.with_suffix(".out").write_text("something else\n", encoding="utf-8")
    assert "example.py:1: claimed" in run_program(program).stderr


@pytest.mark.parametrize(
    "text",
    [
        "```py\n1\n```\n",
        "```pycon\n>>> 1\n```\n",
        "```{code-block} python\n1\n```\n",
        "```\nno kind\n```\n",
        "<!-- check: none, because -->\n```python\n1\n```\n",
        "<!-- output -->\n```text\n1\n```\n",
        "```python\n1\n```\n<!-- output -->\nsome words\n```text\n1\n```\n",
    ],
)
def test_a_block_that_would_escape_its_test_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadPage, match=r"page\.md:\d+"):
        programs(page(tmp_path, text))
