"""The list of actor-blocking: calls that keep their thread waiting, and what to write instead.

Functions and constructors go by the name that users import them under; methods by the class that
defines them.  Laws: a name is listed if it waits for something outside the process, for another
thread, or for a disk, or computes on purpose for long; what only looks at metadata (`Path.exists`,
`os.stat`) is left out; each entry says what to write.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "FUNCTIONS",
    "HOMES",
    "HOME_MODULES",
    "METHODS",
    "PRODUCTS",
    "THREAD",
    "Blocking",
]


@dataclass(frozen=True)
class Blocking:
    """One entry: its public name, and what to write instead.

    `free_at`: the position of an argument that, being False or 0, makes the call return at once.
    `received`: whether the receiver's class counts, not the class that defines the method.
    """

    name: str
    mend: str
    free_at: int | None = None
    received: bool = False


FUNCTIONS: dict[str, Blocking] = {}
# the last name of a method -> class -> entry
METHODS: dict[str, dict[str, Blocking]] = {}
# where a type checker finds a class or a function -> the public name
HOMES: dict[str, str] = {}
# the same for the functions of a module
HOME_MODULES: dict[str, str] = {
    "_hashlib": "hashlib",
    "_socket": "socket",
    "airssys_rt.runtime.threads": "airssys_rt",
    "anyio._core._eventloop": "anyio",
    "asyncio.runners": "asyncio",
    "concurrent.futures._base": "concurrent.futures",
    "httpx._api": "httpx",
    "requests.api": "requests",
    "sqlite3.dbapi2": "sqlite3",
    "trio._core._run": "trio",
}
# what a call makes, for libraries without types: function, or class and method -> class
PRODUCTS: dict[str, str] = {}


def functions(mend: str, names: str, module: str = "", free_at: int | None = None) -> None:
    """List functions of a module."""
    for name in names.split():
        full = f"{module}.{name}" if module else name
        FUNCTIONS[full] = Blocking(full, mend, free_at)


def methods(
    mend: str,
    owner: str,
    names: str,
    *,
    homes: str = "",
    free_at: int | None = None,
    received: bool = False,
) -> None:
    """List methods of a class; `homes` are the full names that it has in typings."""
    PRODUCTS[owner] = owner
    for home in homes.split():
        HOMES[home] = owner
    for name in names.split():
        shown = f"with {owner}" if name == "__enter__" else f"{owner}.{name}"
        entry = Blocking(shown, mend, free_at, received)
        METHODS.setdefault(name, {})[owner] = entry


def instead(library: str) -> str:
    """Use another library, or a thread."""
    return f"use {library}, or {THREAD}"


THREAD = "await anyio.to_thread.run_sync(...)"
SLEEP = "await anyio.sleep(...), or have a message sent later with self.after(...)"
FILE = f"await anyio.open_file(...), or {THREAD}"
PATH = f"await the same method of anyio.Path, or {THREAD}"
PROCESS = "await anyio.run_process(...)"
POPEN = "await anyio.open_process(...)"
SOCKET = "await anyio.connect_tcp(...) and use its stream"
RESOLVE = "await anyio.getaddrinfo(...)"
HTTP = f"await the same call of httpx.AsyncClient, or {THREAD}"
CPU = f"{THREAD}, for it computes long"
LOCK = f"keep what it guards inside the actor, use anyio.Lock, or {THREAD}"
GET = f"use get_nowait(), or {THREAD}"
PUT = f"use put_nowait(...), or {THREAD}"
FUTURE = "await it: asyncio.wrap_future(...) on asyncio; or anyio.to_thread.run_sync(...)"
LOOP = "await the coroutine, the loop is running already; or self.pipe(...)"
REF = "use the actor's own refs: await ref.ask(...), ref.tell(...)"

# ---------------------------------------------------------------- the standard library

functions(SLEEP, "sleep", "time")
functions(THREAD, "input", "builtins")
functions(FILE, "open", "builtins")
functions(FILE, "open open_code", "io")
functions(FILE, "open", "codecs")
functions(THREAD, "getpass", "getpass")
functions(THREAD, "input", "fileinput")

functions(PROCESS, "run call check_call check_output getoutput getstatusoutput", "subprocess")
functions(POPEN, "Popen", "subprocess")
methods("await process.wait() of anyio.open_process(...)", "subprocess.Popen", "wait communicate")
methods("async with await anyio.open_process(...)", "subprocess.Popen", "__enter__")

functions(PROCESS, "system popen spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp", "os")
functions(
    "await process.wait() of anyio.open_process(...)", "wait wait3 wait4 waitpid waitid", "os"
)
functions(THREAD, "fsync fdatasync sync sendfile copy_file_range lockf posix_fallocate", "os")
functions(PATH, "listdir scandir walk fwalk makedirs removedirs mkdir rmdir", "os")
functions(PATH, "remove unlink rename renames replace truncate", "os")
functions(
    PATH,
    "copy copy2 copyfile copyfileobj copytree move rmtree make_archive unpack_archive",
    "shutil",
)
functions(PATH, "glob iglob", "glob")
functions(THREAD, "cmp cmpfiles", "filecmp")
methods(
    PATH,
    "pathlib.Path",
    "read_text read_bytes write_text write_bytes open touch mkdir rmdir unlink rename replace"
    " glob rglob iterdir walk copy copy_into move move_into hardlink_to symlink_to",
    homes="pathlib._local.Path",
)

functions(FILE, "open", "gzip")
functions(FILE, "open", "bz2")
functions(FILE, "open", "lzma")
functions(THREAD, "GzipFile", "gzip")
functions(THREAD, "ZipFile", "zipfile")
functions(THREAD, "open TarFile TarFile.open", "tarfile")
methods(THREAD, "zipfile.ZipFile", "read extract extractall write writestr testzip")
methods(THREAD, "tarfile.TarFile", "extract extractall add addfile")
functions(THREAD, "open", "shelve")
functions(THREAD, "open", "dbm")

functions(SOCKET, "create_connection", "socket")
functions(
    RESOLVE,
    "getaddrinfo gethostbyname gethostbyname_ex gethostbyaddr getnameinfo getfqdn",
    "socket",
)
methods(
    SOCKET,
    "socket.socket",
    "connect accept recv recv_into recvfrom recvfrom_into recvmsg send sendall sendto sendmsg"
    " sendfile",
    homes="_socket.socket",
)
methods(
    SOCKET,
    "ssl.SSLSocket",
    "connect accept recv recv_into recvfrom send sendall sendto read write do_handshake unwrap",
)
functions("await anyio.connect_tcp(..., tls=True)", "get_server_certificate", "ssl")
functions("await anyio.wait_readable(...)", "select", "select", free_at=3)
methods("await anyio.wait_readable(...)", "select.poll", "poll", free_at=0)
methods("await anyio.wait_readable(...)", "select.epoll", "poll", free_at=0)
methods("await anyio.wait_readable(...)", "selectors.BaseSelector", "select", free_at=0)
for selector in ("Default", "Select", "Poll", "Epoll", "Kqueue", "DevPoll"):
    HOMES[f"selectors.{selector}Selector"] = "selectors.BaseSelector"
HOMES["selectors._BaseSelectorImpl"] = "selectors.BaseSelector"
HOMES["selectors._PollLikeSelector"] = "selectors.BaseSelector"
functions(HTTP, "urlopen urlretrieve", "urllib.request")
methods(HTTP, "urllib.request.OpenerDirector", "open")
methods(HTTP, "http.client.HTTPConnection", "connect request getresponse send endheaders")
methods(HTTP, "http.client.HTTPResponse", "read readinto readline read1")
MAIL = instead("aiosmtplib")
functions(MAIL, "SMTP SMTP_SSL LMTP", "smtplib")
methods(MAIL, "smtplib.SMTP", "connect login sendmail send_message starttls quit noop")
functions(THREAD, "FTP FTP_TLS", "ftplib")
methods(
    THREAD,
    "ftplib.FTP",
    "connect login cwd nlst dir delete retrbinary retrlines storbinary storlines quit sendcmd",
)
functions(THREAD, "POP3 POP3_SSL", "poplib")
functions(THREAD, "IMAP4 IMAP4_SSL", "imaplib")
methods(THREAD, "socketserver.BaseServer", "serve_forever handle_request")
methods(SLEEP, "sched.scheduler", "run")

SQLITE = (
    "use aiosqlite, or connect with check_same_thread=False and use the connection in"
    f" {THREAD}, one call at a time"
)
functions(SQLITE, "connect", "sqlite3")
methods(
    SQLITE,
    "sqlite3.Connection",
    "execute executemany executescript commit rollback backup iterdump",
    homes="sqlite3.dbapi2.Connection _sqlite3.Connection",
)
methods(
    SQLITE,
    "sqlite3.Cursor",
    "execute executemany executescript fetchone fetchmany fetchall",
    homes="sqlite3.dbapi2.Cursor _sqlite3.Cursor",
)

methods(LOCK, "threading.Lock", "acquire", homes="_thread.lock _thread.LockType", free_at=0)
methods(LOCK, "threading.RLock", "acquire", homes="_thread.RLock threading._RLock", free_at=0)
for lock in ("Condition", "Semaphore"):
    methods(LOCK, f"threading.{lock}", "acquire", free_at=0)
for lock in ("Lock", "RLock", "Condition", "Semaphore"):
    methods(LOCK, f"threading.{lock}", "__enter__")
methods("use anyio.Condition, or a message", "threading.Condition", "wait wait_for")
methods("use anyio.Event, or a message", "threading.Event", "wait", free_at=0)
methods("use messages: count who has arrived", "threading.Barrier", "wait")
methods(THREAD, "threading.Thread", "join", free_at=0)
methods(GET, "queue.Queue", "get", free_at=0)
methods(PUT, "queue.Queue", "put", free_at=1)
methods(THREAD, "queue.Queue", "join")
methods(GET, "queue.SimpleQueue", "get", homes="_queue.SimpleQueue", free_at=0)

functions(FUTURE, "wait as_completed", "concurrent.futures")
methods(FUTURE, "concurrent.futures.Future", "result exception", free_at=0)
methods(THREAD, "concurrent.futures.Executor", "map __enter__")
methods("shutdown(wait=False), or " + THREAD, "concurrent.futures.Executor", "shutdown", free_at=0)
for executor, place in (("ThreadPool", "thread"), ("ProcessPool", "process")):
    home = f"concurrent.futures.{place}.{executor}Executor"
    HOMES[home] = HOMES[f"concurrent.futures.{executor}Executor"] = "concurrent.futures.Executor"
HOMES["concurrent.futures._base.Executor"] = "concurrent.futures.Executor"
HOMES["concurrent.futures._base.Future"] = "concurrent.futures.Future"

WORKER = "await anyio.to_process.run_sync(...)"
methods(WORKER, "multiprocessing.Process", "join", homes="multiprocessing.process.BaseProcess")
methods(LOCK, "multiprocessing.Lock", "acquire", homes="multiprocessing.synchronize.SemLock")
methods(THREAD, "multiprocessing.Event", "wait", homes="multiprocessing.synchronize.Event")
methods(THREAD, "multiprocessing.Condition", "acquire wait wait_for")
HOMES["multiprocessing.synchronize.Condition"] = "multiprocessing.Condition"
methods(GET, "multiprocessing.Queue", "get", homes="multiprocessing.queues.Queue", free_at=0)
methods(PUT, "multiprocessing.Queue", "put", free_at=1)
methods(THREAD, "multiprocessing.JoinableQueue", "join")
HOMES["multiprocessing.queues.JoinableQueue"] = "multiprocessing.JoinableQueue"
methods(THREAD, "multiprocessing.SimpleQueue", "get put")
HOMES["multiprocessing.queues.SimpleQueue"] = "multiprocessing.SimpleQueue"
methods(THREAD, "multiprocessing.connection.Connection", "recv recv_bytes recv_bytes_into")
HOMES["multiprocessing.connection._ConnectionBase"] = "multiprocessing.connection.Connection"
methods(THREAD, "multiprocessing.connection.Listener", "accept")
functions(THREAD, "wait", "multiprocessing.connection", free_at=1)
methods(
    WORKER,
    "multiprocessing.Pool",
    "apply map starmap join",
    homes="multiprocessing.pool.Pool multiprocessing.pool.ThreadPool",
)
methods(WORKER, "multiprocessing.pool.ApplyResult", "get wait", free_at=0)

functions(LOOP, "run", "asyncio")
functions(LOOP, "run", "anyio")
functions(LOOP, "run", "trio")
functions(LOOP, "run", "uvloop")
functions(LOOP, "start_blocking_portal", "anyio.from_thread")
methods(LOOP, "anyio.from_thread.BlockingPortal", "call")
methods(LOOP, "asyncio.Runner", "run", homes="asyncio.runners.Runner")
methods(
    LOOP,
    "asyncio.AbstractEventLoop",
    "run_until_complete run_forever",
    homes="asyncio.events.AbstractEventLoop asyncio.base_events.BaseEventLoop",
)

functions(THREAD, "flock lockf", "fcntl")
functions("await anyio.open_signal_receiver(...)", "pause sigwait sigwaitinfo", "signal")
functions(CPU, "scrypt pbkdf2_hmac file_digest", "hashlib")

# ---------------------------------------------------------------- airssys-rt

functions(REF, "blocking", "airssys_rt")
methods(
    REF,
    "airssys_rt.BlockingRef",
    "tell send ask stop started stopped",
    homes="airssys_rt.runtime.threads.BlockingRef",
)
methods(
    REF,
    "airssys_rt.BlockingSystem",
    "__enter__ spawn drain snapshot",
    homes="airssys_rt.runtime.threads.BlockingSystem",
)
