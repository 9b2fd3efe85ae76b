"""The project's sessions: ``nox -l`` lists them, plain ``nox`` runs what a change has to pass.

Plain ``nox`` works on the interpreter at hand, the one nox itself runs on. The others of the
matrix have sessions of their own (``nox -s tests-3.13``, or ``nox -s tests`` for all); the run
says by name which of them it did not test.

Two kinds of environments, so that a run is quick:

* ``dev`` holds everything in the lock file: lint, types, typecheck, docs, coverage, bench share it.
* ``tests-3.x`` holds only what a test needs: the library, its extras and pytest.

Both install with the pins of ``requirements-dev.lock``, and skip that while neither the lock file
nor ``pyproject.toml`` has changed. Environments, caches and build output live under ``.venv``,
which ignores itself: a run leaves nothing for git to see.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nox
from nox.command import CommandFailed
from python_discovery import get_interpreter

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
MATRIX = ["3.11", "3.12", "3.13"]
PYTHONS = MATRIX if HERE in MATRIX else [*MATRIX, HERE]

# each minor version that the plugin supports, in its last patch release
MYPYS = ["2.1.*", "2.2.*", "2.3.*", "2.4.*"]

ROOT = Path(__file__).parent
LOCK = "requirements-dev.lock"
PYPROJECT = nox.project.load_toml("pyproject.toml")
WORK = ROOT / ".venv"
DEV = WORK / "nox" / "dev"

# all the tests but those of the documentation, on all cores
WHOLE = ["--hypothesis-profile=ci", "--ignore=tests/docs", "-n", "auto", "--dist", "loadfile"]

# Hundreds of short processes import the library: what is compiled once is kept, under `.venv`.
BYTECODE = {
    "PYTHONPYCACHEPREFIX": str(WORK / "cache" / "bytecode"),
    "PYTHONDONTWRITEBYTECODE": "",
}

nox.needs_version = ">=2025.2.9"
nox.options.envdir = ".venv/nox"
nox.options.reuse_venv = "yes"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "types", "typecheck", "docs", f"tests-{HERE}"]

WORK.mkdir(exist_ok=True)
if not (WORK / ".gitignore").exists():
    (WORK / ".gitignore").write_text("*\n", encoding="utf-8")
shutil.rmtree(ROOT / "__pycache__", ignore_errors=True)  # left by the loading of this file


# ---------------------------------------------------------------- environments


def provision(session: nox.Session, *requirements: str) -> None:
    """Install the requirements and the library, unless that has been done for these very pins."""
    text = "\n".join(requirements).encode()
    for name in (LOCK, "pyproject.toml"):
        text += (ROOT / name).read_bytes()
    stamp = Path(session.virtualenv.location) / "installed"
    digest = hashlib.sha256(text).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return
    session.install("-c", LOCK, *requirements)
    session.install("--no-deps", "--no-build-isolation", "-e", ".")
    stamp.write_text(digest, encoding="utf-8")


def extras() -> list[str]:
    """What the library and all of its extras require, without the library."""
    project: dict[str, Any] = PYPROJECT["project"]
    optional = [r for rs in project["optional-dependencies"].values() for r in rs]
    others = [r for r in optional if not r.startswith(project["name"])]
    return [*project["dependencies"], *others]


def group(name: str) -> list[str]:
    """One of pyproject's dependency groups."""
    return list(nox.project.dependency_groups(PYPROJECT, name))


@nox.session
def dev(session: nox.Session) -> None:
    """The environment with every tool, for the sessions below and for an editor."""
    provision(session, "-r", LOCK)


def run(
    session: nox.Session,
    *command: str,
    silent: bool = False,
    success: tuple[int, ...] = (0,),
    **env: str,
) -> object:
    """Run a program of the dev environment; what it says, if it is to be silent."""
    scripts = DEV / ("Scripts" if os.name == "nt" else "bin")
    program, *arguments = command
    return session.run(
        str(scripts / program),
        *arguments,
        external=True,
        silent=silent,
        success_codes=success,
        env={
            "PATH": os.pathsep.join([str(scripts), os.environ.get("PATH", "")]),
            "VIRTUAL_ENV": str(DEV),
            **BYTECODE,
            **env,
        },
    )


def run_beside(session: nox.Session, *commands: tuple[str, ...]) -> None:
    """Run the commands beside each other, each with its output in one piece; fail if any did."""
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {
            command[0]: pool.submit(run, session, *command, silent=True) for command in commands
        }
        for name, found in runs.items():
            try:
                session.log(f"{name}: {str(found.result()).strip()}")
            except CommandFailed:
                failed.append(name)
    if failed:
        session.error(f"failed: {', '.join(failed)}")


def run_each(session: nox.Session, *commands: tuple[str, ...]) -> None:
    """Run all the commands, also behind one that fails, and fail if any did."""
    failed = []
    for command in commands:
        try:
            run(session, *command)
        except CommandFailed:
            failed.append(command[0])
    if failed:
        session.error(f"failed: {', '.join(failed)}")


# ---------------------------------------------------------------- what a change has to pass


@nox.session(venv_backend="none", requires=["dev"])
def lint(session: nox.Session) -> None:
    """Ruff's rules and its format. ``nox -s lint -- --fix`` mends what can be mended."""
    if "--fix" in session.posargs:
        run(session, "ruff", "check", "--fix", "-q", ".")
        run(session, "ruff", "format", "-q", ".")
    run_each(session, ("ruff", "check", "."), ("ruff", "format", "--check", "."))


@nox.session(venv_backend="none", requires=["dev"])
def types(session: nox.Session) -> None:
    """The library under mypy --strict, pyright strict, ty and pyrefly; the tests under mypy too."""
    run_beside(
        session,
        ("mypy",),
        ("pyright", "src"),
        ("ty", "check", "src"),
        ("pyrefly", "check", "--output-format", "min-text"),
    )


@nox.session(venv_backend="none", requires=["dev"])
def typecheck(session: nox.Session) -> None:
    """What users see: golden files under the four checkers, and what the plugin catches."""
    if session.posargs:
        run(session, "python", "typecheck/run.py", *session.posargs)
        return
    table = ("--at-least", "98", "--same-as", "docs/explanation/plugin.md")
    run_each(
        session,
        ("python", "typecheck/run.py"),
        ("python", "-m", "typecheck.caught", "--only", "mypy-plugin", *table),
    )


@nox.session(venv_backend="none", requires=["dev"])
def docs(session: nox.Session) -> None:
    """The documentation, warnings as errors; its code blocks run and type-checked."""
    html, trees = WORK / "docs" / "html", WORK / "docs" / "doctrees"
    strict = ("-W", "--keep-going", "-n", "-q", "-E")  # -E: a warning shows on every run
    run_each(
        session,
        ("sphinx-build", *strict, "-b", "html", "-d", str(trees), "docs", str(html)),
        ("pytest", "-q", "-n", "auto", "tests/docs", *session.posargs),
    )


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests on asyncio, trio and uvloop, on all cores."""
    provision(session, *group("tests"), *extras())
    session.env.update(BYTECODE)
    if session.posargs or session.python != HERE:
        session.run("pytest", *session.posargs)
        return
    for python in PYTHONS:
        if python != HERE:
            found = f"found: nox -s tests-{python}" if get_interpreter(python) else "not found"
            session.warn(f"not tested: python {python}, {found}")
    session.run("pytest", *WHOLE)


# ---------------------------------------------------------------- on demand


@nox.session(venv_backend="none", requires=["dev"])
def coverage(session: nox.Session) -> None:
    """The gate of branch coverage, and a report; ``-- tests/kernel`` for a part of the tests."""
    run(session, "coverage", "erase")
    run(session, "coverage", "run", "-m", "pytest", "-q", *(session.posargs or WHOLE))
    run(session, "coverage", "combine", "-q")
    run(session, "coverage", "html", "-q", "--fail-under=0")
    session.log("report: .venv/cache/coverage/html/index.html")
    run(session, "coverage", "report")


@nox.session(venv_backend="none", requires=["dev"])
def plugin(session: nox.Session) -> None:
    """Long searches for what breaks mypy's plugin: histories of edits, odd programs."""
    run(
        session,
        *("pytest", "-q", "--hypothesis-profile=plugin", "-o", "faulthandler_timeout=1200"),
        *(session.posargs or ["tests/typing"]),
    )


@nox.session(venv_backend="none", requires=["dev"])
def long(session: nox.Session) -> None:
    """The tests with a thousand examples a law, and 5,000 trees beside OTP's; takes hours."""
    run(
        session,
        *("pytest", "-q", "--hypothesis-profile=long", "-o", "faulthandler_timeout=7200"),
        *("-n", "auto", "--dist", "loadfile", "--ignore=tests/typing", "--ignore=tests/docs"),
        *session.posargs,
        SUPERVISION_SCRIPTS="5000",
    )


@nox.session(name="mypy-versions", python=HERE)
@nox.parametrize("mypy", MYPYS)
def mypy_versions(session: nox.Session, mypy: str) -> None:
    """The golden files of mypy's plugin under each mypy that it supports."""
    stamp = Path(session.virtualenv.location) / "installed"
    if not stamp.exists():
        tests = [r for r in group("tests") if not r.startswith("mypy")]
        session.install("-c", LOCK, *tests, *extras())
        session.install(f"mypy=={mypy}")
        session.install("--no-deps", "--no-build-isolation", "-e", ".")
        stamp.touch()
    session.run("mypy", "--version")
    session.run("pytest", "-q", "-k", "default or daemon_as", "tests/typing/test_plugin.py")


@nox.session(venv_backend="none", requires=["dev"])
def nightly(session: nox.Session) -> None:
    """The engine's own tests in simulated worlds, under 10,000 schedules each; takes hours.

    After them the tests that are listed as unsuited, which must fail there. A part of them, or
    another number: ``nox -s nightly -- tests/kernel --actor-schedules=100``.
    """
    suites = [f"tests/{name}" for name in ("kernel", "laws", "naming", "runtime", "supervision")]
    given = session.posargs or suites
    parallel = ("-n", "auto", "--dist", "worksteal")
    worlds = ("pytest", "-q", "--in-world", *parallel, "-o", "faulthandler_timeout=7200")
    many = ("--actor-schedules=10000", "--actor-seed=random")
    try:
        run(session, *worlds, *many, *given)
    finally:
        # a part of the suites may have no unsuited tests: pytest then ends with 5
        few = (*worlds, "--actor-schedules=100", "--unsuited", *given)
        run(session, *few, success=(0, 5))


@nox.session(venv_backend="none", requires=["dev"])
def bench(session: nox.Session) -> None:
    """The benchmarks, beside their rivals. ``-- --compare`` is the regression gate."""
    run(session, "python", "-m", "tests.benchmarks", *session.posargs)


@nox.session(venv_backend="none", requires=["dev"])
def soak(session: nox.Session) -> None:
    """Ten minutes of full load with flat memory; ``-- --minutes 1`` for a shorter run."""
    run(session, "python", "-m", "tests.benchmarks.soak", *session.posargs)


@nox.session(venv_backend="none", requires=["dev"])
def bugs(session: nox.Session) -> None:
    """What exploration finds of the faulty programs, and whether the docs say so."""
    page = "docs/explanation/exploration.md"
    run(session, "python", "-m", "tests.testing.bugs", "--same-as", page, *session.posargs)


@nox.session(name="tests-accelerated", python=HERE)
def tests_accelerated(session: nox.Session) -> None:
    """The tests on the accelerated build, an installed wheel; needs a C compiler."""
    session.install("-c", LOCK, *group("tests"), *extras())
    session.install(
        *("--no-deps", "--no-build-isolation", "--force-reinstall", "--no-cache-dir", "."),
        env={"AIRSSYS_RT_ACCELERATE": "1"},
    )
    told = "import airssys_rt; assert airssys_rt.__accelerated__, airssys_rt.__file__"
    session.run("python", "-c", told)
    session.env.update(BYTECODE)
    session.run("pytest", *(session.posargs or WHOLE))


# A pin that does not install on the first release of the oldest Python is no pin for all of it.
TOO_NEW = """
import sys
from importlib.metadata import distributions
from packaging.specifiers import SpecifierSet
wants = {d.name: SpecifierSet(d.metadata["Requires-Python"] or "") for d in distributions()}
sys.exit("\\n".join(f"{n} {w}" for n, w in wants.items() if sys.argv[1] not in w) or 0)
"""


@nox.session(python=MATRIX[0], reuse_venv=False)
def lock(session: nox.Session) -> None:
    """Resolve the groups and extras anew, on the oldest interpreter, and write the lock file."""
    session.install("--upgrade", *group("dev"), *extras())
    session.run("python", "-c", TOO_NEW, f"{MATRIX[0]}.0")
    pins = session.run("python", "-m", "pip", "freeze", "--all", "--exclude", "pip", silent=True)
    assert isinstance(pins, str)
    unix_only = {"uvloop": "; sys_platform != 'win32'"}
    lines = [f"{pin}{unix_only.get(pin.partition('==')[0], '')}" for pin in pins.splitlines()]
    head = (ROOT / LOCK).read_text(encoding="utf-8").partition("\n\n")[0]
    (ROOT / LOCK).write_text("\n".join([head, "", *lines, ""]), encoding="utf-8")
