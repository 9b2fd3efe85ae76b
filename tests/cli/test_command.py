"""The command line: what it prints where, and its exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from airssys_rt.cli.demo import command
from airssys_rt.cli.demo.command import carry_out, cpus
from airssys_rt.cli.demo.crew import Plan
from tests.cli.conftest import BAD, GOOD, Call, plant
from tests.cli.parsers import different

FAILED = len(BAD) + 1
FOUND = len(GOOD) + FAILED


def test_the_report_says_what_was_found(tree: Path, call: Call) -> None:
    code, out, err = call("demo", str(tree), "--workers", "threads", "--verify")
    assert (code, err) == (0, "")
    for text in (
        f"Python files in {tree}",
        "Most imported",
        "bad_syntax.py  syntax: invalid syntax (line 1)",
        "dangling.py  unreadable: No such file or directory",
        "/crew/parsers/parser-1",
        "answering",
        f"crashes: {FAILED} ({FAILED} on files that do not parse); restarts: {FAILED}\n",
        f"dead letters: {FAILED}\n",
        "elapsed: ",
        "verified: a plain loop counts the same",
    ):
        assert text in out


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_json_is_all_that_is_printed(tree: Path, call: Call, backend: str) -> None:
    arguments = ("--json", "--verify", "--backend", backend, "-j", "2", "--workers", "threads")
    code, out, err = call("demo", str(tree), *arguments)
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["found"] == FOUND
    assert document["indexed"] == len(GOOD)
    assert len(document["failures"]) == FAILED
    assert document["failures"][0]["path"] == "bad_syntax.py"
    assert document["imports"]["sys"] == 2
    assert document["backend"] == backend
    assert document["parsers"] == 2
    assert document["crash_rate"] == 0
    assert document["crashes"] == {"unparsable": FAILED, "injected": 0, "worker": 0}
    assert document["dead_letters"] == FAILED
    assert document["actors"][0]["children"][0]["behaviour"] == "answering"
    assert document["verification"]["equal"] is True
    assert document["interrupted"] is False


def test_a_limit_takes_the_first_files(tree: Path, call: Call) -> None:
    _, out, _ = call("demo", str(tree), "--json", "--limit", "2", "--workers", "threads")
    document = json.loads(out)
    assert (document["found"], document["limit"]) == (2, 2)


def test_twenty_failures_are_shown_unless_all_are_wanted(tmp_path: Path, call: Call) -> None:
    plant(tmp_path, {f"{i:02}.py": b"def" for i in range(25)})
    _, out, _ = call("demo", str(tmp_path), "--workers", "threads")
    assert "19.py" in out
    assert "20.py" not in out
    assert "and 5 more (--all shows them)" in out
    _, out, _ = call("demo", str(tmp_path), "--workers", "threads", "--all")
    assert "24.py" in out
    assert "more (" not in out


@pytest.mark.skipif(sys.platform != "linux", reason="file names are any bytes on Linux only")
def test_a_name_that_is_no_text_is_shown_escaped(tmp_path: Path, call: Call) -> None:
    plant(tmp_path, {os.fsdecode(b"[red]\xff\n.py"): b"def"})
    _, out, _ = call("demo", str(tmp_path), "--workers", "threads")
    assert "[red]\\udcff\\n.py  syntax" in out
    _, out, _ = call("demo", str(tmp_path), "--workers", "threads", "--json")
    assert os.fsencode(json.loads(out)["failures"][0]["path"]) == b"[red]\xff\n.py"


def test_results_that_differ_fail_the_verification(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out(Plan(str(tree), 1, "threads", parse=different), verify=True) == 1
    assert "verification failed:" in capsys.readouterr().out
    plan = Plan(str(tree), 1, "threads", parse=different)
    assert carry_out(plan, verify=True, json=True) == 1
    verification = json.loads(capsys.readouterr().out)["verification"]
    assert verification["equal"] is False
    assert verification["differences"]


@pytest.mark.parametrize(
    ("name", "why"), [("gone", "there is nothing of that name"), ("file.py", "it is a file")]
)
def test_a_path_that_is_no_directory_is_wrong_usage(
    tmp_path: Path, call: Call, name: str, why: str
) -> None:
    plant(tmp_path, {"file.py": b""})
    code, out, err = call("demo", str(tmp_path / name))
    assert (code, out) == (2, "")
    assert f"{name} is not a directory" in err
    assert "the argument PATH" in err
    assert why in err
    assert "leave PATH out" in err


@pytest.mark.parametrize(
    "arguments",
    [
        *[("--limit", "0"), ("--backend", "curio"), ("-j", "0"), ("x",)],
        *[("--crash-rate", "often"), ("--seed", "1.5")],
    ],
)
def test_wrong_options_are_wrong_usage(call: Call, arguments: tuple[str, ...]) -> None:
    code, out, err = call("demo", ".", *arguments)
    assert (code, out) == (2, "")
    assert err


@pytest.mark.parametrize("rate", ["-0.1", "1.01", "nan", "inf"])
def test_a_crash_rate_that_is_no_probability_is_wrong_usage(call: Call, rate: str) -> None:
    code, out, err = call("demo", ".", "--crash-rate", rate)
    assert (code, out) == (2, "")
    assert f"{rate} is not a probability" in err
    assert f"the option --crash-rate {rate}" in err
    assert "it is not between 0 and 1" in err
    assert "give 0.1" in err


def test_a_backend_that_is_not_installed_is_named_with_the_command_that_installs_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trio", None)
    code, out, err = call("demo", ".", "--backend", "trio")
    assert (code, out) == (2, "")
    assert "pip install 'airssys-rt[trio]'" in err


@pytest.mark.parametrize("missing", ["typer", "rich.console"])
def test_without_its_extra_the_command_says_how_to_install_it(
    call: Call, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in ("command", "report"):
        monkeypatch.delitem(sys.modules, f"airssys_rt.cli.demo.{name}")
    monkeypatch.setitem(sys.modules, missing, None)
    code, out, err = call("demo")
    assert (code, out) == (2, "")
    assert "pip install 'airssys-rt[cli]'" in err


def test_another_module_that_is_missing_is_not_blamed_on_the_extra(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "airssys_rt.cli.demo.command")
    monkeypatch.setitem(sys.modules, "sysconfig", None)
    with pytest.raises(ModuleNotFoundError, match="sysconfig"):
        call("demo")


def test_the_version_is_printed(call: Call) -> None:
    from airssys_rt import __version__

    assert call("--version") == (0, f"airssys-rt {__version__}\n", "")


def test_help_names_the_options(call: Call) -> None:
    code, out, _ = call("demo", "--help")
    assert code == 0
    for option in (
        "--verify",
        "--json",
        "--backend",
        "--workers",
        "--limit",
        "--all",
        "--crash-rate",
        "--seed",
    ):
        assert option in out


def test_the_standard_library_is_indexed_if_nothing_else_is_named(call: Call) -> None:
    code, out, _ = call("demo", "--limit", "9", "--json", "--verify", "--workers", "threads")
    document = json.loads(out)
    assert code == 0
    assert document["found"] == 9
    assert (Path(document["root"]) / "os.py").exists()


def test_an_actor_that_fails_is_no_result(
    tree: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airssys_rt.cli.demo.foreman.Indexed", None)
    code, out, err = call("demo", str(tree), "--workers", "threads")
    assert (code, out) == (70, "")
    assert "an actor failed, so there is no result" in err


@pytest.mark.parametrize(
    ("where", "printed"), [("run", ""), ("print_report", ""), ("plain_count", "interrupted")]
)
def test_an_interrupt_outside_the_event_loop_ends_the_command_quietly(
    tree: Path, call: Call, monkeypatch: pytest.MonkeyPatch, where: str, printed: str
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, where, interrupt)
    code, out, _ = call("demo", str(tree), "--workers", "threads", "--verify")
    assert code == 130
    assert printed in out


def test_an_interrupt_before_the_command_begins_ends_it_quietly(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("airssys_rt.cli.app._run", interrupt)
    assert call("demo") == (130, "", "interrupted\n")


def test_cpus_are_counted_where_the_system_cannot_say_which_may_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert cpus() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert cpus() >= 1


def test_it_runs_as_a_module_in_processes_and_in_a_terminal_of_plain_ascii(tree: Path) -> None:
    plant(tree, {"€.py": b"a = \xe2\x82\xac"})
    done = subprocess.run(
        [sys.executable, "-m", "airssys_rt", "demo", str(tree), "--verify"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u20ac.py  syntax: invalid character" in done.stdout
    assert "verified" in done.stdout


def test_a_progress_bar_is_shown_in_a_terminal(
    tree: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    code, _, err = call("demo", str(tree), "--workers", "threads")
    assert code == 0
    assert "indexing" in err


def test_ctrl_c_is_as_it_was_when_the_command_is_over(tree: Path, call: Call) -> None:
    before = signal.getsignal(signal.SIGINT)
    call("demo", str(tree), "--workers", "threads")
    call("--version")
    assert signal.getsignal(signal.SIGINT) is before


def test_the_command_runs_in_a_program_that_ignores_ctrl_c(tree: Path, call: Call) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert call("--version")[0] == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
