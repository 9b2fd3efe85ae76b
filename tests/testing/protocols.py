"""The protocols that the tests of drawn messages draw from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta

from airssys_rt import Actor, ActorRef, Message, Request, on
from tests.testing.generated import Box, Leaf, Span


class Open(Message): ...


class Deposit(Message):
    amount: Annotated[int, Meta(gt=0)]
    note: str = ""


class Balance(Request[int]): ...


class Report(Message):
    to: ActorRef[int]
    at: Annotated[dt.datetime, Meta(tz=True)]


AccountMsg = Open | Deposit | Balance | Report


class Account(Actor[AccountMsg]):
    @on(Open)
    def opened(self, msg: Open) -> None: ...

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Balance)
    def balance(self, msg: Balance) -> int:
        return 0

    @on(Report)
    def report(self, msg: Report) -> None: ...

    shut = opened | balance
    everything = shut | deposit | report
    initial = everything


MEMBERS = (Open, Deposit, Balance, Report)


def kinds_of(strategy: st.SearchStrategy[Any], examples: int = 60) -> set[type]:
    found: set[type] = set()

    @settings(max_examples=examples, database=None, derandomize=True)
    @given(strategy)
    def collect(value: Any) -> None:
        found.add(type(value))

    collect()
    return found


class Tree(Message):
    value: int
    children: "tuple[Tree, ...]" = ()  # noqa: UP037


class Chain(Message):
    next: "Chain | None"  # noqa: UP037


class Mixed(Message):
    value: Leaf | list[int] | str | None


class Order(Message):
    code: Annotated[str, Meta(pattern=r"^[A-Z]{3}-[0-9]+$", min_length=12)]
    span: Span
    tags: Annotated[tuple[str, ...], Meta(min_length=2)]
    extra: Mapping[str, Box[int]] = {}
