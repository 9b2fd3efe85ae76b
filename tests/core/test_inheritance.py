"""Subclasses of actors: what they override takes its place in everything that they inherit."""

from __future__ import annotations

from airssys_rt import Actor, Message, on, on_enter


class Ping(Message): ...


class Pong(Message): ...


class Base(Actor[Ping | Pong]):
    @on(Ping)
    def ping(self, msg: Ping) -> None: ...

    @on(Pong)
    def pong(self, msg: Pong) -> None: ...

    @on(Ping)
    def quiet_ping(self, msg: Ping) -> None: ...

    initial = ping | pong
    quiet = initial.replace(quiet_ping)
    deaf = pong
    flow = (initial.to(quiet), quiet.push(deaf), deaf.to(initial))

    @on_enter(quiet)
    def hush(self) -> None: ...


def handler_names(cls: type[Actor[Ping | Pong]], behaviour: str) -> dict[str, str]:
    state = cls.__protocol__.state(getattr(cls, behaviour))
    table = {**state.sync, **state.coro}
    return {key.__name__: function.__qualname__.split(".")[-2] for key, function in table.items()}


def test_an_overridden_handler_takes_its_place_in_inherited_behaviours() -> None:
    class Sub(Base):
        @on(Pong)
        def pong(self, msg: Pong) -> None: ...

    assert handler_names(Sub, "initial") == {"Ping": "Base", "Pong": "Sub"}
    assert handler_names(Sub, "quiet") == {"Ping": "Base", "Pong": "Sub"}
    assert handler_names(Sub, "deaf") == {"Pong": "Sub"}
    assert handler_names(Base, "initial") == {"Ping": "Base", "Pong": "Base"}


def test_an_overriding_handler_may_be_async_where_the_base_is_sync() -> None:
    class Sub(Base):
        @on(Ping)
        async def ping(self, msg: Ping) -> None: ...  # type: ignore[override]

    state = Sub.__protocol__.initial
    assert state is not None
    assert Ping in state.coro
    assert Ping not in state.sync


def test_flow_and_enter_hold_for_a_subclass_that_redefines_a_behaviour() -> None:
    class Sub(Base):
        @on(Ping)
        def sub_ping(self, msg: Ping) -> None: ...

        quiet = Base.quiet.replace(sub_ping)

    protocol = Sub.__protocol__
    initial, quiet = protocol.state(Sub.initial), protocol.state(Sub.quiet)
    assert protocol.allows(initial, quiet, push=False)
    assert not protocol.allows(initial, quiet, push=True)
    assert not protocol.allows(quiet, initial, push=False)
    assert quiet.enter is Base.hush
    assert handler_names(Sub, "quiet")["Ping"] == "Sub"


def test_flow_holds_for_a_subclass_that_overrides_a_handler_which_is_a_behaviour() -> None:
    class Machine(Actor[Ping | Pong]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        @on(Pong)
        def pong(self, msg: Pong) -> None: ...

        initial = ping | pong
        flow = (initial.push(pong),)

    class Sub(Machine):
        @on(Pong)
        def pong(self, msg: Pong) -> None: ...

    protocol = Sub.__protocol__
    assert protocol.allows(protocol.state(Sub.initial), protocol.state(Sub.pong), push=True)


def test_an_overridden_enter_method_is_the_one_that_runs() -> None:
    class Sub(Base):
        def hush(self) -> None: ...

    assert Sub.__protocol__.state(Sub.quiet).enter is Sub.hush
    assert Base.__protocol__.state(Base.quiet).enter is Base.hush


def test_enter_marks_may_be_stacked() -> None:
    class Stacked(Actor[Ping | Pong]):
        @on(Ping)
        def ping(self, msg: Ping) -> None: ...

        @on(Pong)
        def pong(self, msg: Pong) -> None: ...

        initial = ping | pong

        @on_enter(ping)
        @on_enter(pong)
        def entered(self) -> None: ...

    protocol = Stacked.__protocol__
    assert protocol.state(Stacked.ping).enter is Stacked.entered
    assert protocol.state(Stacked.pong).enter is Stacked.entered


class PingMixin:
    """Handlers for other classes; no actor itself."""

    @on(Ping)
    def ping(self, msg: Ping) -> None: ...


def test_a_mixin_lends_its_handlers() -> None:
    class Mixed(PingMixin, Actor[Ping | Pong]):
        @on(Pong)
        def pong(self, msg: Pong) -> None: ...

        initial = PingMixin.ping | pong

    assert handler_names(Mixed, "initial") == {"Ping": "PingMixin", "Pong": "Mixed"}


def test_a_mixin_before_the_base_overrides_its_handlers() -> None:
    class Mixed(PingMixin, Base): ...

    assert handler_names(Mixed, "initial") == {"Ping": "PingMixin", "Pong": "Base"}


def test_a_behaviour_is_known_by_the_name_that_it_has_in_the_class() -> None:
    protocol = Base.__protocol__
    assert protocol.initial is not None
    assert protocol.initial.name == "initial"
    assert protocol.state(Base.quiet).name == "quiet"
    assert protocol.state(Base.deaf).name == "deaf"
    assert protocol.state(Base.ping).name == "ping"


def test_a_behaviour_made_on_the_spot_uses_the_subclass_handlers() -> None:
    class Sub(Base):
        @on(Ping)
        def quiet_ping(self, msg: Ping) -> None: ...

    made = Base.initial.replace(Base.quiet_ping)
    state = Sub.__protocol__.state(made)
    assert state.sync[Ping].__qualname__.split(".")[-2] == "Sub"
