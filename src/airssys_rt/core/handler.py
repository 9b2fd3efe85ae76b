"""`on(T)`: a method that handles messages of type T.

A handler is a behaviour over its one message type, so handlers compose with `|`.  Read from an
instance it is a plain callable: `await self.withdraw(msg)` and `super().withdraw(msg)` keep their
types.  The two overloads stand in this order because a coroutine function also matches the second.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from inspect import iscoroutinefunction
from typing import Any, Generic, Self, cast, overload

from typing_extensions import TypeVar

from airssys_rt.core.behaviour import Accepts, Behaviour, Entry, message_key
from airssys_rt.core.message import Later, Replies
from airssys_rt.errors import ProtocolError

__all__ = ["BoundHandler", "Handler", "on"]

M = TypeVar("M")
M_co = TypeVar("M_co", covariant=True)
R = TypeVar("R")
Result = TypeVar("Result")


class Handler(Behaviour[M], Generic[M, Result]):
    """A method under `@on(T)`: the behaviour that accepts just `T`."""

    __slots__ = ("__dict__", "function", "key", "name")

    # Any: the first parameter is the user's actor class; tracking it would forbid overriding
    def __init__(self, message_type: type[M], function: Callable[[Any, M], Result]) -> None:
        self.function: Callable[[Any, M], Result] = function
        self.key: type[Any] = message_key(message_type)
        self.name = getattr(function, "__name__", "handler")
        self.__doc__ = function.__doc__
        super().__init__({self.key: Entry(function, self.name, iscoroutinefunction(function))})

    def __set_name__(self, owner: type[Any], name: str) -> None:
        # `frozen = thaw` names the same handler twice; the function's own name wins
        if self.name not in owner.__dict__:
            self.name = name
            function, _, is_async = self._table[self.key]
            self._table = {self.key: Entry(function, name, is_async)}

    @overload
    def __get__(self, instance: None, owner: type[Any], /) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any], /) -> BoundHandler[M, Result]: ...
    def __get__(self, instance: object | None, owner: type[Any], /) -> object:
        return self if instance is None else BoundHandler(self, instance)

    def __repr__(self) -> str:
        return f"<handler {self.name} on {self.key.__name__}>"


class BoundHandler(Behaviour[M], Generic[M, Result]):
    """A handler read from an actor: call it, or `become` it."""

    __slots__ = ("_handler", "_instance")

    def __init__(self, handler: Handler[M, Result], instance: object) -> None:
        super().__init__(handler.table)
        self._handler = handler
        self._instance = instance

    @property
    def source(self) -> Accepts[Any]:
        """The handler."""
        return self._handler

    # an `async def` of the one kind that every checker misses the await of
    @overload
    async def __call__(self: BoundHandler[M, Coroutine[Any, Any, R]], msg: M, /) -> R: ...
    @overload
    def __call__(self, msg: M, /) -> Result: ...
    def __call__(self, msg: M, /) -> object:
        """Handle `msg` as a plain method would."""
        return self._handler.function(self._instance, msg)


class on(Generic[M_co]):
    """`@on(T)` makes a method the handler of messages of type `T`.

    The method's parameter must take a `T` and its return type must be T's reply type: `None` for
    a `Message`, `R` (or `R | Later`) for a `Request[R]`.
    """

    def __init__(self, message_type: type[M_co], /) -> None:
        self._message_type = message_type

    # Any: the method's self, and what a coroutine yields and is sent, are not the protocol's matter
    @overload
    def __call__(
        self: on[Replies[R]],
        function: Callable[[Any, M_co], Coroutine[Any, Any, R | Later]],
        /,
    ) -> Handler[M_co, Coroutine[Any, Any, R]]: ...
    @overload
    def __call__(
        self: on[Replies[R]], function: Callable[[Any, M_co], R | Later], /
    ) -> Handler[M_co, R]: ...
    def __call__(self, function: Callable[[Any, Any], Any], /) -> Any:
        """Make the method a handler.  Raises `ProtocolError`."""
        if not callable(function):
            raise ProtocolError(
                f"@on({self._message_type!r}) decorates {function!r}, which cannot be called",
                where="@on(...)",
                why="a handler is a method that is called with the message",
                mend="put @on(T) directly above the method, below no other decorator but yours",
            )
        return cast("Any", Handler)(self._message_type, function)
