"""`airssys-rt graph`: finding the class, files that hold diagrams, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call

ACCOUNT = "tests.cli.drawn:Account"
PLACE = f"# Accounts\n\n<!-- graph {ACCOUNT} -->\n<!-- /graph -->\n\nMore.\n"


def test_the_diagram_is_printed(call: Call) -> None:
    code, out, err = call("graph", ACCOUNT)
    assert (code, err) == (0, "")
    assert out.startswith("stateDiagram-v2\n")
    assert call("graph", ACCOUNT, "--format", "dot")[1].startswith("digraph ")
    assert call("graph", "tests.cli.drawn:Outer.Inner")[0] == 0


@pytest.mark.parametrize(
    ("target", "what", "mend"),
    [
        ("nix", "'nix' names no actor class", "write nix:Account"),
        ("src/bank.py:Account", "names no actor class", "write src.bank:Account"),
        ("bank.Account", "names no actor class", "write bank:Account"),
        (":Account", "names no actor class", "write package.module:Account"),
        ("nowhere.at_all:A", "there is no module nowhere", "set PYTHONPATH"),
        ("tests.cli.nowhere:A", "there is no module tests.cli.nowhere", "set PYTHONPATH"),
        ("tests.cli.drawn:Acount", "has no Acount", "did you mean tests.cli.drawn:Account?"),
        ("tests.cli.drawn:Outer.X", "Outer has no X", "name one of Account, Base"),
        ("tests.cli.drawn:Outer", "is no actor class", "name one of"),
        ("tests.cli.drawn:not_an_actor", "it is no class, but 'One'", "name one of"),
        ("tests.cli.drawn:Base", "has no initial behaviour", "defines `initial`"),
        ("airssys_rt:Actor", "has no initial behaviour", "defines `initial`"),
        ("tests.cli.parsers:Nix", "has no Nix", "derived from Actor"),
    ],
)
def test_what_names_no_actor_class_is_wrong_usage(
    call: Call, target: str, what: str, mend: str
) -> None:
    code, out, err = call("graph", target)
    assert (code, out) == (2, "")
    assert what in err
    assert mend in err
    assert f"the argument {target}" in err
    assert "  why" in err


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("1 / 0\n", "ZeroDivisionError: division by zero", "broken_a.py:1"),
        ("def f(:\n", "SyntaxError: invalid syntax", "broken_b.py:1"),
        ("import not_there_at_all\n", "No module named 'not_there_at_all'", "broken_c.py:1"),
        ("raise SystemExit\n", "SystemExit", "broken_d.py:1"),
        (
            "from airssys_rt import *\nclass M(Message): ...\n"
            "class A(Actor[M]):\n    initial = M\n",
            "ProtocolError: A.initial is",
            "broken_e.py:3",
        ),
    ],
)
def test_a_module_that_does_not_import_is_an_error_that_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call, text: str, what: str, where: str
) -> None:
    (tmp_path / where.partition(":")[0]).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    name = where.partition(".")[0]
    code, out, err = call("graph", f"{name}:A")
    assert (code, out) == (2, "")
    assert f"the module {name} does not import" in err
    assert what in err
    assert where in err


def test_the_present_directory_is_searched_and_what_a_module_prints_is_no_diagram(
    tmp_path: Path,
) -> None:
    text = (
        "from airssys_rt import Actor, Message, on\nprint('noise')\nclass M(Message): ...\n"
        "class A(Actor[M]):\n    @on(M)\n    def m(self, msg: M) -> None: ...\n    initial = m\n"
    )
    (tmp_path / "of_here.py").write_text(text, encoding="utf-8")
    program = (
        "import sys; from airssys_rt.cli.app import main; sys.path.remove(''); sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "graph", "of_here:A"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "noise\n")
    assert done.stdout.startswith("stateDiagram-v2\n    %% airssys-rt graph of_here:A\n")


def test_a_file_is_written_and_checked(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "account.mmd"
    code, _, err = call("graph", ACCOUNT, "--check", str(path))
    assert code == 1
    assert "there is no such file" in err
    assert call("graph", ACCOUNT, "-o", str(path)) == (0, "", "")
    assert path.read_text(encoding="utf-8") == call("graph", ACCOUNT)[1]
    assert call("graph", ACCOUNT, "--check", str(path)) == (0, "", "")


def test_a_stale_file_is_shown_with_the_command_that_mends_it(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "old account.dot"
    call("graph", ACCOUNT, "-f", "dot", "-o", str(path))
    path.write_text(path.read_text(encoding="utf-8").replace("Thaw", "Melt"), encoding="utf-8")
    before = path.read_bytes()
    code, out, err = call("graph", ACCOUNT, "-f", "dot", "--check", str(path))
    assert (code, out) == (1, "")
    assert f"{path}: the diagram of {ACCOUNT} is stale" in err
    assert '-    "frozen" [label="frozen\\nMelt\\l"];' in err
    assert '+    "frozen" [label="frozen\\nThaw\\l"];' in err
    assert f"airssys-rt graph {ACCOUNT} --format dot --output '{path}'" in err
    assert path.read_bytes() == before


def test_a_long_difference_is_cut_short(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "account.mmd"
    path.write_text("\n".join(map(str, range(99))), encoding="utf-8")
    _, _, err = call("graph", ACCOUNT, "--check", str(path))
    assert "lines more" in err
    assert len(err.splitlines()) < 30


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_place_in_markdown_is_renewed_and_nothing_else(
    tmp_path: Path, call: Call, line_end: str
) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(PLACE.replace("\n", line_end).encode())
    assert call("graph", ACCOUNT, "--check", str(path))[0] == 1
    assert call("graph", ACCOUNT, "--write", str(path)) == (0, "", "")
    assert call("graph", ACCOUNT, "--check", str(path)) == (0, "", "")
    diagram = call("graph", ACCOUNT)[1]
    body = f"-->\n\n```mermaid\n{diagram}```\n\n<!-- /graph"
    wanted = PLACE.replace("-->\n<!-- /graph", body)
    assert path.read_bytes() == wanted.replace("\n", line_end).encode()
    path.write_bytes(path.read_bytes().replace(b"More.", b"Other text."))
    assert call("graph", ACCOUNT, "--check", str(path))[0] == 0


def test_only_the_place_of_the_class_is_renewed_and_an_example_is_no_place(
    tmp_path: Path, call: Call
) -> None:
    example = f"```text\n{PLACE}```\n\n~~~~\n~~~\n{PLACE}~~~~\n"
    other = "<!-- graph tests.cli.drawn:One -->\nold\n<!-- /graph -->\n"
    path = tmp_path / "page.md"
    path.write_text(f"{example}{other}{PLACE}{PLACE}", encoding="utf-8")
    assert call("graph", ACCOUNT, "-o", str(path))[0] == 0
    text = path.read_text(encoding="utf-8")
    assert text.startswith(example + other)
    assert text.count("```mermaid") == 2


@pytest.mark.parametrize(
    ("text", "what", "mend"),
    [
        ("# Nothing\n", "no place for the diagram", f"<!-- graph {ACCOUNT} -->"),
        (f"<!-- graph {ACCOUNT} -->\n", "has no end", "put <!-- /graph -->"),
        (f"<!-- graph {ACCOUNT} -->\n{PLACE}", "has no end", "put <!-- /graph -->"),
    ],
)
@pytest.mark.parametrize("option", ["--check", "--output"])
def test_markdown_without_a_place_is_wrong_usage(
    tmp_path: Path, call: Call, text: str, what: str, mend: str, option: str
) -> None:
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    code, _, err = call("graph", ACCOUNT, option, str(path))
    assert code == 2
    assert what in err
    assert mend in err
    assert path.read_text(encoding="utf-8") == text


def test_files_that_cannot_be_used_are_wrong_usage(tmp_path: Path, call: Call) -> None:
    (tmp_path / "latin.md").write_bytes(b"\xe4")
    for option, name, what in (
        ("--check", "latin.md", "cannot be read"),
        ("--output", ".", "cannot be read"),
        ("--output", "none/x.mmd", "cannot be written"),
        ("--output", "none.md", "no place for the diagram"),
    ):
        code, _, err = call("graph", ACCOUNT, option, str(tmp_path / name))
        assert code == 2
        assert what in err
    assert call("graph", ACCOUNT, "--check", "a", "--output", "b")[0] == 2
    assert call("graph", ACCOUNT, "--format", "png")[0] == 2
    assert call("graph")[0] == 2


def test_an_interrupt_of_the_import_ends_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    (tmp_path / "broken_f.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    assert call("graph", "broken_f:A")[:2] == (130, "")
