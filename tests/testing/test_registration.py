"""`st.from_type` draws messages as soon as hypothesis is there, and nobody pays for it before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from airssys_rt import Down, Message, Request
from airssys_rt.testing import messages, register
from tests.testing.finding import find

SOURCE = Path(__file__).parent.parent.parent / "src"
T = TypeVar("T")

register()


class Deposit(Message):
    amount: Annotated[int, Meta(ge=1, le=100)]


class Get(Request[T], Generic[T]):
    default: T


class Holds(Message):
    inner: Deposit


@given(st.from_type(Deposit))
def test_a_message_is_drawn_by_its_type(message: Deposit) -> None:
    assert 1 <= message.amount <= 100


@given(...)
def test_a_message_is_inferred_from_the_annotation_of_a_test(
    message: Deposit, other: Deposit | Down
) -> None:
    assert 1 <= message.amount <= 100
    assert isinstance(other, Deposit) is not isinstance(other, Down)


@given(st.from_type(Get[Deposit]))
def test_a_parametrized_request_is_drawn_by_its_type(message: Get[Deposit]) -> None:
    assert 1 <= message.default.amount <= 100


def test_a_class_made_after_the_registration_is_drawn_too() -> None:
    class Later(Message):
        number: Annotated[int, Meta(ge=7)]

    assert find(st.from_type(Later), lambda m: True).number == 7


def test_the_strategy_that_a_user_registered_goes_first() -> None:
    class Own(Message):
        number: int

    class Holder(Message):
        own: Own

    Holder.__annotations__["own"] = Own
    st.register_type_strategy(Own, st.builds(Own, st.just(3)))
    assert find(st.from_type(Own), lambda m: True) == Own(3)
    assert find(messages(Holder), lambda m: True) == Holder(Own(3))


@pytest.mark.parametrize("kind", [int, list[int], Any, Message, Request])
def test_other_types_are_left_to_hypothesis(kind: Any) -> None:
    from airssys_rt.testing.registration import _resolve

    assert _resolve(kind) is None


# ---------------------------------------------------------------- as installed


def run(tmp_path: Path, program: str, **environment: str) -> str:
    """Run a program where the package is installed with its entry point."""
    info = tmp_path / "airssys_rt-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: airssys-rt\nVersion: 0\n")
    (info / "entry_points.txt").write_text(declared())
    path = os.pathsep.join([str(tmp_path), str(SOURCE)])
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def declared() -> str:
    import tomllib

    project = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    [(name, target)] = project["project"]["entry-points"]["hypothesis"].items()
    return f"[hypothesis]\n{name} = {target}\n"


DRAW = """if True:
    from typing import Annotated
    from hypothesis import find, strategies as st
    from msgspec import Meta
    from airssys_rt import Message
    class Deposit(Message):
        amount: Annotated[int, Meta(gt=6)]
    print(find(st.from_type(Deposit), lambda m: True))
"""


def test_hypothesis_finds_the_strategies_by_itself(tmp_path: Path) -> None:
    assert run(tmp_path, DRAW) == "Deposit(amount=7)"


def test_without_plugins_hypothesis_does_not_know_of_them(tmp_path: Path) -> None:
    program = """if True:
        import sys, hypothesis
        print("airssys_rt" in sys.modules)
    """
    assert run(tmp_path, program, HYPOTHESIS_NO_PLUGINS="1") == "False"


def test_a_program_without_messages_loads_next_to_nothing(tmp_path: Path) -> None:
    program = """if True:
        import sys
        from hypothesis import find, strategies as st
        find(st.from_type(list[int]), lambda x: True)
        print(sorted(m for m in sys.modules if m.startswith(("airssys_rt", "msgspec"))))
    """
    loaded = "['airssys_rt', 'airssys_rt.testing', 'airssys_rt.testing.registration']"
    assert run(tmp_path, program) == loaded


def test_the_facade_lists_what_it_has() -> None:
    import airssys_rt.testing as facade

    assert set(facade.__all__) <= set(dir(facade))
    for name in facade.__all__:
        assert getattr(facade, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        facade.nothing  # noqa: B018
