"""What clients asked and were answered, in the order in which it happened.

An operation begins when its request is sent and ends when its reply is there; two that overlap may
have taken effect in either order.  Law: a request that was sent and not answered stays
open, for it may have taken effect at any time since.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Any, Literal, TypeVar

from airssys_rt.core.message import RequestFor
from airssys_rt.errors import (
    BadArgument,
    CircuitOpen,
    MailboxFull,
    RateLimited,
    Refused,
)
from airssys_rt.kernel.ref import ActorRef

__all__ = ["History", "Operation"]

M = TypeVar("M")
R = TypeVar("R")

Outcome = Literal["open", "replied", "refused"]

UNSENT = (MailboxFull, RateLimited, CircuitOpen)  # the actor never had it


# Any: requests and replies of every protocol
@dataclass(slots=True, eq=False)
class Operation:
    """One request of a client: from `began` to `ended`, places in the history's sequence.

    `outcome` says whether `value` is its reply, the payload of a refusal, or nothing yet.
    """

    client: Hashable
    request: Any
    began: float
    ended: float = inf
    outcome: Outcome = "open"
    value: Any = None

    def __str__(self) -> str:
        answer = {
            "open": "no answer",
            "replied": repr(self.value),
            "refused": f"refused: {self.value!r}",
        }
        return f"{self.client}: {self.request!r} -> {answer[self.outcome]}"


class History:
    """Records the operations of concurrent clients, for `linearizable`.

    `await history.ask(ref, request, client="a")` asks and records.  Where the asking is done by
    other means, `begin` and then `replied`, `refused` or `unsent` record the same.
    """

    def __init__(self) -> None:
        self._operations: list[Operation] = []
        self._busy: dict[Hashable, Operation] = {}
        self._clock = 0

    # Any: one message of the ref's union, whose reply type the request tells
    async def ask(
        self,
        ref: ActorRef[M],
        request: RequestFor[M, R],
        /,
        *,
        client: Hashable,
        timeout: float | None = 5.0,
    ) -> R:
        """Ask the actor and record the answer; what `ref.ask` raises is raised.

        A `Refused` is an answer.  After another error the operation stays open: the request may
        have been handled, or may yet be; where it was never sent, it is left out.
        """
        operation = self.begin(client, request)
        try:
            reply = await ref.ask(request, timeout=timeout)
        except Refused as error:
            self.refused(operation, error.payload)
            raise
        except UNSENT:
            self.unsent(operation)
            raise
        finally:
            self._busy.pop(client, None)
        self.replied(operation, reply)
        return reply

    def begin(self, client: Hashable, request: Any) -> Operation:
        """A client sends a request.  Raises `BadArgument` if it still waits for another answer."""
        if client in self._busy:
            raise BadArgument(
                f"client {client!r} still waits for {self._busy[client].request!r}",
                where="History.begin",
                why="a client asks one thing after the other; what overlaps has two clients",
                mend="record the answer, or call lost(operation), or give another client's name",
            )
        operation = Operation(client, request, self._next())
        self._operations.append(operation)
        self._busy[client] = operation
        return operation

    def replied(self, operation: Operation, reply: Any) -> None:
        """The reply has come."""
        self._end(operation, "replied", reply)

    def refused(self, operation: Operation, payload: Any) -> None:
        """The actor refused, with `Refused(payload)`."""
        self._end(operation, "refused", payload)

    def lost(self, operation: Operation) -> None:
        """No answer will come, though the request may be handled; the client goes on."""
        self._busy.pop(operation.client, None)

    def unsent(self, operation: Operation) -> None:
        """The request never reached the actor: it is left out of the history."""
        self._busy.pop(operation.client, None)
        self._operations.remove(operation)

    def _end(self, operation: Operation, outcome: Outcome, value: Any) -> None:
        self._busy.pop(operation.client, None)
        operation.ended = self._next()
        operation.outcome = outcome
        operation.value = value

    def _next(self) -> int:
        self._clock += 1
        return self._clock

    def __len__(self) -> int:
        return len(self._operations)

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations)
