"""Our supervisors against OTP's own, on generated trees and failures: they must do the same.

What is compared after each operation: the answer, every start, failed start and stop in its order
with the class of its reason, and for every living supervisor its children, their states, and the
counts.

What `supervisor.erl` says that is easily forgotten (functions in brackets), all of it met by the
scripts:

  restart first counted, then tried; one group is one restart [restart/2, add_restart/1]
  a start that fails in a restart counts again, at once, from the child that failed: one_for_all
      stops also those just started, rest_for_one leaves those before it
      [{try_again, Id}; restart_multiple_children/3]
  a child that was terminated by hand, or ended normally, is started again with its group
      [terminate_children/2 clears the pid, start_children/2 starts all]
  a temporary child that is stopped with its group is forgotten [terminate_children/2: remove]
  an end that comes while its group is stopped is swallowed: no second restart [unlink_flush/2]
  a start that fails by hand keeps the specification if there was one (restart_child), else not
      (start_child) [handle_start_child/2]; neither counts as a restart
  what fails in `init` stops those started before it, last to first; nothing is retried
      [init_children/2]
  children started later are forgotten by a restart of their supervisor [init/1 starts afresh]
  too many restarts: reason `shutdown`, so a transient supervisor is not restarted, and a
      significant one has ended normally [restart/2; do_restart(shutdown, ..)]
  significant: never with `never`, never permanent [validSignificant/3]; `any`: also an abnormal
      end of a temporary one; `all`: the rest must have no process, whether ended or terminated;
      an end by terminate_child or with a group triggers nothing [do_auto_shutdown/2]
  normal and shutdown are one to transient and temporary; a permanent child is restarted after
      either, and is not counted as ended [do_restart/3: its clause comes first]
  terminate_child of what does not run is `ok`; it ends also a `restarting` one [do_terminate/2]
  simple_one_for_one: stops all children at once, so in no order [terminate_dynamic_children/1]
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.supervision import engine
from tests.supervision.oracle import Oracle, Step
from tests.supervision.scripts import Script, Start, Sup, script, walk

SCRIPTS = int(os.environ.get("SUPERVISION_SCRIPTS", "1000"))
SLICE = 100
PLAIN = ("asyncio", {"use_uvloop": False})  # runs all scripts, the others every fifth

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def otp() -> Iterator[Oracle]:
    with Oracle() as oracle:
        yield oracle


def comparable(given: Script, steps: list[Step]) -> list[Any]:
    """The steps without what OTP leaves open: the order in which dynamic children end."""
    children = [given.root, *(op.child for op in given.operations if isinstance(op, Start))]
    sups = {one.id: one for child in children for one in walk(child) if isinstance(one, Sup)}
    dynamic = {
        op.child.id: op.sup
        for op in given.operations
        if isinstance(op, Start) and sups[op.sup].dynamic
    }
    return [
        (said, in_any_order(events, dynamic), [plain(state, sups) for state in states])
        for said, events, states in steps
    ]


def in_any_order(events: list[Any], dynamic: dict[str, str]) -> list[Any]:
    """Sort each run of stops of the children of one dynamic supervisor."""
    runs: list[list[Any]] = []
    above: str | None = None
    for event in events:
        sup = dynamic.get(event[1]) if event[0] == "stop" else None
        if sup is None or sup != above:
            runs.append([])
        runs[-1].append(event)
        above = sup
    return [event for run in runs for event in sorted(run)]


def plain(state: list[Any], sups: dict[str, Sup]) -> list[Any]:
    """A dynamic supervisor has no order, and one specification in OTP only."""
    ident, children, counts = state
    return [ident, sorted(children), counts[1:]] if sups[ident].dynamic else state


@pytest.mark.skipif(not Oracle.there(), reason="there is no Erlang (escript) here")
@pytest.mark.parametrize("first", range(0, SCRIPTS, SLICE))
async def test_our_supervisors_do_as_otp_does(first: int, otp: Oracle, anyio_backend: Any) -> None:
    for number in range(first, first + SLICE, 1 if anyio_backend == PLAIN else 5):
        given = script(number)
        theirs = comparable(given, otp.steps(given))
        ours = comparable(given, await engine.steps(given))
        if ours != theirs:
            pytest.fail(difference(number, given, ours, theirs))


def difference(number: int, given: Script, ours: list[Any], theirs: list[Any]) -> str:
    """The first step that differs, and what led to it."""
    at = next(i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b)
    done = ["the start", *given.operations, "the shutdown"]
    lines = [f"script {number}, unlucky: {given.unlucky}", *drawn(given.root)]
    lines += [f"  {i}: {operation}" for i, operation in enumerate(done[: at + 1])]
    for what, mine, other in zip(("answer", "events", "states"), ours[at], theirs[at], strict=True):
        lines += [f"{what}, ours: {mine}", f"{what}, OTP:  {other}"] if mine != other else []
    return "\n".join(lines)


def drawn(child: Any, depth: int = 0) -> list[str]:
    """A tree in lines."""
    fields = {k: v for k, v in vars(child).items() if k != "children"}
    line = "  " * depth + ", ".join(f"{k}={v}" for k, v in fields.items())
    return [
        line,
        *(one for below in getattr(child, "children", ()) for one in drawn(below, depth + 1)),
    ]


def test_the_generated_scripts_reach_what_they_are_for() -> None:
    """Of each kind of operation and strategy there are many."""
    made = [script(number) for number in range(SCRIPTS)]
    operations = [type(op).__name__ for one in made for op in one.operations]
    for kind in ("Crash", "Exit", "FailStarts", "Both", "Start", "Terminate", "Restart", "Delete"):
        assert operations.count(kind) > SCRIPTS / 10
    strategies = [s.strategy for one in made for s in walk(one.root) if isinstance(s, Sup)]
    for strategy in ("one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one"):
        assert strategies.count(strategy) > SCRIPTS / 10
