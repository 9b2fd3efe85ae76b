"""A graph as a Mermaid state diagram.

Laws: every state has an id of its own that no word of the language can be, whatever its name; a
text holds none of the characters that mean something to Mermaid or to the HTML it makes.
"""

from __future__ import annotations

import re

from airssys_rt.cli.graph.model import Graph

__all__ = ["mermaid"]

PLAIN = re.compile(r"[A-Za-z0-9]")
# `#` begins an entity, `:` and `;` end a text, the others mean something in HTML or Markdown
SPECIAL = re.compile(r"[#:;\"<&`\\{}%*~$]|--+")
LABELS = {"become": "", "push": " : push", "unbecome": " : unbecome"}
NOTE = "no flow is declared, so any state may follow any other"


def mermaid(graph: Graph) -> str:
    """The text of the diagram, with a line end at its end."""
    lines = ["stateDiagram-v2", f"    %% airssys-rt graph {_comment(graph.title)}"]
    for state in graph.states:
        name = _id(state.name)
        lines.append(f'    state "{_text(state.name)}" as {name}')
        lines += [f"    {name} : {_text(str(accepted))}" for accepted in state.accepts]
    lines.append(f"    [*] --> {_id(graph.initial)}")
    for origin, target, kind in graph.transitions:
        lines.append(f"    {_id(origin)} --> {_id(target)}{LABELS[kind]}")
    lines += [f"    {_id(state.name)} --> [*]" for state in graph.states if state.final]
    if not graph.has_flow and len(graph.states) > 1:
        lines += [f"    note right of {_id(graph.initial)}", f"        {NOTE}", "    end note"]
    return "\n".join(lines) + "\n"


def _id(name: str) -> str:
    if name.isascii() and name.isidentifier():
        return f"s_{name}"
    # underscores are spelled out as well, so that unequal names have unequal ids
    return "u_" + "".join(c if PLAIN.match(c) else f"_{ord(c):x}_" for c in name)


def _text(text: str) -> str:
    def entities(match: re.Match[str]) -> str:
        return "".join(f"#{ord(c)};" for c in match[0])

    return SPECIAL.sub(entities, _comment(text))


def _comment(text: str) -> str:
    return " ".join(text.split())
