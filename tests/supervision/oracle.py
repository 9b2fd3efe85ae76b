"""OTP's supervisor beside the tests: one `escript` that runs a script by a line at a time.

It stays up for all scripts of a run.  Without `escript` on the path there is no oracle.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from tests.supervision.scripts import Script, erlang

__all__ = ["Oracle", "Step"]

SCRIPT = Path(__file__).with_name("oracle.escript")

# Any: what json gives; [answer, events, states] of an operation, see the escript
Step: TypeAlias = list[Any]


class Oracle:
    """The running escript; a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            ["escript", str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.otp = self._read()
        self._known: dict[str, list[Step]] = {}
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()  # the end of its input is the end of the escript

    @staticmethod
    def there() -> bool:
        """Whether this machine has an Erlang."""
        return shutil.which("escript") is not None

    def steps(self, script: Script) -> list[Step]:
        """What OTP does: the start of the tree, each operation, and the shutdown."""
        term = erlang(script)
        if term not in self._known:
            assert self._process.stdin is not None
            self._process.stdin.write(term + "\n")
            self._process.stdin.flush()
            answer = self._read()
            assert answer.startswith("["), answer or "the escript ended"
            self._known[term] = json.loads(answer)
        return self._known[term]

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()
