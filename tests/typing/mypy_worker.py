"""A process with mypy in it: reads requests as lines of JSON, and answers them.

`run` runs mypy as a command each time; `daemon` keeps one server of dmypy for all requests, and
starts another when the options change, as the client of dmypy does.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any

from mypy import api
from mypy.dmypy_server import Server, process_start_options
from mypy.version import __version__

Answer = tuple[int, str]


def run(arguments: list[str]) -> Answer:
    """Run mypy as a command."""
    out, err, status = api.run(arguments)
    return status, out + err


class Daemon:
    """What `dmypy run` does, without its sockets."""

    def __init__(self) -> None:
        self.status_file = os.path.join(tempfile.gettempdir(), f"no-such-status-{os.getpid()}")
        self.server: Server | None = None

    def __call__(self, arguments: list[str]) -> Answer:
        answer = self.ask(arguments)
        if "restart" in answer:
            self.server = None
            answer = self.ask(arguments)
        return int(answer["status"]), str(answer["out"]) + str(answer["err"])

    # Any: the answer is mypy's, and is JSON to its client
    def ask(self, arguments: list[str]) -> dict[str, Any]:
        if self.server is None:
            flags = [word for word in arguments if word.startswith("-")]
            self.server = Server(process_start_options(flags, False), self.status_file)
        return self.server.cmd_run(
            __version__, arguments, export_types=False, is_tty=False, terminal_width=80
        )


def main(command: str) -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # mypy reports its crashes past `api`
    aside = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - as long as the process
    os.dup2(aside.fileno(), 1)
    os.dup2(aside.fileno(), 2)
    do: Callable[[list[str]], Answer] = Daemon() if command == "daemon" else run
    for line in sys.stdin:
        request = json.loads(line)
        os.chdir(request["cwd"])
        try:
            status, output = do(request["arguments"])
        except (Exception, SystemExit):
            status, output = 3, f"INTERNAL ERROR\n{traceback.format_exc()}"
        sys.stdout.flush()
        sys.stderr.flush()
        aside.seek(0)
        output += aside.read()
        aside.seek(0)
        aside.truncate()
        answers.write(json.dumps({"status": status, "output": output}) + "\n")
        answers.flush()
    os._exit(0)  # to free what mypy has built takes seconds


if __name__ == "__main__":
    main(sys.argv[1])
