"""Actor classes with a mistake each, in functions that define them."""

from __future__ import annotations

# mypy: ignore-errors
# (the classes are wrong on purpose; what checkers say of them is held in typecheck/)
from collections.abc import Callable
from typing import Union

import msgspec

from airssys_rt import Actor, Message, Request, on, on_enter
from tests.core.wrong_flows import (
    Ping,
    Sound,
    final_that_a_subclass_leaves,
    final_that_comes_to_itself,
    final_with_a_push,
    final_with_a_way_on,
    flow_is_a_behaviour,
    flow_is_one_edge,
    flow_is_used_up_by_looking,
    flow_of_behaviours,
    function_in_flow,
    unknown_final,
    unknown_in_flow,
    unknown_origin_in_flow,
)


class Pong(Message): ...


class Get(Request[int]): ...


class Loose(msgspec.Struct, tag=True):
    """Tagged, but not frozen."""


class Bare(msgspec.Struct, frozen=True):
    """Frozen, but not tagged."""


class Untagged(Message, tag=False): ...


class Thawed(Message, frozen=False): ...


class Plain:
    """No Struct at all."""


class OtherPing(Message, tag="Ping"): ...


def missing_handler() -> None:
    class Wrong(Actor[Ping | Pong]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping


def foreign_handler() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        @on(Pong)
        def pong(self, msg: Pong) -> None: ...

        initial = ping | pong


def two_handlers() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def one(self, msg: Ping) -> None: ...

        @on(Ping)
        def other(self, msg: Ping) -> None: ...

        initial = one | other


def forgotten_on() -> None:
    class Wrong(Actor[Ping | Pong]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        def pong(self, msg: Pong) -> None: ...

        initial = ping | pong


def forgotten_on_alone() -> None:
    class Wrong(Actor[Ping]):
        def initial(self, msg: Ping) -> None: ...


def handler_of_a_union() -> None:
    class Wrong(Actor[Ping | Pong]):
        @on(Ping | Pong)
        def both(self, msg: Ping | Pong) -> None: ...


def handler_of_an_old_union() -> None:
    class Wrong(Actor[Ping | Pong]):
        @on(Union[Ping, Pong])  # noqa: UP007
        def both(self, msg: Ping | Pong) -> None: ...


def on_what_cannot_be_called() -> None:
    on(Ping)(3)


def loose_member() -> None:
    class Wrong(Actor[Loose]): ...


def bare_member() -> None:
    class Wrong(Actor[Bare]): ...


def untagged_member() -> None:
    class Wrong(Actor[Untagged]): ...


def thawed_member() -> None:
    class Wrong(Actor[Thawed]): ...


def plain_member() -> None:
    class Wrong(Actor[Ping | Plain]): ...


def no_class_as_member() -> None:
    class Wrong(Actor[Ping | None]): ...


def clashing_tags() -> None:
    class Wrong(Actor[Ping | OtherPing]): ...


def foreign_replacement() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        @on(Pong)
        def pong(self, msg: Pong) -> None: ...

        initial = ping
        other = ping.replace(pong)


def a_verb_is_redefined() -> None:
    class Wrong(Actor[Ping]):
        def stop(self) -> None: ...


def a_handler_has_a_verbs_name() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def monitor(self, msg: Ping) -> None: ...


def a_mixin_redefines_a_verb() -> None:
    class Mixin:
        def become(self, what: object) -> None: ...

    class Wrong(Mixin, Actor[Ping]): ...


def override_without_on() -> None:
    class Wrong(Sound):
        def ping(self, msg: Ping) -> None: ...


def unknown_policy() -> None:
    class Wrong(Actor[Ping]):
        unhandled = "ignore"


def no_stash_at_all() -> None:
    class Wrong(Actor[Ping]):
        stash_capacity = 0


def stash_without_number() -> None:
    class Wrong(Actor[Ping]):
        stash_capacity = None


def enter_of_unknown() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping

        @on_enter(Sound.ping)
        def entered(self) -> None: ...


def enter_of_a_text() -> None:
    class Wrong(Actor[Ping]):
        @on_enter("initial")
        def entered(self) -> None: ...


def two_enters_of_one() -> None:
    class Wrong(Actor[Ping]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        initial = ping

        @on_enter(initial)
        def one(self) -> None: ...

        @on_enter(initial)
        def other(self) -> None: ...


WRONG: list[tuple[Callable[[], None], str]] = [
    (missing_handler, "no handler for Pong"),
    (foreign_handler, "Pong, which is foreign"),
    (two_handlers, "two handlers for Ping"),
    (forgotten_on, "pong"),
    (forgotten_on_alone, "initial is function"),
    (handler_of_a_union, "not a message class"),
    (handler_of_an_old_union, "not a message class"),
    (on_what_cannot_be_called, "cannot be called"),
    (loose_member, "Loose is not frozen"),
    (bare_member, "Bare is not tagged"),
    (untagged_member, "Untagged is not tagged"),
    (thawed_member, "Thawed is not frozen"),
    (plain_member, "Plain"),
    (no_class_as_member, "NoneType"),
    (clashing_tags, "'Ping'"),
    (foreign_replacement, "Pong"),
    (unknown_in_flow, "flow names"),
    (unknown_origin_in_flow, "flow names"),
    (function_in_flow, "other"),
    (flow_is_one_edge, "flow is not a tuple"),
    (flow_is_a_behaviour, "flow is not a tuple"),
    (flow_of_behaviours, "flow is not a tuple"),
    (flow_is_used_up_by_looking, "flow is not a tuple"),
    (final_with_a_way_on, "closed, which is final, to initial"),
    (final_with_a_push, "closed, which is final, to initial"),
    (final_that_comes_to_itself, "initial, which is final, to initial"),
    (final_that_a_subclass_leaves, "closed, which is final, to initial"),
    (unknown_final, "flow names"),
    (a_verb_is_redefined, "redefines stop"),
    (a_handler_has_a_verbs_name, "redefines monitor"),
    (a_mixin_redefines_a_verb, "redefines become"),
    (override_without_on, "overrides a handler"),
    (unknown_policy, "'ignore'"),
    (no_stash_at_all, "stash_capacity is 0"),
    (stash_without_number, "stash_capacity is None"),
    (enter_of_unknown, "on_enter"),
    (enter_of_a_text, "'initial'"),
    (two_enters_of_one, "on_enter"),
]
