"""The measuring corpus is correct; its mutants and their verdicts are those of the locks."""

from __future__ import annotations

import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from typecheck import caught, mutate
from typecheck.mutation.operators import OPERATORS
from typecheck.mutation.parts import parse
from typecheck.mutation.source import Source
from typecheck.run import CHECKERS, SILENCER

MODULES = sorted(
    path.relative_to(mutate.CORPUS).with_suffix("").as_posix()
    for path in mutate.CORPUS.rglob("*.py")
    if path.name != "__init__.py"
)


@pytest.fixture(scope="module")
def made() -> list[mutate.Mutant]:
    return mutate.mutants()


@pytest.mark.parametrize("name", MODULES)
def test_a_corpus_module_can_be_imported(name: str) -> None:
    if mutate.NEWER in name.split("/") and sys.version_info < (3, 12):
        pytest.skip("is written in newer syntax")
    import_module(f"typecheck.corpus.{name.replace('/', '.')}")


def test_the_corpus_is_large_and_silences_no_checker() -> None:
    assert len(MODULES) >= 60
    for name, source in mutate.sources().items():
        assert not SILENCER.search(source.text), name


def test_the_mutants_are_those_of_the_lock(made: list[mutate.Mutant]) -> None:
    assert mutate.lock_text(made) == mutate.LOCK.read_text(encoding="utf-8")


def test_half_of_the_mutants_are_documented_bugs(made: list[mutate.Mutant]) -> None:
    documented = [mutant for mutant in made if mutant.bugs]
    assert len(made) >= 300
    assert len(documented) >= max(150, len(made) / 2)


def test_every_mutant_parses_differs_and_is_unique(made: list[mutate.Mutant]) -> None:
    modules = mutate.sources()
    for mutant in made:
        changed = {
            name
            for name, text in mutant.files.items()
            if name not in modules or modules[name].text != text
        }
        assert len(changed) == 1, mutant.id
        for text in mutant.files.values():
            parse(text)
    assert max(Counter(mutant.digest for mutant in made).values()) == 1
    assert max(Counter(mutant.id for mutant in made).values()) == 1


def test_every_operator_has_a_place_in_the_corpus(made: list[mutate.Mutant]) -> None:
    assert {mutant.operator.name for mutant in made} == OPERATORS.keys()


def test_every_bug_has_a_source_and_an_operator() -> None:
    assert max(Counter(bug.id for bug in mutate.bugs()).values()) == 1
    assert max(Counter(bug.url for bug in mutate.bugs()).values()) == 1
    for bug in mutate.bugs():
        assert bug.url.startswith(("https://", "http://")), bug.id
        assert all((bug.what, bug.title, bug.operators)), bug.id
        assert OPERATORS.keys() >= set(bug.operators), bug.id


def test_the_kept_verdicts_are_of_these_mutants(made: list[mutate.Mutant]) -> None:
    key, ids = caught.key_of(made), {mutant.id for mutant in made}
    for name in CHECKERS:
        verdict = caught.locked(name, key)
        assert verdict is not None, f"run python -m typecheck.caught --only {name}"
        assert verdict.caught.keys() <= ids
        assert not verdict.findings


def test_the_documentation_is_a_part_of_the_corpus() -> None:
    names = caught.programs()
    assert len(names) >= 20
    assert any(name.startswith("docs/docs_how_to_") for name in names)
    assert any(name.startswith("docs/docs_examples_") for name in names)


def test_newer_syntax_is_read_in_its_place() -> None:
    text = "type Both[K] = First[K] | Second\n\n\nclass Registry[K](Actor[Both[K]]): ...\n"
    source = Source("a.py", text)
    alias = source.alias("Both")
    assert alias is not None
    assert source.of(alias) == "First[K] | Second"
    assert [actor.name for actor in source.actors] == ["Registry"]


def test_a_page_gets_the_table_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{caught.BEGIN}\nold\n{caught.END}\nafter\n", encoding="utf-8")
    caught.write_page(page, "new\n")
    text = page.read_text(encoding="utf-8")
    assert text == f"before\n{caught.BEGIN}\n\nnew\n\n{caught.END}\nafter\n"
    page.write_text("no markers\n", encoding="utf-8")
    with pytest.raises(ValueError, match="once each"):
        caught.write_page(page, "new\n")


def test_the_table_has_a_row_for_each_group_and_one_for_documented_bugs(
    made: list[mutate.Mutant],
) -> None:
    all_of_it = dict.fromkeys((mutant.id for mutant in made), "")
    text = caught.table(made, [caught.Verdict("mypy", "2.4.1", all_of_it, ())])
    rows = [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines()[2:]]
    assert rows == [*mutate.SUBJECTS, "documented bugs", "all", "false reports"]
    assert f"| all | {len(made)} | {len(made)} (100 %) |" in text
