"""Reloads once after a burst of changes: a timer that its key replaces."""

from typing import TypeAlias

from airssys_rt import Actor, Message, Request, on


class Changed(Message):
    path: str


class Forget(Message): ...


class Reloads(Request[int]): ...


class _Reload(Message): ...


ReloaderMsg: TypeAlias = Changed | Forget | Reloads | _Reload


class Reloader(Actor[ReloaderMsg]):
    def __init__(self, pause: float = 0.5) -> None:
        self.pause = pause
        self.paths: set[str] = set()
        self.reloads = 0

    @on(Changed)
    def changed(self, msg: Changed) -> None:
        self.paths.add(msg.path)
        self.after(self.pause, _Reload(), key="reload")

    @on(Forget)
    def forget(self, msg: Forget) -> None:
        self.paths.clear()
        self.cancel_timer("reload")

    @on(Reloads)
    def count(self, msg: Reloads) -> int:
        return self.reloads

    @on(_Reload)
    def reload(self, msg: _Reload) -> None:
        self.reloads += 1
        self.paths.clear()

    initial = changed | forget | count | reload
