"""The share of planted mistakes that each type checker, and mypy with the plugin, reports.

    python -m typecheck.caught                          # prints the table
    python -m typecheck.caught --only mypy-plugin       # the others' verdicts come from caught.lock
    python -m typecheck.caught --survivors mypy         # lists what it did not report
    python -m typecheck.caught --write docs/a/page.md   # writes the table between its markers

A checker runs once over the corpus and all mutants, each of which is in a folder of its own.  Laws:
a mutant is caught by an error in its files that the module has not without the mistake; a linter's
advice is no report of a mistake; a checker that breaks is a failure, never a verdict.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.docs import pages
from typecheck.mutate import CORPUS, HERE, SUBJECTS, Mutant, bugs, mutants, sources
from typecheck.run import CHECKERS, BrokenChecker

LOCK = HERE / "caught.lock"
PLUGIN = "mypy-plugin"
NAMES = (*CHECKERS, PLUGIN)
LEVEL = "3.13"
AT_ONCE = 2
PATIENCE = 300  # seconds for one run of a checker
BEGIN, END = "<!-- caught:begin -->", "<!-- caught:end -->"
# Strict modes also say what is not used any more, imported twice or old-fashioned. That is the
# advice of a linter, and says nothing of the mistake.
ADVICE = re.compile(
    r"report(Unused(Import|Class|Variable|Function)|DuplicateImport|Deprecated)\b"
    r"|unused-(ignore|variable)"
)


@dataclass(frozen=True)
class Report:
    """An error: where, and what the checker says."""

    file: str
    line: int
    text: str


@dataclass(frozen=True)
class Verdict:
    """What one checker reports: of each mutant, and of the correct programs."""

    name: str
    version: str
    caught: dict[str, str]  # mutant's id: the first new error
    findings: tuple[str, ...]  # errors in what is correct
    seconds: float = 0.0


# ---------------------------------------------------------------- what is checked

# pages with a mistake in their actors that a test finds there when it runs
WRONG_ON_PURPOSE = frozenset({"protocol-machine.md"})


def folder(mutant: Mutant) -> str:
    """The package of a mutant in the temporary tree."""
    return "m_" + mutant.id.replace("-", "_")


def programs() -> dict[str, str]:
    """The documentation's programs, as modules; those that show errors on purpose are left out."""
    found: dict[str, str] = {}
    for page in [*pages.pages(), *pages.examples()]:
        if page.name in WRONG_ON_PURPOSE:
            continue
        for program in pages.programs(page):
            blocks = [part for part in program.parts if isinstance(part, pages.Block)]
            if all(block.runs for block in blocks):
                name = re.sub(r"\W+", "_", program.title).strip("_")
                found[f"docs/{name}.py"] = program.source()
    return found


def write_tree(root: Path, made: Sequence[Mutant], *, with_docs: bool) -> None:
    """The corpus, the documentation's programs and the mutants, each in its place."""
    for name, source in sources().items():
        write(root / "corpus" / name, source.text)
    for name, text in programs().items() if with_docs else ():
        write(root / name, text)
    for mutant in made:
        for name, text in mutant.files.items():
            write(root / folder(mutant) / name, text)
    config = "[mypy]\nstrict = True\nexplicit_package_bases = True\nnamespace_packages = True\n"
    write(root / "mypy.ini", config + "cache_dir = cache-mypy\n")
    write(root / "plugin.ini", config + "cache_dir = cache-plugin\nplugins = airssys_rt.mypy\n")
    for name in ("pyrefly.toml", "ty.toml", "pyrightconfig.json"):
        write(root / name, (HERE / name).read_text(encoding="utf-8"))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# ---------------------------------------------------------------- running


def command(name: str) -> list[str]:
    """The command line of a checker over the files of a tree."""
    checker = CHECKERS["mypy" if name == PLUGIN else name]
    words = checker.command("mypy" if name == PLUGIN else name, LEVEL, [])
    if name == PLUGIN:
        words = [word.replace("mypy.ini", "plugin.ini") for word in words]
    return words


def version(name: str) -> str:
    """What a checker calls its version; the plugin's code is a part of it."""
    program = command(name)[0]
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\d+(\.\d+)+", done.stdout)
    text = found[0] if found else done.stdout.strip()
    return f"{text}+{plugin_digest()}" if name == PLUGIN else text


def plugin_digest() -> str:
    """A digest of the plugin's code, empty if there is no plugin."""
    spec = find_spec("airssys_rt.mypy")
    if spec is None or spec.origin is None:
        return ""
    origin = Path(spec.origin)
    files = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def rule_of(report: dict[str, object]) -> str:
    return f"{report.get('message')} [{report.get('rule', '')}]".replace("\n", " ")


def reports_of(name: str, root: Path, files: Sequence[str]) -> list[Report]:
    """Every error that a checker reports in the tree.  Raises `BrokenChecker`."""
    arguments = files
    if name in {"mypy", PLUGIN}:  # many files: through a file of arguments
        write(root / f"{name}.txt", "\n".join(files))
        arguments = [f"@{name}.txt"]
    environment = os.environ | {"MYPYPATH": os.environ.get("PYTHONPATH", "")}
    done = subprocess.run(
        [*command(name), *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=environment,
    )
    if done.returncode not in {0, 1}:
        tail = (done.stderr.strip() or done.stdout)[-2000:]
        raise BrokenChecker(f"{name} ended with code {done.returncode}: {tail}")
    if name == "pyright":
        found = [
            Report(relative(root, r["file"]), r["range"]["start"]["line"] + 1, rule_of(r))
            for r in json.loads(done.stdout)["generalDiagnostics"]
            if r["severity"] == "error"
        ]
    else:
        read = CHECKERS["mypy" if name == PLUGIN else name].read
        output = f"{done.stdout}\n{done.stderr}"
        found = [Report(relative(root, f), line, text) for f, line, text in read(output)]
    return [report for report in found if not ADVICE.search(report.text)]


def relative(root: Path, file: str) -> str:
    return Path(os.path.relpath(root.resolve() / file, root.resolve())).as_posix()


def judge(name: str, made: Sequence[Mutant]) -> Verdict:
    """Run one checker over everything."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve()
        # the documentation is written for mypy; others want decorators that a page leaves out
        write_tree(root, made, with_docs=name in {"mypy", PLUGIN})
        files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py"))
        reports = reports_of(name, root, files)
    known = Counter(
        (report.file.removeprefix("corpus/"), report.text)
        for report in reports
        if report.file.startswith("corpus/")
    )
    findings = tuple(
        f"{report.file}:{report.line}: {report.text}"
        for report in reports
        if report.file.startswith(("corpus/", "docs/"))
    )
    caught: dict[str, str] = {}
    for mutant in made:
        prefix = f"{folder(mutant)}/"
        left = known.copy()
        for report in reports:
            key = (report.file.removeprefix(prefix), report.text)
            if not report.file.startswith(prefix):
                continue
            if left[key]:
                left[key] -= 1
            else:
                caught.setdefault(mutant.id, f"{key[0]}:{report.line}: {report.text}"[:300])
    return Verdict(name, version(name), caught, findings, time.monotonic() - start)


# ---------------------------------------------------------------- the lock


def key_of(made: Sequence[Mutant]) -> str:
    """What verdicts depend on, besides the checker: the corpus, the library's types, the pages."""
    digest = hashlib.sha256()
    for mutant in made:
        digest.update(f"{mutant.id} {mutant.digest}\n".encode())
    for path in sorted(CORPUS.rglob("*.py")):
        digest.update(path.read_bytes())
    digest.update(ADVICE.pattern.encode())
    return digest.hexdigest()[:16]


def read_lock() -> dict[str, dict[str, object]]:
    """The verdicts of the last run."""
    if not LOCK.exists():
        return {}
    table: dict[str, dict[str, object]] = json.loads(LOCK.read_text(encoding="utf-8"))
    return table


def write_lock(verdicts: Iterable[Verdict], key: str) -> None:
    """Keep verdicts of the plain checkers; the plugin's is always run anew."""
    table = read_lock()
    for verdict in verdicts:
        if verdict.name != PLUGIN:
            table[verdict.name] = {
                "key": key,
                "version": verdict.version,
                "caught": sorted(verdict.caught),
                "findings": list(verdict.findings),
            }
    lines = [f"{json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table)]
    LOCK.write_text("{" + ",\n ".join(lines) + "}\n", encoding="utf-8")


def locked(name: str, key: str) -> Verdict | None:
    """The verdict in the lock, if it is of these mutants."""
    row = read_lock().get(name)
    if row is None or row["key"] != key:
        return None
    ids, findings = row["caught"], row["findings"]
    assert isinstance(ids, list)
    assert isinstance(findings, list)
    return Verdict(name, str(row["version"]), dict.fromkeys(ids, ""), tuple(findings))


# ---------------------------------------------------------------- the table


def share(caught: Iterable[str], of: Sequence[Mutant]) -> str:
    """A number and a percentage."""
    hits = len({mutant.id for mutant in of} & set(caught))
    return f"{hits} ({100 * hits // len(of)} %)" if of else "-"


def table(made: Sequence[Mutant], verdicts: Sequence[Verdict]) -> str:
    """The shares in Markdown: a row for each group, one for documented bugs, one for all."""
    labels = {PLUGIN: "mypy with the plugin"}
    heads = [f"{labels.get(v.name, v.name)} {v.version.partition('+')[0]}" for v in verdicts]
    rows = [["Mistakes in", "planted", *heads]]
    parts = {group: [m for m in made if m.operator.group == group] for group in SUBJECTS}
    parts["documented bugs"] = [mutant for mutant in made if mutant.bugs]
    parts["all"] = list(made)
    for label, part in parts.items():
        rows.append([label, str(len(part)), *(share(v.caught, part) for v in verdicts)])
    rows.append(["false reports", "", *(str(len(v.findings)) for v in verdicts)])
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|---|" + "---:|" * (len(rows[0]) - 1))
    return "\n".join(lines) + "\n"


def by_operator(made: Sequence[Mutant], verdicts: Sequence[Verdict]) -> str:
    """The shares of each operator."""
    lines = [f"| Operator | Mistake | planted | {' | '.join(v.name for v in verdicts)} |"]
    lines.append("|---|---|" + "---:|" * (len(verdicts) + 1))
    for operator in dict.fromkeys(mutant.operator for mutant in made):
        part = [mutant for mutant in made if mutant.operator is operator]
        hits = [sum(mutant.id in v.caught for mutant in part) for v in verdicts]
        what = operator.what.rstrip(".").replace("|", "\\|")
        cells = " | ".join(str(hit) for hit in hits)
        lines.append(f"| {operator.name} | {what} | {len(part)} | {cells} |")
    return "\n".join(lines) + "\n"


def write_page(path: Path, text: str, *, compare: bool = False) -> bool:
    """Put the table between the markers of a page; whether it was there already.

    Raises `ValueError` if the page has no markers.
    """
    page = path.read_text(encoding="utf-8")
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"{path} has not {BEGIN} and {END} once each")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    new = f"{before}{BEGIN}\n\n{text}\n{END}{after}"
    if not compare:
        path.write_text(new, encoding="utf-8")
    return new == page


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a checker breaks or reports what is correct."""
    parser = argparse.ArgumentParser(description="Measure what the checkers catch.")
    parser.add_argument("--only", choices=NAMES, action="append", help="run it; others: the lock")
    parser.add_argument("--survivors", choices=NAMES, help="list what it does not report")
    parser.add_argument("--messages", choices=NAMES, help="list what it reports")
    parser.add_argument("--operators", action="store_true", help="a row for each operator")
    parser.add_argument("--write", type=Path, metavar="FILE", help="a page with the two markers")
    parser.add_argument("--same-as", type=Path, metavar="FILE", help="fail if its table is old")
    parser.add_argument("--at-least", type=float, default=0.0, metavar="PERCENT", help="by mypy")
    options = parser.parse_args(arguments)
    made = mutants()
    key = key_of(made)
    names: list[str] = options.only or list(NAMES)
    if PLUGIN in names and not plugin_digest():
        print("airssys_rt.mypy cannot be imported: mypy with the plugin is left out")
        names = [name for name in names if name != PLUGIN]
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ran = {v.name: v for v in pool.map(lambda name: judge(name, made), names)}
    except (BrokenChecker, subprocess.TimeoutExpired) as error:
        print(f"a checker broke: {error}")
        return 1
    write_lock(ran.values(), key)
    verdicts: list[Verdict] = []
    for name in NAMES:
        verdict = ran.get(name) or locked(name, key)
        if verdict is not None:
            verdicts.append(verdict)
            how = f"{verdict.seconds:.0f} s" if name in ran else "from caught.lock"
            print(f"{name} {verdict.version}: {len(verdict.caught)} of {len(made)} ({how})")
            for finding in verdict.findings:
                print(f"  reports what is correct: {finding}")
        elif name != PLUGIN:
            print(f"{name}: caught.lock is of other mutants; run it")
    documented = sum(bool(mutant.bugs) for mutant in made)
    summary = f"{len(made)} mutants, {documented} of them after {len(bugs())} documented bugs.\n"
    text = f"{table(made, verdicts)}"
    print(f"\n{text}\n{summary}")
    if options.operators:
        print(by_operator(made, verdicts))
    for mutant in made:
        for verdict in verdicts:
            where = f"{mutant.id} ({mutant.module}:{mutant.line})"
            if verdict.name == options.survivors and mutant.id not in verdict.caught:
                print(f"survives {verdict.name}: {where} {mutant.operator.what}")
            if verdict.name == options.messages and mutant.id in verdict.caught:
                print(f"{where}: {verdict.caught[mutant.id]}")
    if options.write is not None:
        write_page(options.write, f"{text}\n{summary}")
    failed = any(verdict.findings for verdict in verdicts)
    page: Path | None = options.same_as
    if page is not None and not write_page(page, f"{text}\n{summary}", compare=True):
        print(f"the table of {page} is old: --write it anew")
        failed = True
    for verdict in verdicts:
        share = 100 * len(verdict.caught) / len(made)
        if verdict.name == PLUGIN and share < options.at_least:
            print(f"the plugin catches {share:.1f} %, less than {options.at_least:g} %")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
