"""10,000 TCP connections, each of which gets back what it sends.

The clients are another process, so that each side has its own limit of open files, and a core where
there are two; they speak with plain sockets, at less cost than any server here.  Every connection
has one message under way.  What is measured is this process, the server, while all are there.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import anyio
from anyio.abc import ByteStream, SocketStream

from airssys_rt import Actor, ActorSystem, Bounded, Message, on, props
from airssys_rt.bench.measure import Span, Stopwatch, check

__all__ = ["TURNS"]

TURNS = 5  # messages on each connection
BACKLOG = 4096


# ---------------------------------------------------------------- the clients


class Clients:
    """The process with the other ends of the connections."""

    def __init__(self, process: anyio.abc.Process) -> None:
        self._process = process

    async def line(self) -> str:
        """What it says next."""
        assert self._process.stdout is not None
        text = b""
        while not text.endswith(b"\n"):
            text += await self._process.stdout.receive()
        return text.decode().strip()

    async def go(self) -> str:
        """Let it send, and wait until all has come back; what it counted."""
        assert self._process.stdin is not None
        await self._process.stdin.send(b"go\n")
        return await self.line()


@asynccontextmanager
async def clients(port: int, connections: int) -> AsyncGenerator[Clients]:
    """Connections to a port, all of them made."""
    arguments = [str(port), str(connections), str(TURNS)]
    command = [sys.executable, "-m", "airssys_rt.bench.echo_clients", *arguments]
    async with await anyio.open_process(command, stderr=subprocess.STDOUT) as process:
        there = Clients(process)
        check(await there.line(), f"connected {connections}", "the clients")
        yield there


async def measured(port: int, connections: int) -> tuple[Span, ...]:
    """Echo all that the clients send."""
    async with clients(port, connections) as there:
        watch = Stopwatch()
        echoed = await there.go()
        span = watch.lap(connections * TURNS)
    check(echoed, f"echoed {connections * TURNS}", "the clients")
    return (span,)


# ---------------------------------------------------------------- actors


class Chunk(Message):
    """What came in."""

    data: bytes


class Closed(Message):
    """The other end has gone."""


ConnectionMsg: TypeAlias = Chunk | Closed


class Connection(Actor[ConnectionMsg]):
    """One connection: a job reads and sends on to the mailbox, a handler writes."""

    def __init__(self, stream: ByteStream) -> None:
        self.stream = stream

    def pre_start(self) -> None:
        self.pipe(self.read(), lambda _: Closed(), lambda _: Closed())

    async def read(self) -> None:
        ref = self.ref
        async for data in self.stream:
            await ref.send(Chunk(data))  # it waits for room, so that a flood is not read

    @on(Chunk)
    async def chunk(self, msg: Chunk) -> None:
        await self.stream.send(msg.data)

    @on(Closed)
    def closed(self, msg: Closed) -> None:
        self.stop()

    async def post_stop(self, reason: object) -> None:
        await anyio.aclose_forcefully(self.stream)

    initial = chunk | closed


class Talker(Connection):
    """The same with asyncio's reader and writer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def read(self) -> None:
        ref = self.ref
        while data := await self.reader.read(65536):
            await ref.send(Chunk(data))

    @on(Chunk)
    async def write(self, msg: Chunk) -> None:
        self.writer.write(msg.data)
        await self.writer.drain()

    async def post_stop(self, reason: object) -> None:
        self.writer.close()

    initial = Connection.initial.replace(write)


async def actors(n: int) -> tuple[Span, ...]:
    """An actor per connection, with a bounded mailbox, on anyio's streams."""
    async with ActorSystem("echo") as system:

        async def accept(stream: SocketStream) -> None:
            system.spawn(props(Connection, stream).mailbox(Bounded(16)))

        result = await served(accept, n)
        await system.drain()
    return result


async def asyncio_actors(n: int) -> tuple[Span, ...]:
    """An actor per connection, with a bounded mailbox, on asyncio's streams."""
    async with ActorSystem("echo") as system:

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            system.spawn(props(Talker, reader, writer).mailbox(Bounded(16)))

        result = await served_by_asyncio(accept, n)
        await system.drain()
    return result


# ---------------------------------------------------------------- without actors


async def served(
    accept: Callable[[SocketStream], Awaitable[None]], connections: int
) -> tuple[Span, ...]:
    """Measure a server that is given anyio's streams."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", backlog=BACKLOG)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, accept)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        result = await measured(port, connections)
        tasks.cancel_scope.cancel()
        return result
    raise AssertionError("the task group ended before its body")


async def anyio_streams(n: int) -> tuple[Span, ...]:
    """A task per connection, which reads and writes."""

    async def accept(stream: SocketStream) -> None:
        async with stream:
            async for data in stream:
                await stream.send(data)

    return await served(accept, n)


async def asyncio_streams(n: int) -> tuple[Span, ...]:
    """A task per connection with asyncio's reader and writer."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    return await served_by_asyncio(accept, n)


async def served_by_asyncio(
    accept: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None] | None],
    connections: int,
) -> tuple[Span, ...]:
    """Measure a server that is given asyncio's streams."""
    server = await asyncio.start_server(accept, "127.0.0.1", 0, backlog=BACKLOG)
    async with server:
        result = await measured(server.sockets[0].getsockname()[1], connections)
        await asyncio.sleep(0.05)  # the tasks see the end of their connections
    return result
