# actor-capture: containers of the class; what threads and pipes do to an actor.
import asyncio
import threading
from collections import defaultdict, deque
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import ClassVar, Final, TypeAlias

import anyio
import anyio.to_process
import anyio.to_thread

from airssys_rt import Actor, ActorRef, Behaviour, Message, Request, WrongThread, on


class Go(Message): ...


class Failed(Message):
    error: Exception


class Size(Request[int]): ...


Msg: TypeAlias = Go | Failed | Size


# ---------------------------------------------------------------- containers of the class


class Shared(Actor[Go]):
    items: list[int] = []  # E: actor-capture "or declare it a ClassVar"
    names = set[str]()
    table: dict[str, int] = {}  # E: actor-capture "dict of the class"
    rooms: defaultdict[str, set[int]] = defaultdict(set)  # E: actor-capture "make it in __init__"
    last: deque[int] = deque()  # E: actor-capture
    raw = bytearray()  # E: actor-capture
    more: list[int] = []  # E: actor-capture
    known: ClassVar[dict[str, int]] = {}
    fixed: Final[list[int]] = []
    CACHE: dict[str, int] = {}
    prices = {"tea": 2}
    replaced: list[int] = []
    own: list[int] = []
    sizes: tuple[int, ...] = ()
    declared: list[int]

    def __init__(self) -> None:
        self.own = []
        self.declared = []

    @on(Go)
    def go(self, msg: Go) -> None:
        self.items.append(1)
        self.table["a"] = 1
        self.rooms["a"].add(1)
        self.last.popleft()
        self.raw.extend(b"a")
        self.more += [1]
        self.known["a"] = 1
        self.fixed.append(1)
        self.CACHE["a"] = self.prices["tea"]
        self.replaced = [*self.replaced, 1]
        self.own.append(1)
        self.declared.append(1)

    initial = go


# ---------------------------------------------------------------- threads


class Threads(Actor[Msg]):
    initial: Behaviour[Msg]

    def __init__(self, peer: ActorRef[Go], executor: Executor) -> None:
        self.peer = peer
        self.count = 0
        self.items: list[int] = []
        self.table: dict[str, int] = {}
        self.event = threading.Event()
        self.lock = threading.Lock()
        self.pool = ThreadPoolExecutor()
        self.queue: deque[int] = deque()
        self.future: object = None
        self.executor = executor

    @on(Go)
    def go(self, msg: Go) -> None:
        def change() -> None:
            self.count += 1  # E: actor-capture "thread (by "
            self.items.append(1)  # E: actor-capture "tell_from_thread"
            self.table["a"] = 1  # E: actor-capture
            del self.table["a"]  # E: actor-capture
            self.event.clear()
            print(self.count, self.items, len(self.table))

        threading.Thread(target=change).start()
        threading.Timer(1.0, lambda: self.become(self.other)).start()  # E: actor-capture "self.after("
        threading.Thread(target=lambda: self.items.append(1)).start()  # E: actor-capture
        threading.Thread(target=self.items.clear).start()  # E: actor-capture
        threading.Thread(target=self.peer.tell, args=(Go(),)).start()  # E: actor-capture
        threading.Thread(target=self.peer.tell_from_thread, args=(Go(),)).start()
        threading.Thread(target=self.work, args=(1,)).start()
        threading.Timer(1.0, self.stop).start()  # E: actor-capture "self.stop"
        threading.Thread(target=self.read).start()
        threading.Thread(target=self.guarded).start()
        self.pool.submit(self.submitted, 1)
        self.future = self.executor
        asyncio.get_running_loop().run_in_executor(None, partial(self.partly, 1))

        self.pipe(anyio.to_thread.run_sync(self.result), lambda _: Go(), Failed)
        asyncio.get_running_loop().create_task(asyncio.to_thread(self.tasked))
        threading.Thread(target=self.queue.append, args=(1,)).start()
        threading.Thread(target=self.queue.clear).start()  # E: actor-capture

        def not_run() -> None:
            self.count += 1

    def result(self) -> None:
        self.count = 1  # E: actor-capture "return the result"

    def tasked(self) -> None:
        self.count = 1  # E: actor-capture "return the result"
        self.queue.popleft()
        self.queue.rotate()  # E: actor-capture

    def work(self, number: int) -> None:
        self.helper(number)

    def helper(self, number: int) -> None:
        self.count = number  # E: actor-capture "by "
        self.after(1.0, Go())  # E: actor-capture "takes no locks"

    def read(self) -> None:
        print(self.count)
        count = self.count
        count += 1

    def guarded(self) -> None:
        with self.lock:
            self.count += 1

    def submitted(self, number: int) -> None:
        self.count, number = number, 1  # E: actor-capture

    def partly(self, number: int) -> None:
        self.items[0] = number  # E: actor-capture

    def load(self) -> None:
        self.table = {}

    def load_and_stop(self) -> None:
        self.stop()  # E: actor-capture

    def begun(self) -> None:
        self.count = 1

    @on(Size)
    async def size(self, msg: Size) -> int:
        # the handler waits: nothing else is handled meanwhile
        await anyio.to_thread.run_sync(self.load)
        await asyncio.to_thread(self.load_and_stop)
        thread = threading.Thread(target=self.begun)
        thread.start()
        await anyio.to_thread.run_sync(thread.join)
        return self.count

    @on(Failed)
    def failed(self, msg: Failed) -> None: ...

    other = go | size | failed
    initial = other


class Processes(Actor[Go]):
    def __init__(self) -> None:
        self.count = 0
        self.pool = ProcessPoolExecutor()

    @on(Go)
    async def go(self, msg: Go) -> None:
        await anyio.to_process.run_sync(self.work)
        self.pool.submit(self.more)

    def work(self) -> None:
        self.count += 1  # E: actor-capture "a copy of the actor"

    def more(self) -> None:
        self.count += 1  # E: actor-capture "another process"

    initial = go


# ---------------------------------------------------------------- pipes


class Pipes(Actor[Msg]):
    def __init__(self, peer: ActorRef[Size]) -> None:
        self.peer = peer
        self.count = 0
        self.items: list[int] = []

    @on(Go)
    def go(self, msg: Go) -> None:
        async def work() -> int:
            self.count += 1  # E: actor-capture "which self.pipe runs"
            return await self.peer.ask(Size())

        async def right() -> int:
            print(self.count)
            size = await self.peer.ask(Size())
            self.ref.tell(Go())
            return size + self.count

        self.pipe(work(), lambda size: Go(), Failed)
        self.pipe(right(), lambda size: Go(), Failed)
        self.pipe(asyncio.wait_for(self.fetch(), 1.0), lambda size: Go(), Failed)
        self.pipe(self.peer.ask(Size()), lambda size: Go(), Failed)

    async def fetch(self) -> int:
        self.items.append(await self.peer.ask(Size()))  # E: actor-capture "in "
        self.become(self.initial)  # E: actor-capture "in the old behaviour"
        await anyio.to_thread.run_sync(self.load)
        return await self.awaited()

    async def awaited(self) -> int:
        self.count = 2  # E: actor-capture
        return 1

    def load(self) -> None:
        self.count = 3  # E: actor-capture "another thread"

    @on(Size)
    async def size(self, msg: Size) -> int:
        self.count += 1

        async def work() -> int:
            self.count += 1
            return 1

        return await work()

    @on(Failed)
    def failed(self, msg: Failed) -> None:
        self.count += 1

    initial = go | size | failed


# ---------------------------------------------------------------- refs in threads


def drive(ref: ActorRef[Go]) -> None:
    ref.tell(Go())  # E: actor-capture "ref.tell_from_thread(msg)"
    ref.tell_from_thread(Go())
    driven(ref)


def driven(ref: ActorRef[Go]) -> None:
    ref.tell(Go())  # E: actor-capture "(by "


def asks(ref: ActorRef[Size]) -> None:
    asyncio.run(ref.ask(Size()))  # E: actor-capture "blocking(ActorSystem(...))"


def schedules(ref: ActorRef[Size], loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(ref.ask(Size()), loop).result()
    loop.call_soon_threadsafe(ref.tell, Size())
    loop.call_soon_threadsafe(lambda: ref.tell(Size()))


def careful(ref: ActorRef[Go]) -> None:
    try:
        ref.tell(Go())
    except WrongThread:
        ref.tell_from_thread(Go())


async def elsewhere(ref: ActorRef[Go]) -> None:
    ref.tell(Go())


def runs_a_loop(ref: ActorRef[Go]) -> None:
    asyncio.run(elsewhere(ref))


def plain(ref: ActorRef[Go]) -> None:
    ref.tell(Go())


async def begin(ref: ActorRef[Msg], loop: asyncio.AbstractEventLoop) -> None:
    threading.Thread(target=drive, args=(ref,)).start()
    await asyncio.to_thread(asks, ref)
    await anyio.to_thread.run_sync(partial(schedules, ref, loop))
    with ThreadPoolExecutor() as pool:
        pool.submit(careful, ref)
        pool.submit(runs_a_loop, ref)
        pool.submit(lambda: ref.tell(Go()))  # E: actor-capture "by a lambda"
    plain(ref)
    threading.Timer(1.0, lambda: ref.tell(Go())).start()  # E: actor-capture
    (lambda: ref.tell(Go()))()


class Driver:
    def __init__(self, ref: ActorRef[Go]) -> None:
        self.ref = ref
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        self.ref.tell(Go())  # E: actor-capture "self.ref.tell_from_thread(msg)"

    def not_run(self) -> None:
        self.ref.tell(Go())
