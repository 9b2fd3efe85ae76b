"""State diagrams: which states and transitions are drawn, and how odd names are written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airssys_rt.cli.graph.dot import dot
from airssys_rt.cli.graph.mermaid import mermaid
from airssys_rt.cli.graph.model import Accepted, Graph, Node, Transition, graph_of
from airssys_rt.cli.graph.spelling import spelled
from tests.cli import drawn
from tests.cli.drawn import Account, Loose, Numbers, Odd, One, Savings, Store, Top


def states(graph: Graph) -> dict[str, list[str]]:
    return {state.name: [str(accepted) for accepted in state.accepts] for state in graph.states}


def test_a_flow_gives_the_states_and_the_transitions() -> None:
    graph = graph_of(Account.__protocol__)
    assert states(graph) == {
        "initial": [
            *("Deposit", "Withdraw -> int", "Freeze", "Thaw"),
            "Close -> ActorRef[Deposit] | None",
        ],
        "frozen": ["Thaw"],
        "closed": ["Withdraw -> int"],
    }
    assert graph.transitions == (
        Transition("initial", "closed", "become"),
        Transition("initial", "frozen", "push"),
        Transition("frozen", "initial", "unbecome"),
    )
    assert [state.name for state in graph.states if state.final] == ["closed"]
    assert (graph.initial, graph.has_flow) == ("initial", True)
    assert graph.title == "tests.cli.drawn:Account"


def test_a_subclass_has_the_states_of_its_base() -> None:
    graph = graph_of(Savings.__protocol__, "same")
    base = graph_of(Account.__protocol__, "same")
    assert states(graph) == {**states(base), "closed": ["Withdraw -> int"]}
    assert set(graph.transitions) == set(base.transitions)


def test_without_a_flow_the_states_are_what_is_no_part_of_another_or_is_named_as_a_state() -> None:
    graph = graph_of(Loose.__protocol__)
    assert list(states(graph)) == ["initial", "quiet", "freeze", "few", "other"]
    assert graph.transitions == ()
    assert not graph.has_flow


def test_type_arguments_are_those_of_the_class() -> None:
    assert states(graph_of(Store.__protocol__)) == {
        "initial": ["Get[K, V] -> V", "Put[K, V]", "GetAll[K, V] -> dict[K, V]"]
    }
    assert states(graph_of(Numbers.__protocol__)) == {
        "initial": ["Get[str, int] -> int", "Put[str, int]", "GetAll[str, int] -> dict[str, int]"]
    }


def test_reply_types_are_written_as_in_the_source() -> None:
    assert states(graph_of(Loose.__protocol__))["initial"][:2] == [
        "Ask -> Literal['a', 'b'] | None",
        "Many -> tuple[int, ...]",
    ]
    assert "RestartChild -> AnyRef" in states(graph_of(Top.__protocol__))["initial"]
    assert spelled(None) == "None"
    assert spelled("Later") == "Later"
    assert spelled([int, None]) == "[int, None]"


def test_a_state_that_pushes_itself_comes_back_to_itself() -> None:
    graph = graph_of(Odd.__protocol__)
    assert Transition("end", "end", "push") in graph.transitions
    assert Transition("end", "end", "unbecome") in graph.transitions


def test_a_final_state_has_no_way_back() -> None:
    class Ends(One):
        closed = One.deposit | One.deposit
        flow = (One.initial.push(closed), closed.final())

    graph = graph_of(Ends.__protocol__)
    assert [edge.kind for edge in graph.transitions] == ["push"]


MERMAID = """\
stateDiagram-v2
    %% airssys-rt graph tests.cli.drawn:Account
    state "initial" as s_initial
    s_initial : Deposit
    s_initial : Withdraw -> int
    s_initial : Freeze
    s_initial : Thaw
    s_initial : Close -> ActorRef[Deposit] | None
    state "frozen" as s_frozen
    s_frozen : Thaw
    state "closed" as s_closed
    s_closed : Withdraw -> int
    [*] --> s_initial
    s_initial --> s_closed
    s_initial --> s_frozen : push
    s_frozen --> s_initial : unbecome
    s_closed --> [*]
"""

DOT = """\
digraph "tests.cli.drawn:Account" {
    rankdir=LR;
    node [shape=box, style=rounded, fontname="Helvetica"];
    edge [fontname="Helvetica", fontsize=10];
    " start" [shape=point, label=""];
    "initial" [label="initial\\nDeposit\\lWithdraw -> int\\lFreeze\\lThaw\\l\
Close -> ActorRef[Deposit] | None\\l"];
    "frozen" [label="frozen\\nThaw\\l"];
    "closed" [label="closed\\nWithdraw -> int\\l"];
    " end" [shape=doublecircle, width=0.15, label=""];
    " start" -> "initial";
    "initial" -> "closed";
    "initial" -> "frozen" [label="push", style=dashed];
    "frozen" -> "initial" [label="unbecome", style=dotted];
    "closed" -> " end";
}
"""


def test_the_diagrams_in_both_languages() -> None:
    graph = graph_of(Account.__protocol__)
    assert mermaid(graph) == MERMAID
    assert dot(graph) == DOT


def test_the_same_class_gives_the_same_diagram() -> None:
    for cls in (Account, Loose, Numbers, Odd):
        texts = {mermaid(graph_of(cls.__protocol__)) for _ in range(3)}
        assert len(texts) == 1


def test_that_there_is_no_flow_is_said_where_there_are_several_states() -> None:
    said = "no flow is declared"
    assert said in mermaid(graph_of(Loose.__protocol__))
    assert said in dot(graph_of(Loose.__protocol__))
    assert said not in mermaid(graph_of(One.__protocol__))
    assert said not in dot(graph_of(One.__protocol__))


def odd(name: str, message: str = "Message") -> Graph:
    return Graph("m:A", (Node(name, (Accepted(message, None),)),), (), has_flow=True)


def test_names_that_mermaid_knows_and_names_that_are_no_ascii_get_ids_of_their_own() -> None:
    text = mermaid(graph_of(Odd.__protocol__))
    assert 'state "end" as s_end\n' in text
    assert 'state "größe" as u_gr_f6__df_e\n' in text
    assert mermaid(odd("a b")) != mermaid(odd("a_20_b"))


@pytest.mark.parametrize("character", list('#:;"<&`\\{}%*~$\n'))
def test_characters_that_mean_something_to_mermaid_are_escaped(character: str) -> None:
    text = mermaid(odd("state", f"Get{character}it"))
    [line] = [line for line in text.split("\n") if "Get" in line]
    shown = " " if character == "\n" else f"#{ord(character)};"
    assert line == f"    s_state : Get{shown}it"


def test_quotes_and_backslashes_are_escaped_in_dot() -> None:
    text = dot(odd('a"b', "c\\d\ne"))
    assert '"a\\"b" [label="a\\"b\\nc\\\\d e\\l"];' in text


names = st.text(min_size=1, max_size=8)


@given(st.lists(names, min_size=2, max_size=2, unique=True))
def test_states_of_unequal_names_have_unequal_ids(pair: list[str]) -> None:
    ids = [
        re.findall(r"as (\S+)$", mermaid(odd(name)), re.MULTILINE)[0]  # fullmatch of an id
        for name in pair
    ]
    assert ids[0] != ids[1]
    assert all(re.fullmatch(r"[su]_\w+", i, re.ASCII) for i in ids)


@given(names, names)
def test_a_diagram_has_one_line_a_statement_whatever_the_names(name: str, message: str) -> None:
    assert len(mermaid(odd(name, message)).split("\n")) == 6
    quotes = dot(odd(name, message)).replace("\\\\", "").replace('\\"', "").count('"')
    assert quotes % 2 == 0


def test_a_class_without_source_has_the_states_that_its_names_give() -> None:
    scope: dict[str, Any] = {"__name__": "nowhere"}
    exec(
        "from airssys_rt import *\nclass A(Message): ...\nclass B(Message): ...\n"
        "class Made(Actor['A | B']):\n"
        "    @on(A)\n    def a(self, msg): self.become(self.b)\n"
        "    @on(B)\n    def b(self, msg): ...\n"
        "    initial = a | b\n    late = b\n",
        scope,
    )
    graph = graph_of(scope["Made"].__protocol__)
    assert states(graph) == {"initial": ["A", "B"], "late": ["B"]}


def test_the_drawn_classes_are_all_that_the_module_has() -> None:
    assert drawn.not_an_actor == "One"
