"""The clients of the echo case: `python -m airssys_rt.bench.echo_clients PORT CONNECTIONS TURNS`.

Says `connected N`, waits for a line, has every connection send a message and get it back so many
times, one after the other, and says `echoed N`.
"""

from __future__ import annotations

import socket
import sys
from selectors import EVENT_READ, DefaultSelector

from airssys_rt.bench.files import most_connections

__all__ = ["main"]

MESSAGE = b"sixty-four bytes, which is about what a small request looks like"


def main(port: int, connections: int, turns: int) -> None:
    """Connect, and echo."""
    assert most_connections(connections) == connections
    selector = DefaultSelector()
    ends: list[socket.socket] = []
    for _ in range(connections):
        end = socket.create_connection(("127.0.0.1", port))
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end.setblocking(False)
        selector.register(end, EVENT_READ, len(ends))
        ends.append(end)
    say(f"connected {connections}")
    sys.stdin.readline()
    for end in ends:
        end.send(MESSAGE)
    echoed = 0
    left = connections
    turns_left = [turns] * connections
    missing = [len(MESSAGE)] * connections
    while left:
        for key, _ in selector.select():
            number: int = key.data
            end = ends[number]
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
                left -= 1
    say(f"echoed {echoed}")
    for end in ends:
        end.close()


def say(text: str) -> None:
    """Tell the server's process."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:4]))
