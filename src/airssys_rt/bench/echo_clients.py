"""The clients of the echo case: `python -m airssys_rt.bench.echo_clients PORT CONNECTIONS TURNS`.

Every connection sends a message and gets it back, so that the server has accepted all; then they
say `connected N` and wait for a line.  Then every connection does the same so many times, one after
the other, and they say `echoed N`.  They close the connections when their input ends, so that
neither the beginning nor the end of a connection is measured.
"""

from __future__ import annotations

import socket
import sys
from selectors import EVENT_READ, DefaultSelector

from airssys_rt.bench.files import most_connections

__all__ = ["main"]

MESSAGE = b"sixty-four bytes, which is about what a small request looks like"


class Clients:
    """The connections."""

    def __init__(self, port: int, connections: int) -> None:
        self.selector = DefaultSelector()
        self.ends: list[socket.socket] = []
        for number in range(connections):
            end = socket.create_connection(("127.0.0.1", port))
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.setblocking(False)
            self.selector.register(end, EVENT_READ, number)
            self.ends.append(end)

    def echo(self, turns: int) -> int:
        """Send on every connection, and get it back, so many times; how many in all."""
        turns_left = [turns] * len(self.ends)
        missing = [len(MESSAGE)] * len(self.ends)
        open_ends = len(self.ends)
        echoed = 0
        for end in self.ends:
            end.send(MESSAGE)
        while open_ends:
            for key, _ in self.selector.select():
                number: int = key.data
                end = self.ends[number]
                data = end.recv(4096)
                if not data:
                    raise ConnectionError("the server closed a connection")
                missing[number] -= len(data)
                if missing[number]:
                    continue
                missing[number] = len(MESSAGE)
                echoed += 1
                turns_left[number] -= 1
                if turns_left[number]:
                    end.send(MESSAGE)
                else:
                    open_ends -= 1
        return echoed


def main(port: int, connections: int, turns: int) -> None:
    """Connect, and echo."""
    assert most_connections(connections) == connections
    clients = Clients(port, connections)
    say(f"connected {clients.echo(1)}")
    sys.stdin.readline()
    say(f"echoed {clients.echo(turns)}")
    sys.stdin.readline()
    for end in clients.ends:
        end.close()


def say(text: str) -> None:
    """Tell the server's process."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:4]))
