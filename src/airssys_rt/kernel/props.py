"""Props: how to make an actor, again and again, and under which conditions it lives.

Constructor arguments are used for every incarnation: keep them immutable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, Self, TypeAlias, cast

import msgspec
from typing_extensions import TypeVar

from airssys_rt.core.name import Name, NameFor, check_text
from airssys_rt.errors import BadArgument
from airssys_rt.kernel.mailbox import Bounded

if TYPE_CHECKING:
    from airssys_rt.kernel.actor import Actor
    from airssys_rt.kernel.ref import Accepting

__all__ = ["DEFAULT", "Props", "ShutdownTime", "Spec", "props"]

M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)
P = ParamSpec("P")

ShutdownTime: TypeAlias = float | Literal["brutal_kill", "infinity"]


class Spec(msgspec.Struct, frozen=True):
    """The conditions of a child (OTP: child specification); None is the system's default."""

    name: str | None = None
    registered: Name[Any] | None = None
    mailbox: Bounded | None = None
    shutdown: ShutdownTime | None = None


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
        """Bound the mailbox."""
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

    # Any: a field of Spec
    def _with(self, **changes: Any) -> Self:
        return type(self)(self._recipe, msgspec.structs.replace(self._spec, **changes))

    def __repr__(self) -> str:
        return f"<props of {getattr(self._recipe[0], '__name__', self._recipe[0])!s}>"


def props(factory: Callable[P, Accepting[M]], /, *args: P.args, **kwargs: P.kwargs) -> Props[M]:
    """A recipe for the actor `factory(*args, **kwargs)`; the arguments are checked statically."""
    # Any: only an actor has an `ActorRef`
    actor = cast("Callable[..., Actor[Any]]", factory)
    return Props((actor, args, kwargs))
