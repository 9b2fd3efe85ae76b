"""Props: how to make an actor, again and again, and under which conditions it lives.

Constructor arguments are used for every incarnation: keep them immutable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, Self, TypeAlias, cast

import msgspec
from typing_extensions import TypeVar

from airssys_rt.core.backoff import Backoff
from airssys_rt.core.health import Health, HealthCheck
from airssys_rt.core.name import Name, NameFor, check_text
from airssys_rt.errors import BadArgument, ProtocolError
from airssys_rt.kernel.mailbox import Bounded

if TYPE_CHECKING:
    from airssys_rt.kernel.actor import Actor
    from airssys_rt.kernel.ref import Accepting

__all__ = ["DEFAULT", "Props", "Restart", "ShutdownTime", "Spec", "props"]

M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)
P = ParamSpec("P")
Checked = TypeVar("Checked", bound="Props[Health]")

ShutdownTime: TypeAlias = float | Literal["brutal_kill", "infinity"]
Restart: TypeAlias = Literal["permanent", "transient", "temporary"]


class Spec(msgspec.Struct, frozen=True):
    """The conditions of a child (OTP: child specification); None is the system's default."""

    name: str | None = None
    registered: Name[Any] | None = None
    mailbox: Bounded | None = None
    shutdown: ShutdownTime | None = None
    restart: Restart | None = None
    backoff: Backoff | None = None
    significant: bool = False
    health: HealthCheck | None = None

    @property
    def supervised(self) -> bool:
        """Whether the slot may get another incarnation."""
        return self.restart is not None and self.restart != "temporary"


DEFAULT = Spec()


class Props(Generic[M_contra]):
    """A recipe for an actor that accepts `M_contra`: frozen; each method gives a changed copy."""

    __slots__ = ("_recipe", "_spec")

    # Any: the factory's own parameters; `props` has checked the arguments against them
    def __init__(
        self,
        recipe: tuple[Callable[..., Actor[Any]], tuple[Any, ...], dict[str, Any]],
        spec: Spec = DEFAULT,
    ) -> None:
        self._recipe = recipe
        self._spec = spec

    @property
    def recipe(self) -> tuple[Callable[..., Actor[Any]], tuple[Any, ...], dict[str, Any]]:
        """The factory and its arguments."""
        return self._recipe

    @property
    def spec(self) -> Spec:
        """The conditions."""
        return self._spec

    def named(self, name: NameFor[M_contra] | str) -> Self:
        """Give the actor a name among its siblings; a `Name` is registered in the system, too."""
        if isinstance(name, str):
            check_text(name)
            return self._with(name=name, registered=None)
        if not isinstance(name, Name):
            raise BadArgument(f"{name!r} is no name", mend="give a Name[M] or a str")
        return self._with(name=name.text, registered=name)

    def mailbox(self, mailbox: Bounded) -> Self:
        """Bound the mailbox.  Raises `BadArgument`."""
        if not is_a(mailbox, Bounded):
            raise BadArgument(f"{mailbox!r} bounds no mailbox", mend="give Bounded(100)")
        return self._with(mailbox=mailbox)

    def shutdown(self, seconds: ShutdownTime) -> Self:
        """How long the actor may take to stop before it is killed.

        Seconds, `"brutal_kill"` (not at all) or `"infinity"`.  Raises `BadArgument`.
        """
        known = ("brutal_kill", "infinity")
        if (seconds not in known) if isinstance(seconds, str) else not seconds > 0:
            raise BadArgument(
                f"{seconds!r} is no shutdown time",
                mend='give seconds greater than 0, "brutal_kill" or "infinity"',
            )
        return self._with(shutdown=seconds)

    def restart(self, restart: Restart) -> Self:
        """When the actor is restarted: always, if it ended abnormally, or never (OTP: `restart`).

        `"permanent"`, `"transient"` or `"temporary"`.  Left out, a child of a `Supervisor` is
        permanent, any other actor temporary.  Raises `BadArgument`.
        """
        if restart not in ("permanent", "transient", "temporary"):
            raise BadArgument(
                f"{restart!r} is no restart type",
                mend='give "permanent", "transient" or "temporary"',
            )
        return self._with(restart=restart)

    def backoff(self, backoff: Backoff) -> Self:
        """Wait before each restart; messages queue meanwhile, and nobody else waits."""
        if not is_a(backoff, Backoff):
            raise BadArgument(f"{backoff!r} is no backoff", mend="give Backoff(first=0.1, cap=30)")
        return self._with(backoff=backoff)

    def significant(self) -> Self:
        """Its end may end its supervisor, as that one's `auto_shutdown` says, as in OTP."""
        return self._with(significant=True)

    def health(self: Checked, *, interval: float, timeout: float, threshold: int = 3) -> Checked:
        """Have the supervisor ask `Health` every `interval` seconds; the union must contain it.

        After `threshold` checks in a row that failed, or were not answered within `timeout`
        seconds, the actor is restarted.  Raises `BadArgument`, `ProtocolError`.
        """
        check = HealthCheck(interval, timeout, threshold)
        protocol = getattr(self._recipe[0], "__protocol__", None)
        if protocol is not None and protocol.members is not None and Health not in protocol.members:
            raise ProtocolError(
                f"{self!r} has a health check, but the actor does not accept Health",
                why="the supervisor asks it Health(), a Request[bool]",
                mend="add Health to its union, and a handler @on(Health)",
            )
        return self._with(health=check)

    # Any: a field of Spec
    def _with(self, **changes: Any) -> Self:
        return type(self)(self._recipe, msgspec.structs.replace(self._spec, **changes))

    def __repr__(self) -> str:
        return f"<props of {getattr(self._recipe[0], '__name__', self._recipe[0])!s}>"


def is_a(value: object, kind: type[object]) -> bool:
    """Whether users of no checker gave what they should."""
    return isinstance(value, kind)


def props(factory: Callable[P, Accepting[M]], /, *args: P.args, **kwargs: P.kwargs) -> Props[M]:
    """A recipe for the actor `factory(*args, **kwargs)`; the arguments are checked statically."""
    # Any: only an actor has an `ActorRef`
    actor = cast("Callable[..., Actor[Any]]", factory)
    return Props((actor, args, kwargs))
