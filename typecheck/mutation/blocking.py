"""Calls that hold up all actors of the event loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from typecheck.mutation.operators import operator
from typecheck.mutation.parts import ActorClass, Mutation, in_order
from typecheck.mutation.source import Source

GROUP = "blocking"
Code = tuple[str, str]
HTTP: tuple[Code, ...] = (
    ('urllib.request.urlopen("http://localhost/ping")', "import urllib.request"),
    ('http.client.HTTPConnection("localhost").request("GET", "/")', "import http.client"),
)
FILES: tuple[Code, ...] = (
    ('open("settings.ini", encoding="utf-8").close()', ""),
    ('Path("settings.ini").read_text()', "from pathlib import Path"),
    ('Path("last.txt").write_text("seen")', "from pathlib import Path"),
    ('shutil.copyfile("a.txt", "b.txt")', "import shutil"),
)
PROCESSES: tuple[Code, ...] = (
    ('subprocess.run(["sync"], check=True)', "import subprocess"),
    ('os.system("sync")', "import os"),
    ('subprocess.check_output(["uptime"])', "import subprocess"),
)
NETWORK: tuple[Code, ...] = (
    ('socket.create_connection(("localhost", 80)).close()', "import socket"),
    ('sqlite3.connect("state.db").execute("VACUUM")', "import sqlite3"),
    ('socket.getaddrinfo("localhost", 80)', "import socket"),
)
WAITING: tuple[Code, ...] = (
    ("threading.Lock().acquire()", "import threading"),
    ("queue.SimpleQueue[int]().get()", "import queue"),
    ("threading.Event().wait()", "import threading"),
    ("concurrent.futures.Future[int]().result()", "import concurrent.futures"),
    ('input("go on? ")', ""),
    ("queue.Queue[int]().get()", "import queue"),
)


def inserted(source: Source, codes: tuple[Code, ...]) -> Iterator[Mutation]:
    """One of the calls at the beginning of each handler, in turn."""
    for number, (_, handler) in enumerate(source.handlers):
        code, needed = codes[(number + handler.node.lineno) % len(codes)]
        edits = [source.first(handler.node, code)]
        if needed:
            edits.append(source.imports(needed))
        yield Mutation(handler.node.lineno, tuple(edits))


@operator(GROUP, 6)
def sleeps(source: Source) -> Iterator[Mutation]:
    """A handler sleeps with `time.sleep`."""
    for _, handler in source.handlers:
        edits = (source.first(handler.node, "time.sleep(0.1)"), source.imports("import time"))
        yield Mutation(handler.node.lineno, edits)


@operator(GROUP, 4)
def sleep_not_async(source: Source) -> Iterator[Mutation]:
    """`time.sleep` stands where `await anyio.sleep` should."""
    for node in in_order(source.tree):
        match node:
            case ast.Await(value=ast.Call(func=func, args=[seconds])) if (
                ast.unparse(func) == "anyio.sleep"
            ):
                new = f"time.sleep({source.of(seconds)})"
                inside = any(source.holds(actor.node, node) for actor in source.actors)
                if inside:
                    edits = (source.replace(node, new), source.imports("import time"))
                    yield Mutation(node.lineno, edits)
            case _:
                pass


@operator(GROUP, 5)
def blocking_http(source: Source) -> Iterator[Mutation]:
    """A handler waits for an HTTP server."""
    yield from inserted(source, HTTP)


@operator(GROUP, 5)
def blocking_file(source: Source) -> Iterator[Mutation]:
    """A handler reads or writes a file."""
    yield from inserted(source, FILES)


@operator(GROUP, 5)
def blocking_process(source: Source) -> Iterator[Mutation]:
    """A handler waits for a program."""
    yield from inserted(source, PROCESSES)


@operator(GROUP, 5)
def blocking_network(source: Source) -> Iterator[Mutation]:
    """A handler waits for a socket or a database."""
    yield from inserted(source, NETWORK)


@operator(GROUP, 6)
def blocking_wait(source: Source) -> Iterator[Mutation]:
    """A handler waits for a thread, a queue or the user."""
    yield from inserted(source, WAITING)


@operator(GROUP, 6)
def not_in_a_thread(source: Source) -> Iterator[Mutation]:
    """A blocking function is called where a thread should call it."""
    for node in in_order(source.tree):
        match node:
            case ast.Await(value=ast.Call(func=func, args=[target, *rest])) if ast.unparse(
                func
            ) in {"anyio.to_thread.run_sync", "anyio.to_process.run_sync"}:
                given = ", ".join(source.of(argument) for argument in rest)
                inside = any(source.holds(actor.node, node) for actor in source.actors)
                if inside:
                    new = f"{source.of(target)}({given})"
                    yield Mutation(node.lineno, (source.replace(node, new),))
            case _:
                pass


def other_methods(actor: ActorClass) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The methods of an actor that are no handlers."""
    handlers = {id(handler.node) for handler in actor.handlers}
    for item in actor.node.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and id(item) not in handlers:
            yield item


@operator(GROUP, 5)
def blocking_hook(source: Source) -> Iterator[Mutation]:
    """A hook of an actor blocks."""
    for actor in source.actors:
        for item in other_methods(actor):
            if item.decorator_list:
                code, needed = FILES[1] if item.lineno % 2 else ("time.sleep(1)", "import time")
                edits = (source.first(item, code), source.imports(needed))
                yield Mutation(item.lineno, edits)


@operator(GROUP, 5)
def blocking_helper(source: Source) -> Iterator[Mutation]:
    """A method that handlers call blocks."""
    for actor in source.actors:
        for item in other_methods(actor):
            if not item.decorator_list and item.name != "__init__":
                code, needed = PROCESSES[0] if item.lineno % 2 else ("time.sleep(1)", "import time")
                edits = (source.first(item, code), source.imports(needed))
                yield Mutation(item.lineno, edits)


@operator(GROUP, 4)
def busy_waiting(source: Source) -> Iterator[Mutation]:
    """A handler waits in a loop for what only another message can change."""
    for actor in source.actors:
        method = actor.method("__init__")
        lists = [
            source.of(item.target)
            for item in ast.walk(method or actor.node)
            if isinstance(item, ast.AnnAssign)
            and source.of(item.target).startswith("self.")
            and item.value is not None
            and source.of(item.value) in {"[]", "{}", "set()"}
        ]
        for handler in actor.handlers:
            if lists and handler.returns != "None":
                code = f"while not {lists[0]}:\n    pass"
                yield Mutation(handler.node.lineno, (source.first(handler.node, code),))
