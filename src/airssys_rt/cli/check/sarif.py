"""The findings as SARIF 2.1.0, which code hosts show beside the lines of a change.

Laws: a file below the present directory is named relative to it, with slashes; every result names
a rule, and every rule has a text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from airssys_rt import __version__
from airssys_rt.cli.check.findings import Finding, is_of_actors
from airssys_rt.cli.explain.pages import Page

__all__ = ["as_sarif"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MYPYS = "https://mypy.readthedocs.io/en/stable/_refs.html#code-{}"
ROOT = "%SRCROOT%"
LEVELS = {"error": "error", "note": "note"}
# Any: values of a JSON document
Json = dict[str, Any]


def as_sarif(
    findings: Sequence[Finding], pages: Mapping[str, Page], here: Path, *, complete: bool
) -> str:
    """One document with one run; `pages` are the texts of our rules."""
    codes = sorted({_rule_id(finding) for finding in findings})
    run: Json = {
        "tool": {
            "driver": {
                "name": "airssys-rt",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(code, pages.get(code)) for code in codes],
            }
        },
        "invocations": [{"executionSuccessful": complete}],
        "originalUriBaseIds": {ROOT: {"uri": f"{here.as_uri().rstrip('/')}/"}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes, here) for finding in findings],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _rule_id(finding: Finding) -> str:
    return finding.code or "mypy"


def _rule(code: str, page: Page | None) -> Json:
    if page is not None:
        return {
            "id": code,
            "shortDescription": {"text": page.summary},
            "help": {"text": page.text, "markdown": page.text},
        }
    if is_of_actors(code):
        text = f"airssys-rt explain {code}"
        return {"id": code, "shortDescription": {"text": code}, "help": {"text": text}}
    uri = MYPYS.format(code)
    return {
        "id": code,
        "shortDescription": {"text": f"mypy: {code}"},
        "helpUri": uri,
        "help": {"text": f"An error code of mypy; see {uri}"},
    }


def _result(finding: Finding, codes: list[str], here: Path) -> Json:
    location: Json = {
        "physicalLocation": {
            "artifactLocation": _artifact(finding.file, here),
            "region": {"startLine": finding.line, "startColumn": finding.column},
        }
    }
    if finding.within is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.within, "kind": "type"}]
    return {
        "ruleId": _rule_id(finding),
        "ruleIndex": codes.index(_rule_id(finding)),
        "level": LEVELS.get(finding.severity, "warning"),
        "message": {"text": "\n".join((finding.message, *finding.hints))},
        "locations": [location],
    }


def _artifact(file: str, here: Path) -> Json:
    path = here / file
    if path.is_relative_to(here):
        return {"uri": quote(path.relative_to(here).as_posix()), "uriBaseId": ROOT}
    return {"uri": path.resolve().as_uri()}
