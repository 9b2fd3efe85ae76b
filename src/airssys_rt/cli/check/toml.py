"""Writing TOML: tables with everything below them inline."""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["toml_tables"]

BARE = re.compile(r"[A-Za-z0-9_-]+")

# Any throughout: what tomllib reads


def toml_tables(tables: Mapping[str, Any]) -> str:
    """The text of the tables, by their headers; the last part of a header is one key."""
    parts: list[str] = []
    for header, table in tables.items():
        outer, _, name = header.partition(".")
        if isinstance(table, dict):
            given: dict[str, Any] = {**table}
            rows = [f"{_key(key)} = {_value(value)}" for key, value in given.items()]
            parts.append("\n".join([f"[{outer}.{_key(name)}]", *rows]) + "\n")
    return "\n".join(parts)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _value(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            # a text of JSON is one of TOML, but for one character
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case float() if not math.isfinite(value):
            return str(value)  # nan, inf
        case int() | float():
            return repr(value)
        case list():
            parts: list[Any] = [*value]
            return f"[{', '.join(map(_value, parts))}]"
        case dict():
            table: dict[str, Any] = {**value}
            rows = (f"{_key(key)} = {_value(each)}" for key, each in table.items())
            return f"{{ {', '.join(rows)} }}"
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            raise TypeError(f"no value of TOML: {value!r}")
