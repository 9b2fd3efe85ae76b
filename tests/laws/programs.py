"""Random programs: what tasks, and the handlers of actors, do one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from hypothesis import strategies as st

from airssys_rt import Bounded

ACTORS = 3

Op: TypeAlias = Literal["tell", "send", "ask", "stop", "drain stop", "turn"]


@dataclass(frozen=True)
class Step:
    """One thing that a task or a handler does."""

    op: Op
    target: int = 0
    quick: bool = True  # handled by a sync handler
    turns: int = 0  # of the loop, that an async handler waits for; -1: it hangs
    fail: bool = False
    patience: int | None = None  # turns after which the asker is cancelled
    inner: tuple[Step, ...] = ()  # what an async handler does


def steps(depth: int) -> st.SearchStrategy[Step]:
    inner = st.lists(steps(depth - 1), max_size=3).map(tuple) if depth else st.just(())
    return st.builds(
        Step,
        op=st.sampled_from(["tell"] * 4 + ["send"] * 2 + ["ask"] * 4 + ["turn", "stop"]),
        target=st.integers(0, 2 * ACTORS - 1),
        quick=st.booleans(),
        turns=st.sampled_from([0, 0, 1, 2, 3, -1]),
        fail=st.sampled_from([False] * 9 + [True]),
        patience=st.sampled_from([None, None, 0, 1, 2, 4]),
        inner=inner,
    )


PROGRAMS = st.lists(st.lists(steps(2), max_size=8), min_size=1, max_size=3)
MAILBOXES = st.lists(
    st.one_of(
        st.none(),
        st.builds(
            Bounded,
            st.integers(1, 3),
            st.sampled_from(["reject", "drop_newest", "drop_oldest"]),
        ),
    ),
    min_size=ACTORS,
    max_size=ACTORS,
)
