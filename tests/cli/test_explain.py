"""`airssys-rt explain`: pages of checks and of errors, and codes that are not known."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from airssys_rt import errors
from airssys_rt.cli.explain import command
from airssys_rt.cli.explain.command import page_of, show
from airssys_rt.cli.explain.pages import Page, check_pages, error_pages
from airssys_rt.errors import ActorError
from tests.cli.conftest import Call

ROOT = Path(__file__).parent.parent.parent
MISSING = """\
# actor-missing

A member of the union has no handler
in `initial`. It would be a dead letter.

```python
wrong = 1
```
"""


@pytest.fixture
def checks(tmp_path: Path) -> Path:
    (tmp_path / "actor-missing.md").write_text(MISSING, encoding="utf-8")
    (tmp_path / "actor-extra.md").write_text("# actor-extra\n\nOne handler too many.\n", "utf-8")
    (tmp_path / "notes.txt").write_text("no page", encoding="utf-8")
    return tmp_path


@pytest.fixture
def known(checks: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Page]:
    pages = {**check_pages(checks), **error_pages()}
    monkeypatch.setattr(command, "all_pages", lambda: pages)
    return pages


def test_a_checks_page_is_its_file_and_its_first_sentence_the_summary(checks: Path) -> None:
    pages = check_pages(checks)
    assert list(pages) == ["actor-extra", "actor-missing"]
    assert pages["actor-missing"].text == MISSING
    assert pages["actor-missing"].summary == "A member of the union has no handler in `initial`."


def test_the_pages_that_are_shipped_are_found() -> None:
    shipped = ROOT / "src" / "airssys_rt" / "mypy" / "pages"
    assert set(check_pages()) == {path.stem for path in shipped.glob("*.md")}
    assert check_pages(ROOT / "nowhere") == {}


def test_every_error_has_a_page_made_from_its_class() -> None:
    pages = error_pages()
    assert list(pages) == sorted(getattr(errors, name).code for name in errors.__all__)
    text = pages["RT014"].text
    assert text.startswith("# RT014: IllegalTransition\n\nRaised by `become` or `unbecome`")
    assert text.endswith("**Mend:** add the transition to `flow`; push first.\n")
    assert "It is also a `TimeoutError`." in pages["RT015"].text
    assert pages["RT005"].summary.startswith("NameTaken: Raised when an actor is spawned")
    assert "also a" not in pages["RT000"].text


def test_the_table_of_the_documentation_says_what_the_classes_say() -> None:
    lines = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("| RT")]
    classes: list[type[ActorError]] = [getattr(errors, name) for name in errors.__all__]
    wanted: list[str] = []
    for cls in sorted(classes, key=lambda cls: cls.code):
        also = [f"`{b.__name__}`" for b in cls.__bases__ if not issubclass(b, ActorError)]
        said = (cls.__doc__ or "").strip().split("\n")[0].removesuffix(".")
        cells = [cls.code, f"`{cls.__name__}`", ", ".join(also), said, cls.remedy]
        wanted.append("| " + " | ".join(cells).replace("|  |", "| |") + " |")
    assert table == [row for row in wanted if "RT000" not in row]


def test_no_two_errors_have_one_code() -> None:
    codes = [getattr(errors, name).code for name in errors.__all__]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("code", ["actor-missing", "ACTOR-MISSING", "[actor-missing]"])
def test_the_page_of_a_check_is_printed_as_it_is(
    call: Call, known: dict[str, Page], code: str
) -> None:
    assert call("explain", code) == (0, MISSING, "")


@pytest.mark.parametrize("code", ["RT014", "rt014", "IllegalTransition", "illegaltransition"])
def test_the_page_of_an_error_is_found_by_its_code_and_by_its_name(call: Call, code: str) -> None:
    code_, out, err = call("explain", code)
    assert (code_, err) == (0, "")
    assert out.startswith("# RT014: IllegalTransition\n")


def test_without_a_code_all_are_listed(call: Call, known: dict[str, Page]) -> None:
    code, out, err = call("explain")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == len(known)
    assert lines[0] == "actor-extra    One handler too many."
    assert any(line.startswith("RT015          AskTimeout: Raised when") for line in lines)


def test_the_code_above_the_checks_lists_them(call: Call, known: dict[str, Page]) -> None:
    code, out, err = call("explain", "actor")
    assert (code, err) == (0, "")
    checks = [page for page in known if page.startswith("actor")]
    assert [line.split()[0] for line in out.splitlines()] == checks


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        ("actor-mising", "did you mean actor-missing"),
        ("RT0144", "did you mean RT014"),
        ("AskTimeuot", "did you mean RT015"),
        ("zzz", "see them all with: airssys-rt explain"),
    ],
)
def test_a_code_that_is_not_known_is_wrong_usage_with_the_nearest(
    call: Call, known: dict[str, Page], code: str, mend: str
) -> None:
    got, out, err = call("explain", code)
    assert (got, out) == (2, "")
    assert f"there is no code '{code}'" in err
    assert mend in err
    assert "  why" in err


def test_a_page_is_laid_out_in_a_terminal(
    checks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    show(page_of("actor-missing", check_pages(checks)).text)
    out = capsys.readouterr().out
    assert "actor-missing" in out
    assert "# actor-missing" not in out
    assert "```" not in out
