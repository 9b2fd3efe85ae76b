"""Downloads beside itself, and answers all who asked for the same page at once."""

from airssys_rt import Actor, ActorRef, Later, Message, ReplyTo, Request, on


class Download(Request[bytes]):
    url: str


class Page(Request[bytes]):
    url: str


class Evict(Message):
    url: str


class _Loaded(Message):
    url: str
    data: bytes


class _Failed(Message):
    url: str
    error: str


type MirrorMsg = Page | Evict | _Loaded | _Failed


class Mirror(Actor[MirrorMsg]):
    def __init__(self, downloader: ActorRef[Download]) -> None:
        self.downloader = downloader
        self.pages: dict[str, bytes] = {}
        self.waiting: dict[str, list[ReplyTo[bytes]]] = {}

    @on(Page)
    def page(self, msg: Page) -> bytes | Later:
        if msg.url in self.pages:
            return self.pages[msg.url]
        to = self.defer(msg)
        if msg.url not in self.waiting:
            url = msg.url
            self.pipe(
                self.downloader.ask(Download(url), timeout=30.0),
                lambda data: _Loaded(url, data),
                lambda error: _Failed(url, str(error)),
            )
        self.waiting.setdefault(msg.url, []).append(to)
        return to

    @on(Evict)
    def evict(self, msg: Evict) -> None:
        self.pages.pop(msg.url, None)

    @on(_Loaded)
    def loaded(self, msg: _Loaded) -> None:
        self.pages[msg.url] = msg.data
        for to in self.waiting.pop(msg.url, ()):
            to.reply(msg.data)

    @on(_Failed)
    def failed(self, msg: _Failed) -> None:
        for to in self.waiting.pop(msg.url, ()):
            to.fail(OSError(msg.error))

    initial = page | evict | loaded | failed
