"""A pool of fetchers behind one ref, each page in one member's cache."""

from typing import TypeAlias

import anyio

from airssys_rt import (
    Actor,
    ActorSystem,
    Bounded,
    Message,
    Request,
    consistent_hash,
    on,
    pool,
    props,
    resize,
)


class Fetch(Request[str]):
    url: str


class Forget(Message):
    url: str


FetcherMsg: TypeAlias = Fetch | Forget


class Fetcher(Actor[FetcherMsg]):
    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.cache: dict[str, str] = {}

    @on(Fetch)
    async def fetch(self, msg: Fetch) -> str:
        if msg.url not in self.cache:
            await anyio.sleep(self.delay)
            self.cache[msg.url] = f"page of {msg.url}"
        return self.cache[msg.url]

    @on(Forget)
    def forget(self, msg: Forget) -> None:
        self.cache.pop(msg.url, None)

    initial = fetch | forget


def page(msg: FetcherMsg) -> str:
    return msg.url


async def main() -> None:
    async with ActorSystem() as system:
        kind = props(Fetcher, 0.01).mailbox(Bounded(100))
        fetchers = system.spawn(pool(kind, 2, consistent_hash(page), intensity=5))
        print(await fetchers.ask(Fetch("a")))
        fetchers.tell(Forget("a"))
        await resize(fetchers, 3)
