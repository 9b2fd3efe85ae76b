"""Rivals in processes beside: Erlang, and other actor libraries for Python.

Each is asked for a case by one line at a time, "case n", and answers with one: the wall and the CPU
time of every part of the case in nanoseconds, or for a quantity the quantity itself.  It stays up
for the whole run, so that its turns are as warm as ours and no start of a virtual machine is
measured.  What is not installed takes no part; it starts with its first turn.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import NoReturn, Self

from airssys_rt.bench.measure import Contender, Span, WrongResult

__all__ = ["LIBRARIES", "SCRIPT", "Library", "Peer", "PeerFailed", "Peers"]

SCRIPT = Path(__file__).with_name("erlang.escript")


@dataclass(frozen=True)
class Library:
    """An actor library for Python: its module, and its name on the package index."""

    module: str
    package: str
    python: tuple[int, int] = (3, 11)

    @property
    def there(self) -> bool:
        return sys.version_info >= self.python and importlib.util.find_spec(self.module) is not None


LIBRARIES = {
    "casty": Library("casty", "casty", (3, 12)),
    "domo": Library("domo_actors", "domo-actors"),
    "fauxtp": Library("fauxtp", "fauxtp"),
    "otpylib": Library("otpylib", "otpylib"),
    "pykka": Library("pykka", "pykka"),
    "tapio": Library("tapio", "tapio-py"),
    "thespian": Library("thespian", "thespian"),
}


class PeerFailed(WrongResult):
    """A rival did not do its work; the race goes on without it."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name}: {what}")
        self.name = name


class Peer:
    """A process that answers for one rival; who is silent for `patience` seconds is killed."""

    def __init__(self, name: str, command: list[str], *, patience: float = 300.0) -> None:
        self.name = name
        self._command = command
        self._patience = patience
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it, unless it runs; the version that it says it is."""
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            self.version = self._read()
        return self.version

    def numbers(self, case: str, n: int) -> list[int]:
        """Its answer for a case."""
        self.start()
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{case} {n}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise PeerFailed(self.name, "it ended") from None
        answer = self._read()
        try:
            return [int(number) for number in answer.split()] or self._failed(case, n, "it ended")
        except ValueError:
            return self._failed(case, n, answer)

    def _failed(self, case: str, n: int, what: str) -> NoReturn:
        raise PeerFailed(self.name, f"{case} {n}: {what}") from None

    def contender(self, case: str) -> Contender:
        """The case as one that takes part in a race."""

        def run(n: int) -> tuple[Span, ...]:
            numbers = self.numbers(case, n)
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            return tuple(Span(wall, cpu, n) for wall, cpu in pairs)

        return run

    def end(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._process.communicate()  # the end of its input is its own end
            self._process = None

    def _read(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        alarm = Timer(self._patience, self._process.kill)
        alarm.start()
        try:
            return self._process.stdout.readline().strip()
        finally:
            alarm.cancel()


class Peers:
    """Those of this machine; a context manager."""

    def __init__(
        self,
        *,
        libraries: bool = True,
        which: Callable[[str], str | None] = shutil.which,
        known: Mapping[str, Library] = LIBRARIES,
    ) -> None:
        escript = which("escript")
        self.erlang = None if escript is None else Peer("erlang", [escript, str(SCRIPT)])
        serve = [sys.executable, "-m", "airssys_rt.bench.rivals"]
        self._packages = {n: k.package for n, k in known.items() if libraries and k.there}
        self.libraries = {name: Peer(name, [*serve, name]) for name in self._packages}

    def facts(self) -> dict[str, str]:
        """What they are, with their versions."""
        otp = "" if self.erlang is None else self.erlang.start()
        if self.erlang is not None and not otp:
            self.erlang.end()
            self.erlang = None
        found = {"erlang": f"OTP {otp}" if otp else "not found"}
        for name, package in self._packages.items():
            found[name] = importlib.metadata.version(package)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for peer in (self.erlang, *self.libraries.values()):
            if peer is not None:
                peer.end()
