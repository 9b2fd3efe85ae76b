"""The findings for people, and as one JSON document.

The document's shape is stable: fields may be added, none changes its meaning while `version` is 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from airssys_rt.cli.check.findings import Finding, is_of_actors

__all__ = ["as_json", "as_text", "summary"]

NOWHERE = "module level"


def as_text(findings: Sequence[Finding]) -> str:
    """By file, then by the class around each, with what explains the codes at the end."""
    lines: list[str] = []
    for file, in_file in groupby(findings, key=lambda f: f.file):
        lines.append(file)
        groups: dict[str, list[Finding]] = {}
        for finding in in_file:
            groups.setdefault(finding.within or NOWHERE, []).append(finding)
        for within, together in groups.items():
            lines.append(f"  {within}")
            lines += [line for finding in together for line in _lines(finding)]
        lines.append("")
    codes = sorted({f.code for f in findings if f.code is not None and is_of_actors(f.code)})
    lines += [f"airssys-rt explain {code}" for code in codes]
    lines += [""] if codes else []
    return "\n".join([*lines, summary(findings)])


def _lines(finding: Finding) -> Iterator[str]:
    code = f"  [{finding.code}]" if finding.code else ""
    place = f"{finding.line}:{finding.column}"
    first, *more = finding.message.splitlines() or [""]
    yield f"    {place:<8} {finding.severity}: {first}{code}"
    yield from (f"             {text}" for text in (*more, *finding.hints))


def summary(findings: Sequence[Finding]) -> str:
    """One line: how many errors in how many files, how many of them about actors."""
    errors = [finding for finding in findings if finding.is_error]
    if not errors:
        return "no errors"
    files = len({finding.file for finding in errors})
    ours = sum(is_of_actors(finding.code) for finding in errors)
    return f"{_count(len(errors), 'error')} in {_count(files, 'file')}, {ours} about actors"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def as_json(findings: Sequence[Finding], *, complete: bool, exit_code: int) -> str:
    """One document; what it holds stands in the reference of the command."""
    errors = [finding for finding in findings if finding.is_error]
    document = {
        "version": 1,
        "complete": complete,
        "exit_code": exit_code,
        "summary": {
            "errors": len(errors),
            "notes": len(findings) - len(errors),
            "files": len({finding.file for finding in errors}),
            "actor_errors": sum(is_of_actors(finding.code) for finding in errors),
        },
        "findings": [
            {
                "file": f.file,
                "line": f.line,
                "column": f.column,
                "severity": f.severity,
                "code": f.code,
                "message": f.message,
                "hints": list(f.hints),
                "class": f.within,
                "explain": f"airssys-rt explain {f.code}" if is_of_actors(f.code) else None,
            }
            for f in findings
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
