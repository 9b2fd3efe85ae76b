"""The mutants: correct actor modules, each with one mistake planted by an operator.

    python -m typecheck.mutate            # compares what is generated with mutants.lock
    python -m typecheck.mutate --write    # writes mutants.lock
    python -m typecheck.mutate --show ID  # prints a mutant as a diff

Laws: the same corpus and operators give the same mutants, in the same order, on every Python; an
operator's places are chosen by a digest of their names and not by what a checker says of them; each
mutant parses and differs from its module.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath

from typecheck.mutation.operators import OPERATORS, Operator
from typecheck.mutation.parts import Mutation, parse
from typecheck.mutation.source import Source

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
LOCK = HERE / "mutants.lock"
BUGS = HERE / "bugs.toml"
NEWER = "py312"
SUBJECTS = (
    *("protocol", "replies", "states", "messages"),
    *("sends", "signals", "blocking", "sharing"),
)

for subject in SUBJECTS:
    import_module(f"typecheck.mutation.{subject}")


@dataclass(frozen=True)
class Mutant:
    """A corpus module with a mistake."""

    id: str
    operator: Operator
    module: str  # its path in the corpus
    line: int
    files: dict[str, str]  # the module, and the rest of its package, as they then are
    bugs: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Of the names and texts of its files."""
        text = "\0".join(f"{name}\0{self.files[name]}" for name in sorted(self.files))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def entry(self) -> dict[str, object]:
        """What the lock says of it."""
        return {
            "id": self.id,
            "operator": self.operator.name,
            "group": self.operator.group,
            "module": self.module,
            "bugs": list(self.bugs),
            "digest": self.digest,
        }


@dataclass(frozen=True)
class Bug:
    """A documented mistake, and the operators that make it in this library's terms."""

    id: str
    what: str
    title: str
    url: str
    operators: tuple[str, ...]


@cache
def bugs() -> tuple[Bug, ...]:
    """The table of documented bugs."""
    table = tomllib.loads(BUGS.read_text(encoding="utf-8"))["bug"]
    return tuple(
        Bug(row["id"], row["what"], row["title"], row["url"], tuple(row["operators"]))
        for row in table
    )


def sources(corpus: Path = CORPUS) -> dict[str, Source]:
    """The corpus, by path."""
    found: dict[str, Source] = {}
    for path in sorted(corpus.rglob("*.py")):
        name = path.relative_to(corpus).as_posix()
        found[name] = Source(name, path.read_text(encoding="utf-8"), found)
    return found


def unit(name: str, corpus: Iterable[str]) -> list[str]:
    """The modules that a module must be checked with: its package, or itself."""
    folder = PurePosixPath(name).parent.as_posix()
    if folder in {".", NEWER}:
        return [name]
    return [other for other in corpus if PurePosixPath(other).parent.as_posix() == folder]


def rank(operator: str, name: str, number: int, mutation: Mutation) -> str:
    """What chooses among the places of an operator."""
    return hashlib.sha256(f"{operator}:{name}:{number}:{mutation.line}".encode()).hexdigest()


def places(operator: Operator, corpus: dict[str, Source]) -> list[tuple[str, Mutation]]:
    """The places that an operator takes: few in one module, in an order that nobody chose."""
    ranked: list[tuple[int, str, str, Mutation]] = []
    for name, source in corpus.items():
        mine = [
            (rank(operator.name, name, number, mutation), mutation)
            for number, mutation in enumerate(operator.places(source))
        ]
        for turn, (key, mutation) in enumerate(sorted(mine, key=lambda item: item[0])):
            ranked.append((turn, key, name, mutation))
    ranked.sort(key=lambda item: item[:3])
    return [(name, mutation) for _, _, name, mutation in ranked[: operator.most]]


def mutants(corpus: Path = CORPUS) -> list[Mutant]:
    """All mutants, in the order of the operators' names."""
    modules = sources(corpus)
    made: list[Mutant] = []
    digests: set[str] = set()
    for operator in sorted(OPERATORS.values(), key=lambda o: (SUBJECTS.index(o.group), o.name)):
        modelled = tuple(bug.id for bug in bugs() if operator.name in bug.operators)
        for name, mutation in places(operator, modules):
            source = modules[name]
            text = source.apply(mutation)
            files = {other: modules[other].text for other in unit(name, modules)}
            files[name] = text
            if mutation.beside:
                beside = PurePosixPath(name).with_name(f"{source.stem}_more.py").as_posix()
                files[beside] = mutation.beside
            for changed in files.values():
                parse(changed)
            assert text != source.text or mutation.beside
            index = sum(mutant.operator is operator for mutant in made) + 1
            identity = f"{operator.name}-{index:02}"
            mutant = Mutant(identity, operator, name, mutation.line, files, modelled)
            if mutant.digest not in digests:
                digests.add(mutant.digest)
                made.append(mutant)
    return made


def lock_text(made: Sequence[Mutant]) -> str:
    """The text of mutants.lock: a JSON object of one line a mutant."""
    lines = ",\n".join(f"  {json.dumps(mutant.entry())}" for mutant in made)
    return f'{{"mutants": [\n{lines}\n]}}\n'


def diff(mutant: Mutant) -> str:
    """What a mutant changes."""
    before = (CORPUS / mutant.module).read_text(encoding="utf-8").splitlines(keepends=True)
    after = mutant.files[mutant.module].splitlines(keepends=True)
    text = "".join(difflib.unified_diff(before, after, mutant.module, mutant.id, n=2))
    beside = [
        f"+++ {name}\n{text}" for name, text in mutant.files.items() if name.endswith("_more.py")
    ]
    return text + "".join(beside)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare the lock, or show mutants."""
    parser = argparse.ArgumentParser(description="Plant mistakes in the corpus.")
    parser.add_argument("--write", action="store_true", help="write mutants.lock")
    parser.add_argument("--show", metavar="ID", action="append", help="a mutant or an operator")
    options = parser.parse_args(arguments)
    made = mutants()
    if options.show:
        for mutant in made:
            if mutant.id in options.show or mutant.operator.name in options.show:
                print(f"# {mutant.id}: {mutant.operator.what}")
                print(diff(mutant))
        return 0
    if options.write:
        LOCK.write_text(lock_text(made), encoding="utf-8")
    groups = Counter(mutant.operator.group for mutant in made)
    documented = sum(bool(mutant.bugs) for mutant in made)
    print(f"{len(made)} mutants by {len(OPERATORS)} operators, {documented} of documented bugs")
    print(", ".join(f"{group}: {count}" for group, count in groups.items()))
    same = LOCK.exists() and LOCK.read_text(encoding="utf-8") == lock_text(made)
    print("as mutants.lock says" if same else "mutants.lock says otherwise: --write")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
