"""actor-blocking finds each call of its list: with types, without types, and by the stubs here."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import pytest

from airssys_rt.mypy.blocking import BlockingCheck, public
from airssys_rt.mypy.blocking_calls import HOMES, METHODS, Blocking
from airssys_rt.mypy.blocking_libraries import FUNCTIONS
from airssys_rt.mypy.options import Options
from tests.typing.running import ROOT, mypy

FOUND = re.compile(r'main\.py:(\d+): error: "(.+?)" in .*\[actor-blocking\]')
STUBS = {"boto3", "kafka", "paramiko", "pika", "psycopg2", "pymysql"}
LIBRARIES = STUBS | {
    *("requests", "httpx", "urllib3", "psycopg", "psycopg_pool", "MySQLdb", "mysql", "sqlalchemy"),
    *("redis", "pymongo", "confluent_kafka", "serial", "bcrypt", "argon2"),
}
# where typings have classes that are functions at run time
HOME = {owner: home for home, owner in HOMES.items() if owner.startswith("multiprocessing.")}
HEAD = """
from typing import Any
from airssys_rt import Actor, Message, on
class Go(Message): ...
"""


class Program:
    """An actor that makes every call of some packages, and the name each is reported by."""

    def __init__(self, packages: set[str] | None) -> None:
        self.packages = packages
        functions = {name: entry for name, entry in FUNCTIONS.items() if self.has(name)}
        methods = [
            (owner, name, entry)
            for name, owners in METHODS.items()
            for owner, entry in owners.items()
            if self.has(owner)
        ]
        owners = {owner: HOME.get(owner, owner) for owner, _, _ in methods}
        modules = {module(name) for name in (*functions, *owners.values())}
        self.lines = [f"import {name}" for name in sorted(modules)]
        self.lines += HEAD.splitlines()
        parameters = "".join(f", {attribute(o)}: {home}" for o, home in owners.items())
        self.lines += [
            "class A(Actor[Go]):",
            f"    def __init__(self, any: Any{parameters}) -> None:",
        ]
        self.lines += ["        self.any = any"]
        self.lines += [f"        self.{attribute(o)} = {attribute(o)}" for o in owners]
        self.lines += ["    @on(Go)", "    async def go(self, msg: Go) -> None:"]
        self.wanted: dict[int, str] = {}
        for name, entry in functions.items():
            self.call(f"{name.removeprefix('builtins.')}(*self.any)", entry)
        for owner, name, entry in methods:
            value = f"self.{attribute(owner)}"
            method = f"with {value}: pass" if name == "__enter__" else f"{value}.{name}(*self.any)"
            self.call(method, entry)
        self.lines += ["    initial = go"]

    def has(self, name: str) -> bool:
        """Whether a name is of the packages; of Python and this library, if there are none."""
        package = name.partition(".")[0]
        return package not in LIBRARIES if self.packages is None else package in self.packages

    def call(self, text: str, entry: Blocking) -> None:
        """Add a line that is to be reported."""
        self.lines.append(f"        {text}")
        self.wanted[len(self.lines)] = entry.name.removeprefix("builtins.")

    def differences(self, folder: Path, *options: str, mypy_path: str = "") -> dict[str, set[str]]:
        """What mypy reports otherwise than wanted: the line, and the names."""
        (folder / "main.py").write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        config = f"[mypy]\nplugins = airssys_rt.mypy\nmypy_path = {mypy_path}\n"
        (folder / "mypy.ini").write_text(config, encoding="utf-8")
        run = mypy(["main.py", f"--cache-dir={folder / 'cache'}", *options], folder)
        assert not run.crashed, run.output
        found: dict[int, set[str]] = defaultdict(set)
        for line, name in FOUND.findall(run.output):
            found[int(line)].add(name)
        return {
            self.lines[line - 1].strip(): names
            for line in sorted(found.keys() | self.wanted.keys())
            if self.wanted.get(line) not in (names := found.get(line, set()))
        }


# ---------------------------------------------------------------- options

COMPANY = """
from pathlib import Path
def query() -> None: ...
def parse() -> None: ...
class Session:
    def commit(self) -> None: ...
    def close(self) -> None: ...
class Files(Path):
    def read_text(self, *args: object, **kwargs: object) -> str: ...
"""
USER = """
import company
import threading
import time
from company import Files, Session, parse, query
from airssys_rt import Actor, Message, on
class Go(Message): ...
class A(Actor[Go]):
    def __init__(self, session: Session, files: Files, lock: threading.Lock) -> None:
        self.session, self.files, self.lock = session, files, lock
    @on(Go)
    async def go(self, msg: Go) -> None:
        query()
        company.parse()
        self.session.commit()
        self.session.close()
        self.files.read_text()
        self.files.read_bytes()
        time.sleep(1)
        open("x")
        self.lock.acquire()
        with self.lock:
            pass
    initial = go
"""
BEFORE = {"pathlib.Path.read_bytes", "time.sleep", "open", "threading.Lock.acquire"} | {
    "with threading.Lock"
}
COMPANYS = {f"company.{name}" for name in ("query", "parse", "Session.commit", "Session.close")}
COMPANYS |= {"company.Files.read_text"}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("", BEFORE),
        (
            "blocking = company.query, company.Session.commit",
            BEFORE | {"company.query", "company.Session.commit"},
        ),
        ("blocking = company.*", BEFORE | COMPANYS),
        (
            "blocking = company.*\nnot_blocking = company.Session.*, company.parse",
            BEFORE | {"company.query", "company.Files.read_text"},
        ),
        ("not_blocking = builtins.open", BEFORE - {"open"}),
        (
            "not_blocking = time.*, pathlib.Path.read_bytes",
            BEFORE - {"time.sleep"} - {"pathlib.Path.read_bytes"},
        ),
        ("not_blocking = threading.Lock.acquire", BEFORE - {"threading.Lock.acquire"}),
        ("not_blocking = threading.Lock.__enter__", BEFORE - {"with threading.Lock"}),
        (
            "not_blocking = _thread.lock.*",
            BEFORE - {"threading.Lock.acquire", "with threading.Lock"},
        ),
    ],
)
def test_options_add_to_the_list_and_take_from_it(
    options: str, found: set[str], tmp_path: Path, cache: Path
) -> None:
    (tmp_path / "company.py").write_text(COMPANY, encoding="utf-8")
    (tmp_path / "main.py").write_text(USER, encoding="utf-8")
    config = tmp_path / "mypy.ini"
    config.write_text(
        f"[mypy]\nplugins = airssys_rt.mypy\n[airssys-rt-mypy]\n{options}\n", encoding="utf-8"
    )
    run = mypy(["main.py", f"--cache-dir={cache}"], tmp_path, measured=False)
    assert {name for _, name in FOUND.findall(run.output)} == found, run.output


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


# ---------------------------------------------------------------- libraries without types

UNTYPED = """
import boto3
import requests as rq
from pika import BlockingConnection
from psycopg2 import connect
from requests import get as fetch
from airssys_rt import Actor, Message, on
session = rq.Session()
class Go(Message): ...
class A(Actor[Go]):
    def __init__(self, given: "rq.Session | None") -> None:
        self.given = given
    async def pre_start(self) -> None:
        self.conn = connect("x")  # psycopg2.connect
        self.http = rq.session()
        self.s3 = boto3.client("s3")  # boto3.client
    @on(Go)
    def go(self, msg: Go) -> None:
        import urllib3
        rq.get("x")  # requests.get
        fetch("x")  # requests.get
        self.http.get("x")  # requests.Session.get
        session.get("x")  # requests.Session.get
        rq.Session().put("x")  # requests.Session.put
        with self.conn.cursor() as cursor:
            cursor.execute("x")  # psycopg2.extensions.cursor.execute
        if (given := self.given) is not None:
            given.put("x")  # requests.Session.put
        urllib3.request("GET", "x")  # urllib3.request
        channel = self.made.channel()  # pika.BlockingConnection.channel
        channel.basic_get("x")  # pika.adapters.blocking_connection.BlockingChannel.basic_get
        something = self.other()
        something.execute("x")
        print(lambda: rq.get("x"), rq.codes, session.headers)
        self.taken({})
    def other(self) -> Go:
        self.made = BlockingConnection()  # pika.BlockingConnection
        return Go()
    def taken(self, fetch: dict[str, int]) -> None:
        fetch.get("x")
        fetch("x")
    initial = go
"""


def test_values_of_untyped_libraries_are_followed(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "main.py").write_text(UNTYPED, encoding="utf-8")
    config = "[mypy]\nplugins = airssys_rt.mypy\nignore_missing_imports = true\n"
    (tmp_path / "mypy.ini").write_text(config, encoding="utf-8")
    run = mypy(["main.py", f"--cache-dir={cache}"], tmp_path)
    assert set(FOUND.findall(run.output)) == marked(UNTYPED), run.output


# ---------------------------------------------------------------- libraries with types

TYPED = {
    "requests/__init__.pyi": "from requests.api import get as get\n"
    "from requests.sessions import Session as Session\n",
    "requests/api.pyi": "def get(url: str) -> bytes: ...\n",
    "requests/sessions.pyi": "class Session:\n    def get(self, url: str) -> bytes: ...\n",
    "redis/__init__.pyi": "from redis.client import Redis as Redis\n",
    "redis/commands.pyi": "class Commands:\n    def get(self, name: str) -> object: ...\n",
    "redis/client.pyi": "from redis.commands import Commands\nclass Redis(Commands): ...\n",
    "redis/asyncio.pyi": "from redis.commands import Commands\nclass Redis(Commands): ...\n",
    "mine.py": "from requests import get as fetch\nfrom requests import Session\n"
    "class Mine(Session): ...\n"
    "class Own(Session):\n    def get(self, url: str) -> bytes: return b''\n",
    "main.py": """
import mine
import redis
import redis.asyncio
import requests
from airssys_rt import Actor, Message, on
class Go(Message): ...
class A(Actor[Go]):
    def __init__(
        self, its: requests.Session, my: mine.Mine, own: mine.Own,
        db: redis.Redis, adb: redis.asyncio.Redis,
    ) -> None:
        self.its, self.my, self.own, self.db, self.adb = its, my, own, db, adb
    @on(Go)
    async def go(self, msg: Go) -> None:
        requests.get("x")  # requests.get
        mine.fetch("x")  # requests.get
        self.its.get("x")  # requests.Session.get
        self.my.get("x")  # requests.Session.get
        self.own.get("x")
        self.db.get("x")  # redis.Redis.get
        self.adb.get("x")
    initial = go
""",
}


def test_libraries_with_types_are_known_by_where_these_put_their_names(
    tmp_path: Path, cache: Path
) -> None:
    for name, text in TYPED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "mypy.ini").write_text("[mypy]\nplugins = airssys_rt.mypy\n", encoding="utf-8")
    run = mypy(["main.py", f"--cache-dir={cache}"], tmp_path)
    assert set(FOUND.findall(run.output)) == marked(TYPED["main.py"]), run.output


def marked(text: str) -> set[tuple[str, str]]:
    """The lines that end in a comment, and what it says."""
    return {
        (str(number), line.partition("# ")[2])
        for number, line in enumerate(text.splitlines(), 1)
        if "# " in line
    }


# ---------------------------------------------------------------- the list itself


@pytest.mark.skipif(sys.platform != "linux", reason="no other system has them all")
@pytest.mark.parametrize(
    "name", sorted(n for n in FUNCTIONS if n.partition(".")[0] not in LIBRARIES | {"uvloop"})
)
def test_the_functions_of_python_exist(name: str) -> None:
    place: object = import_module(module(name))
    for part in name.removeprefix(f"{module(name)}.").split("."):
        place = getattr(place, part)
    assert callable(place)


def test_names_of_typings_are_known_by_their_public_names() -> None:
    assert public("_thread.lock") == "threading.Lock"
    assert public("requests.api.get") == "requests.get"
    assert public("requests.sessions.Session.get") == "requests.Session.get"
    assert public("time.sleep") == "time.sleep"


def test_a_list_without_options_is_the_whole_list() -> None:
    check = BlockingCheck(Options())
    assert check.functions == FUNCTIONS
    assert check.methods == METHODS
    assert len(FUNCTIONS) + sum(map(len, METHODS.values())) > 500


def module(name: str) -> str:
    """The module to import for a full name."""
    parts = name.split(".")[:-1]
    return ".".join(part for part in parts if part.islower() or part == "MySQLdb") or "builtins"


def attribute(owner: str) -> str:
    return owner.replace(".", "_")


def test_every_call_of_the_standard_library_is_found_by_its_type(tmp_path: Path) -> None:
    assert Program(None).differences(tmp_path, "--python-version=3.14", "--platform=linux") == {}


def test_every_call_of_a_library_is_found_without_any_types(tmp_path: Path) -> None:
    assert Program(LIBRARIES).differences(tmp_path, "--ignore-missing-imports") == {}


def test_every_call_of_a_library_with_stubs_is_found_by_them(tmp_path: Path) -> None:
    assert Program(STUBS).differences(tmp_path, mypy_path=str(ROOT / "stubs")) == {}
