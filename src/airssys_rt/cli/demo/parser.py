"""A parser: parses one file, or crashes.

It keeps nothing that is worth keeping, so it defends itself against nothing: whatever goes wrong
is raised.  Its supervisor makes a new one behind the same ref, and the asker, who still has the
work, is told by `HandlerFailed`.  Law: a request has one outcome, a reply or a crash.
"""

from __future__ import annotations

from airssys_rt import Actor, on
from airssys_rt.cli.demo.faults import Faults, Injected
from airssys_rt.cli.demo.parse import Failure, Parsed
from airssys_rt.cli.demo.protocol import Parse
from airssys_rt.cli.demo.workers import Workers

__all__ = ["DoesNotParse", "Parser"]


class DoesNotParse(Exception):
    """A file that is not Python, or cannot be read."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.path!r}: {failure.kind}: {failure.reason}")
        self.failure = failure


class Parser(Actor[Parse]):
    """Has `workers` parse a file; `faults` make it crash now and then."""

    def __init__(self, workers: Workers, faults: Faults) -> None:
        self._workers = workers
        self._faults = faults

    @on(Parse)
    async def parse(self, msg: Parse) -> Parsed:
        """What is known of a file.  Raises what it likes."""
        if self._faults.strike(msg.path, msg.attempt):
            raise Injected(f"{msg.path!r}, try {msg.attempt}")
        outcome = await self._workers.parse(msg.path)
        if isinstance(outcome, Failure):
            raise DoesNotParse(outcome)
        return outcome

    initial = parse
