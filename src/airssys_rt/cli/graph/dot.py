"""A graph in the language of Graphviz.

Law: every name and text stands in quotes, with quotes and backslashes escaped.
"""

from __future__ import annotations

from airssys_rt.cli.graph.model import Graph

__all__ = ["dot"]

# no name of a state is a text with a blank at its beginning
START, END = '" start"', '" end"'
STYLES = {
    "become": "",
    "push": ' [label="push", style=dashed]',
    "unbecome": ' [label="unbecome", style=dotted]',
}
NOTE = "no flow is declared, so any state may follow any other"


def dot(graph: Graph) -> str:
    """The text of the diagram, with a line end at its end."""
    lines = [
        f"digraph {_quoted(graph.title)} {{",
        "    rankdir=LR;",
        '    node [shape=box, style=rounded, fontname="Helvetica"];',
        '    edge [fontname="Helvetica", fontsize=10];',
        f'    {START} [shape=point, label=""];',
    ]
    for state in graph.states:
        texts = [_escaped(str(accepted)) + r"\l" for accepted in state.accepts]
        label = _escaped(state.name) + r"\n" + "".join(texts)
        lines.append(f'    {_quoted(state.name)} [label="{label}"];')
    if any(state.final for state in graph.states):
        lines.append(f'    {END} [shape=doublecircle, width=0.15, label=""];')
    lines.append(f"    {START} -> {_quoted(graph.initial)};")
    for origin, target, kind in graph.transitions:
        lines.append(f"    {_quoted(origin)} -> {_quoted(target)}{STYLES[kind]};")
    lines += [f"    {_quoted(state.name)} -> {END};" for state in graph.states if state.final]
    if not graph.has_flow and len(graph.states) > 1:
        lines.append(f"    label={_quoted(NOTE)};")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("\\", r"\\").replace('"', r"\"")
