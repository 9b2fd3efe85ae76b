"""The code lock of the gen_statem manual: it opens for a while, then locks itself."""

from typing import TypeAlias

from airssys_rt import Actor, Message, Request, on, on_enter


class Code(Message):
    digits: str


class IsOpen(Request[bool]): ...


class _Lock(Message): ...


LockMsg: TypeAlias = Code | IsOpen | _Lock


class CodeLock(Actor[LockMsg]):
    def __init__(self, code: str) -> None:
        self.code = code
        self.opened = 0

    @on(Code)
    def enter_code(self, msg: Code) -> None:
        if msg.digits == self.code:
            self.become(self.open)

    @on(Code)
    def already_open(self, msg: Code) -> None:
        """Open: nothing to do."""

    @on(IsOpen)
    def is_closed(self, msg: IsOpen) -> bool:
        return False

    @on(IsOpen)
    def is_open(self, msg: IsOpen) -> bool:
        return True

    @on(_Lock)
    def locked_already(self, msg: _Lock) -> None:
        """It is locked."""

    @on(_Lock)
    def lock(self, msg: _Lock) -> None:
        self.become(self.initial)

    initial = enter_code | is_closed | locked_already
    open = already_open | is_open | lock
    flow = (initial.to(open), open.to(initial))

    @on_enter(open)
    def opening(self) -> None:
        self.opened += 1
        self.state_timeout(10.0, _Lock())
