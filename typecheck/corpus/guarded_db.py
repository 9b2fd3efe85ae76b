"""Asks a database through a breaker and a rate limit, and hears of the circuit."""

from typing import TypeAlias

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    AskTimeout,
    CircuitChanged,
    CircuitOpen,
    HandlerFailed,
    Message,
    RateLimited,
    Request,
    breaker,
    limited,
    on,
)


class Log(Message):
    line: str


class Query(Request[str]):
    text: str


DatabaseMsg: TypeAlias = Log | Query


class Database(Actor[DatabaseMsg]):
    def __init__(self) -> None:
        self.lines: list[str] = []

    @on(Log)
    def log_line(self, msg: Log) -> None:
        self.lines.append(msg.line)

    @on(Query)
    def query(self, msg: Query) -> str:
        if not msg.text:
            raise ValueError("an empty query")
        return msg.text.upper()

    initial = log_line | query


class Watcher(Actor[CircuitChanged]):
    @on(CircuitChanged)
    def changed(self, msg: CircuitChanged) -> None:
        self.log.warning("%s is %s", msg.path, msg.state)

    initial = changed


async def lookup(database: ActorRef[Query], text: str) -> str:
    try:
        return await database.ask(Query(text), timeout=0.5)
    except (HandlerFailed, AskTimeout) as error:
        return error.what
    except (CircuitOpen, RateLimited):
        return "not asked"


async def main() -> None:
    async with ActorSystem() as system:
        system.events.subscribe(system.spawn(Watcher), only=CircuitChanged)
        server = system.spawn(Database)
        database = breaker(limited(server, rate=100, burst=2), failures=2, reset_after=0.05)
        for text in ("a", "", "b"):
            print(await lookup(database, text))
        await database.send(Log("done"))
