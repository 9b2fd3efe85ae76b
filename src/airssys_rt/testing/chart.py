"""Message sequence charts of a run: as text, and as Mermaid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airssys_rt.testing.trace import Event

__all__ = ["mermaid", "text_chart"]

FAULTS = {
    "drop": "lost (injected)",
    "delay": "delayed (injected)",
    "crash": "crash instead of handling (injected)",
    "crash_after": "crash after handling (injected)",
    "slow": "slow handler (injected)",
    "overflow": "mailboxes overflow (injected)",
    "jump": "the clock jumps (injected)",
}


def text_chart(events: list[Event], *, most: int = 120) -> str:
    """One line a step; a mark where the step was not the next in send order."""
    told = [event for event in events if telling(event)]
    shown, cut = told[-most:], max(0, len(told) - most)
    wide = max((len(event.sender) for event in shown), default=0)
    wide_to = max((len(event.receiver) for event in shown if event.kind != "turn"), default=0)
    lines = [f"      ... {cut} steps before"] if cut else []
    time = shown[0].time if shown else 0.0
    for event in shown:
        if event.time != time:
            lines.append(f"      ~~~ {event.time - time:g} s pass")
            time = event.time
        mark = "*" if event.held or event.fault else " "
        arrow = {"message": "-->", "reply": "==>"}.get(event.kind, " : ")
        to = event.receiver if event.kind in ("message", "reply") else ""
        head = f"{event.step + 1:4} {mark}{event.sender:>{wide}} {arrow} {to:<{wide_to}}"
        lines.append(f"{head}  {event.text}".rstrip())
        pad = " " * 6
        if event.held:
            lines.append(f"{pad}* held until after {place(event.held)}")
        if event.fault:
            lines.append(f"{pad}* {fault_text(event)}")
        lines += [f"{pad}! {note}" for note in event.notes]
    return "\n".join(lines)


def telling(event: Event) -> bool:
    """Whether a step says anything: a first start and a bare going on do not."""
    if event.held or event.fault or event.notes or event.kind in ("message", "reply"):
        return True
    return event.text not in ("runs", "goes on", "starts (incarnation 1)")


def place(event: Event) -> str:
    """A step in words."""
    if event.kind in ("message", "reply"):
        return f"{event.step + 1}, {event.text} to {event.receiver}"
    return f"{event.step + 1}, {event.receiver} {event.text}"


def fault_text(event: Event) -> str:
    """An injected fault in words."""
    assert event.fault is not None
    kind, seconds = event.fault
    return FAULTS[kind] + (f", {seconds:g} s" if seconds else "")


def mermaid(events: list[Event], *, most: int = 120) -> str:
    """The same as a Mermaid sequence diagram."""
    shown = [event for event in events if telling(event)][-most:]
    names: dict[str, str] = {}
    for event in shown:
        for tag in (event.sender, event.receiver):
            names.setdefault(tag, f"p{len(names)}")
    lines = ["sequenceDiagram"]
    lines += [f"    participant {short} as {tag}" for tag, short in names.items()]
    for event in shown:
        one, other = names[event.sender], names[event.receiver]
        if event.kind == "message":
            lines.append(f"    {one}->>{other}: {safe(event.text)}")
        elif event.kind == "reply":
            lines.append(f"    {one}-->>{other}: {safe(event.text)}")
        else:
            lines.append(f"    Note over {one}: {safe(event.text)}")
        if event.held:
            lines.append(f"    Note right of {other}: held until after {safe(place(event.held))}")
        if event.fault:
            lines.append(f"    Note right of {other}: {fault_text(event)}")
        lines += [f"    Note right of {other}: {safe(note)}" for note in event.notes]
    return "\n".join(lines)


def safe(text: str) -> str:
    """Text that Mermaid takes as text."""
    return re.sub(r"[;#\n]", lambda found: {"\n": " "}.get(found[0], f"#{ord(found[0])};"), text)
