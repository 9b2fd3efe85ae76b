"""`protocol_machine`: a Hypothesis state machine made of an actor's union, behaviours and flow.

Its rules are the messages, its preconditions the behaviours: a message is sent when the present
behaviour has a handler for it.  Other rules let time pass until the next timer, answer what the
actor asked others, and end its children.  The actor runs in an `ActorKit`.

What it checks without a line of the user's: no handler raises but a refusal; each change of
behaviour is one that `flow` declares; each reply has the type that its request declares.  With a
model, each reply is the model's, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import msgspec
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from airssys_rt.core.health import Health
from airssys_rt.core.message import Request
from airssys_rt.core.signals import Down, Exit
from airssys_rt.errors import ActorStopped, BadArgument, HandlerFailed, ProtocolError, Refused
from airssys_rt.kernel.actor import Actor
from airssys_rt.kernel.props import Props, props
from airssys_rt.kernel.ref import cell_of
from airssys_rt.kernel.wire import Wire
from airssys_rt.testing.drawn import messages_of, replies_to
from airssys_rt.testing.effects import Became, Unbecame
from airssys_rt.testing.kit import ActorKit, Reply
from airssys_rt.testing.standin import renewed

if TYPE_CHECKING:
    from hypothesis.strategies import DataObject, SearchStrategy

    from airssys_rt.core.protocol import ActorProtocol
    from airssys_rt.core.ref import AnyRef

__all__ = ["ProtocolMachine", "protocol_machine"]

# Any throughout: actors, messages and replies of every protocol
OF_THE_ENGINE = frozenset({Down, Exit, Health})
PARTS = (1.0, 0.5, 1.5)  # of the time until the next timer


class Model(Protocol):
    """What the user says that the actor does."""

    def apply(self, msg: Any, /) -> object:
        """The reply to a message; raises `Refused` for one; `NotImplemented` says nothing."""
        ...


class ProtocolMachine(RuleBasedStateMachine):
    """The base of what `protocol_machine` makes; `kit` is the `ActorKit`, `model` the model."""

    made: ClassVar[Props[Any]]
    make_model: ClassVar[tuple[Callable[[], Model], ...]]  # of one, or none
    protocol: ClassVar[ActorProtocol]
    others: ClassVar[Mapping[type[Any], SearchStrategy[Any]]]
    sent: ClassVar[Sequence[type[Any]]]
    taken: ClassVar[set[tuple[str, str]]]

    def __init__(self) -> None:
        super().__init__()
        self.begin()

    def begin(self) -> None:
        """A new actor, and a new model."""
        cls = type(self)
        maker, args, kwargs = cls.made.recipe
        fresh: Props[Any] = Props((maker, renewed(args), renewed(kwargs)), cls.made.spec)
        self.kit: ActorKit[Actor[Any]] = ActorKit(fresh)
        self.model: Model | None = next((make() for make in cls.make_model), None)
        self.open: list[tuple[Any, Reply[Any], object]] = []
        self.before = "initial"
        self.wire = Wire()
        self.look()

    @classmethod
    def never_taken(cls) -> list[tuple[str, str]]:
        """The transitions of `flow` that no run so far has taken, by the behaviours' names."""
        edges = cls.protocol.edges or ()
        names = {(cls.name_of(start), cls.name_of(target)) for start, target, _ in edges}
        return sorted(names - cls.taken)

    @classmethod
    def name_of(cls, behaviour: Any) -> str:
        """The name of a behaviour."""
        return cls.protocol.state(behaviour).name

    # -- the rules ---------------------------------------------------------------------------------

    def send(self, msg: Any) -> None:
        """Send a message that the actor accepts now."""
        expected = self.expected(msg)
        if self.is_request(msg):
            self.open.append((msg, self.kit.begin(msg), expected))
        else:
            self.kit.tell(msg)
        self.look()

    def is_request(self, msg: object) -> bool:
        """Whether the message is asked."""
        return isinstance(msg, Request)

    def expected(self, msg: Any) -> object:
        """What the model says of it."""
        if self.model is None:
            return NotImplemented
        try:
            return self.model.apply(msg)
        except Refused as refusal:
            return refusal

    @precondition(lambda self: self.kit.next_due is not None and not self.kit.owed)
    @rule(part=st.sampled_from(PARTS))
    def time_passes(self, part: float) -> None:
        """Let the next timer fire, or nearly."""
        self.kit.advance((self.kit.next_due or 0.0) * part)
        self.look()

    @precondition(lambda self: bool(self.kit.owed))
    @rule(data=st.data())
    def another_answers(self, data: DataObject) -> None:
        """Answer the oldest request to another actor."""
        request = type(self.kit.owed[0])
        known = type(self).others.get(request)
        reply = data.draw(replies_to(request) if known is None else known)
        self.kit.reply(reply)
        self.look()

    @precondition(lambda self: bool(self.mortal()))
    @rule(data=st.data())
    def a_child_ends(self, data: DataObject) -> None:
        """End a child that is not restarted."""
        self.kit.end(data.draw(st.sampled_from(self.mortal())))
        self.look()

    def mortal(self) -> list[AnyRef]:
        """The children that no supervisor would restart."""
        return [ref for ref in self.kit.children if not cell_of(ref).spec.supervised]

    @precondition(lambda self: self.kit.stopped is not None)
    @rule()
    def another_begins(self) -> None:
        """The actor has stopped: go on with a new one."""
        self.begin()

    @precondition(lambda self: self.kit.stopped is None and not self.can_go_on())
    @rule()
    def nothing_happens(self) -> None:
        """A behaviour may accept nothing that is sent: Hypothesis wants a rule all the same."""

    def can_go_on(self) -> bool:
        """Whether another rule is allowed."""
        kit = self.kit
        if kit.owed or kit.next_due is not None or self.mortal():
            return True
        return not kit.busy and any(kit.accepts(kind) for kind in type(self).sent)

    # -- the checks --------------------------------------------------------------------------------

    def look(self) -> None:
        """Note the transitions of the latest step, which the engine has checked; its replies."""
        for effect in self.kit.effects:
            if isinstance(effect, Became):
                type(self).taken.add((self.before, effect.name))
            if isinstance(effect, (Became, Unbecame)):
                self.before = effect.name
        done = [entry for entry in self.open if entry[1].done]
        self.open = [entry for entry in self.open if not entry[1].done]
        for msg, reply, expected in done:
            self.judge(msg, reply, expected)

    def judge(self, msg: Any, reply: Reply[Any], expected: object) -> None:
        """A request has its outcome: compare it."""
        found: object
        try:
            found = reply.result()
        except Refused as refusal:
            found = refusal
        except (ActorStopped, HandlerFailed) as error:
            # an actor that has stopped in good order answers nobody any more
            if self.kit.stopped is None or error.__cause__ is not None:
                raise
            return
        else:
            try:
                self.wire.reply(msg, found)
            except ProtocolError as error:
                # what cannot be encoded, or is local to a function, is no fault in one process
                if isinstance(error.__cause__, msgspec.ValidationError):
                    raise
        note(f"{msg!r} -> {found!r}")
        if expected is NotImplemented:
            return
        if isinstance(found, Refused) and isinstance(expected, Refused):
            same = found.payload == expected.payload
        else:
            same = found == expected
        if not same:
            raise AssertionError(f"{msg!r} was answered {found!r}; the model says {expected!r}")

    @invariant()
    def the_model_agrees(self) -> None:
        """Call the model's `check(kit)`, if it has one."""
        check: Any = getattr(self.model, "check", None)
        if check is not None and self.kit.stopped is None and not self.kit.busy:
            check(self.kit)


def protocol_machine(
    actor: Callable[..., Actor[Any]] | Props[Any],
    *,
    model: Callable[[], Model] | None = None,
    skip: Iterable[type[Any]] = (),
    messages: Mapping[type[Any], SearchStrategy[Any]] | None = None,
    others: Mapping[type[Any], SearchStrategy[Any]] | None = None,
) -> type[ProtocolMachine]:
    """A state machine for an actor class, or for `props` with its arguments.

    `model` makes an object with `apply(msg)`, which gives the reply that is due, raises `Refused`
    for a refusal, or gives `NotImplemented`; and, if it likes, with `check(kit)`, called after
    each step.  `skip` names message classes that are not sent; `messages` and `others` give
    strategies for messages, and for replies to requests of others, by class.
    Its `TestCase` is a test for pytest.  Raises `BadArgument`.
    """
    what: Any = actor
    made: Props[Any] = what if is_props(actor) else props(what)
    maker: Any = made.recipe[0]
    cls = getattr(maker, "__origin__", maker)
    protocol: ActorProtocol | None = getattr(cls, "__protocol__", None)
    if protocol is None or protocol.members is None:
        raise BadArgument(
            f"{getattr(maker, '__name__', maker)!s} has no union to make a machine of",
            why="the rules are the messages of the union in Actor[...]",
            mend="give an actor class with a union, or props of one",
        )
    left_out = OF_THE_ENGINE | set(skip)
    given = dict(messages or {})
    namespace: dict[str, Any] = {
        "__doc__": f"Conformance of {cls.__name__} to what it declares.",
        "__module__": cls.__module__,
        "made": made,
        "make_model": (model,) if model is not None else (),
        "protocol": protocol,
        "others": dict(others or {}),
        "taken": set(),
    }
    kinds = sorted(protocol.members - left_out, key=lambda kind: kind.__name__)
    for kind in kinds:
        name = f"{verb(kind)}_{kind.__name__}"
        values = given[kind] if kind in given else messages_of(kind)
        namespace[name] = sending(kind, name, values)
    namespace["sent"] = tuple(kinds)
    return type(f"{cls.__name__}Machine", (ProtocolMachine,), namespace)


def is_props(value: object) -> bool:
    """Whether it is a recipe already."""
    return isinstance(value, Props)


def verb(kind: type[object]) -> str:
    """How messages of a class are sent."""
    return "ask" if issubclass(kind, Request) else "tell"


def sending(kind: type[Any], name: str, values: SearchStrategy[Any]) -> Any:
    """The rule that sends messages of a class."""

    def send(self: ProtocolMachine, msg: Any) -> None:
        self.send(msg)

    send.__name__ = send.__qualname__ = name
    allowed = precondition(lambda self: self.kit.accepts(kind) and not self.kit.busy)
    return allowed(rule(msg=values)(send))
